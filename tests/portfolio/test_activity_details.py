"""The sentences of the activity of an account: what each act says with and without its details, and what becomes one line."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from audit import trail
from portfolio.pages.activity import READ, SHOWN, KnownNames, activity_of
from tests.factories import make_account, make_action, make_contact, make_plan, make_result, make_user

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 12)


@pytest.fixture
def account():
    return make_account(owner=make_user(name="Mila Vermeer"), name="Northwind")


def told(account, known=None, *, in_full=True):
    return [line.text for line in activity_of(account, known or KnownNames(), in_full=in_full)]


class TestRounds:
    @pytest.fixture
    def round_(self, account):
        return make_result(account, DAY, customer=3.4)

    @pytest.fixture
    def known(self, round_):
        return KnownNames(rounds={round_.pk: DAY})

    CASES = [
        ("assessment.opened", {}, "", "opened the assessment of 12 Oct 2026."),
        ("assessment.closed", {"customer_level": 3, "team_level": 4}, "", "closed the assessment of 12 Oct 2026: level 3."),
        (
            "assessment.closed", {"customer_level": None, "team_level": 4}, "",
            "closed the assessment of 12 Oct 2026: level 4 in our own view.",
        ),
        ("assessment.closed", {"customer_level": None, "team_level": None}, "", "closed an assessment."),
        ("assessment.closed", None, "", "closed an assessment."),
        ("assessment.recorded", {"customer_level": 2, "team_level": 4}, "", "brought in a past result of 12 Oct 2026: level 2."),
        ("assessment.recorded", {"customer_level": None, "team_level": 5}, "", "brought in a past result of 12 Oct 2026: level 5."),
        ("assessment.recorded", {}, "", "brought in a past result."),
        ("assessment.reopened", {}, "Too early", "reopened the assessment of 12 Oct 2026: “Too early”"),
    ]  # fmt: skip

    @pytest.mark.parametrize(("act", "after", "note", "sentence"), CASES)
    def test_are_told_with_their_day_and_level(self, account, round_, known, act, after, note, sentence):
        trail.record(act, round_, by=account.owner, after=after, note=note)
        assert told(account, known) == [f"Mila Vermeer {sentence}"]

    @pytest.mark.parametrize(("act", "after", "note", "sentence"), CASES)
    def test_that_the_page_does_not_know_are_told_without(self, account, round_, act, after, note, sentence):
        trail.record(act, round_, by=account.owner, after=after, note=note)
        (line,) = told(account)
        assert "12 Oct" not in line and "level" not in line and "Too early" not in line
        assert line.startswith("Mila Vermeer ")

    @pytest.mark.parametrize(
        ("act", "said"),
        [
            ("assessment.closed", "Mila Vermeer closed an assessment."),
            ("assessment.reopened", "Mila Vermeer reopened an assessment."),
        ],
    )
    def test_nothing_comes_out_of_a_round_that_the_reader_still_rates(self, account, round_, act, said):
        trail.record(act, round_, by=account.owner, after={"customer_level": 3}, note="They gave us a 3")
        known = KnownNames(rounds={round_.pk: DAY}, untold={round_.pk})
        assert told(account, known) == [said]

    def test_another_round_is_told_though_one_is_not(self, account, round_, known):
        trail.record("assessment.closed", round_, by=account.owner, after={"customer_level": 3})
        assert told(account, KnownNames(rounds=known.rounds, untold={round_.pk + 1})) == [
            "Mila Vermeer closed the assessment of 12 Oct 2026: level 3."
        ]

    def test_in_dutch_the_day_and_the_sentence_are_dutch(self, account, round_, known):
        trail.record("assessment.opened", round_, by=account.owner)
        with translation.override("nl"):
            (line,) = told(account, known)
        assert "12 okt 2026" in line and "opened" not in line


class TestTargets:
    CASES = [
        ("target.set", {"level": 4, "due_on": "2028-06-30"}, "", "set a target: level 4 by June 2028."),
        ("target.set", {"level": 4, "due_on": "2028-06-30"}, "Ours", "set a target: level 4 by June 2028."),
        ("target.revised", {"level": 3, "due_on": "2027-01-01"}, "", "revised the target: level 3 by January 2027."),
        (
            "target.revised", {"level": 3, "due_on": "2027-01-01"}, "They shrank",
            "revised the target: level 3 by January 2027, because “They shrank”",
        ),
        ("target.set", {"level": 4}, "", "set a target."),
        ("target.set", {"due_on": "2028-06-30"}, "", "set a target."),
        ("target.set", {"level": 4, "due_on": "soon"}, "", "set a target."),
        ("target.revised", None, "They shrank", "revised the target."),
    ]  # fmt: skip

    @pytest.mark.parametrize(("act", "after", "note", "sentence"), CASES)
    def test_are_told_with_level_day_and_reason_where_the_trail_has_them(self, account, act, after, note, sentence):
        trail.record(act, account, by=account.owner, after=after, note=note)
        assert told(account) == [f"Mila Vermeer {sentence}"]

    @pytest.mark.parametrize(("act", "after", "note", "sentence"), CASES)
    def test_a_reader_hears_of_the_act_alone(self, account, act, after, note, sentence):
        trail.record(act, account, by=account.owner, after=after, note=note)
        assert told(account, in_full=False) == [
            "Mila Vermeer set a target." if act == "target.set" else "Mila Vermeer revised the target."
        ]


class TestPlansAndActions:
    @pytest.fixture
    def action(self, account):
        return make_action(make_plan(account), title="Call them")

    @pytest.mark.parametrize(
        ("after", "with_title", "without"),
        [
            ({"state": "done"}, "ticked off “Call them”.", "ticked off an action."),
            ({"state": "doing"}, "changed the action “Call them”.", "worked on an action."),
            ({"due_on": "2027-01-01"}, "changed the action “Call them”.", "worked on an action."),
            (None, "changed the action “Call them”.", "worked on an action."),
        ],
    )
    def test_a_changed_action_is_named_as_on_the_page(self, account, action, after, with_title, without):
        trail.record("action.changed", action, by=account.owner, after=after)
        assert told(account, KnownNames(actions={action.pk: "Call them"})) == [f"Mila Vermeer {with_title}"]
        assert told(account) == [f"Mila Vermeer {without}"]
        assert told(account, KnownNames(actions={action.pk: "Call them"}), in_full=False) == ["Mila Vermeer worked on an action."]

    @pytest.mark.parametrize(
        ("act", "after", "sentence"),
        [
            ("action.added", {"title": "Map it"}, "added the action “Map it”."),
            ("action.added", {"title": ""}, "added an action."),
            ("action.added", None, "added an action."),
            ("plan.started", {"from_rank": 4}, "started the plan 4 → 5."),
            ("plan.started", {}, "started a plan."),
        ],
    )
    def test_what_the_trail_lacks_is_left_out(self, account, action, act, after, sentence):
        trail.record(act, action, by=account.owner, after=after)
        assert told(account) == [f"Mila Vermeer {sentence}"]


class TestPeopleAndFields:
    @pytest.mark.parametrize(("act", "verb"), [("contact.created", "added"), ("contact.changed", "changed")])
    def test_a_contact_is_named_where_the_page_has_the_name(self, account, act, verb):
        contact = make_contact(account, name="Ines Vos")
        trail.record(act, contact, by=account.owner, after={"name": "Ines Duarte"})
        assert told(account, KnownNames(contacts={contact.pk: "Ines Vos"})) == [f"Mila Vermeer {verb} the contact Ines Vos."]
        assert told(account) == [f"Mila Vermeer {verb} a contact."]

    @pytest.mark.parametrize(
        ("after", "sentence"),
        [
            ({"tags": [1]}, "changed: tags."),
            ({"city": "Delft", "tags_added": [1]}, "changed: city, tags."),
            ({"no_such_field": 1, "city": "Delft"}, "changed: city."),
            ({"no_such_field": 1}, "changed the details of this account."),
            (None, "changed the details of this account."),
        ],
    )
    def test_changed_fields_are_named_by_their_labels(self, account, after, sentence):
        trail.record("account.changed", account, by=account.owner, after=after)
        (line,) = told(account)
        if "details" in sentence:
            assert "no_such_field" not in line and line.startswith("Mila Vermeer")
        else:
            assert line == f"Mila Vermeer {sentence}"


class TestByLink:
    """People of the customer have no name in the trail."""

    @pytest.mark.parametrize(
        ("act", "one", "two"),
        [
            ("response.submitted", "1 person at the customer answered.", "2 people at the customer answered."),
            ("response.changed", "Someone at the customer changed an answer.", "People at the customer changed their answers."),
        ],
    )
    @pytest.mark.parametrize("in_full", [True, False])
    def test_answers_are_told_of_people_at_the_customer(self, account, act, one, two, in_full):
        trail.record(act, account, by=None)
        assert told(account, in_full=in_full) == [one]
        trail.record(act, account, by=None)
        assert told(account, in_full=in_full) == [two]

    def test_a_view_of_a_colleague_stays_theirs(self, account):
        trail.record("response.submitted", account, by=account.owner)
        assert told(account) == ["Mila Vermeer submitted a view."]


class TestOneLine:
    """Events in a row of one act, one person and one day."""

    def test_of_two_people_stay_two(self, account):
        for who in (account.owner, make_user(name="Ann")):
            trail.record("action.added", account, by=who, after={"title": "x"})
        assert told(account) == ["Ann added the action “x”.", "Mila Vermeer added the action “x”."]

    def test_of_two_acts_stay_apart_whatever_stands_between(self, account):
        for act in ("action.added", "plan.dropped", "action.added"):
            trail.record(act, account, by=account.owner)
        assert told(account) == ["Mila Vermeer added an action.", "Mila Vermeer dropped a plan.", "Mila Vermeer added an action."]

    def test_of_two_days_stay_two_by_the_organisations_clock(self, account):
        for hour in (22, 23):  # before and after midnight in Amsterdam
            with time_machine.travel(datetime(2026, 11, 23, hour, 30, tzinfo=UTC), tick=False):
                trail.record("action.added", account, by=account.owner)
        assert told(account) == ["Mila Vermeer added an action."] * 2

    def test_has_the_moment_of_the_latest(self, account):
        moments = [timezone.now().replace(microsecond=0, hour=12) - timedelta(days=3) + timedelta(minutes=n) for n in range(3)]
        for moment in moments:
            with time_machine.travel(moment, tick=False):
                trail.record("action.added", account, by=account.owner)
        (line,) = activity_of(account, KnownNames(), in_full=True)
        assert (line.at, line.text) == (moments[-1], "Mila Vermeer added 3 actions.")

    def test_leaves_room_for_what_came_before(self, account):
        trail.record("plan.dropped", account, by=account.owner)
        for _ in range(SHOWN + 4):
            trail.record("action.added", account, by=account.owner)
        assert told(account) == [f"Mila Vermeer added {SHOWN + 4} actions.", "Mila Vermeer dropped a plan."]

    def test_no_more_are_read_than_is_said(self, account):
        for _ in range(READ + 3):
            trail.record("action.added", account, by=account.owner)
        assert told(account) == [f"Mila Vermeer added {READ} actions."]
