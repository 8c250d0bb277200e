"""What happened lately, in words, and what is not told to whom."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.acts.changing import set_archived
from assessments.rounds.closing import close, reopen
from audit import trail
from plans.action_plans.acts import start_plan
from plans.actions.acts import add_action, move_action
from plans.targets.acts import set_target
from portfolio.pages.activity import SHOWN, KnownNames, activity_of
from tests.factories import answer, make_account, make_assessment, make_contact, make_user, place

pytestmark = pytest.mark.django_db

LEVEL_4 = "5555 --4- 4544 4434 3234"


@pytest.fixture
def account(edition):
    return make_account(owner=make_user(name="Mila Vermeer"), name="Northwind")


def told(account, known=None, *, in_full=True):
    return [line.text for line in activity_of(account, known or KnownNames(), in_full=in_full)]


def assess(account, contact, held_on=date(2026, 10, 12)):
    assessment = make_assessment(account, held_on=held_on)
    answer(assessment, contact, LEVEL_4, comment="They saved us a fortune.", by=account.owner)
    return close(assessment, by=account.owner)


def known_of(assessment):
    return KnownNames(rounds={assessment.pk: assessment.held_on})


class TestInFull:
    def test_closed_assessment_is_told_with_its_day_and_level(self, account):
        assessment = assess(account, make_contact(account))
        assert "Mila Vermeer closed the assessment of 12 Oct 2026: level 4." in told(account, known_of(assessment))

    def test_level_of_our_side_alone_is_called_our_own_view(self, account):
        assessment = make_assessment(account, held_on=date(2026, 10, 12))
        answer(assessment, account.owner, LEVEL_4)
        close(assessment, by=account.owner)
        assert told(account, known_of(assessment))[0].endswith("level 4 in our own view.")

    def test_reopening_is_told_with_its_reason(self, account):
        assessment = reopen(assess(account, make_contact(account)), by=account.owner, reason="Wrong person")
        assert told(account, known_of(assessment))[0].endswith("reopened the assessment of 12 Oct 2026: “Wrong person”")

    def test_target_is_told(self, account):
        place(account, customer=2.4)
        due_on = timezone.localdate() + timedelta(days=600)
        set_target(account, by=account.owner, level=3, due_on=due_on)
        assert told(account)[0] == f"Mila Vermeer set a target: level 3 by {due_on:%B %Y}."

    def test_plan_and_actions_are_told(self, account):
        plan = start_plan(account, by=account.owner, from_rank=2, owner=account.owner)
        action = add_action(plan, by=account.owner, title="Call them", owner=account.owner, due_on=timezone.localdate())
        move_action(action, by=account.owner, seen=action.version, state="done")
        assert told(account, KnownNames(actions={action.pk: "Call them"})) == [
            "Mila Vermeer ticked off “Call them”.",
            "Mila Vermeer added the action “Call them”.",
            "Mila Vermeer started the plan 2 → 3.",
        ]

    def test_changed_fields_are_named(self, account):
        trail.record("account.changed", account, by=account.owner, before={"city": ""}, after={"city": "Delft", "revenue": "5"})
        assert told(account) == ["Mila Vermeer changed: city, revenue a year."]

    def test_contact_is_named_as_on_the_page_and_not_from_the_trail(self, account):
        contact = make_contact(account, name="Ines Duarte")
        trail.record("contact.created", contact, by=account.owner, after={"name": "Ines Duarte"})
        assert told(account, KnownNames(contacts={contact.pk: "Ines Vos"})) == ["Mila Vermeer added the contact Ines Vos."]
        assert told(account) == ["Mila Vermeer added a contact."]


class TestWhoOnlyReads:
    def test_hears_of_acts_without_what_came_out(self, account):
        contact = make_contact(account, name="Ines Duarte")
        assessment = reopen(assess(account, contact), by=account.owner, reason="Ines was angry")
        lines = told(account, KnownNames(contacts={contact.pk: contact.name}, rounds=known_of(assessment).rounds), in_full=False)
        assert lines == [
            "Mila Vermeer reopened an assessment.",
            "Mila Vermeer closed an assessment.",
            "Mila Vermeer submitted a view.",
        ]


@pytest.mark.parametrize("in_full", [True, False])
def test_answers_are_told_to_nobody(account, in_full):
    contact = make_contact(account, name="Ines Duarte")
    assess(account, contact)
    everything = " ".join(told(account, KnownNames(contacts={contact.pk: contact.name}), in_full=in_full))
    assert "Ines" not in everything
    assert "fortune" not in everything


def test_drafts_are_no_news(account):
    answer(make_assessment(account), account.owner, LEVEL_4, submit=False)
    assert not any("view" in line for line in told(account))


def test_several_of_a_kind_become_one_line(account):
    plan = start_plan(account, by=account.owner, from_rank=2, owner=account.owner)
    for title in ("One", "Two", "Three"):
        add_action(plan, by=account.owner, title=title, owner=account.owner, due_on=timezone.localdate())
    assert told(account)[0] == "Mila Vermeer added 3 actions."


def test_other_accounts_events_stay_theirs(account):
    set_archived(make_account(), by=account.owner, seen=1, archived=True)
    assert told(account) == []


def test_only_the_latest_are_shown(account):
    for n in range(SHOWN + 3):
        trail.record("account.archived" if n % 2 else "account.restored", account, by=account.owner)
    assert len(told(account)) == SHOWN


def test_event_without_a_person_is_the_programs(account):
    trail.record("account.archived", account, by=None)
    assert told(account) == ["Standing archived this account."]


def test_act_without_words_is_still_told(account):
    trail.record("account.teleported", account, by=account.owner)
    assert told(account) == ["Mila Vermeer changed something here."]


def test_one_statement(account, django_assert_num_queries):
    for _ in range(3):
        trail.record("account.archived", account, by=make_user())
    with django_assert_num_queries(1):
        told(account)
