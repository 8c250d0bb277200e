"""The demo's invitations: who was asked by link, how far each came, and that nothing is sent."""

from collections import Counter
from datetime import timedelta
from inspect import signature

import pytest
import time_machine
from django.db import connection
from django.tasks import Task
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import tasks as accounts_tasks
from accounts.models import Account, Contact
from assessments.models import Assessment, Response
from config import tasks as config_tasks
from mailing import tasks as mailing_tasks
from mailing.models import Letter
from plans import tasks as plans_tasks
from portfolio import tasks as portfolio_tasks
from surveys import tasks as surveys_tasks
from surveys.invitations import FIRST_OFFERED, RECENT, last_asked
from surveys.models import Invitation, SurveyLink
from surveys.reminders import to_remind
from tests.demo import demos
from tests.demo.demos import build
from webhooks import tasks as webhooks_tasks

pytestmark = pytest.mark.django_db
forty, many = demos.forty, demos.many


CLOCKS = (
    accounts_tasks, config_tasks, mailing_tasks, plans_tasks, portfolio_tasks, surveys_tasks, webhooks_tasks,
)  # fmt: skip


class TestAsking:
    """Who was asked by link, and how far each came."""

    def test_every_open_round_asks_and_shows_who_answered_and_who_did_not(self, forty):
        rounds = Assessment.objects.open().prefetch_related("invitations", "raters")
        assert len(rounds) >= 2
        for round_ in rounds:
            asked = round_.invitations.all()
            assert {contact.pk for contact in round_.account.contacts.all()} == {one.contact_id for one in asked}
            assert {one.expires_on for one in asked} == {round_.closes_on}
            assert {"answered"} < {one.state for one in asked}
            assert round_.account.owner in round_.raters.all()  # so that whoever asks gives the own view first

    def test_an_open_round_of_the_manager_shows_each_way_an_invitation_can_go(self, forty):
        own = Invitation.objects.filter(assessment__state="open", assessment__account__owner__email="manager@example.com")
        states = Counter(own.filter(assessment__visibility="named").values_list("state", flat=True))
        assert states == {"answered": 2, "opened": 1, "sent": 1, "failed": 1}
        assert own.filter(state="failed").first().trouble_in_words == "The mail server refused it: is the address right?"

    def test_who_answered_by_link_did_so_by_themselves_and_in_time(self, forty):
        answered = Invitation.objects.filter(state="answered").select_related("assessment")
        assert answered.count() > 100
        given = {(one.assessment_id, one.contact_id): one for one in Response.objects.filter(side="customer")}
        for one in answered:
            response = given.pop((one.assessment_id, one.contact_id))
            assert response.entered_by is None
            assert one.invited_at < one.opened_at == response.started_at < one.answered_at == response.submitted_at
            assert timezone.localdate(one.answered_at) <= one.expires_on
            assert one.assessment.is_open or one.answered_at < one.assessment.closed_at
        assert all(response.entered_by_id for response in given.values())  # the others at the table

    def test_who_was_asked_in_a_round_of_this_year_and_did_not_answer_is_known(self, forty):
        assert Invitation.objects.filter(assessment__state="closed").exclude(state="answered").exists()

    def test_nobody_has_a_link_and_nothing_is_on_its_way(self, forty):
        assert not SurveyLink.objects.exists()
        assert not Letter.objects.exists()
        assert not Invitation.objects.filter(state="queued").exists()

    def test_the_worker_writes_to_nobody_of_a_fresh_demo(self, forty, mailoutbox):
        afternoon = timezone.localtime().replace(hour=15)  # on Monday mornings the colleagues get their weekly mail
        with time_machine.travel(afternoon, tick=False):
            for module in CLOCKS:
                for _name, task in sorted(vars(module).items()):
                    # What runs by the clock is given nothing; the others need an order of somebody.
                    if isinstance(task, Task) and not signature(task.func).parameters:
                        task.call()
        assert mailoutbox == []
        assert not Letter.objects.exists()


class TestRoundsOfMany:
    """Whom one would rather not ask again, whom the program reminds, and what confidential rounds hold back."""

    def test_few_were_asked_so_lately_that_they_are_rather_not_asked_again(self, many):
        lately = timezone.now() - RECENT
        asked = {pk for pk, at in last_asked(Contact.objects.all()).items() if at > lately}
        accounts = Account.objects.filter(contacts__in=asked).distinct()
        done = accounts.exclude(assessments__state="open")
        assert done.filter(owner__email="manager@example.com").exists()
        assert 3 <= accounts.count() < 150 * 0.15

    def test_in_the_weeks_after_it_reminds_a_handful_of_one_account_manager(self, many):
        today = timezone.localdate()
        found = {one for days in range(40) for one in to_remind(today + timedelta(days=days))}
        assert 1 <= len(found) <= 5
        assert {one.invited_by.email for one in found} == {"manager@example.com"}

    def test_who_was_halfway_was_reminded_as_the_worker_would_have_done(self, many):
        reminded = Invitation.objects.exclude(reminded_on=None)
        assert reminded.exists()
        assert {(one.reminded_on - timezone.localdate(one.invited_at)).days for one in reminded} == {
            (FIRST_OFFERED.days + 1) // 2
        }
        assert not reminded.filter(reminded_on__gte=timezone.localdate()).exists()

    def test_a_confidential_round_that_is_closed_has_enough_answers_to_show(self, many):
        rounds = Assessment.objects.closed().filter(visibility="confidential")
        assert rounds.count() >= 5
        assert {round_.customer_level is None for round_ in rounds} == {False}
        assert min(rounds.values_list("respondents", flat=True)) >= 3
        assert not Response.objects.filter(assessment__in=rounds, side="customer", entered_by__isnull=False).exists()

    def test_a_confidential_round_is_open_where_only_the_number_of_answers_holds_them_back(self, many):
        round_ = Assessment.objects.open().get(visibility="confidential", account__owner__email="manager@example.com")
        assert round_.responses.filter(side="customer", submitted_at__isnull=False).count() == 2
        assert round_.responses.get(side="team").is_submitted


def test_invitations_are_stored_in_bulk(edition):
    with CaptureQueriesContext(connection) as caught:
        build(60)
    stored = [one for one in caught if one["sql"].startswith('INSERT INTO "assessments_invitation"')]
    assert Invitation.objects.count() > 200
    assert len(stored) <= 3
