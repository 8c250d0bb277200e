"""Keys of the API: made once to be seen, listed, revoked, and never told again."""

import logging
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from api.keys import MOST, key_of, make_key
from api.models import ApiKey
from audit.models import Event
from config.logs import without_keys
from tests.factories import make_user

pytestmark = pytest.mark.django_db
URL = "api_keys:list"


def test_the_command_prints_the_key_alone_and_it_opens_the_api(client, manager, fresh_cache, edition):
    out = StringIO()
    call_command("api_key", "MILA@example.com", "--scope", "write", stdout=out)
    (secret,) = out.getvalue().splitlines()
    assert re.fullmatch(r"standing_[\w-]{43}", secret)
    assert client.get("/api/v1/catalogue", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert ApiKey.objects.get().scope == "write"


def test_the_command_knows_only_people_who_may_sign_in(manager):
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match=r"mila@example\.com"):
        call_command("api_key", "mila@example.com")


def test_only_the_hash_of_a_key_is_stored(manager):
    key, secret = make_key(manager, by=manager, name="CRM", scope="read")
    kept = str(list(ApiKey.objects.values())) + str(list(Event.objects.values()))
    assert secret not in kept and secret.removeprefix("standing_") not in kept
    assert key_of(secret) == key
    assert key_of(secret + "x") is None


def test_the_page_makes_a_key_shows_it_once_and_revokes_it(client, manager, fresh_cache):
    client.force_login(manager)
    made = client.post(reverse(URL), {"do": "make", "name": "CRM export", "scope": "read"})
    (secret,) = re.findall(r"standing_[\w-]{43}", made.content.decode())
    assert "no-store" in made["Cache-Control"]
    listed = client.get(reverse(URL)).content.decode()
    assert "CRM export" in listed and secret not in listed
    key = ApiKey.objects.get()
    call = {"headers": {"Authorization": f"Bearer {secret}"}}
    assert client.get("/api/v1/accounts", **call).status_code == 200
    assert client.post(reverse(URL), {"do": "revoke", "key": key.pk, "version": key.version}).status_code == 302
    assert client.get("/api/v1/accounts", **call).status_code == 401
    assert "CRM export" not in client.get(reverse(URL)).content.decode().split("alert")[-1].split("<h2>")[1]
    assert list(Event.objects.order_by("pk").values_list("act", flat=True)) == ["api_key.made", "api_key.revoked"]


def test_a_key_without_a_name_is_refused_beside_the_field_and_the_scope_stays(client, manager):
    client.force_login(manager)
    answer = client.post(reverse(URL), {"do": "make", "name": "  ", "scope": "write"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"]
    assert re.search(r'value="write"[^>]*checked|checked[^>]*value="write"', answer.content.decode())
    assert not ApiKey.objects.exists()


def test_nobody_revokes_the_key_of_another(client, manager):
    key, secret = make_key(manager, by=manager, name="CRM", scope="read")
    client.force_login(make_user())
    assert client.post(reverse(URL), {"do": "revoke", "key": key.pk, "version": 1}).status_code == 404
    assert key_of(secret)


def test_a_stale_page_revokes_nothing(client, manager):
    key, secret = make_key(manager, by=manager, name="CRM", scope="read")
    client.force_login(manager)
    assert client.post(reverse(URL), {"do": "revoke", "key": key.pk, "version": 9}).status_code == 409
    assert key_of(secret)


def test_a_person_has_a_limited_number_of_keys(client, manager):
    for _number in range(MOST):
        make_key(manager, by=manager, name="CRM", scope="read")
    client.force_login(manager)
    assert client.post(reverse(URL), {"do": "make", "name": "More", "scope": "read"}).status_code == 422
    assert ApiKey.objects.count() == MOST


def test_a_key_of_who_may_no_longer_sign_in_opens_nothing(api, manager):
    assert api.get("/accounts").status_code == 200
    User.objects.filter(pk=manager.pk).update(is_active=False)
    refused = api.get("/accounts")
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, 'Bearer realm="Standing"')


def test_it_is_noted_on_which_day_a_key_was_used(api):
    api.get("/accounts")
    assert ApiKey.objects.get().last_used_on == timezone.localdate()


def test_a_session_opens_nothing(client, manager, fresh_cache):
    client.force_login(manager)
    assert client.get("/api/v1/accounts").status_code == 401


def test_no_log_line_holds_a_key(api, caplog):
    with caplog.at_level(logging.DEBUG):
        api.get("/accounts")
        api.get(f"/no-such-thing/{api.secret}")
        api.get(f"/accounts?q={api.secret}")
    assert caplog.records
    assert api.secret not in without_keys(caplog.text) and "standing_…" in without_keys(f"x {api.secret} y")
