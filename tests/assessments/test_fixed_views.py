"""Our side is what it was before it could see theirs: when a view is fixed, and what becomes of a later change."""

import pytest

from assessments.models import Assessment, Correction
from assessments.rating.acts import latest_of
from assessments.rounds.closing import close, reopen
from audit.models import Event
from core.versions import StaleEdit
from tests.factories import answer, make_account, make_assessment, make_contact, make_user

R1, R2, R4 = "5445 4434 3433 2212 1121", "5544 5444 4443 332- ---2", "5555 --4- 4544 4434 3234"


@pytest.fixture
def round_(edition):
    return make_assessment(make_account())


def fixed(response) -> bool:
    response.refresh_from_db()
    return response.fixed_at is not None


class TestAViewIsFixed:
    def test_when_the_customer_answers_after_it(self, round_):
        ours = answer(round_, round_.account.owner, R4)
        assert not fixed(ours)
        answer(round_, make_contact(round_.account), R1)
        assert fixed(ours)

    def test_when_it_is_given_after_the_customer(self, round_):
        answer(round_, make_contact(round_.account), R1)
        assert fixed(answer(round_, round_.account.owner, R4))

    def test_when_one_of_us_begins_to_type_in_what_they_said(self, round_):
        ours = answer(round_, round_.account.owner, R4)
        answer(round_, make_contact(round_.account), R1, by=make_user(), submit=False)
        assert fixed(ours)

    def test_not_by_a_draft_of_either_side(self, round_):
        ours = answer(round_, round_.account.owner, R4)
        answer(round_, make_contact(round_.account), R1, submit=False, by_link=True)
        assert not fixed(ours)
        answer(round_, make_contact(round_.account), R1)
        assert not fixed(answer(round_, make_user(), R4, submit=False))

    def test_by_an_answer_in_words_too(self, round_):
        ours = answer(round_, round_.account.owner, R4)
        answer(round_, make_contact(round_.account), "", comment="Call us back.")
        assert fixed(ours)

    def test_and_may_be_changed_before(self, round_):
        answer(round_, round_.account.owner, R4)
        answer(round_, round_.account.owner, R1)
        assert (round_.responses.get().level, Correction.objects.count()) == (2, 0)


class TestALaterChange:
    @pytest.fixture
    def round_(self, round_):
        answer(round_, make_contact(round_.account), R1)
        answer(round_, round_.account.owner, R4)
        return round_

    def corrected(self, round_, marks=R1, **fields):
        return answer(round_, round_.account.owner, marks, **fields)

    def test_changes_no_gap_and_stands_beside_the_view(self, round_):
        ours = self.corrected(round_)
        assert (ours.level, ours.corrections.get().level, ours.corrections.get().position) == (4, 2, 2.9)
        assert ours.corrections.get().made_by == round_.account.owner
        closed = close(round_, by=round_.account.owner)
        assert (closed.customer_level, closed.team_level, closed.gap) == (2, 4, 2)

    def test_is_told_the_trail_with_what_was_changed(self, round_):
        self.corrected(round_)
        event = Event.objects.get(act="response.corrected")
        assert (event.before["level"], event.after["level"]) == (4, 2)
        assert (event.before["answer 1b"], event.after["answer 1b"]) == (5, 4)
        assert event.account_id == round_.account_id

    def test_leaves_the_answers_as_they_were(self, round_):
        ours = self.corrected(round_)
        stored = {one.indicator.code: one.value for one in ours.answers.select_related("indicator")}
        assert (stored["1b"], latest_of(ours).answers["1b"]) == (5, 4)

    def test_sent_twice_is_one_correction(self, round_):
        self.corrected(round_)
        self.corrected(round_)
        assert Correction.objects.count() == 1

    def test_keeps_comment_and_evidence(self, round_):
        ours = self.corrected(round_, R4, comment="On second thoughts", evidence={2: "They said so"})
        assert latest_of(ours).comment == "On second thoughts"
        assert latest_of(ours).evidence == {2: "They said so"}

    def test_may_be_changed_again_and_each_is_kept(self, round_):
        self.corrected(round_)
        ours = self.corrected(round_, R2)
        assert [one.level for one in ours.corrections.all()] == [2, 3]

    def test_back_to_the_first_view_is_a_correction_too(self, round_):
        self.corrected(round_)
        ours = self.corrected(round_, R4)
        assert [one.level for one in ours.corrections.all()] == [2, 4]

    def test_of_an_older_version_is_refused(self, round_):
        from_before = round_.responses.get(side="team")
        self.corrected(round_)
        with pytest.raises(StaleEdit):
            # The factory reads the version; here the form was opened before.
            from_before.save_version(from_before.version, [])

    def test_holds_after_the_round_was_closed_and_reopened(self, round_):
        closed = close(round_, by=round_.account.owner)
        reopened = reopen(closed, by=round_.account.owner, reason="Somebody was missing")
        self.corrected(reopened)
        assert close(Assessment.objects.get(pk=round_.pk), by=round_.account.owner).gap == 2
