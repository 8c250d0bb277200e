"""The pages of people: search, filters, one person, and what happens to their sign-in."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from people.holdings import holdings_of
from tests.factories import (
    make_account,
    make_action,
    make_administrator,
    make_assessment,
    make_plan,
    make_team,
    make_user,
    make_viewer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_cache")]
PASSWORD = "a long enough secret"


@pytest.fixture
def ada(client):
    person = make_administrator(name="Ada Kramer", email="ada@example.com", password=PASSWORD)
    client.force_login(person)
    return person


def listed(client, **query) -> list[str]:
    return [row["person"].name for row in client.get(reverse("people:list"), query).context["rows"]]


def change(client, person, **fields):
    data = {
        "name": person.name,
        "email": person.email,
        "role": person.role,
        "language": person.language,
        "version": person.version,
    }
    return client.post(reverse("people:person", args=[person.pk]), data | fields)


def switch(client, person, active: str, **fields):
    return client.post(reverse("people:switch", args=[person.pk]), {"active": active, "version": person.version} | fields)


class TestTheList:
    @pytest.fixture
    def people(self, ada):
        mila = make_user(name="Mila Vermeer", email="mila@example.com", password=PASSWORD)
        make_user(name="Jörg Öztürk", email="jorg@example.com")
        make_viewer(name="Vera Blom", email="vera@example.com", password=PASSWORD, is_active=False)
        return make_team(name="Benelux", leads=[mila])

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({}, ["Ada Kramer", "Jörg Öztürk", "Mila Vermeer", "Vera Blom"]),
            ({"q": "ozturk"}, ["Jörg Öztürk"]),
            ({"q": "mila@"}, ["Mila Vermeer"]),
            ({"q": "nobody"}, []),
            ({"role": "viewer"}, ["Vera Blom"]),
            ({"role": "administrator"}, ["Ada Kramer"]),
            ({"state": "invited"}, ["Jörg Öztürk"]),
            ({"state": "active"}, ["Ada Kramer", "Mila Vermeer"]),
            ({"state": "disabled"}, ["Vera Blom"]),
            ({"state": "disabled", "role": "manager"}, []),
            (
                {"state": "odd", "role": "boss", "team": "x", "page": "-7"},
                ["Ada Kramer", "Jörg Öztürk", "Mila Vermeer", "Vera Blom"],
            ),
        ],
    )
    def test_is_searched_and_narrowed(self, client, people, query, names):
        assert listed(client, **query) == names

    def test_is_narrowed_to_a_team(self, client, people):
        assert listed(client, team=people.pk) == ["Mila Vermeer"]

    def test_tells_role_teams_state_and_when_they_last_signed_in(self, client, people):
        User.objects.filter(name="Mila Vermeer").update(last_login=timezone.now() - timedelta(days=400))
        page = client.get(reverse("people:list"), {"q": "mila"}).text
        for words in ("Account manager", "Benelux", "leads", "active", str(timezone.localdate().year - 1)):
            assert words in page

    @pytest.mark.parametrize("rows", [1, 120])
    def test_costs_the_same_whatever_the_rows(self, client, ada, rows, django_assert_num_queries):
        for _ in range(rows):
            make_team(members=[make_user()])
        with django_assert_num_queries(7):  # session, person, teams to choose, count, people, their teams, teams they lead
            client.get(reverse("people:list"))

    @pytest.mark.parametrize("make", [make_user, make_viewer])
    def test_is_for_administrators(self, client, make):
        client.force_login(make())
        assert client.get(reverse("people:list")).status_code == 403


class TestAPerson:
    def test_is_changed_and_only_that_is_told(self, client, ada):
        person = make_user(name="Old")
        assert change(client, person, name="New", role="viewer").status_code == 302
        event = Event.objects.get(act="user.changed")
        assert (event.before, event.after) == ({"name": "Old", "role": "manager"}, {"name": "New", "role": "viewer"})

    def test_changing_nothing_leaves_no_trace(self, client, ada):
        assert change(client, make_user()).status_code == 302
        assert not Event.objects.exists()

    def test_a_stale_change_gets_409_with_both_versions_and_may_be_sent_again(self, client, ada):
        person = make_user(name="Before")
        User.objects.filter(pk=person.pk).update(name="Theirs", version=2)
        answer = change(client, person, name="Mine")
        assert answer.status_code == 409 and "Theirs" in answer.text and "Mine" in answer.text
        seen = answer.context["form"]["version"].value()
        assert change(client, person, name="Mine", version=seen).status_code == 302

    @pytest.mark.parametrize("version", ["", "x", "99"])
    def test_a_change_that_does_not_say_what_it_saw_is_stale(self, client, ada, version):
        assert change(client, make_user(), name="Mine", version=version).status_code in {409, 422}

    def test_an_address_in_use_is_refused_whatever_its_case(self, client, ada):
        answer = change(client, make_user(), email="ADA@example.com")
        assert answer.status_code == 422 and "is here already" in answer.text

    def test_a_former_address_signs_in_no_more(self, client, ada):
        person = make_user(email="old@example.com", password=PASSWORD)
        EmailAddress.objects.create(user=person, email="old@example.com", verified=True, primary=True)
        change(client, person, email="new@example.com")
        browser = Client()
        assert browser.post("/login/", {"login": "old@example.com", "password": PASSWORD}).status_code == 422
        assert browser.post("/login/", {"login": "new@example.com", "password": PASSWORD}).status_code == 302

    def test_what_hangs_on_them_is_counted_and_linked(self, client, ada):
        person = make_user(password=PASSWORD)
        account = make_account(owner=person)
        make_account(owner=person, status="archived")
        make_action(make_plan(account, owner=person), owner=person)
        found = {str(one.label): one.count for one in holdings_of(person)}
        assert found == {"accounts": 1, "open plans": 1, "open actions": 1, "open rounds": 0, "saved views": 0}
        page = client.get(reverse("people:person", args=[person.pk])).text
        assert f"{reverse('accounts:list')}?owner={person.pk}" in page
        assert client.get(reverse("accounts:list"), {"owner": person.pk}).context["count"] == 1

    def test_open_rounds_are_counted(self, client, ada, edition):
        account = make_account()
        make_assessment(account)
        assert {str(one.label): one.count for one in holdings_of(account.owner)}["open rounds"] == 1

    @pytest.mark.parametrize("rows", [1, 60])
    def test_costs_the_same_whatever_hangs_on_them(self, client, ada, rows, django_assert_max_num_queries):
        person = make_user()
        for _ in range(rows):
            make_team(members=[person])
            make_account(owner=person)
        with django_assert_max_num_queries(12):
            client.get(reverse("people:person", args=[person.pk]))

    def test_is_sent_a_link_to_choose_a_password(self, client, ada, settings):
        settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
        person = make_user(password=PASSWORD, email="mila@example.com")
        client.post(reverse("people:password", args=[person.pk]))
        assert mail.outbox[0].to == ["mila@example.com"] or "mila@example.com" in mail.outbox[0].to[0]
        assert "/password/reset/key/" in mail.outbox[0].body


class TestDisabling:
    def test_ends_their_sessions_for_good(self, client, ada):
        person = make_user(password=PASSWORD)
        theirs = Client()
        theirs.force_login(person)
        assert theirs.get(reverse("accounts:settings")).status_code == 200
        assert switch(client, person, "no").status_code == 302
        assert theirs.get(reverse("accounts:settings")).status_code == 302
        person.refresh_from_db()
        switch(client, person, "yes")
        assert theirs.get(reverse("accounts:settings")).status_code == 302  # they sign in anew
        assert theirs.post("/login/", {"login": person.email, "password": PASSWORD}).status_code == 302
        assert theirs.get(reverse("accounts:settings")).status_code == 200
        assert list(Event.objects.order_by("pk").values_list("act", flat=True)) == ["user.disabled", "user.enabled"]

    def test_twice_is_done_once(self, client, ada):
        person = make_user(password=PASSWORD)
        switch(client, person, "no")
        switch(client, person, "no")
        assert Event.objects.filter(act="user.disabled").count() == 1

    def test_a_stale_one_gets_409(self, client, ada):
        person = make_user(name="Before")
        User.objects.filter(pk=person.pk).update(name="Theirs", version=5)
        answer = switch(client, person, "no")
        assert answer.status_code == 409 and "Theirs" in answer.text
        assert User.objects.get(pk=person.pk).is_active

    def test_what_is_theirs_stays(self, client, ada):
        account = make_account()
        switch(client, account.owner, "no")
        account.refresh_from_db()
        assert account.owner.is_active is False
