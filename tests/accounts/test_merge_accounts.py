"""Two accounts become one, with all that hangs on them, and are taken apart again."""

from datetime import date, timedelta

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import derived, external_ids
from accounts.acts import merge_parts
from accounts.acts.changing import contact_snapshot
from accounts.acts.erasure import erase_contact
from accounts.acts.merging import MergedAlready, merge_accounts, merger_of, undo_merger
from accounts.derived import deviations
from accounts.models import Account, Contact, CrmSource, Tag
from audit import trail
from audit.models import Event
from audit.trail import broken_links
from core import days
from core.versions import StaleEdit
from tests.factories import (
    answer,
    make_account,
    make_action,
    make_assessment,
    make_contact,
    make_invitation,
    make_plan,
    make_result,
    make_target,
    make_team,
    make_user,
    make_webhook,
    place,
)
from webhooks.models import WebhookDelivery

pytestmark = pytest.mark.django_db
TODAY = days.today()


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def pair(owner) -> tuple[Account, Account]:
    """The account that is kept, and the one that is merged into it."""
    kept = make_account(owner=owner, name="Adler BV", source="crm", external_id="1", city="Gouda")
    merged = make_account(owner=owner, name="Adler B.V.", source="crm", external_id="2", segment="Steel")
    return kept, merged


def merge(pair, owner, choices=None, **more) -> Account:
    seen = tuple(Account.objects.get(pk=one.pk).version for one in pair)
    return merge_accounts(*pair, by=owner, seen=seen, choices=choices or {}, **more)


def undo(pair, owner) -> Account:
    return undo_merger(pair[1], by=owner, seen=(0, 0))


def fresh(*rows):
    for row in rows:
        row.refresh_from_db()
    return rows[0] if len(rows) == 1 else rows


def all_of(account: Account) -> dict:
    """What an account is and has, without versions, and without since when people have their address: what came back begins anew."""
    account = Account.objects.get(pk=account.pk)
    columns = {field.name for field in Account._meta.concrete_fields} - {"version"}
    found = {name: getattr(account, name) for name in columns} | {"tags": sorted(tag.name for tag in account.tags.all())}
    people = [field.attname for field in Contact._meta.concrete_fields if field.name not in {"version", "address_mark"}]
    for name, rows in {
        "contacts": account.contacts.order_by("pk").values_list(*people),
        "rounds": account.assessments.order_by("pk").values_list("pk", "state", "customer_level"),
        "answers": account.assessments.order_by("responses").values_list("responses", "responses__contact"),
        "invitations": account.assessments.order_by("invitations").values_list("invitations", "invitations__contact"),
        "targets": account.targets.order_by("pk").values_list("pk", "superseded_on", "superseded_why"),
        "plans": account.plans.order_by("pk").values_list("pk", "state", "ended_on"),
        "actions": account.plans.order_by("actions").values_list("actions", "actions__plan"),
        "children": account.children.order_by("pk").values_list("pk", flat=True),
        "former": account.merged.order_by("pk").values_list("pk", flat=True),
    }.items():
        found[name] = list(rows)
    return found


def differences(pair, before) -> list:
    now = [all_of(one) for one in pair]
    return [(name, old[name], new[name]) for old, new in zip(before, now, strict=True) for name in old if old[name] != new[name]]


class TestParts:
    def test_every_foreign_key_to_an_account_or_contact_moves_or_stays_for_a_reason(self):
        own = {
            ("accounts.Contact", "account"), ("accounts.Account", "parent"), ("accounts.Account", "merged_into"),
            ("accounts.Account_tags", "account"),
        }  # fmt: skip
        parts = [*merge_parts.account_parts(), *merge_parts.contact_parts()]
        named = [*((part.model._meta.label, part.field) for part in parts), *merge_parts.staying(), *own]
        keys = [
            (model._meta.label, field.name)
            for model in apps.get_models(include_auto_created=True)
            for field in model._meta.local_fields
            if field.is_relation and field.related_model in {Account, Contact}
        ]
        assert sorted(named) == sorted(keys)
        assert all(merge_parts.staying().values())


