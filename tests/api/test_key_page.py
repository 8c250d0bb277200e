"""The page and the command of API keys: what they show, what they record, and what they refuse."""

import re
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from api import keys
from api.keys import MOST, key_of, make_key, open_keys, revoke_key
from api.models import ApiKey
from audit.models import Event
from core.versions import StaleEdit
from tests.factories import make_administrator, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PAGE = "/settings/api-keys/"
NOON = datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("Europe/Amsterdam"))


@pytest.fixture
def mila(client):
    user = make_user(name="Mila Vermeer", email="mila@example.com")
    client.force_login(user)
    return user


def listed(client) -> list[str]:
    """The keys of the page, each as text."""
    part = client.get(PAGE).text.partition("Your keys")[2].partition("</section>")[0]
    return [" ".join(re.sub("<[^>]+>", " ", key).split()) for key in part.split('class="api-key"')[1:]]


def make(client, **fields):
    return client.post(PAGE, {"do": "make", "name": "CRM", "scope": "read"} | fields)


def revoke(client, key, version: int = 1):
    return client.post(PAGE, {"do": "revoke", "key": key.pk, "version": version})


class TestList:
    def test_the_newest_key_is_first(self, client, mila):
        for name in ("First", "Second", "Third"):
            make(client, name=name)
        assert [text.split()[1] for text in listed(client)] == ["Third", "Second", "First"]

    def test_a_key_says_what_it_may_when_it_was_made_and_when_it_was_used(self, client, mila):
        with time_machine.travel(NOON, tick=False):
            _key, secret = make_key(mila, by=mila, name="Export", scope="write")
        (text,) = listed(client)
        assert "Export" in text and "read and write · made on 10 March 2026 · not used yet" in text
        with time_machine.travel(NOON, tick=False):
            key_of(secret)
        assert "last used on 10 March 2026" in listed(client)[0]

    def test_without_one_it_says_what_a_key_is_for(self, client, mila):
        assert "No key yet. Make one below for each program" in client.get(PAGE).text
        make(client)
        assert "No key yet" not in client.get(PAGE).text

    def test_the_keys_of_a_colleague_are_not_listed_whoever_looks(self, client, mila):
        other = make_user()
        make_key(other, by=other, name="Theirs", scope="read")
        assert listed(client) == []
        client.force_login(make_administrator())
        assert listed(client) == []

    def test_a_name_is_no_html(self, client, mila):
        make(client, name="<b>CRM</b>")
        assert "&lt;b&gt;CRM&lt;/b&gt;" in client.get(PAGE).text

    def test_it_is_neither_stored_by_browsers_nor_told_to_other_sites(self, client, mila):
        for response in (client.get(PAGE), make(client)):
            assert "no-store" in response["Cache-Control"]
            assert response["Referrer-Policy"] == "same-origin"

    def test_a_new_key_may_only_read_unless_one_chooses(self, client, mila):
        page = client.get(PAGE).text
        assert re.search(r'value="read"[^>]*checked|checked[^>]*value="read"', page)
        assert not re.search(r'value="write"[^>]*checked|checked[^>]*value="write"', page)

    @pytest.mark.parametrize(("user", "status"), [(None, 302), (make_user, 200)])
    def test_it_is_for_those_who_signed_in(self, client, db, user, status):
        if user:
            client.force_login(user())
        assert client.get(PAGE).status_code == status


class TestMaking:
    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"name": "x" * 80}, 200),
            ({"name": "x" * 81}, 422),
            ({"name": ""}, 422),
            ({"scope": "all"}, 422),
            ({"scope": ""}, 422),
            ({"scope": "write"}, 200),
        ],
    )
    def test_what_the_fields_may_hold(self, client, mila, fields, status):
        assert make(client, **fields).status_code == status
        assert ApiKey.objects.count() == (status == 200)
        assert Event.objects.count() == (status == 200)

    def test_spaces_around_a_name_are_dropped(self, mila):
        key, _secret = make_key(mila, by=mila, name="  CRM export ", scope="read")
        assert key.name == "CRM export" == str(key)

    @pytest.mark.parametrize("name", ["", "   ", "x" * 81])
    def test_a_name_that_is_none_is_refused_before_it_is_stored(self, mila, name):
        with pytest.raises(ValidationError):
            make_key(mila, by=mila, name=name, scope="read")
        assert not ApiKey.objects.exists() and not Event.objects.exists()

    def test_who_made_it_and_what_it_may_are_recorded(self, client, mila):
        make(client, scope="write")
        event = Event.objects.get()
        assert (event.act, event.actor) == ("api_key.made", mila)
        assert event.after == {"user": mila.pk, "name": "CRM", "scope": "write"}

    def test_the_one_beyond_the_limit_is_refused_in_words_and_a_revoked_one_makes_room(self, client, mila):
        made = [make_key(mila, by=mila, name="CRM", scope="read")[0] for _ in range(MOST)]
        refused = make(client, name="More")
        assert refused.status_code == 422
        assert "You have 20 keys already. Revoke one that is not used." in refused.text and 'value="More"' in refused.text
        revoke_key(made[0], by=mila, seen=1)
        assert make(client, name="More").status_code == 200
        assert open_keys(mila).count() == MOST

    def test_the_keys_of_others_do_not_count(self, mila, monkeypatch):
        monkeypatch.setattr(keys, "MOST", 1)
        other = make_user()
        make_key(other, by=other, name="CRM", scope="read")
        assert make_key(mila, by=mila, name="CRM", scope="read")

    def test_each_key_has_a_text_of_its_own(self, mila):
        assert make_key(mila, by=mila, name="A", scope="read")[1] != make_key(mila, by=mila, name="A", scope="read")[1]

    @pytest.mark.parametrize("wrong", [{"name": ""}, {"scope": "all"}])
    def test_the_database_refuses_a_key_that_cannot_be(self, mila, wrong):
        make_key(mila, by=mila, name="CRM", scope="read")
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiKey.objects.update(**wrong)


