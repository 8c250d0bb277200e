"""The next step of an account: which rule applies first, and what it says."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from assessments.rounds.closing import close
from tests.factories import (
    answer,
    make_account,
    make_action,
    make_assessment,
    make_contact,
    make_invitation,
    make_plan,
    make_target,
    make_team,
    make_user,
    make_viewer,
    place,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.usefixtures("edition")]

R1 = "5445 4434 3433 2212 1121"


def days_ago(days):
    return timezone.localdate() - timedelta(days=days)


@pytest.fixture
def account():
    return make_account(owner=make_user(name="Mila Vermeer"), name="Northwind", team=make_team())


def next_of(account, who=None):
    client = Client()
    client.force_login(who or account.owner)
    return client.get(account.get_absolute_url()).context["next"]


class TestTheOpenRound:
    def test_whoever_has_to_give_a_view_gives_it_first(self, account):
        place(account, customer=2.4)
        make_assessment(account).raters.add(account.owner)
        found = next_of(account)
        assert (found.label, found.url) == ("Give your view", reverse("assessments:assess", args=[account.pk]))

    def test_is_gone_on_with_while_answers_are_awaited(self, account):
        round_ = make_assessment(account)
        make_invitation(round_, make_contact(account))
        found = next_of(account)
        assert (found.label, found.url) == ("Go on with the open assessment", round_.get_absolute_url())
        assert found.why == "Not everybody who was asked has answered yet."

    def test_is_closed_once_everybody_who_was_asked_answered(self, account):
        round_ = make_assessment(account)
        make_invitation(round_, make_contact(account), state="answered", answered_at=timezone.now())
        make_invitation(round_, make_contact(account), state="revoked")
        found = next_of(account)
        assert (found.label, found.why) == ("See it and close it", "Everybody who was asked has answered.")


class TestLevelTargetPlan:
    def test_without_a_level_the_account_is_assessed(self, account):
        assert next_of(account).label == "Assess this account"

    @pytest.mark.parametrize(
        ("where", "why"),
        [
            ({"team": 2.4}, "What is known is our own view, and the level is theirs to decide."),
            ({"customer": 2.4, "held_on": days_ago(500)}, None),
        ],
    )
    def test_a_voice_that_is_missing_or_old_is_asked_for(self, account, where, why):
        place(account, **where)
        found = next_of(account)
        assert found.label == "Ask the customer"
        assert found.why == why or (why is None and found.why.startswith("They were last heard in "))

    def test_then_a_target(self, account):
        place(account, customer=2.4)
        assert next_of(account).label == "Set a target"

    def test_then_the_end_of_a_plan_that_is_reached(self, account):
        place(account, customer=3.4)
        make_target(account, set_on=days_ago(10))
        plan = make_plan(account, from_rank=2)
        found = next_of(account)
        assert (found.title, found.url, found.why) == ("close the plan 2 → 3", plan.get_absolute_url(), "Level 3 is reached.")

    def test_then_a_plan(self, account):
        place(account, customer=2.4)
        make_target(account, set_on=days_ago(10))
        assert next_of(account).why == "No plan leads to the target yet. The playbook has plays, each with dated actions."

    def test_off_track_without_a_plan_is_said(self, account):
        make_target(account, set_on=days_ago(400), level=4, baseline=3.9)
        place(account, customer=1.4)
        found = next_of(account)
        assert (found.label, found.why) == ("Start the plan", "The target is off track, and no plan leads to it.")


class TestWhoDecidesAndWhatIsLate:
    @pytest.fixture
    def planned(self, account):
        place(account, customer=2.4)
        make_target(account, set_on=days_ago(10))
        return make_plan(account)

    def test_an_economic_buyer_whom_nobody_knows_is_added(self, account, planned):
        found = next_of(account)
        assert (found.title, found.label) == ("hear the economic buyer", "Add the economic buyer")

    def test_an_economic_buyer_who_was_never_heard_is_asked(self, account, planned):
        make_contact(account, name="Ines Duarte", buying_role="economic")
        found = next_of(account)
        assert (found.label, found.why) == ("Ask the customer", "Ines Duarte decides about the money and was never heard.")

    def heard(self, account):
        round_ = make_assessment(account, held_on=days_ago(300))
        answer(round_, make_contact(account, buying_role="economic"), R1)
        close(round_, by=account.owner)

    def test_then_what_is_late(self, account, planned):
        self.heard(account)
        make_action(planned, title="Map the journey", due_in=-6)
        late = make_action(planned, title="Visit them", due_in=-9)
        found = next_of(account)
        assert (found.title, found.why) == ("“Visit them”", "2 actions are late.")
        assert found.url == reverse("plans:action", args=[late.pk])

    def test_then_what_is_due_first(self, account, planned):
        self.heard(account)
        make_action(planned, title="Visit them", due_in=9)
        assert next_of(account).title == "“Visit them”"

    def test_without_anything_to_do_they_are_heard_again(self, account, planned):
        self.heard(account)
        assert next_of(account).title == "hear them again"


class TestWhoSeesIt:
    def test_who_only_reads_has_none(self, account):
        assert next_of(account, make_viewer()) is None

    def test_a_colleague_who_was_asked_for_a_view_gives_it(self, account):
        colleague = make_user()
        account.team.members.add(colleague)
        make_assessment(account).raters.add(colleague)
        assert next_of(account, colleague).label == "Give your view"

    def test_an_archived_account_has_none(self, account):
        Account.objects.filter(pk=account.pk).update(status="archived")
        assert next_of(account) is None
