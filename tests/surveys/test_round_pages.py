"""The page of one round: open, closed, its details, closing and reopening it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from assessments.models import Assessment
from assessments.rounds.closing import close, reopen
from audit.models import Event
from tests.factories import (
    answer,
    make_account,
    make_assessment,
    make_contact,
    make_result,
    make_target,
    make_team,
    make_user,
    make_viewer,
)

pytestmark = pytest.mark.one_database

R1, R3, R4 = "5445 4434 3433 2212 1121", "4454 3343 4444 2322 1211", "5555 --4- 4544 4434 3234"
TODAY = timezone.localdate


@pytest.fixture
def mate():
    return make_user(name="Mate")


@pytest.fixture
def account(edition, mate):
    return make_account(team=make_team(members=[mate], leads=[make_user(name="Lead")]))


@pytest.fixture
def round_(account):
    return make_assessment(account)


@pytest.fixture
def owner(client, account):
    client.force_login(account.owner)
    return account.owner


def at(name: str, round_: Assessment) -> str:
    return reverse(f"surveys:{name}", args=[round_.account_id, round_.pk])


def see(client, round_) -> str:
    response = client.get(round_.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


class TestAnOpenRound:
    def test_shows_who_answered_who_drafts_and_who_is_still_asked(self, client, round_, owner, mate):
        answer(round_, make_contact(round_.account, name="Ines"), R1)
        answer(round_, make_contact(round_.account, name="Tom"), "5", submit=False)
        round_.raters.add(mate)
        response = client.get(round_.get_absolute_url())
        assert [(person.name, person.state) for person in response.context["theirs"]] == [
            ("Ines", "submitted"),
            ("Tom", "draft"),
        ]
        assert [(person.name, person.state) for person in response.context["ours"]] == [("Mate", "waiting")]

    def test_shows_what_closing_would_fix(self, client, round_, owner):
        answer(round_, make_contact(round_.account), R1)
        answer(round_, owner, R4)
        response = client.get(round_.get_absolute_url())
        assert "2 levels rosier" in response.context["headline"]
        assert (response.context["preview"].customer_level, response.context["preview"].team_level) == (2, 4)
        assert "only one person answered" in response.content.decode()

    @pytest.mark.parametrize(
        ("people", "warning"),
        [
            ([], "Nobody of the customer has answered"),
            ([("user", R1)], "Only one person"),
            ([("user", R1)], "Not heard: economic buyer, technical buyer, coach."),
            ([("user", R1), ("economic", R1)], "Not heard: technical buyer, coach."),
            ([("user", "-" * 20)], "counts for nothing"),
        ],
    )
    def test_warns_of_what_the_result_would_lack(self, client, round_, owner, people, warning):
        for role, marks in people:
            answer(round_, make_contact(round_.account, buying_role=role), marks)
        assert warning in see(client, round_)

    def test_warns_of_drafts(self, client, round_, owner):
        answer(round_, make_contact(round_.account, name="Tom"), "5", submit=False)
        assert "A draft does not count until it is submitted: Tom." in see(client, round_)


class TestWhoStillHasToRate:
    """They see who answered, not what: knowing the customer's answers, one no longer says what one thought."""

    @pytest.fixture
    def round_(self, account):
        round_ = make_assessment(account)
        answer(round_, make_contact(account, name="Ines"), R1)
        return round_

    def test_sees_who_but_no_figure(self, client, round_, mate):
        round_.raters.add(mate)
        client.force_login(mate)
        response = client.get(round_.get_absolute_url())
        assert "Ines" in response.content.decode()
        assert response.context["preview"] is None
        assert response.context["headline"] == ""
        assert all(person.level is None for person in response.context["theirs"])
        assert "once your own view is in" in response.content.decode()

    def test_sees_the_totals_once_the_own_view_is_in(self, client, round_, mate):
        round_.raters.add(mate)
        answer(round_, mate, R4)
        client.force_login(mate)
        assert client.get(round_.get_absolute_url()).context["preview"].customer_level == 2

    def test_is_also_the_owner_with_a_draft(self, client, round_, owner):
        answer(round_, owner, "5", submit=False)
        assert client.get(round_.get_absolute_url()).context["preview"] is None

    def test_is_not_who_only_closes(self, client, round_, owner):
        assert client.get(round_.get_absolute_url()).context["preview"].customer_level == 2

    def test_does_not_read_the_withdrawn_result_in_the_trail(self, client, round_, account, mate):
        round_ = reopen(close(round_, by=account.owner), by=account.owner, reason="wrong")
        round_.raters.add(mate)
        client.force_login(mate)
        assert "they 2" not in see(client, round_)
        client.force_login(account.owner)
        assert "they 2" in see(client, round_)


