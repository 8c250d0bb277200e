"""Our side before theirs: who is to give a view sees nothing of the customer's answers before that."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.rating.acts import Rater, save_response
from assessments.rating.raters import begin_with_our_view, rates_first_in
from assessments.rounds.closing import change_details, close, reopen
from audit.models import Event
from core.versions import StaleEdit
from tests.factories import answer, filled, make_account, make_assessment, make_contact, make_team, make_user, make_viewer

pytestmark = pytest.mark.one_database

R1, R4 = "5445 4434 3433 2212 1121", "5555 --4- 4544 4434 3234"  # level 2, level 4


@pytest.fixture
def account(edition):
    owner = make_user(name="Mila Vermeer")
    return make_account(owner=owner, team=make_team(members=[owner]))


@pytest.fixture
def round_(account):
    return make_assessment(account)


def by_link(round_, contact) -> None:
    save_response(round_, Rater.by_link(contact), filled(R1), by=None, submit=True)


class TestWhenTheCustomerIsAsked:
    def test_the_owner_becomes_a_rater_with_an_event(self, round_, account):
        assert begin_with_our_view(round_, by=account.owner)
        assert list(round_.raters.all()) == [account.owner]
        event = Event.objects.get(act="assessment.changed")
        assert (event.before, event.after) == ({"raters": []}, {"raters": [account.owner_id]})

    def test_a_second_time_changes_nothing(self, round_, account):
        begin_with_our_view(round_, by=account.owner)
        assert not begin_with_our_view(round_, by=account.owner)
        assert Event.objects.filter(act="assessment.changed").count() == 1

    def test_other_raters_stay(self, round_, account):
        mate = make_user()
        round_.raters.add(mate)
        begin_with_our_view(round_, by=account.owner)
        assert set(round_.raters.all()) == {mate, account.owner}

    @pytest.mark.parametrize("owner", [{"is_active": False}, {"role": "viewer"}])
    def test_an_owner_who_cannot_give_a_view_is_not_asked(self, edition, owner):
        round_ = make_assessment(make_account(owner=make_user(**owner)))
        assert not begin_with_our_view(round_, by=None)
        assert not round_.raters.exists()

    def test_a_form_that_showed_the_raters_before_is_stale(self, round_, account):
        seen = round_.version
        begin_with_our_view(round_, by=account.owner)
        with pytest.raises(StaleEdit):
            change_details(round_, by=account.owner, seen=seen, raters=[])

    def test_the_owner_then_rates_first(self, round_, account):
        assert not rates_first_in(round_, account.owner)
        begin_with_our_view(round_, by=account.owner)
        assert rates_first_in(round_, account.owner)
        answer(round_, account.owner, R4)
        assert not rates_first_in(round_, account.owner)


class TestUntilTheOwnViewIsIn:
    @pytest.fixture
    def signed_in(self, client, round_, account):
        begin_with_our_view(round_, by=account.owner)
        client.force_login(account.owner)
        return client

    def test_an_answer_by_link_shows_that_it_came_and_no_figure(self, signed_in, round_, account):
        by_link(round_, make_contact(account, name="Ines"))
        context = signed_in.get(round_.get_absolute_url()).context
        assert [(person.name, person.state, person.level) for person in context["theirs"]] == [("Ines", "submitted", None)]
        assert (context["preview"], context["headline"], context["sureness"]) == (None, "", [])

    def test_an_answer_without_a_level_is_not_told_either(self, signed_in, round_, account):
        answer(round_, make_contact(account, name="Ines"), "-" * 20)
        assert "counts for nothing" not in signed_in.get(round_.get_absolute_url()).content.decode()

    def test_what_another_of_us_entered_cannot_be_opened(self, signed_in, round_, account):
        contact = make_contact(account, name="Ines")
        answer(round_, contact, R1, by=make_user())
        response = signed_in.get(reverse("assessments:customer_answers", args=[account.pk, contact.pk]))
        assert response["Location"] == reverse("assessments:assess", args=[account.pk])

    def test_the_account_page_asks_for_it_and_tells_no_level_of_the_open_round(self, signed_in, round_, account):
        answer(round_, make_contact(account, name="Ines"), R1)
        context = signed_in.get(account.get_absolute_url()).context
        assert context["next"].label == "Give your view"
        assert [person.says for person in context["voices"]] == [None]

    def test_the_activity_tells_no_level_of_a_round_that_was_reopened(self, client, round_, account):
        answer(round_, make_contact(account), R1)
        reopened = reopen(close(round_, by=account.owner), by=account.owner, reason="They said 2, meant 3")
        client.force_login(account.owner)
        before = " ".join(line.text for line in client.get(account.get_absolute_url() + "activity/").context["activity"])
        assert "level 2" in before
        begin_with_our_view(reopened, by=account.owner)
        after = " ".join(line.text for line in client.get(account.get_absolute_url() + "activity/").context["activity"])
        assert "level 2" not in after
        assert "They said 2" not in after
        assert "They said 2" not in client.get(reopened.get_absolute_url()).content.decode()

    def test_everything_shows_once_it_is_in(self, signed_in, round_, account):
        answer(round_, make_contact(account, name="Ines"), R1)
        answer(round_, account.owner, R4)
        context = signed_in.get(round_.get_absolute_url()).context
        assert context["preview"].customer_level == 2

    def test_a_closed_round_of_before_still_shows(self, signed_in, round_, account):
        answer(round_, account.owner, R4)
        answer(round_, make_contact(account), R1)
        close(round_, by=account.owner)
        begin_with_our_view(make_assessment(account), by=account.owner)
        assert signed_in.get(round_.get_absolute_url()).context["sides"][-1].theirs == 4.5


def test_who_is_neither_rater_nor_has_begun_has_nothing_to_bias(client, account):
    earlier = make_assessment(account, held_on=timezone.localdate() - timedelta(days=1))
    answer(earlier, make_contact(account), R1)
    client.force_login(make_viewer())
    assert client.get(earlier.get_absolute_url()).context["preview"].customer_level == 2
