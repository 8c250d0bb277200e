"""The API against its own description: whatever fits it, and whatever does not, gets an answer that is described."""

import re

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS

from config.wsgi import application
from tests.api.conftest import Caller
from tests.factories import make_action, make_assessment, make_contact, make_plan, make_target

pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
schema.config.generation.update(with_security_parameters=False)  # the key is our own; calls without are asked below
EXAMPLES = 6
#: The rules of the house, such as that an account has one open assessment, stand in no schema: what fits may be refused.
LEFT_OUT = {"positive_data_acceptance"}


@pytest.fixture(scope="module")
def unlimited():
    """Hypothesis calls one test many times: the limits would end it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.access.BAD_KEYS", 10**9)
        patch.setattr("api.access.CALLS", 10**9)
        yield


@pytest.fixture
def one_connection():
    """A call ends its connection, as the server wants it; here it is the test's, with its transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key(api, account, unlimited, one_connection) -> str:
    """Of somebody who owns one of each thing, each with the id 1."""
    make_contact(account)
    make_assessment(account)
    make_target(account, set_on=account.created_at.date())
    make_action(make_plan(account))
    return api.secret


@schema.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_every_call_answers_as_it_is_described(case, key):
    left_out = [check for check in CHECKS.get_all() if check.__name__ in LEFT_OUT]
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, excluded_checks=left_out)


def test_the_description_is_openapi_3_1_and_names_every_status(client):
    told = client.get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    for path, methods in told["paths"].items():
        for method, call in methods.items():
            statuses = set(call["responses"])
            assert {"401", "404", "429", "503"} <= statuses, (method, path)
            for status in statuses - {"200", "201", "204"}:
                assert set(call["responses"][status]["content"]) == {"application/problem+json"}, (method, path, status)


def test_the_description_and_its_page_need_no_key_and_no_other_site(client, fresh_cache):
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert not re.search(r'(src|href|action)="(https?:)?//', page.content.decode())
    assert "/api/v1/openapi.json" in page.content.decode()
    assert "script-src 'self'" in page["Content-Security-Policy"]


def test_a_caller_without_a_key_is_refused_everywhere(client, fresh_cache):
    for path, methods in client.get("/api/v1/openapi.json").json()["paths"].items():
        for method in methods:
            answer = Caller(None)(method.upper(), path.removeprefix("/api/v1").replace("{id}", "1"))
            assert answer.status_code in {401, 429}, (method, path)
