"""The date of an open round, and who of our people is asked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment
from assessments.rounds.closing import close
from audit.models import Event
from tests.factories import answer, make_account, make_assessment, make_team, make_user, make_viewer

R1 = "5445 4434 3433 2212 1121"
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


class TestDetails:
    def test_stores_the_day_and_who_is_asked_with_an_event(self, client, round_, owner, mate):
        day = TODAY() - timedelta(days=3)
        sent = {"held_on": day.isoformat(), "raters": [mate.pk], "version": 1}
        assert client.post(at("details", round_), sent).status_code == 302
        round_.refresh_from_db()
        assert (round_.held_on, list(round_.raters.all())) == (day, [mate])
        event = Event.objects.get(act="assessment.changed")
        assert event.after == {"held_on": day.isoformat(), "raters": [mate.pk]}

    def test_offers_the_people_of_the_team_who_do_more_than_read(self, client, account, owner, round_):
        account.team.members.add(make_viewer(name="Viewer"))
        offered = client.get(at("details", round_)).context["form"].fields["raters"].queryset
        assert {user.name for user in offered} == {"Mate", "Lead", owner.name}

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"held_on": "2999-01-01"}, "today or earlier"),
            ({"held_on": "1066-10-14"}, "from 1990 on"),
            ({"held_on": "yesterday"}, "This is not a date"),
            ({"held_on": "\x00"}, "This is not a date"),
            ({"held_on": ""}, "Choose the day"),
            ({"raters": ["999999"]}, "people of the account"),
            ({"raters": ["x"]}, "people of the account"),
            ({"raters": ["\x00"]}, "Null characters are not allowed"),
        ],
    )
    def test_bad_input_is_refused_in_words(self, client, round_, owner, sent, words):
        response = client.post(at("details", round_), {"held_on": TODAY().isoformat(), "version": 1} | sent)
        assert response.status_code == 422
        assert words in response.content.decode()

    def test_two_at_once_the_second_gets_both_versions(self, client, round_, owner, mate):
        sent = {"held_on": TODAY() - timedelta(days=1), "version": 1}
        client.post(at("details", round_), sent)
        late = client.post(at("details", round_), sent | {"held_on": TODAY() - timedelta(days=2), "raters": [mate.pk]})
        assert late.status_code == 409
        assert len(late.context["conflict"]) == 2
        assert (
            client.post(
                at("details", round_), {"held_on": TODAY(), "version": late.context["form"]["version"].value()}
            ).status_code
            == 302
        )

    def test_of_a_closed_round_do_not_change(self, client, round_, owner):
        answer(round_, owner, R1)
        close(round_, by=owner)
        sent = {"held_on": "2020-01-01", "version": 3}
        response = client.post(at("details", round_), sent, follow=True)
        assert "Reopen it first" in response.content.decode()
        round_.refresh_from_db()
        assert round_.held_on == TODAY()