class TestRevoking:
    @pytest.fixture
    def key(self, mila):
        return make_key(mila, by=mila, name="CRM", scope="read")[0]

    def test_it_says_which_key_and_records_who(self, client, mila, key):
        response = revoke(client, key)
        assert (response.status_code, response.url) == (302, PAGE)
        assert [str(one) for one in get_messages(response.wsgi_request)] == ["Revoked: “CRM” opens nothing any more."]
        event = Event.objects.order_by("-pk")[0]
        assert (event.act, event.actor, event.object_id) == ("api_key.revoked", mila, key.pk)
        assert event.after == {"user": mila.pk, "name": "CRM", "scope": "read"}

    def test_a_second_time_it_says_and_records_nothing(self, client, mila, key):
        revoke(client, key)
        first = ApiKey.objects.get().revoked_at
        again = revoke(client, key)
        assert again.status_code == 302
        assert len(get_messages(again.wsgi_request)) <= 1  # the message of the first time, which was not shown yet
        assert ApiKey.objects.get().revoked_at == first
        assert Event.objects.filter(act="api_key.revoked").count() == 1

    def test_a_key_of_an_earlier_version_is_refused_with_a_reason(self, client, mila, key):
        stale = revoke(client, key, version=7)
        assert stale.status_code == 409
        assert "Nothing was changed: this key was revoked since you opened this page." in stale.text
        with pytest.raises(StaleEdit):
            revoke_key(key, by=mila, seen=7)

    @pytest.mark.parametrize("sent", [{}, {"key": ""}, {"key": "x"}, {"key": "-1"}, {"key": "99999999"}, {"key": "1" * 30}])
    def test_what_is_no_key_is_not_there(self, client, mila, key, sent):
        assert client.post(PAGE, {"do": "revoke", "version": 1} | sent).status_code == 404
        assert open_keys(mila).count() == 1

    def test_an_administrator_cannot_revoke_the_key_of_somebody_else(self, client, key):
        client.force_login(make_administrator())
        assert revoke(client, key).status_code == 404
        assert ApiKey.objects.get().revoked_at is None


class TestLookingUp:
    def test_a_key_is_looked_up_by_its_whole_text(self, mila):
        key, secret = make_key(mila, by=mila, name="CRM", scope="read")
        assert key_of(secret) == key
        for other in ("", secret[:-1], secret.upper(), secret.removeprefix("standing_"), f" {secret}", "\ud800", key.key_hash):
            assert key_of(other) is None

    def test_only_its_first_use_of_a_day_writes(self, mila, django_assert_num_queries):
        key, secret = make_key(mila, by=mila, name="CRM", scope="read")
        other, _secret = make_key(mila, by=mila, name="Other", scope="read")
        for moment in (NOON, NOON.replace(day=11)):
            with time_machine.travel(moment, tick=False):
                with django_assert_num_queries(2):
                    key_of(secret)
                with django_assert_num_queries(1):
                    key_of(secret)
            key.refresh_from_db()
            assert key.last_used_on == moment.date()
        other.refresh_from_db()
        assert other.last_used_on is None

    def test_a_day_is_one_of_the_organisation(self, mila):
        key, secret = make_key(mila, by=mila, name="CRM", scope="read")
        with time_machine.travel(datetime(2026, 3, 10, 0, 30, tzinfo=ZoneInfo("Europe/Amsterdam")), tick=False):
            key_of(secret)
        key.refresh_from_db()
        assert key.last_used_on == NOON.date()


class TestCommand:
    def run(self, *arguments: str) -> str:
        out = StringIO()
        call_command("api_key", *arguments, stdout=out)
        return out.getvalue().strip()

    def test_a_key_may_only_read_unless_asked_otherwise_and_is_called_after_the_command(self, mila):
        self.run("mila@example.com")
        key = ApiKey.objects.get()
        assert (key.user, key.scope, key.name) == (mila, "read", "manage.py")
        assert Event.objects.get().actor is None

    def test_it_can_be_given_a_name(self, mila):
        assert key_of(self.run("Mila@Example.com", "--name", "Nightly")).name == "Nightly"

    @pytest.mark.parametrize("arguments", [["--name", ""], ["--name", "x" * 81]])
    def test_a_name_that_cannot_be_is_refused(self, mila, arguments):
        with pytest.raises(CommandError):
            self.run("mila@example.com", *arguments)
        assert not ApiKey.objects.exists()

    def test_the_limit_holds_here_too(self, mila, monkeypatch):
        monkeypatch.setattr(keys, "MOST", 0)
        with pytest.raises(CommandError, match="Revoke one that is not used"):
            self.run("mila@example.com")

    def test_a_scope_that_is_not_there_is_refused(self, mila):
        with pytest.raises(CommandError, match="invalid choice"):
            self.run("mila@example.com", "--scope", "all")

    @pytest.mark.parametrize("email", ["nobody@example.com", "", "mila"])
    def test_nobody_of_that_address_gets_none(self, mila, email):
        with pytest.raises(CommandError, match="may sign in"):
            self.run(email)


def test_the_page_is_found_by_its_name():
    assert reverse("api_keys:list") == PAGE
