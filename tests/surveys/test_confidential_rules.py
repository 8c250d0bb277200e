"""What a confidential round promises, rule by rule (docs/decisions/0007)."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.acts.erasure import erase_contact
from assessments.models import Assessment
from assessments.rounds.closing import close, reopen
from audit.models import Event
from tests.factories import (
    answer,
    make_account,
    make_administrator,
    make_assessment,
    make_contact,
    make_invitation,
    make_user,
    make_viewer,
)

R1, R2, R3, R4 = (
    "5445 4434 3433 2212 1121",  # position 2.9
    "5544 5444 4443 332- ---2",  # 3.6667
    "4454 3343 4444 2322 1211",  # 1.9
    "5555 --4- 4544 4434 3234",  # 4.8
)


@pytest.fixture
def account(edition):
    return make_account(owner=make_user(name="Mila"))


@pytest.fixture
def round_(account):
    return make_assessment(account, visibility="confidential")


@pytest.fixture
def owner(client, account):
    client.force_login(account.owner)
    return account.owner


def they_answer(round_, *marks, influences=None) -> None:
    for mark, influence in zip(marks, influences or [2] * len(marks), strict=True):
        answer(round_, make_contact(round_.account, influence=influence), mark)


def see(client, round_) -> str:
    return " ".join(client.get(round_.get_absolute_url()).content.decode().split())


class TestTheResult:
    def test_of_three_is_the_median_and_has_no_position(self, round_):
        they_answer(round_, R1, R2, R4)
        closed = close(round_, by=round_.account.owner)
        assert (closed.customer_position, closed.customer_level, closed.respondents) == (None, 3, 3)

    def test_weighs_everybody_alike(self, round_):
        they_answer(round_, R1, R2, R3, R4, influences=[1, 2, 1, 3])  # 3 by influence
        closed = close(round_, by=round_.account.owner)
        assert (closed.customer_level, closed.agreement, closed.agreement_word) == (2, None, "mixed")

    @pytest.mark.parametrize(("visibility", "level"), [("named", 4), ("confidential", 3)])
    def test_is_never_that_of_one_who_outweighs_all_others(self, account, visibility, level):
        # 4.8 weighs more than both others together: it would be the median whatever they say.
        round_ = make_assessment(account, visibility=visibility)
        they_answer(round_, R1, R2, R4, influences=[1, 1, 3])
        assert close(round_, by=account.owner).customer_level == level

    def test_gives_the_account_its_level_as_position(self, round_):
        they_answer(round_, R1, R2, R4)
        close(round_, by=round_.account.owner)
        round_.account.refresh_from_db()
        assert (round_.account.customer_position, round_.account.customer_level) == (3.0, 3)

    def test_is_of_what_they_say_themselves(self, round_):
        with pytest.raises(ValidationError, match="themselves answer"):
            answer(round_, make_contact(round_.account), R1, by_link=False)

    def test_does_not_tell_that_those_who_answered_know_too_little(self, round_):
        they_answer(round_, "-" * 20, "-" * 20)
        answer(round_, round_.account.owner, R1)
        closed = close(round_, by=round_.account.owner)
        assert closed.confidence_reasons == ["too_few_to_tell"]

    def test_of_three_of_whom_one_knows_too_little_is_withheld(self, round_):
        they_answer(round_, R1, R2, "-" * 20)
        answer(round_, round_.account.owner, R1)
        closed = close(round_, by=round_.account.owner)
        assert (closed.customer_level, closed.confidence_reasons, closed.respondents) == (None, ["too_few_levels"], 0)

    def test_hears_the_buying_role_of_who_knows_too_little(self, round_):
        """Else “the economic buyer was not heard” would tell that this one knows too little."""
        answer(round_, make_contact(round_.account, buying_role="economic"), "-" * 20)
        they_answer(round_, R1, R2, R4)
        closed = close(round_, by=round_.account.owner)
        assert "no_economic_buyer" not in closed.confidence_reasons
        assert (closed.respondents, closed.unheard, closed.coverage) == (3, 1, 0.75)

    def test_covers_the_same_whoever_of_them_knows_too_little(self, account):
        covered = set()
        for knows_little in ("voice", "outsider"):
            other = make_account(owner=account.owner)
            round_ = make_assessment(other, visibility="confidential")
            outsider = make_contact(other, part_of_decision=False, not_part_because="Signs for parcels")
            voices = [make_contact(other) for _ in range(3)]
            answer(round_, outsider, "-" * 20 if knows_little == "outsider" else R1)
            for number, voice in enumerate(voices):
                answer(round_, voice, "-" * 20 if knows_little == "voice" and number == 0 else R1)
            closed = close(round_, by=account.owner)
            covered.add((closed.coverage, closed.unheard, closed.band))
        assert covered == {(0.75, 1, (1, 2))}


class TestClosing:
    def test_with_three_is_done_also_where_too_few_have_a_level_and_we_gave_no_view(self, client, round_, owner):
        """Refused, it would tell that one of them knows too little; and the next who answers, or changes an answer, which one."""
        they_answer(round_, R1, R2, "-" * 20)
        closed = close(round_, by=owner)
        assert (closed.level, closed.confidence, closed.is_withheld) == (None, "none", True)
        found = see(client, closed)
        assert "Fewer than three of those who answered in confidence know enough for a level" in found
        assert client.get(round_.account.get_absolute_url()).status_code == 200
        told = client.get(reverse("portfolio:account", args=[round_.account_id])).text
        assert "know enough for a level" in " ".join(told.split())

    def test_below_three_without_our_view_is_refused_whatever_they_answered(self, account):
        for marks in ((R1, R2), ("-" * 20, R1), ("-" * 20, "-" * 20)):
            round_ = make_assessment(make_account(owner=account.owner), visibility="confidential")
            they_answer(round_, *marks)
            with pytest.raises(ValidationError, match="no level yet"):
                close(round_, by=account.owner)

    def test_does_not_count_who_is_left_out(self, round_):
        they_answer(round_, R1, R2)
        answer(round_, make_contact(round_.account, since=timezone.now()), R4)
        with pytest.raises(ValidationError, match="no level yet"):
            close(round_, by=round_.account.owner)


class TestReopening:
    def test_once_it_was_shown_is_refused(self, round_):
        they_answer(round_, R1, R2, R4)
        closed = close(round_, by=round_.account.owner)
        with pytest.raises(ValidationError, match="by the difference"):
            reopen(closed, by=round_.account.owner, reason="A mistake")
        closed.refresh_from_db()
        assert not closed.is_open

    def test_is_neither_offered_nor_done_on_the_page(self, client, round_, owner):
        they_answer(round_, R1, R2, R4)
        closed = close(round_, by=owner)
        found = see(client, closed)
        assert reverse("surveys:reopen", args=[closed.account_id, closed.pk]) not in found
        assert "This result stands" in found
        sent = {"reason": "A mistake", "version": closed.version}
        assert client.post(reverse("surveys:reopen", args=[closed.account_id, closed.pk]), sent).status_code == 422

    def test_while_nothing_was_shown_goes_on_and_may_still_come_to_three(self, round_):
        they_answer(round_, R1, R2)
        answer(round_, round_.account.owner, R4)
        reopened = reopen(close(round_, by=round_.account.owner), by=round_.account.owner, reason="One more answers")
        they_answer(reopened, R4)
        assert close(reopened, by=round_.account.owner).customer_level == 3

    def test_where_three_answered_and_too_few_have_a_level_is_refused(self, client, round_, owner):
        they_answer(round_, R1, R2, "-" * 20)
        answer(round_, owner, R4)
        closed = close(round_, by=owner)
        with pytest.raises(ValidationError, match="by the difference"):
            reopen(closed, by=owner, reason="One more answers")
        assert reverse("surveys:reopen", args=[closed.account_id, closed.pk]) not in see(client, closed)

    def test_of_a_named_round_stays_possible(self, account):
        round_ = make_assessment(account)
        they_answer(round_, R1, R2, R4)
        assert reopen(close(round_, by=account.owner), by=account.owner, reason="A mistake").is_open


class TestTheFiguresOfAClosedRound:
    def test_are_means_of_the_levels_from_five_people_on(self, client, round_, owner):
        they_answer(round_, *[R1] * 4, "5445 4434 3433 2212 ----")
        context = client.get(close(round_, by=owner).get_absolute_url()).context
        assert [(side.rank, side.theirs) for side in context["sides"]] == [(5, None), (4, 1.8), (3, 3.2), (2, 3.8), (1, 4.5)]

    def test_leave_open_whether_one_of_five_stands_elsewhere(self, client, account, owner):
        alike, one_lower = "5555 5555 5555 1111 1111", "5555 5555 3333 1111 1111"  # level 3, and level 2
        shown = []
        for marks in ([alike] * 5, [alike] * 4 + [one_lower]):
            round_ = make_assessment(make_account(owner=owner), visibility="confidential")
            they_answer(round_, *marks)
            closed = close(round_, by=owner)
            sides = client.get(closed.get_absolute_url()).context["sides"]
            result = (closed.customer_level, closed.agreement_word, closed.confidence, closed.confidence_reasons, closed.band)
            shown.append(([side.theirs for side in sides], result))
        assert shown[0] == shown[1]
        assert shown[0][0] == [1.6, 1.6, 4.6, 4.6, 4.6]

    def test_and_no_mean_below(self, client, round_, owner):
        they_answer(round_, *[R1] * 4)
        assert client.get(close(round_, by=owner).get_absolute_url()).context["sides"] == []

    def test_are_no_strength_no_difference_and_no_reliability(self, client, round_, owner):
        they_answer(round_, *[R1] * 6)
        answer(round_, owner, R4)
        context = client.get(close(round_, by=owner).get_absolute_url()).context
        assert context["strengths"][0] is None and context["strengths"][1] is not None
        assert (context["differences"], context["statements"], context["reliability"]) == ([], [], None)

    def test_below_three_the_page_says_why_there_are_none(self, client, round_, owner):
        they_answer(round_, R1, R2)
        answer(round_, owner, R4)
        found = see(client, close(round_, by=owner))
        assert "Fewer than three of their people answered in confidence" in found
        assert "None of their people was heard" not in found
        assert "Too few to tell" in found


class TestWhatTheyWrote:
    """The open question: from three on it is shown, without a name."""

    TEXTS = ("Zoom less, visit more.", "Answer faster.", "be at the table earlier.")

    def close_with(self, round_, *marks, texts=TEXTS):
        people = [make_contact(round_.account, name=f"Ines {n}") for n in range(len(marks))]
        for person, mark, text in zip(people, marks, texts, strict=False):
            answer(round_, person, mark, comment=text)
        answer(round_, round_.account.owner, R4, comment="Ours, with a name.")
        return close(round_, by=round_.account.owner), people

    def written(self, client, round_) -> tuple[str, ...]:
        return client.get(round_.get_absolute_url()).context["unnamed"].texts

    def test_is_shown_in_the_order_of_the_alphabet(self, client, round_, owner):
        closed, _ = self.close_with(round_, R1, R2, R4)
        assert self.written(client, closed) == ("Answer faster.", "be at the table earlier.", "Zoom less, visit more.")
        found = see(client, closed)
        assert found.count("Answer faster.") == 1
        assert found.count("Ours, with a name.") == 1

    def test_stands_without_a_name(self, client, round_, owner):
        closed, _ = self.close_with(round_, R1, R2, R4)
        said = see(client, closed).split('id="unnamed"')[1].split("</section>")[0]
        assert "without names" in said and "Ines" not in said

    def test_is_shown_to_whoever_sees_the_result(self, client, round_):
        closed, _ = self.close_with(round_, R1, R2, R4)
        client.force_login(make_viewer())
        assert len(self.written(client, closed)) == 3
        assert "Ours, with a name." not in see(client, closed)

    @pytest.mark.parametrize("marks", [(R1, R2), (R1, R2, "-" * 20)])
    def test_is_not_shown_where_the_figures_are_not(self, client, round_, owner, marks):
        closed, _ = self.close_with(round_, *marks)
        assert self.written(client, closed) == ()
        assert not [text for text in self.TEXTS if text in see(client, closed)]

    def test_is_not_shown_before_the_round_is_closed(self, client, round_, owner):
        for mark, text in zip((R1, R2, R4), self.TEXTS, strict=True):
            answer(round_, make_contact(round_.account), mark, comment=text)
        assert not [text for text in self.TEXTS if text in see(client, round_)]

    def test_is_shown_also_of_who_knows_too_little_for_a_level(self, client, round_, owner):
        closed, _ = self.close_with(round_, R1, R2, R4, "-" * 20, texts=("a", "b", "", "Ask my colleague."))
        assert self.written(client, closed) == ("a", "Ask my colleague.", "b")

    def test_the_same_text_twice_stands_there_twice(self, client, round_, owner):
        closed, _ = self.close_with(round_, R1, R2, R4, texts=("Answer faster.",) * 2 + ("",))
        assert self.written(client, closed) == ("Answer faster.",) * 2

    def test_of_a_draft_is_not_shown(self, client, round_, owner):
        answer(round_, make_contact(round_.account), R1, comment="Not sent.", submit=False)
        closed, _ = self.close_with(round_, R1, R2, R4)
        assert "Not sent." not in see(client, closed)

    @pytest.mark.parametrize("text", ["Zoom less, visit more.", ""])
    def test_goes_whole_when_one_is_erased_since_the_text_that_is_missing_would_be_theirs(self, client, round_, owner, text):
        closed, people = self.close_with(round_, R1, R2, R4, texts=(text, "Answer faster.", "Be earlier."))
        erase_contact(people[0], by=owner)
        found = see(client, closed)
        assert self.written(client, closed) == ()
        assert "Answer faster." not in found and "What they wrote is no longer shown" in found

    def test_in_a_named_round_has_a_name(self, client, account, owner):
        closed, _ = self.close_with(make_assessment(account), R1, R2, R4)
        found = see(client, closed)
        assert 'id="unnamed"' not in found
        assert "<blockquote>“Answer faster.”</blockquote><small>Ines 1, user buyer · written down by Mila</small>" in found


class TestWhoDoesNotCount:
    """Who was added, or moved, after the round was opened, or has an address of ours: the pages say so before they are asked."""

    LATE = "Does not count in this confidential round"

    @pytest.fixture
    def late(self, round_):
        return make_contact(round_.account, name="Late", email="late@acme.test", since=timezone.now())

    def test_is_told_on_the_page_of_the_round(self, client, round_, owner, late):
        make_invitation(round_, late)
        make_invitation(round_, make_contact(round_.account, name="Ines"))
        assert see(client, round_).count(self.LATE) == 1

    def test_and_is_none_of_three(self, client, round_, owner, late):
        they_answer(round_, R1, R2)
        answer(round_, late, R4)
        assert "Fewer than three of their people have answered" in see(client, round_)

    def test_is_told_where_people_are_chosen_and_they_are_not_ticked(self, client, round_, owner, late):
        make_contact(round_.account, name="Ines", email="ines@acme.test")
        page = client.get(reverse("surveys:invite", args=[round_.account_id]))
        assert page.text.count("the answers of this person would not count") == 1
        assert [(row.contact.name, row.checked, row.left_out) for row in page.context["rows"]] == [
            ("Ines", True, False), ("Late", False, True),
        ]  # fmt: skip

    def test_is_not_told_where_the_round_is_named_for_good(self, client, account, owner):
        round_ = make_assessment(account)
        make_invitation(round_, make_contact(account))
        make_contact(account, name="Late", email="late@acme.test", since=timezone.now())
        assert "would not count" not in client.get(reverse("surveys:invite", args=[account.pk])).text


class TestWhoWasAsked:
    """That somebody was asked and answered is no secret; what they said is."""

    @pytest.fixture
    def people(self, round_):
        people = [make_contact(round_.account, name=name) for name in ("Ines", "Tom", "Zoë")]
        for person in people:
            make_invitation(round_, person)
        return people

    @pytest.fixture
    def closed(self, round_, people):
        for person in people[:2]:
            answer(round_, person, R1)
        answer(round_, round_.account.owner, R4)
        return close(round_, by=round_.account.owner)

    def test_stands_on_the_closed_round(self, client, closed, owner):
        asked = client.get(closed.get_absolute_url()).context["asked"]
        assert [(person.name, person.asking.word, person.level) for person in asked] == [
            ("Ines", "answered", None),
            ("Tom", "answered", None),
            ("Zoë", "did not answer", None),
        ]

    def test_is_only_counted_for_who_may_only_read(self, client, closed):
        client.force_login(make_viewer())
        found = see(client, closed)
        assert "2 of 3 answered" in found
        assert "Ines" not in found

    def test_while_it_is_open_warns_that_it_would_say_nothing(self, client, round_, people, owner):
        answer(round_, people[0], R1)
        found = see(client, round_)
        assert "Fewer than three of their people have answered" in found
        assert "Asked, and no answer yet: Tom, Zoë." in found

    def test_does_not_tell_whose_answers_come_to_no_level(self, client, round_, people, owner):
        answer(round_, people[0], "-" * 20)
        assert "counts for nothing" not in see(client, round_)


def test_the_account_page_says_that_too_few_answered_not_that_nobody_was_asked(client, round_, owner):
    they_answer(round_, R1, R2)
    answer(round_, owner, R4)
    close(round_, by=owner)
    headline = client.get(round_.account.get_absolute_url()).context["headline"]
    assert "Fewer than three of their people answered in confidence" in headline
    assert "never asked" not in headline


def test_the_trail_keeps_that_they_answered_never_what(round_):
    they_answer(round_, R1, R2, R4)
    close(round_, by=round_.account.owner)
    events = Event.objects.filter(act="response.submitted")
    assert [set(event.after) for event in events] == [{"side", "contact", "user"}] * 3
    assert all(event.before is None and event.note == "" for event in events)


def test_what_we_were_told_cannot_be_entered_by_hand(client, round_, owner):
    contact = make_contact(round_.account)
    address = reverse("assessments:customer_answers", args=[round_.account_id, contact.pk])
    assert client.get(address).status_code == 403
    assert client.post(address, {"do": "submit", "q-1a": "5"}).status_code == 403
    assert Assessment.objects.get().responses.count() == 0


@pytest.mark.parametrize("visibility", ["named", "confidential"])
def test_the_back_office_shows_of_a_response_whose_it_is_and_nothing_that_was_answered(client, account, visibility):
    round_ = make_assessment(account, visibility=visibility)
    contact = make_contact(account)
    answer(round_, contact, R1, comment="Between us")
    answer(round_, account.owner, R4, comment="Our secret", evidence={3: "They call us first."})
    client.force_login(make_administrator())
    for event in Event.objects.filter(act="response.submitted"):
        page = client.get(reverse("admin:audit_event_change", args=[event.pk])).text
        for secret in ("Between us", "Our secret", "call us first", "answer 1a", "position", "level&quot;"):
            assert secret not in page
        assert "<dt>Side</dt>" in page
        hidden = "What was answered is not shown here" in page
        assert hidden == (visibility == "named" or (event.after or {})["side"] == "team")
