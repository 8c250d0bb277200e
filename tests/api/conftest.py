import json
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from api.keys import make_key
from tests.factories import make_account, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def language():
    """A call leaves the language that it was answered in behind."""
    with translation.override("en"):
        yield


class Caller:
    """A program that calls the API as `user`, in-process; without a user it has no key."""

    def __init__(self, user: User | None, scope: str = "write") -> None:
        self.client, self.user = Client(raise_request_exception=False), user
        self.secret = make_key(user, by=user, name="Tests", scope=scope)[1] if user else ""

    def __call__(self, method: str, path: str, body: Any = None, **headers: str):
        sent = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        if self.secret:
            sent["HTTP_AUTHORIZATION"] = f"Bearer {self.secret}"
        data = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        return self.client.generic(method, f"/api/v1{path}", data, content_type="application/json", **sent)

    def get(self, path: str, **headers):
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers):
        return self("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers):
        return self("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers):
        return self("PATCH", path, body, **headers)

    def delete(self, path: str, **headers):
        return self("DELETE", path, **headers)


@pytest.fixture
def caller():
    return Caller


@pytest.fixture
def team(db):
    return make_team(name="Benelux")


@pytest.fixture
def manager(team):
    user = make_user(name="Mila Vermeer", email="mila@example.com")
    team.members.add(user)
    return user


@pytest.fixture
def api(manager, edition, fresh_cache):
    """Calls as the manager who owns `account`."""
    return Caller(manager)


@pytest.fixture
def account(manager, team):
    return make_account(name="Zilverberg", owner=manager, team=team)


@pytest.fixture
def stranger(db, fresh_cache):
    """Calls as somebody of another team."""
    user = make_user()
    make_team(members=[user])
    return Caller(user)
