import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_living_process_says_so_without_the_database_even_to_whoever_is_signed_in(client, django_assert_num_queries):
    client.force_login(make_user())
    with django_assert_num_queries(0):
        answer = client.get("/live")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_ready_is_whoever_has_the_database(client, django_assert_num_queries):
    client.force_login(make_user())
    with django_assert_num_queries(1):
        assert client.get("/ready").status_code == 200


def test_not_ready_while_the_database_is_away(client, monkeypatch):
    def gone(*args):
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = client.get("/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert client.get("/live").status_code == 200


@pytest.mark.parametrize("path", ["/live", "/ready"])
def test_probes_ask_by_the_number_of_the_machine_and_over_plain_http(path, settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get(path, headers={"host": "10.0.0.7:8000"})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert not answer.cookies


@pytest.mark.parametrize("path", ["/live", "/ready"])
def test_probes_only_ask(path):
    assert Client(enforce_csrf_checks=True).post(path).status_code == 405
    assert Client().head(path).status_code == 200
