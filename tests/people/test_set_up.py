"""The one-time link of an empty installation, and what its page stores."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ExchangeRate, User
from audit.models import Event
from config.logs import without_keys
from core import days, organisation
from core.models import Organisation
from core.secret_digest import digest_of
from people import set_up
from people.models import SetUpLink
from tests.factories import make_administrator, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_cache")]
PASSWORD = "a long enough secret"


def token() -> str:
    return set_up.issue_link().rstrip("/").rpartition("/")[2]


def at(secret: str) -> str:
    return reverse("people:set_up", args=[secret])


def typed(**fields) -> dict[str, str]:
    return {
        "person_name": "Ada Kramer", "email": "Ada@Example.com", "password1": PASSWORD, "password2": PASSWORD,
        "name": "Vermeer & Partners", "language": "nl", "time_zone": "Asia/Tokyo", "reporting_currency": "USD", "version": "0",
    } | fields  # fmt: skip


class TestTheCommand:
    def test_prints_a_link_of_which_a_hash_is_stored(self):
        out = StringIO()
        call_command("set_up", stdout=out)
        secret = out.getvalue().strip().rstrip("/").rpartition("/")[2]
        assert SetUpLink.objects.get().token_hash == digest_of(secret)
        assert len(secret) == 32
        assert Event.objects.get().act == "set_up.link_made" and secret not in str(Event.objects.values())

    def test_a_new_link_replaces_the_former_one(self, client):
        old, new = token(), token()
        assert (client.get(at(old)).status_code, client.get(at(new)).status_code) == (404, 200)

    def test_is_refused_when_there_is_an_administrator(self):
        make_administrator(email="ada@example.com")
        with pytest.raises(CommandError, match=r"ada@example\.com is administrator already"):
            call_command("set_up")

    def test_a_disabled_administrator_or_a_colleague_is_none(self):
        make_administrator(is_active=False)
        make_viewer()
        assert token()

    def test_if_nobody_prints_nothing_where_somebody_is(self):
        make_user()
        out = StringIO()
        call_command("set_up", if_nobody=True, stdout=out)
        assert out.getvalue() == "" and not SetUpLink.objects.exists()


class TestThePage:
    def test_makes_the_administrator_and_the_organisation_and_signs_in(self, client):
        answer = client.post(at(token()), typed())
        assert (answer.status_code, answer.url) == (302, reverse("people:mail"))
        person = User.objects.get()
        assert (person.email, person.name, person.is_administrator, person.language) == (
            "ada@example.com",
            "Ada Kramer",
            True,
            "nl",
        )
        assert person.check_password(PASSWORD)
        about = Organisation.objects.get()
        assert (about.name, about.time_zone, about.reporting_currency) == ("Vermeer & Partners", "Asia/Tokyo", "USD")
        assert client.get(reverse("people:list")).status_code == 200
        assert list(Event.objects.order_by("pk").values_list("act", flat=True))[-2:] == ["user.created", "organisation.set_up"]
        assert PASSWORD not in str(Event.objects.values())

    def test_what_is_stored_counts_at_once(self, client):
        client.post(at(token()), typed())
        assert organisation.name() == "Vermeer & Partners" and organisation.reporting_currency() == "USD"
        with time_machine.travel("2026-11-30T16:00:00Z"):
            assert days.today().isoformat() == "2026-12-01"  # in Tokyo

    def test_works_once(self, client):
        secret = token()
        client.post(at(secret), typed())
        again = Client().post(at(secret), typed(email="eve@example.com"))
        assert again.status_code == 404 and User.objects.count() == 1

    def test_is_over_after_24_hours(self, client):
        secret = token()
        with time_machine.travel(timezone.now() + timedelta(hours=23)):
            assert client.get(at(secret)).status_code == 200
        with time_machine.travel(timezone.now() + timedelta(hours=25)):
            assert client.get(at(secret)).status_code == 404

    def test_is_over_once_there_is_an_administrator_by_another_way(self, client):
        secret = token()
        make_administrator()
        assert client.get(at(secret)).status_code == client.post(at(secret), typed()).status_code == 404

    def test_reading_it_spends_nothing(self, client):
        secret = token()
        for _ in range(3):
            assert client.get(at(secret)).status_code == client.head(at(secret)).status_code == 200
        assert client.post(at(secret), typed()).status_code == 302

    @pytest.mark.parametrize("guess", ["x", "A" * 32, "%00", "é", "x" * 3000])
    def test_a_guessed_link_opens_nothing_and_many_are_stopped(self, client, guess):
        token()
        assert client.get(f"/setup/{guess}/").status_code == 404

    def test_many_guesses_are_stopped_and_a_valid_link_still_works(self, client):
        secret = token()
        answers = [client.get(at(f"guess{n}")).status_code for n in range(40)]
        assert answers[0] == 404 and answers[-1] == 429
        assert client.get(at(secret)).status_code == 200

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"email": "nonsense"}, "email"),
            ({"password1": "short", "password2": "short"}, "password1"),
            ({"password2": "another"}, "password2"),
            ({"password1": "ada@example.com", "password2": "ada@example.com"}, "password1"),
            ({"person_name": ""}, "person_name"),
            ({"name": " "}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"time_zone": "Mars/Base"}, "time_zone"),
            ({"reporting_currency": "XXX"}, "reporting_currency"),
            ({"language": "xx"}, "language"),
        ],
    )
    def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_spent(self, client, fields, field):
        secret = token()
        answer = client.post(at(secret), typed(**fields))
        assert answer.status_code == 422
        assert field in answer.context["form"].errors or field in answer.context["first"].errors
        assert "Ada" in answer.text and not User.objects.exists() and not Organisation.objects.exists()
        assert client.post(at(secret), typed()).status_code == 302

    @pytest.mark.parametrize("name", ["<script>alert(1)</script>", "'; DROP TABLE x; --", "Ω≈ç√ 田中", "=1+1"])
    def test_hostile_names_are_names(self, client, name):
        client.post(at(token()), typed(person_name=name, name=name))
        page = client.get(reverse("portfolio:dashboard"), follow=True).text
        assert User.objects.get().name == Organisation.objects.get().name == name
        assert "<script>alert" not in page


class TestSignIn:
    def test_says_how_to_begin_where_nobody_can_sign_in(self, client):
        assert "manage.py set_up" in client.get("/login/").text

    def test_says_nothing_of_it_once_somebody_is_here(self, client):
        make_user()
        assert "manage.py set_up" not in client.get("/login/").text


class TestTheOrganisation:
    @pytest.fixture
    def ada(self, client):
        client.post(at(token()), typed(language="en"))
        return User.objects.get()

    def change(self, client, **fields):
        stored = Organisation.objects.get()
        about = {name: getattr(stored, name) for name in set_up.FIELDS} | {"version": stored.version}
        return client.post(reverse("people:organisation"), about | fields)

    def test_is_changed_and_told(self, client, ada):
        assert self.change(client, name="Vermeer Groep").status_code == 302
        event = Event.objects.get(act="organisation.changed")
        assert (event.before, event.after) == ({"name": "Vermeer & Partners"}, {"name": "Vermeer Groep"})
        assert organisation.name() == "Vermeer Groep"

    def test_a_stale_one_gets_409_with_both_versions(self, client, ada):
        Organisation.objects.update(name="Theirs", version=7)
        organisation.forget()
        answer = self.change(client, name="Mine", version=1)
        assert answer.status_code == 409 and "Theirs" in answer.text and "Mine" in answer.text

    def test_the_currency_stays_while_exchange_rates_are_into_it(self, client, ada):
        ExchangeRate.objects.create(currency="GBP", rate=1, as_of=days.today())
        answer = self.change(client, reporting_currency="EUR")
        assert answer.status_code == 422 and "are into USD" in answer.text
        ExchangeRate.objects.all().delete()
        assert self.change(client, reporting_currency="EUR").status_code == 302

    def test_there_is_one(self, ada):
        with pytest.raises(IntegrityError), transaction.atomic():
            Organisation.objects.create(pk=2, name="Two", language="en", time_zone="UTC", reporting_currency="EUR")

    def test_without_a_set_up_the_settings_count_and_can_be_changed(self, client, settings):
        settings.ORGANISATION = "Jansen & Co"
        client.force_login(make_administrator())
        assert "Jansen &amp; Co" in client.get(reverse("people:organisation")).text
        about = {"name": "Jansen", "language": "en", "time_zone": "UTC", "reporting_currency": "EUR", "version": "0"}
        assert client.post(reverse("people:organisation"), about).status_code == 302
        assert organisation.name() == "Jansen"


@pytest.mark.parametrize("path", ["/setup/", "/welcome/"])
def test_no_link_is_in_the_log(path):
    assert without_keys(f"GET {path}{'x' * 32}/ 404") == f"GET {path}…/ 404"


def test_the_row_is_read_once_in_five_seconds(django_assert_num_queries):
    organisation.forget()
    with django_assert_num_queries(1):
        for _ in range(5):
            organisation.name()
            days.today()
