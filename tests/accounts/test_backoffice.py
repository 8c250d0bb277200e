"""People, teams and exchange rates in the back-office: what changes leaves a trail, and nobody overwrites another."""

from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.models import ExchangeRate, Team, User
from audit import trail
from audit.models import Event
from tests.factories import make_account, make_administrator, make_team, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_cache")]
PASSWORD = "a long enough secret"


@pytest.fixture
def administrator(client):
    user = make_administrator()
    client.force_login(user)
    return user


def of_person(person=None, **fields):
    stored = person or User(email="new@example.com", name="New Person", role="manager", is_active=True)
    data = {"email": stored.email, "name": stored.name, "role": stored.role, "language": "", "time_zone": ""}
    data |= {"is_active": "on"} if stored.is_active else {}
    return data | {"seen": stored.version, "new_password": ""} | fields


def change(client, obj, data):
    return client.post(reverse(f"admin:accounts_{obj._meta.model_name}_change", args=[obj.pk]), data)


class TestPeople:
    def test_a_new_person_stands_in_the_trail_without_the_password(self, client, administrator):
        client.post(reverse("admin:accounts_user_add"), of_person(new_password=PASSWORD))
        person = User.objects.get(email="new@example.com")
        assert person.check_password(PASSWORD)
        event = Event.objects.get(act="user.created")
        assert (event.actor, event.object_id, event.after["role"]) == (administrator, person.pk, "manager")
        assert "password" not in str(event.after) and "argon2" not in str(event.after)

    def test_only_what_changed_is_told(self, client, administrator):
        person = make_user(name="Old")
        change(client, person, of_person(person, name="New"))
        event = Event.objects.get(act="user.changed")
        assert (event.before, event.after) == ({"name": "Old"}, {"name": "New"})

    def test_a_new_password_is_told_and_not_what_it_is(self, client, administrator):
        person = make_user()
        change(client, person, of_person(person, new_password=PASSWORD))
        event = Event.objects.get(object_id=person.pk, object_type="accounts.user")
        assert (event.act, event.before, event.after) == ("user.password_changed", None, None)

    @pytest.mark.parametrize("password", ["short", "password123", "1234567890"])
    def test_a_poor_password_is_refused_beside_the_field(self, client, administrator, password):
        answer = client.post(reverse("admin:accounts_user_add"), of_person(new_password=password))
        assert answer.status_code == 422
        assert answer.context["adminform"].form.errors.keys() == {"new_password"}

    def test_changing_nothing_leaves_no_trace(self, client, administrator):
        person = make_user()
        assert change(client, person, of_person(person)).status_code == 302
        assert not Event.objects.exists()

    def test_an_address_in_use_is_refused_whatever_its_case(self, client, administrator):
        make_user(email="mila@example.com")
        answer = client.post(reverse("admin:accounts_user_add"), of_person(email="MILA@example.com"))
        assert answer.status_code == 422

    def test_an_old_address_opens_the_door_no_more(self, client, administrator):
        person = make_user(email="old@example.com", password=PASSWORD)
        EmailAddress.objects.create(user=person, email="old@example.com", verified=True, primary=True)
        change(client, person, of_person(person, email="new@example.com"))
        client.logout()
        assert client.post("/login/", {"login": "old@example.com", "password": PASSWORD}).status_code == 422
        assert client.post("/login/", {"login": "new@example.com", "password": PASSWORD}).status_code == 302

    def test_nobody_is_deleted(self, client, administrator):
        assert client.post(reverse("admin:accounts_user_delete", args=[make_user().pk]), {"post": "yes"}).status_code == 403


class TestTeams:
    def test_the_trail_tells_who_was_in_it_and_who_led_it(self, client, administrator):
        one, two = make_user(), make_user()
        team = make_team(name="Benelux", members=[one])
        change(client, team, {"name": "Benelux", "members": [one.pk, two.pk], "leads": [two.pk], "seen": 1})
        event = Event.objects.get(act="team.changed")
        assert event.before == {"members": [one.pk], "leads": []}
        assert event.after == {"members": sorted([one.pk, two.pk]), "leads": [two.pk]}

    def test_a_new_team_is_told_with_its_people(self, client, administrator):
        one = make_user()
        client.post(reverse("admin:accounts_team_add"), {"name": "Nordics", "members": [one.pk], "leads": []})
        assert Event.objects.get(act="team.created").after == {"name": "Nordics", "members": [one.pk], "leads": []}

    def test_a_deleted_team_is_told_as_it_was(self, client, administrator):
        team = make_team(name="Benelux")
        client.post(reverse("admin:accounts_team_delete", args=[team.pk]), {"post": "yes"})
        event = Event.objects.get(act="team.deleted")
        assert (event.object_id, event.before["name"]) == (team.pk, "Benelux")

    def test_a_team_with_accounts_stays(self, client, administrator):
        team = make_account(team=make_team()).team
        client.post(reverse("admin:accounts_team_delete", args=[team.pk]), {"post": "yes"})
        assert Team.objects.filter(pk=team.pk).exists()
        assert not Event.objects.exists()