class TestMerging:
    def test_people_rounds_targets_plans_and_tags_move(self, pair, owner, edition):
        kept, merged = pair
        person = make_contact(merged, email="ines@adler.example")
        old, new = make_result(merged, date(2025, 3, 1), customer=2.5), make_result(kept, date(2026, 3, 1), customer=3.5)
        target, plan = make_target(merged, set_on=TODAY), make_plan(merged)
        action = make_action(plan)
        kept.tags.add(Tag.objects.create(name="Steel"), both := Tag.objects.create(name="Both"))
        merged.tags.add(Tag.objects.create(name="Export"), both)
        assert merge(pair, owner) == kept
        assert {one.account for one in fresh(person, old, new, target, plan)} == {kept}
        assert fresh(action).plan == plan
        assert sorted(tag.name for tag in kept.tags.all()) == ["Both", "Export", "Steel"]
        fresh(kept, merged)
        assert (merged.status, merged.merged_into) == ("archived", kept)
        assert (kept.customer_level, kept.target_level, merged.customer_level) == (3, 4, None)
        assert list(deviations([kept.pk, merged.pk], TODAY)) == []

    def test_history_of_both_stands_on_one_line_and_frozen_results_stay(self, pair, owner):
        kept, merged = pair
        results = [
            make_result(merged, date(2024, 3, 1), customer=1.5, team=2.5),
            make_result(kept, date(2025, 3, 1), customer=2.5),
        ]
        before = [(one.customer_position, one.gap, one.confidence, one.edition) for one in results]
        merge(pair, owner)
        assert list(kept.assessments.in_time()) == results
        assert [(one.customer_position, one.gap, one.confidence, one.edition) for one in fresh(*results)] == before

    def test_fields_it_lacks_are_filled_and_its_own_stay(self, pair, owner):
        merge(pair, owner)
        kept = fresh(pair[0])
        assert (kept.name, kept.city, kept.segment, kept.external_id) == ("Adler BV", "Gouda", "Steel", "1")

    def test_a_value_that_was_chosen_is_taken_with_its_currency(self, pair, owner):
        kept, merged = pair
        Account.objects.filter(pk=kept.pk).update(revenue=100, currency="EUR")
        Account.objects.filter(pk=merged.pk).update(revenue=200, currency="USD")
        merge(pair, owner, {"revenue": "merged", "name": "merged"})
        assert (fresh(kept).revenue, kept.currency, kept.name) == (200, "USD", "Adler B.V.")

    def test_texts_of_both_are_put_together_unless_one_is_chosen(self, pair, owner):
        kept, merged = pair
        Account.objects.filter(pk=kept.pk).update(strengths="Quick", trends="Rail")
        Account.objects.filter(pk=merged.pk).update(strengths="Loyal", trends="Road")
        merge(pair, owner, {"trends": "merged"})
        assert (fresh(kept).strengths, kept.trends) == ("Quick\n\nLoyal", "Road")

    def test_what_its_system_owns_stays(self, pair, owner):
        kept, _merged = pair
        CrmSource.objects.create(source="crm", key="crm", owned=["name", "segment"])
        merge(pair, owner, {"name": "merged", "external_id": "merged"})
        assert (fresh(kept).name, kept.segment, kept.external_id) == ("Adler BV", "", "1")

    def test_of_two_targets_the_kept_ones_stays(self, pair, owner):
        kept, merged = pair
        place(kept, customer=2.5), place(merged, customer=2.5)
        stays, goes = make_target(kept, set_on=TODAY, level=4), make_target(merged, set_on=TODAY, level=5)
        merge(pair, owner)
        fresh(stays, goes)
        assert (stays.superseded_on, goes.superseded_on, goes.account) == (None, TODAY, kept)
        assert goes.superseded_why
        assert fresh(kept).target_level == 4

    def test_actions_of_a_second_plan_for_one_step_go_into_the_first(self, pair, owner):
        kept, merged = pair
        plan, second, other = make_plan(kept), make_plan(merged), make_plan(merged, from_rank=3)
        action, done = make_action(second), make_action(second, state="done")
        merge(pair, owner)
        assert {one.plan for one in fresh(action, done)} == {plan}
        assert (fresh(second).account, fresh(other).account) == (merged, kept)

    def test_two_open_assessments_are_refused_and_nothing_is_stored(self, pair, owner, edition):
        make_assessment(pair[0]), make_assessment(pair[1])
        with pytest.raises(ValidationError, match="Both have an open assessment"):
            merge(pair, owner)
        assert not fresh(pair[1]).is_merged

    def test_an_open_assessment_goes_along_with_who_was_asked(self, pair, owner, edition):
        person = make_contact(pair[1], email="ines@adler.example")
        invitation = make_invitation(make_assessment(pair[1]), person)
        merge(pair, owner)
        assert (fresh(invitation).assessment.account, person.pk) == (pair[0], invitation.contact_id)
        assert invitation.is_usable

    def test_a_recorded_result_of_a_day_that_both_have_stays(self, pair, owner):
        twice = [make_result(one, date(2025, 3, 1), customer=2.5, origin="recorded") for one in pair]
        other = make_result(pair[1], date(2025, 4, 1), customer=2.5, origin="recorded")
        merge(pair, owner)
        assert [one.account for one in fresh(*twice, other)] == [pair[0], pair[1], pair[0]]

    def test_children_come_below_the_one_that_is_kept(self, pair, owner):
        child = make_account(parent=pair[1])
        merge(pair, owner)
        assert fresh(child).parent == pair[0]

    @pytest.mark.parametrize("between", [False, True])
    def test_one_that_stands_below_the_other_takes_its_place(self, pair, owner, between):
        kept, merged = pair
        top = make_account()
        Account.objects.filter(pk=merged.pk).update(parent=top)
        middle = make_account(parent=merged) if between else merged
        Account.objects.filter(pk=kept.pk).update(parent=middle)
        merge(pair, owner)
        assert fresh(kept).parent == top
        if between:
            assert fresh(middle).parent == kept
        kept.clean()

    def test_one_below_the_kept_one_makes_no_circle(self, pair, owner):
        kept, merged = pair
        middle = make_account(parent=kept)
        Account.objects.filter(pk=merged.pk).update(parent=middle)
        merge(pair, owner)
        assert (fresh(kept).parent, fresh(merged).parent) == (None, None)

    def test_too_many_tags_are_refused(self, pair, owner):
        for place_, account in enumerate(pair):
            account.tags.set(Tag.objects.create(name=f"{place_} {n}") for n in range(11))
        with pytest.raises(ValidationError, match="22 tags"):
            merge(pair, owner)

    def test_the_number_of_statements_does_not_grow_with_rows(self, owner, django_assert_max_num_queries, edition):
        counts = []
        for rows in (1, 12):
            both = [make_account(owner=owner) for _ in range(2)]
            for account in both:
                for n in range(rows):
                    person = make_contact(account, name=f"Ines {n}", email=f"ines{n}@adler.example")
                    make_contact(account, reports_to=person)
                    make_invitation(make_result(account, date(2020, 1, 1 + n), customer=2.5), person)
                    make_action(make_plan(account, from_rank=1, state="achieved"))
                make_action(make_plan(account))
            for _ in range(rows):
                make_account(parent=both[1])
            with django_assert_max_num_queries(140) as asked:
                merge(both, owner)
            with django_assert_max_num_queries(140) as asked_back:
                undo(both, owner)
            counts.append((len(asked), len(asked_back)))
        assert counts[0] == counts[1]


