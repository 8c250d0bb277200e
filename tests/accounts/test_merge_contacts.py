"""Two contacts who are the same person become one; a contact goes to another account; and back."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.acts.changing import contact_snapshot
from accounts.acts.contact_merging import merge_contacts, mergers_into, undo_contact_merger
from accounts.acts.contact_moving import move_contact, undo_move
from accounts.acts.erasure import contacts_of_same_person, erase_contact
from accounts.models import Contact
from audit import trail
from audit.models import Event
from audit.trail import broken_links
from core import days
from core.versions import StaleEdit
from surveys.models import Invitation, SurveyLink
from surveys.survey.links import issue_link
from tests.factories import answer, make_account, make_assessment, make_contact, make_invitation, make_result, make_user

pytestmark = pytest.mark.django_db
TODAY = days.today()
ANSWERS = "5445 4434 3433 2212 1121"


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def account(owner):
    return make_account(owner=owner)


@pytest.fixture
def pair(account) -> tuple[Contact, Contact]:
    """Who is kept, and who is merged into them."""
    return make_contact(account, name="Ines Adler", email="ines@adler.example"), make_contact(
        account, name="I. Adler", phone="010"
    )


def merge(pair, owner, **choices) -> Contact:
    return merge_contacts(*pair, by=owner, seen=(0, 0), choices=choices)


def undo(kept, owner) -> Contact:
    kept.refresh_from_db()
    return undo_contact_merger(kept, by=owner, event=mergers_into(kept)[0])


def fresh(*rows):
    for row in rows:
        row.refresh_from_db()
    return rows[0] if len(rows) == 1 else rows


def everybody(account) -> list:
    """Without versions, and without since when they have their address: what came back begins anew."""
    names = [field.attname for field in Contact._meta.concrete_fields if field.name not in {"version", "address_mark"}]
    return list(account.contacts.order_by("pk").values(*names))


class TestMerging:
    def test_one_stays_with_what_both_told(self, pair, account, owner):
        merge(pair, owner)
        kept = account.contacts.get()
        assert (kept, kept.name, kept.email, kept.phone) == (pair[0], "Ines Adler", "ines@adler.example", "010")

    def test_a_value_can_be_chosen_also_an_address(self, pair, account, owner):
        Contact.objects.filter(pk=pair[1].pk).update(email="i.adler@adler.example")
        fresh(pair[1])
        merge(pair, owner, email="merged", name="merged")
        assert (account.contacts.get().email, account.contacts.get().name) == ("i.adler@adler.example", "I. Adler")

    def test_who_does_not_want_to_be_asked_is_not_asked(self, pair, account, owner):
        Contact.objects.filter(pk=pair[1].pk).update(do_not_ask=True)
        merge(pair, owner)
        assert account.contacts.get().do_not_ask

    def test_answers_invitations_and_reports_go_along(self, pair, account, owner, edition):
        below = make_contact(account, reports_to=pair[1])
        current = make_assessment(account)
        invitation, given = make_invitation(current, pair[1]), answer(current, pair[1], ANSWERS)
        later = make_contact(former=pair[1])
        merge(pair, owner)
        fresh(below, invitation, given, later)
        assert {below.reports_to, invitation.contact, given.contact, later.former} == {pair[0]}

    def test_who_both_answered_one_round_stay_two(self, pair, account, owner, edition):
        current = make_assessment(account)
        for person in pair:
            answer(current, person, ANSWERS)
        with pytest.raises(ValidationError, match="stay two people"):
            merge(pair, owner)
        assert account.contacts.count() == 2

    @pytest.mark.parametrize("answered", [None, 0, 1])
    def test_of_two_invitations_to_one_round_the_answered_one_stays(self, pair, account, owner, edition, answered):
        current = make_assessment(account)
        both = [make_invitation(current, person) for person in pair]
        if answered is not None:
            both[answered].state, both[answered].answered_at = Invitation.State.ANSWERED, timezone.now()
            both[answered].save()
        columns = ("pk", "contact", "state", "address", "expires_on")
        before = list(Invitation.objects.order_by("pk").values_list(*columns))
        merge(pair, owner)
        assert current.invitations.get() == both[answered or 0]
        assert current.invitations.get().contact == pair[0]
        undo(pair[0], owner)
        assert list(Invitation.objects.order_by("pk").values_list(*columns)) == before

    @pytest.mark.parametrize("between", [False, True])
    def test_superiors_make_no_circle(self, pair, account, owner, between):
        kept, merged = pair
        top = make_contact(account)
        Contact.objects.filter(pk=merged.pk).update(reports_to=top)
        middle = make_contact(account, reports_to=merged) if between else merged
        Contact.objects.filter(pk=kept.pk).update(reports_to=middle)
        before = everybody(account)
        merge(pair, owner)
        if between:
            assert fresh(middle).reports_to == kept
        assert fresh(kept).reports_to == top
        kept.clean()
        undo(kept, owner)
        assert everybody(account) == before

    def test_who_came_from_the_other_is_not_their_own_former(self, pair, account, owner):
        Contact.objects.filter(pk=pair[0].pk).update(former=pair[1])
        merge(pair, owner)
        assert fresh(pair[0]).former is None

    def test_of_another_account_nobody_is_merged(self, pair, owner):
        with pytest.raises(ValidationError, match="another contact of this account"):
            merge((pair[0], make_contact(make_account(owner=owner))), owner)
        with pytest.raises(ValidationError, match="another contact of this account"):
            merge((pair[0], pair[0]), owner)

    def test_a_change_since_the_page_was_read_is_a_conflict(self, pair, owner):
        with pytest.raises(StaleEdit):
            merge_contacts(*pair, by=owner, seen=(1, 7), choices={})

    def test_who_may_not_change_the_account_may_not(self, pair):
        with pytest.raises(PermissionDenied):
            merge(pair, make_user())

    def test_erasing_finds_the_events_of_both(self, pair, owner):
        trail.record("contact.created", pair[1], by=owner, after=contact_snapshot(pair[1]))
        kept = merge(pair, owner)
        erase_contact(kept, by=owner)
        told = str(list(Event.objects.values_list("before", "after", "note")))
        assert "Adler" not in told
        assert "adler" not in told
        assert list(broken_links()) == []
        assert mergers_into(fresh(kept)) == []


class TestUndoMerging:
    def test_both_are_as_they_were(self, pair, account, owner, edition):
        make_contact(account, reports_to=pair[1])
        current = make_assessment(account)
        invitation, given = make_invitation(current, pair[1]), answer(current, pair[1], ANSWERS)
        before = everybody(account)
        merge(pair, owner, name="merged")
        assert undo(pair[0], owner) == pair[1]
        assert everybody(account) == before
        assert {one.contact for one in fresh(invitation, given)} == {pair[1]}

    def test_what_was_changed_since_stays(self, pair, owner):
        merge(pair, owner)
        Contact.objects.filter(pk=pair[0].pk).update(phone="030")
        undo(pair[0], owner)
        assert (fresh(pair[0]).phone, Contact.objects.get(pk=pair[1].pk).phone) == ("030", "010")

    def test_an_address_that_somebody_else_has_by_now_is_a_reason(self, pair, account, owner):
        Contact.objects.filter(pk=pair[1].pk).update(email="i.adler@adler.example")
        merge(pair, owner)
        make_contact(account, email="i.adler@adler.example")
        with pytest.raises(ValidationError, match="e-mail address"):
            undo(pair[0], owner)

    def test_after_thirty_days_it_stands(self, pair, owner):
        merge(pair, owner)
        with time_machine.travel(timezone.now() + timedelta(days=31)):
            assert mergers_into(fresh(pair[0])) == []


class TestMoving:
    @pytest.fixture
    def there(self, owner):
        return make_account(owner=owner)

    @pytest.fixture
    def noor(self, account):
        return make_contact(
            account, name="Noor de Wit", email="noor@a.example", phone="010", language="nl", do_not_ask=True, title="Buyer"
        )

    def test_she_is_new_there_with_name_language_and_wish(self, noor, there, owner):
        new = move_contact(noor, there, by=owner, seen=1, email="noor@b.example")
        assert (new.account, new.former) == (there, noor)
        assert (new.name, new.language, new.do_not_ask, new.email) == ("Noor de Wit", "nl", True, "noor@b.example")
        assert (new.phone, new.title, new.active, new.left_on) == ("", "", True, None)

    def test_she_stays_where_she_answered_as_one_who_left(self, noor, account, there, owner):
        result = make_result(account, date(2026, 3, 1), customer=3.5)
        given = result.responses.create(
            side="customer", contact=noor, submitted_at=timezone.now(), level=3, position=3.5, known_levels=3, origin="told"
        )
        move_contact(noor, there, by=owner, seen=1)
        fresh(noor, given)
        assert (given.contact, noor.account, noor.active, noor.left_on, noor.email) == (
            noor,
            account,
            False,
            TODAY,
            "noor@a.example",
        )

    def test_running_invitations_are_withdrawn_and_their_links_die(self, noor, account, there, owner, edition):
        invitation = make_invitation(make_assessment(account), noor)
        issue_link(invitation)
        move_contact(noor, there, by=owner, seen=1)
        assert fresh(invitation).state == Invitation.State.REVOKED
        assert not SurveyLink.objects.exists()
        assert Event.objects.filter(act="invitation.withdrawn", object_id=invitation.pk).exists()

    def test_a_second_click_gives_the_same_contact(self, noor, there, owner):
        new = move_contact(noor, there, by=owner, seen=1)
        assert move_contact(noor, there, by=owner, seen=1) == new

    def test_an_address_that_is_taken_there_is_refused(self, noor, there, owner):
        make_contact(there, email="noor@b.example")
        with pytest.raises(ValidationError, match="already has a contact"):
            move_contact(noor, there, by=owner, seen=1, email="noor@b.example")
        assert fresh(noor).active

    def test_to_the_same_account_or_one_that_is_not_ones_own_nobody_goes(self, noor, account, owner):
        with pytest.raises(ValidationError):
            move_contact(noor, account, by=owner, seen=1)
        with pytest.raises(PermissionDenied):
            move_contact(noor, make_account(), by=owner, seen=1)

    def test_a_change_since_the_page_was_read_is_a_conflict(self, noor, there, owner):
        with pytest.raises(StaleEdit):
            move_contact(noor, there, by=owner, seen=7)

    def test_erasing_one_names_the_other(self, noor, there, owner):
        new = move_contact(noor, there, by=owner, seen=1)
        assert contacts_of_same_person(noor, owner) == [new]
        assert contacts_of_same_person(new, owner) == [fresh(noor)]
        assert contacts_of_same_person(new, make_user()) == []

    def test_it_is_taken_back(self, noor, account, there, owner):
        before = everybody(account)
        new = move_contact(noor, there, by=owner, seen=1)
        assert undo_move(new, by=owner, seen=1) == noor
        assert (everybody(account), there.contacts.count()) == (before, 0)

    def test_it_is_not_taken_back_once_she_was_asked_there(self, noor, there, owner, edition):
        new = move_contact(noor, there, by=owner, seen=1, email="noor@b.example")
        make_invitation(make_assessment(there), new)
        with pytest.raises(ValidationError, match="can no longer"):
            undo_move(new, by=owner, seen=1)

    def test_it_is_not_taken_back_after_thirty_days_or_a_change(self, noor, there, owner):
        new = move_contact(noor, there, by=owner, seen=1)
        with time_machine.travel(timezone.now() + timedelta(days=31)), pytest.raises(ValidationError, match="30 days"):
            undo_move(new, by=owner, seen=1)
        Contact.objects.filter(pk=new.pk).update(version=2)
        with pytest.raises(StaleEdit):
            undo_move(new, by=owner, seen=1)