class TestTwoAtOnce:
    def stale(self, client, obj, data, **theirs):
        type(obj).objects.filter(pk=obj.pk).update(**theirs, version=2)
        return change(client, obj, data)

    def test_a_stale_person_gets_409_with_both_versions(self, client, administrator):
        person = make_user(name="Before")
        answer = self.stale(client, person, of_person(person, name="Mine"), name="Theirs")
        assert answer.status_code == 409
        assert "Theirs" in answer.text and "Mine" in answer.text
        assert User.objects.get(pk=person.pk).name == "Theirs"

    def test_sent_again_it_is_stored_over_the_other(self, client, administrator):
        person = make_user(name="Before")
        answer = self.stale(client, person, of_person(person, name="Mine"), name="Theirs")
        seen = answer.context["adminform"].form["seen"].value()
        assert change(client, person, of_person(person, name="Mine", seen=seen)).status_code == 302
        assert User.objects.get(pk=person.pk).name == "Mine"

    def test_a_stale_team_and_a_stale_rate_get_409_too(self, client, administrator):
        team = make_team(name="Before")
        assert self.stale(client, team, {"name": "Mine", "seen": 1}, name="Theirs").status_code == 409
        rate = ExchangeRate.objects.create(currency="USD", rate="0.9", as_of=date(2026, 1, 1))
        mine = {"currency": "USD", "rate": "0.8", "as_of": "2026-02-01", "seen": 1}
        assert self.stale(client, rate, mine, rate="0.7").status_code == 409

    def test_a_form_that_does_not_say_what_it_saw_is_stale(self, client, administrator):
        person = make_user()
        assert change(client, person, of_person(person, name="Mine", seen="")).status_code == 409


class TestTheTrail:
    def test_is_read_by_time_by_act_and_by_object(self, client, administrator):
        account = make_account(name="Northwind")
        trail.record("account.changed", account, by=administrator, before={"name": "<b>Old"}, after={"name": "Northwind"})
        trail.record("team.changed", make_team(), by=None)
        address = reverse("admin:audit_event_changelist")
        assert [event.act for event in client.get(address).context["cl"].result_list] == ["team.changed", "account.changed"]
        for query in ({"act": "account.changed"}, {"q": str(account.pk)}, {"q": "account.ch"}, {"q": administrator.email}):
            acts = {event.act for event in client.get(address, query).context["cl"].result_list}
            assert acts - {"team.changed"} == {"account.changed"}, query
        page = client.get(reverse("admin:audit_event_change", args=[Event.objects.get(act="account.changed").pk])).text
        assert "&lt;b&gt;Old" in page and "Northwind" in page

    @pytest.mark.parametrize("query", ["9" * 40, "-1", "'; drop", "a b c", "٣"])
    def test_an_odd_search_finds_nothing_and_breaks_nothing(self, client, administrator, query):
        assert client.get(reverse("admin:audit_event_changelist"), {"q": query}).status_code == 200

    def test_is_changed_by_nobody(self, client, administrator):
        event = trail.record("team.changed", make_team(), by=None)
        assert client.get(reverse("admin:audit_event_add")).status_code == 403
        assert client.post(reverse("admin:audit_event_change", args=[event.pk]), {"act": "x"}).status_code == 403
        assert client.post(reverse("admin:audit_event_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
        actions = {"action": "delete_selected", "_selected_action": [event.pk]}
        client.post(reverse("admin:audit_event_changelist"), actions)
        assert Event.objects.get() == event and list(trail.broken_links()) == []

    @pytest.mark.parametrize("make", [make_user, make_viewer])
    def test_is_for_the_administrator(self, client, make):
        client.force_login(make())
        assert client.get(reverse("admin:audit_event_changelist"), follow=True).status_code == 403

    @pytest.mark.parametrize("rows", [1, 50])
    def test_costs_the_same_whatever_the_rows(self, client, administrator, rows, django_assert_max_num_queries):
        account = make_account()
        trail.record_many([trail.Change("account.changed", account) for _ in range(rows)], by=administrator)
        with django_assert_max_num_queries(8):
            client.get(reverse("admin:audit_event_changelist"))