class TestAClosedRound:
    @pytest.fixture
    def closed(self, round_, account):
        answer(round_, make_contact(account, name="Ines", influence=3, buying_role="economic"), R1, evidence={3: "They said so"})
        answer(round_, make_contact(account, name="Tom"), R3, comment="Not bad at all")
        answer(round_, account.owner, R4)
        return close(round_, by=account.owner)

    def test_shows_result_agreement_confidence_age_and_edition(self, client, closed, owner):
        text = see(client, closed)
        assert "We thought 4: 2 levels rosier." in text
        for word in ("Medium confidence", "Shared view", "Fresh", "asked with the First edition"):
            assert word in text

    def test_shows_both_sides_level_by_level(self, client, closed, owner):
        sides = client.get(closed.get_absolute_url()).context["sides"]
        assert [side.rank for side in sides] == [5, 4, 3, 2, 1]
        assert (sides[-1].theirs, sides[-1].ours) == (4.375, 5)
        assert sides[-2].theirs == 3.5

    def test_shows_where_the_views_differ_most(self, client, closed, owner):
        found = client.get(closed.get_absolute_url()).context["differences"]
        assert len(found) == 5
        assert [abs(one.by) for one in found] == sorted((abs(one.by) for one in found), reverse=True)
        assert found[0].by == found[0].ours - found[0].theirs

    def test_shows_how_reliable_the_scale_was_among_them(self, client, closed, owner):
        assert "Krippendorff" in see(client, closed)

    def test_names_who_said_what_and_first_whose_answers_are_not_cumulative(self, client, closed, owner):
        people = client.get(closed.get_absolute_url()).context["people"]
        assert [person.name for person in people] == ["Tom", "Ines", closed.account.owner.name]
        assert "strong on level 3, but not on level 2" in people[0].warnings[0]
        assert people[1].scores == (4.5, 3.75, 3.25, 1.75, 1.25)

    def test_shows_evidence_and_comments(self, client, closed, owner):
        text = see(client, closed)
        assert "They said so" in text and "Not bad at all" in text

    @pytest.mark.parametrize("reader", ["mate", "viewer"])
    def test_names_nobody_to_who_may_only_read(self, client, closed, mate, reader):
        client.force_login(mate if reader == "mate" else make_viewer())
        text = see(client, closed)
        assert "2 levels rosier" in text
        for hidden in ("Ines", "Tom", "They said so", "Not bad at all", "Who said what", "Reopen"):
            assert hidden not in text

    def test_that_was_recorded_elsewhere_has_no_answers_to_show(self, client, account, owner):
        text = see(client, make_result(account, TODAY(), customer=2.4, origin="recorded"))
        assert "recorded elsewhere" in text
        assert "Something is wrong" not in text

    def test_tells_who_opened_closed_and_reopened_it_when_and_why(self, client, closed, owner):
        reopen(closed, by=owner, reason="Tom meant another supplier")
        trail = client.get(closed.get_absolute_url()).context["trail"]
        assert [(line.what, line.detail, line.reason) for line in trail] == [
            ("Reopened", "withdrawn: they 2, we 4", "Tom meant another supplier"),
            ("Closed", "they 2, we 4", ""),
        ]
        assert trail[0].who == str(owner)


class TestAConfidentialRound:
    def people(self, round_, count: int) -> None:
        for n in range(count):
            answer(round_, make_contact(round_.account, name=f"Contact-{n}"), R1, comment=f"between us {n}")

    def test_shows_no_figure_of_theirs_while_open(self, client, account, owner):
        round_ = make_assessment(account, visibility="confidential")
        self.people(round_, 4)
        response = client.get(round_.get_absolute_url())
        assert response.context["preview"] is None
        assert all(person.level is None for person in response.context["theirs"])

    def test_shows_totals_but_no_person_once_closed(self, client, account, owner):
        round_ = make_assessment(account, visibility="confidential")
        self.people(round_, 3)
        answer(round_, owner, R4)
        close(round_, by=owner)
        response = client.get(round_.get_absolute_url())
        assert (response.context["sides"][-1].theirs, response.context["assessment"].customer_level) == (None, 2)
        assert [person.name for person in response.context["people"]] == [owner.name]
        assert response.context["comments"] == []
        assert response.context["unnamed"].texts == ("between us 0", "between us 1", "between us 2")
        assert b"Contact-" not in response.content

    def test_closed_with_too_few_shows_ours_only(self, client, account, owner):
        round_ = make_assessment(account, visibility="confidential")
        self.people(round_, 2)
        answer(round_, owner, R4)
        close(round_, by=owner)
        response = client.get(round_.get_absolute_url())
        assert all(side.theirs is None for side in response.context["sides"])
        assert response.context["differences"] == []
        assert response.context["reliability"] is None
        assert "fewer than three of their people" in response.content.decode()