class TestPeople:
    def test_who_has_the_same_address_and_name_is_one_person_afterwards(self, pair, owner, edition):
        ours = make_contact(pair[0], name="Ines Adler", email="ines@adler.example", phone="010")
        theirs = make_contact(
            pair[1], name="ines  adler", email="INES@adler.example", phone="020", title="Buyer", do_not_ask=True
        )
        below = make_contact(pair[1], reports_to=theirs)
        given = answer(make_assessment(pair[1]), theirs, "5445 4434 3433 2212 1121")
        merge(pair, owner)
        assert list(pair[0].contacts.order_by("pk")) == [ours, below]
        fresh(ours, below, given)
        assert (ours.phone, ours.title, ours.do_not_ask) == ("010", "Buyer", True)
        assert (below.reports_to, given.contact) == (ours, ours)

    def test_who_has_the_same_address_and_another_name_comes_without_it(self, pair, owner):
        make_contact(pair[0], name="Jan", email="info@adler.example")
        theirs = make_contact(pair[1], name="Petra", email="info@adler.example")
        merge(pair, owner)
        assert (fresh(theirs).account, theirs.email) == (pair[0], "")

    def test_it_can_be_said_who_is_the_same_person(self, pair, owner):
        jan = make_contact(pair[0], name="Jan", email="info@adler.example")
        theirs = make_contact(pair[1], name="J. de Wit", email="info@adler.example")
        merge(pair, owner, same_people={theirs.pk})
        assert list(pair[0].contacts.all()) == [jan]

    def test_erasing_somebody_finds_them_in_events_and_texts_of_both_accounts(self, pair, owner):
        Account.objects.filter(pk=pair[1].pk).update(notes="Ask Ines Adler.")
        person = make_contact(pair[1], name="Ines Adler", email="ines@adler.example")
        twin = make_contact(pair[0], name="Ines Adler", email="ines@adler.example", phone="0104711")
        trail.record("contact.created", person, by=owner, after=contact_snapshot(person))
        merge(pair, owner)
        erase_contact(twin, by=owner)
        told = str(list(Event.objects.values_list("before", "after", "note")))
        assert "Ines" not in told
        assert "ines@" not in told
        assert fresh(pair[1]).notes == "Ask […]."
        assert list(broken_links()) == []

    def test_erasing_somebody_after_it_was_taken_back_finds_what_the_merger_stored(self, pair, owner):
        people = [make_contact(one, name="Ines Adler", email="ines@adler.example", phone=f"010-{one.pk}") for one in pair]
        jan = make_contact(pair[0], name="Jan", email="info@adler.example")
        petra = make_contact(pair[1], name="Petra Voss", email="info@adler.example")
        merge(pair, owner)
        undo(pair, owner)
        for person in (people[1], petra):
            erase_contact(person, by=owner)
        told = str(list(Event.objects.values_list("before", "after", "note")))
        assert f"010-{pair[1].pk}" not in told
        assert "Petra" not in told
        assert fresh(jan).email == "info@adler.example"
        assert list(broken_links()) == []


