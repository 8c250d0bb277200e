"""What stands beside a contact: when they answered, what the latest invitation came to. Dates decide, not the database."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from accounts.models import Contact
from portfolio.pages.people import Heard, PersonCard, missing_roles, silent_roles, words_of

TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
SAID = Heard(
    says=3, said_on=date(2026, 9, 2), heard_on=date(2026, 9, 2), heard_at=datetime(2026, 9, 2, tzinfo=UTC), heard_in="named"
)
ASKED = Heard(asked_at=NOON, asked_state="sent", asked_until=date(2026, 12, 3), asked_in="open")


class TestAnswers:
    @pytest.mark.parametrize(
        ("heard", "words"),
        [
            (Heard(), ["not asked"]),
            (SAID, ["said 3 in Sep 2026"]),
            (replace(SAID, heard_on=date(2026, 9, 3)), ["said 3 in Sep 2026", "answered in Sep 2026, without a level"]),
            (
                replace(SAID, heard_on=date(2026, 10, 3), heard_in="confidential"),
                ["said 3 in Sep 2026", "answered in Oct 2026, in confidence"],
            ),
            (Heard(heard_on=date(2026, 10, 3), heard_in="confidential"), ["answered in Oct 2026, in confidence"]),
            (Heard(heard_on=date(2026, 10, 3), heard_in="named"), ["answered in Oct 2026, without a level"]),
            (Heard(answered_at=NOON), ["answered 3 Nov 2026, the round is still open"]),
            (replace(SAID, answered_at=NOON), ["said 3 in Sep 2026", "answered 3 Nov 2026, the round is still open"]),
        ],
    )
    def test_are_told_in_the_order_in_which_they_came(self, heard, words):
        assert words_of(heard, TODAY) == words

    def test_a_moment_counts_by_the_organisations_clock(self):
        late = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)  # half past twelve at night in Amsterdam
        assert words_of(Heard(answered_at=late), TODAY) == ["answered 4 Nov 2026, the round is still open"]

    def test_in_dutch(self):
        with translation.override("nl"):
            (words,) = words_of(SAID, TODAY)
        assert "sep 2026" in words and "said" not in words


class TestInvitations:
    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({}, "asked 3 Nov 2026, no answer yet"),
            ({"asked_state": "queued"}, "asked 3 Nov 2026, no answer yet"),
            ({"asked_state": "opened"}, "asked 3 Nov 2026, opened, no answer yet"),
            ({"asked_state": "failed"}, "asked 3 Nov 2026, but the mail could not be sent"),
            ({"asked_state": "failed", "asked_until": date(2026, 1, 1)}, "asked 3 Nov 2026, but the mail could not be sent"),
            ({"asked_until": TODAY}, "asked 3 Nov 2026, no answer yet"),
            ({"asked_until": date(2026, 11, 23)}, "asked 3 Nov 2026, did not answer"),
            ({"asked_state": "opened", "asked_until": date(2026, 11, 23)}, "asked 3 Nov 2026, did not answer"),
            ({"asked_in": "closed"}, "asked 3 Nov 2026, did not answer"),
            ({"asked_state": "answered"}, "not asked"),
            ({"heard_at": NOON}, "not asked"),
            ({"heard_at": datetime(2026, 11, 3, 11, 59, tzinfo=UTC)}, "asked 3 Nov 2026, no answer yet"),
        ],
    )
    def test_are_told_as_they_stand_today(self, changed, words):
        assert words_of(replace(ASKED, **changed), TODAY) == [words]

    def test_that_was_answered_is_told_once_by_the_answer(self):
        assert words_of(replace(ASKED, answered_at=NOON), TODAY) == ["answered 3 Nov 2026, the round is still open"]

    def test_after_an_earlier_answer_both_are_told(self):
        both = replace(SAID, asked_at=NOON, asked_state="sent", asked_until=date(2026, 12, 3), asked_in="open")
        assert words_of(both, TODAY) == ["said 3 in Sep 2026", "asked 3 Nov 2026, no answer yet"]


class TestRoles:
    def card(self, role, *, active=True, heard=False):
        return PersonCard(Contact(name="x", buying_role=role, active=active), was_heard=heard)

    def test_missing_are_those_that_no_active_contact_has_in_their_order(self):
        assert missing_roles([]) == ["economic buyer", "user buyer", "technical buyer", "coach"]
        assert missing_roles([self.card("coach"), self.card("economic", active=False)]) == [
            "economic buyer", "user buyer", "technical buyer",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("people", "silent"),
        [
            ([("coach", True, False)], ["coach"]),
            ([("coach", True, True)], []),
            ([("coach", True, False), ("coach", True, True)], []),
            ([("coach", False, False)], []),  # who left is not waited for
            ([("coach", True, False), ("coach", False, True)], []),  # who left was heard all the same
            ([("coach", True, False), ("economic", True, False)], ["economic buyer", "coach"]),
        ],
    )
    def test_silent_are_those_that_are_there_and_were_never_heard(self, people, silent):
        cards = [self.card(role, active=active, heard=heard) for role, active, heard in people]
        assert silent_roles(cards) == silent
