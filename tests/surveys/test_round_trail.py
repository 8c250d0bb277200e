"""The events of a round on its page, and its details in the hands of two people."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from assessments.models import Assessment
from assessments.rounds.closing import close, reopen
from audit import trail
from surveys.invitations import invite
from surveys.round.trail import trail_of
from tests.factories import answer, make_account, make_assessment, make_contact, make_team, make_user
from tests.surveys.inviting import TODAY, ask

R1, R4 = "5445 4434 3433 2212 1121", "5555 --4- 4544 4434 3234"


@pytest.fixture
def mate():
    return make_user(name="Mate")


@pytest.fixture
def account(edition, mate):
    return make_account(team=make_team(members=[mate]))


@pytest.fixture
def round_(account):
    return make_assessment(account)


@pytest.fixture
def owner(client, account):
    client.force_login(account.owner)
    return account.owner


def details(round_, **figures) -> list[str]:
    return [line.detail for line in trail_of(round_, **{"figures": True} | figures)]


class TestTheTrailOfARound:
    def record(self, round_, act="assessment.changed", **values):
        trail.record(act, round_, by=round_.opened_by, **values)

    @pytest.mark.parametrize(
        ("before", "after", "told"),
        [
            ({"held_on": "2026-03-01"}, {"held_on": "2026-03-02"}, "dated 2 March 2026, was 1 March 2026"),
            ({"raters": []}, {"raters": [1]}, "who of our people is asked"),
            ({"closes_on": None}, {"closes_on": "2026-06-30"}, "can be answered until 30 June 2026"),
            ({"visibility": "named"}, {"visibility": "confidential"}, "confidential"),
            (
                {"closes_on": None, "visibility": "named"},
                {"closes_on": "2026-06-30", "visibility": "confidential"},
                "can be answered until 30 June 2026, confidential",
            ),
        ],
    )
    def test_says_what_changed(self, round_, before, after, told):
        self.record(round_, before=before, after=after)
        assert details(round_) == [told]

    @pytest.mark.parametrize(
        ("levels", "told"),
        [
            ({"customer_level": 2, "team_level": 4}, "they 2, we 4"),
            ({"customer_level": 2, "team_level": None}, "they 2"),
            ({"customer_level": None, "team_level": 4}, "we 4"),
        ],
    )
    def test_says_the_levels_of_each_side_that_has_one(self, round_, levels, told):
        for act in ("assessment.closed", "assessment.recorded"):
            self.record(round_, act, after=levels)
        self.record(round_, "assessment.reopened", before=levels, note="Wrong person.")
        assert details(round_) == [f"withdrawn: {told}", told, told]
        assert details(round_, figures=False) == ["the result was withdrawn", "", ""]

    def test_shows_the_newest_first_with_who_and_why(self, round_, account):
        answer(round_, account.owner, R1)
        reopen(close(round_, by=account.owner), by=account.owner, reason="  Wrong person. ")
        first, second = trail_of(round_, figures=True)
        assert (first.who, first.reason, first.detail) == (str(account.owner), "Wrong person.", "withdrawn: we 2")
        assert (second.reason, second.detail) == ("", "we 2")
        assert trail_of(round_, figures=False)[0].reason == ""

    def test_of_another_round_is_not_shown(self, round_):
        self.record(make_assessment(), after={"raters": [1]})
        assert details(round_) == []

    def test_in_dutch(self, round_):
        self.record(round_, before={"held_on": "2026-03-01"}, after={"held_on": "2026-03-02"})
        with translation.override("nl"):
            (told,) = details(round_)
        assert "2 maart 2026" in told and "1 maart 2026" in told

    def test_asking_tells_the_terms(self, round_, account):
        anna = make_contact(account, email="anna@example.com")
        invite(account, {anna.pk: "en"}, ask(visibility="confidential"), by=account.owner)
        assert any(line.endswith("confidential") and line.startswith("can be answered until") for line in details(round_))


class TestTheDetailsOfARound:
    def url(self, round_) -> str:
        return reverse("surveys:details", args=[round_.account_id, round_.pk])

    def send(self, client, round_, *raters, version=1, **fields):
        sent = {"held_on": TODAY().isoformat(), "version": version, "raters": [rater.pk for rater in raters]}
        return client.post(self.url(round_), sent | fields, follow=True)

    def test_a_rater_who_left_the_team_is_still_offered_and_may_stay(self, client, round_, owner, mate):
        round_.raters.add(gone := make_user(name="Gone"))
        offered = client.get(self.url(round_)).context["form"].fields["raters"].queryset
        assert {user.name for user in offered} == {"Gone", "Mate", owner.name}
        self.send(client, round_, gone, mate)
        assert set(round_.raters.all()) == {gone, mate}

    def test_who_is_not_of_the_team_is_refused(self, client, round_, owner):
        response = self.send(client, round_, make_user())
        assert (response.status_code, round_.raters.count()) == (422, 0)

    def test_saving_says_so_and_without_a_change_leaves_no_event(self, client, round_, owner):
        assert ": nothing was changed" in self.send(client, round_).text
        assert trail_of(round_, figures=True) == []

    def test_saving_says_what_changed_of_which_round(self, client, round_, owner, mate):
        text = self.send(client, round_, mate).text
        assert re.search(r"Assessment of \d+ \w+ \d{4}: our people who are asked changed", text)

    def test_raters_that_a_colleague_took_out_meanwhile_are_shown_as_none(self, client, round_, owner, mate):
        round_.raters.add(mate)
        self.send(client, round_)
        late = self.send(client, round_, mate)
        assert late.status_code == 409
        assert [(row["theirs"], row["yours"]) for row in late.context["conflict"]] == [("–", "Mate")]
        assert list(round_.raters.all()) == []

    @pytest.mark.parametrize(("back", "status"), [(0, 200), (-1, 422)])
    def test_today_is_the_last_day(self, client, round_, owner, back, status):
        day = timezone.localdate() - timedelta(days=back)
        assert self.send(client, round_, held_on=day.isoformat()).status_code == status

    def test_the_calendar_goes_from_1990_to_today(self, client, round_, owner):
        widget = client.get(self.url(round_)).context["form"].fields["held_on"].widget
        assert (widget.attrs["min"], widget.attrs["max"]) == ("1990-01-01", TODAY().isoformat())

    def test_a_round_that_was_closed_says_how_to_go_on(self, client, round_, owner):
        answer(round_, owner, R4)
        close(round_, by=owner)
        assert "Reopen it first to change its date or who is asked." in client.get(self.url(round_), follow=True).text
        assert Assessment.objects.get().held_on == TODAY()

    def test_another_teams_round_is_not_found_and_a_mates_is_not_changed(self, client, round_, mate):
        client.force_login(mate)
        assert client.get(self.url(round_)).status_code == 403
        client.force_login(make_user())
        assert client.get(self.url(round_)).status_code == 404