class TestExternalId:
    def test_the_other_id_leads_to_the_one_that_is_kept(self, pair, owner):
        merge(pair, owner)
        wanted = [("crm", "1"), ("crm", "2"), ("", "2"), ("crm", "3")]
        assert external_ids.accounts_by_external_id(wanted) == {("crm", "1"): pair[0].pk, ("crm", "2"): pair[0].pk}
        assert external_ids.account_by_external_id("crm", "2") == pair[0].pk

    def test_many_are_found_in_one_statement(self, pair, django_assert_num_queries):
        with django_assert_num_queries(1):
            external_ids.accounts_by_external_id([("crm", str(n)) for n in range(1000)])

    def test_either_id_can_become_the_present_one(self, pair, owner):
        merge(pair, owner, {"external_id": "merged"})
        assert (fresh(pair[0]).external_id, fresh(pair[1]).external_id) == ("2", "1")
        assert external_ids.account_by_external_id("crm", "1") == pair[0].pk

    def test_nobody_else_can_take_a_former_id(self, pair, owner):
        merge(pair, owner)
        with pytest.raises(IntegrityError), transaction.atomic():
            make_account(source="crm", external_id="2")

    def test_ids_of_earlier_mergers_lead_on(self, pair, owner):
        merge(pair, owner)
        last = make_account(owner=owner)
        merge((last, fresh(pair[0])), owner)
        assert external_ids.account_by_external_id("crm", "2") == last.pk
        undo((last, pair[0]), owner)
        assert external_ids.account_by_external_id("crm", "2") == pair[0].pk

    def test_an_account_without_an_id_gets_the_others(self, owner):
        both = make_account(owner=owner), make_account(owner=owner, source="crm", external_id="7")
        merge(both, owner)
        assert (fresh(both[0]).external_id, both[0].source, fresh(both[1]).external_id) == ("7", "crm", "")
        undo(both, owner)
        assert (fresh(both[0]).external_id, both[0].source, fresh(both[1]).external_id) == ("", "", "7")