class TestClosingOnThePage:
    def test_leads_to_the_account_with_the_level_and_the_next_step(self, client, round_, owner):
        answer(round_, owner, R1)
        response = client.post(at("close", round_), {"version": 2}, follow=True)
        assert response.redirect_chain[-1][0] == round_.account.get_absolute_url()
        assert "at level 2" in response.content.decode()
        assert reverse("plans:target", args=[round_.account_id]) in response.content.decode()

    def test_with_a_target_offers_the_plan(self, client, round_, owner):
        make_target(round_.account, set_on=TODAY() - timedelta(days=30))
        answer(round_, owner, R1)
        assert "Open the plan" in client.post(at("close", round_), {"version": 2}, follow=True).content.decode()

    def test_without_a_level_is_refused_with_the_reason(self, client, round_, owner):
        response = client.post(at("close", round_), {"version": 1})
        assert response.status_code == 422
        assert "There is no level yet" in response.content.decode()

    def test_answered_meanwhile_shows_the_round_as_it_is_now_and_closes_then(self, client, round_, owner):
        answer(round_, owner, R1)
        answer(round_, make_contact(round_.account), R4)
        late = client.post(at("close", round_), {"version": 2})
        assert late.status_code == 409
        assert "Someone changed this assessment" in late.content.decode()
        assert 'name="version" value="3"' in late.content.decode()
        assert client.post(at("close", round_), {"version": 3}).status_code == 302

    def test_twice_does_no_harm(self, client, round_, owner):
        answer(round_, owner, R1)
        for _ in range(2):
            assert client.post(at("close", round_), {"version": 2}).status_code == 302
        assert Event.objects.filter(act="assessment.closed").count() == 1

    @pytest.mark.parametrize("version", ["", "x", "-1", "\x00", "9" * 30])
    def test_an_odd_version_is_a_stale_one(self, client, round_, owner, version):
        answer(round_, owner, R1)
        assert client.post(at("close", round_), {"version": version}).status_code == 409

    def test_is_not_for_who_only_rates(self, client, round_, mate):
        round_.raters.add(mate)
        client.force_login(mate)
        for name in ("close", "reopen", "details"):
            assert client.post(at(name, round_)).status_code == 403

    def test_takes_only_a_post(self, client, round_, owner):
        assert client.get(at("close", round_)).status_code == 405


class TestReopeningOnThePage:
    @pytest.fixture
    def closed(self, round_, account):
        answer(round_, account.owner, R1)
        return close(round_, by=account.owner)

    def test_opens_it_and_says_that_the_result_stays_in_the_trail(self, client, closed, owner):
        response = client.post(at("reopen", closed), {"reason": "a mistake", "version": closed.version}, follow=True)
        assert "stays in the trail" in response.content.decode()
        closed.refresh_from_db()
        assert closed.is_open

    @pytest.mark.parametrize("reason", ["", "   ", "a\x00b", "a" * 2001])
    def test_needs_a_reason_that_can_be_kept(self, client, closed, owner, reason):
        response = client.post(at("reopen", closed), {"reason": reason, "version": closed.version})
        assert response.status_code == 422
        closed.refresh_from_db()
        assert not closed.is_open

    def test_while_another_is_open_is_refused_and_keeps_the_reason(self, client, closed, owner):
        make_assessment(closed.account)
        response = client.post(at("reopen", closed), {"reason": "a mistake", "version": closed.version})
        assert response.status_code == 422
        assert "Another assessment of this account is open" in response.content.decode()
        assert "a mistake</textarea>" in response.content.decode()

    def test_a_stale_one_keeps_the_reason(self, client, closed, owner):
        response = client.post(at("reopen", closed), {"reason": "a mistake", "version": closed.version - 1})
        assert response.status_code == 409
        assert "a mistake</textarea>" in response.content.decode()

    def test_twice_does_no_harm(self, client, closed, owner):
        for _ in range(2):
            sent = {"reason": "a mistake", "version": closed.version}
            assert client.post(at("reopen", closed), sent).status_code == 302
        assert Event.objects.filter(act="assessment.reopened").count() == 1


def test_a_round_of_another_account_is_not_found(client, account, owner):
    other = make_assessment(make_account())
    for name in ("round", "details"):
        assert client.get(reverse(f"surveys:{name}", args=[account.pk, other.pk])).status_code == 404
    for name in ("close", "reopen"):
        assert client.post(reverse(f"surveys:{name}", args=[account.pk, other.pk])).status_code == 404


@pytest.mark.parametrize("people", [1, 12])
def test_the_page_costs_the_same_whatever_the_respondents(client, account, owner, django_assert_num_queries, people):
    client.force_login(account.team.leads.get())  # whose teams are asked for too
    round_ = make_assessment(account)
    for n in range(people):
        answer(round_, make_contact(account), R1, evidence={1: "so"}, comment="well")
        if n:
            round_.raters.add(make_user())
    answer(round_, owner, R4)
    # session, user, account and whether they lead its team, round, responses, raters, invitations, events,
    # corrections of the fixed view, voices, levels
    with django_assert_num_queries(11):
        client.get(round_.get_absolute_url())
    close(round_, by=owner)
    with django_assert_num_queries(12):  # the same but for raters and voices, statements, answers, evidence
        client.get(round_.get_absolute_url())


def test_closing_puts_the_account_in_the_list_at_its_level(client, round_, owner):
    answer(round_, owner, R1)
    client.post(at("close", round_), {"version": 2})
    assert Account.objects.filter(level=2).get() == round_.account