class TestWho:
    def test_both_have_to_be_ones_own(self, pair, owner):
        Account.objects.filter(pk=pair[1].pk).update(owner=make_user(), team=make_team(members=[owner]))
        with pytest.raises(PermissionDenied):
            merge(pair, owner)

    @pytest.mark.parametrize("place_", [0, 1])
    def test_a_change_since_the_page_was_read_is_a_conflict(self, pair, owner, place_):
        seen = [1, 1]
        seen[place_] = 7
        with pytest.raises(StaleEdit) as stale:
            merge_accounts(*pair, by=owner, seen=tuple(seen), choices={})
        assert stale.value.current == pair[place_]

    def test_the_second_click_says_so(self, pair, owner):
        merge(pair, owner)
        with pytest.raises(MergedAlready):
            merge(pair, owner)

    def test_the_other_way_round_afterwards_is_refused(self, pair, owner):
        merge(pair, owner)
        with pytest.raises(ValidationError, match="merged into another account already"):
            merge(pair[::-1], owner)

    def test_no_account_is_merged_into_itself_or_into_an_archived_one(self, pair, owner):
        with pytest.raises(ValidationError, match="into itself"):
            merge((pair[0], pair[0]), owner)
        Account.objects.filter(pk=pair[0].pk).update(status="archived")
        with pytest.raises(ValidationError, match="is archived"):
            merge(pair, owner)


class TestTrail:
    def test_both_accounts_tell_of_it(self, pair, owner):
        merge(pair, owner)
        acts = dict(Event.objects.filter(act__startswith="account.merged").values_list("act", "account_id"))
        assert acts == {"account.merged": pair[0].pk, "account.merged_away": pair[1].pk}
        undo(pair, owner)
        acts = dict(Event.objects.filter(act__startswith="account.taken").values_list("act", "account_id"))
        assert acts == {"account.taken_apart": pair[0].pk, "account.taken_out": pair[1].pk}
        assert list(broken_links()) == []

    def test_other_systems_are_told_of_both(self, pair, owner):
        make_webhook(owner, "account.merged")
        merge(pair, owner)
        told = WebhookDelivery.objects.order_by("pk").values_list("account", "data__kept", "data__merged", "data__taken_back")
        kept, merged = (one.pk for one in pair)
        assert list(told) == [(kept, kept, merged, False), (merged, kept, merged, False)]


class TestUndo:
    @pytest.fixture
    def whole(self, pair, owner, edition):
        """A pair with everything, also in each other's way."""
        kept, merged = pair
        for account in pair:
            place(account, customer=2.5, held_on=TODAY - timedelta(days=40))
            make_target(account, set_on=TODAY)
            make_action(make_plan(account))
            make_result(account, date(2020, 1, 1), customer=1.5, origin="recorded")
            make_account(parent=account)
            make_account(status="archived", merged_into=account)
            account.tags.add(Tag.objects.create(name=f"Of {account.name}"))
            twin = make_contact(account, name="Ines Adler", email="ines@adler.example")
            make_contact(account, name=f"Ann {account.pk}", email="info@adler.example", reports_to=twin)
        twin = merged.contacts.get(name="Ines Adler")
        Contact.objects.filter(pk=twin.pk).update(phone="020", title="Buyer", language="nl", reports_to=make_contact(merged))
        current = make_assessment(merged)
        make_invitation(current, twin)
        answer(current, twin, "5445 4434 3433 2212 1121")
        Account.objects.filter(pk=merged.pk).update(parent=make_account(), strengths="Loyal", revenue=5, worth=5)
        Account.objects.filter(pk=kept.pk).update(strengths="Quick")
        derived.refresh([kept.pk, merged.pk])
        return pair

    def test_everything_is_as_it_was(self, whole, owner):
        before = [all_of(one) for one in whole]
        merge(whole, owner, {"name": "merged", "external_id": "merged"})
        undo(whole, owner)
        assert differences(whole, before) == []
        assert list(deviations([one.pk for one in whole], TODAY)) == []

    def test_it_can_be_merged_and_taken_apart_again(self, whole, owner):
        before = [all_of(one) for one in whole]
        for _ in range(2):
            merge(whole, owner)
            undo(whole, owner)
        assert differences(whole, before) == []

    def test_what_was_changed_since_stays(self, pair, owner):
        kept, merged = pair
        child = make_account(parent=merged)
        merge(pair, owner, {"city": "merged"})
        Account.objects.filter(pk=kept.pk).update(segment="Rail")
        Account.objects.filter(pk=child.pk).update(parent=None)
        new = make_contact(kept)
        undo(pair, owner)
        assert (fresh(kept).segment, fresh(child).parent, fresh(new).account) == ("Rail", None, kept)

    def test_a_contact_who_reports_to_somebody_of_the_other_account_no_longer_does(self, pair, owner):
        person = make_contact(pair[1])
        merge(pair, owner)
        boss = make_contact(pair[0])
        Contact.objects.filter(pk=person.pk).update(reports_to=boss)
        undo(pair, owner)
        assert (fresh(person).account, person.reports_to) == (pair[1], None)

    def test_a_target_that_was_revised_since_comes_back_as_it_is(self, pair, owner):
        kept, merged = pair
        target = make_target(merged, set_on=TODAY)
        merge(pair, owner)
        type(target).objects.filter(pk=target.pk).update(superseded_on=TODAY)
        new = make_target(kept, set_on=TODAY)
        undo(pair, owner)
        assert (fresh(target).account, target.superseded_on, fresh(new).account) == (merged, TODAY, kept)

    @pytest.mark.parametrize("how", ["answer", "invitation"])
    def test_it_is_refused_when_somebody_of_one_was_asked_in_a_round_of_the_other(self, pair, owner, edition, how):
        current, person = make_assessment(pair[1]), make_contact(pair[0], name="Ines Adler")
        merge(pair, owner)
        if how == "answer":
            answer(current, person, "5445 4434 3433 2212 1121")
        else:
            make_invitation(current, person)
        with pytest.raises(ValidationError, match="Ines Adler"):
            undo(pair, owner)
        assert (fresh(pair[1]).merged_into, fresh(current).account) == (pair[0], pair[0])

    def test_it_is_refused_when_somebody_took_the_place(self, pair, owner):
        make_contact(pair[1], email="ines@adler.example")
        merge(pair, owner)
        make_contact(pair[1], email="ines@adler.example")
        with pytest.raises(ValidationError, match="can no longer be taken back"):
            undo(pair, owner)
        assert fresh(pair[1]).is_merged

    def test_a_later_merger_is_taken_back_first(self, pair, owner):
        merge(pair, owner)
        last = make_account(owner=owner)
        merge((last, fresh(pair[0])), owner)
        with pytest.raises(ValidationError, match="Take that back first"):
            undo(pair, owner)
        undo((last, pair[0]), owner)
        undo(pair, owner)
        assert not fresh(pair[1]).is_merged

    def test_after_thirty_days_it_stands(self, pair, owner):
        merge(pair, owner)
        with time_machine.travel(timezone.now() + timedelta(days=31)), pytest.raises(ValidationError, match="30 days"):
            undo(pair, owner)

    def test_it_is_taken_back_once(self, pair, owner):
        merge(pair, owner)
        undo(pair, owner)
        with pytest.raises(ValidationError, match="already"):
            undo(pair, owner)

    def test_after_somebody_was_erased_who_was_united_it_stands(self, pair, owner):
        people = [make_contact(one, name="Ines Adler", email="ines@adler.example") for one in pair]
        merge(pair, owner)
        erase_contact(people[0], by=owner)
        with pytest.raises(ValidationError, match="can no longer be taken back"):
            undo(pair, owner)

    def test_who_may_change_only_one_of_them_may_not(self, pair, owner):
        merge(pair, owner)
        Account.objects.filter(pk=pair[0].pk).update(owner=make_user())
        with pytest.raises(PermissionDenied):
            undo(pair, owner)

    def test_a_merger_names_its_event(self, pair, owner):
        merge(pair, owner)
        event = merger_of(fresh(pair[1]))
        assert (event.account_id, event.actor) == (pair[0].pk, owner)
