"""The link of a survey: swapped for a session, the same page for all that lead nowhere, and told to nobody."""

import hashlib
import io
import logging
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.rounds.closing import close
from core import rate_limits
from surveys.models import Invitation, SurveyLink
from surveys.survey.session import COOKIE, LASTS
from tests.factories import answer, make_user
from tests.surveys.surveying import SURVEY, address_of, answer_all, ask, enter, press

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition", "fresh_cache")]


@pytest.fixture
def invitation(edition):
    return ask()


class TestSwap:
    def test_the_link_leads_to_an_address_without_it(self, client, invitation):
        answered = client.get(address_of(invitation))
        assert (answered.status_code, answered.url) == (302, SURVEY)

    def test_the_session_is_a_cookie_of_its_own_for_the_survey_alone(self, client, invitation):
        cookie = client.get(address_of(invitation)).cookies[COOKIE]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/survey/", True, "Lax")
        assert 0 < cookie["max-age"] <= 2 * 3600

    def test_over_https_the_cookie_stays_there(self, client, invitation, settings):
        settings.SESSION_COOKIE_SECURE = True
        assert client.get(address_of(invitation)).cookies[COOKIE]["secure"] is True

    def test_the_cookie_does_not_hold_the_token(self, client, invitation):
        address = address_of(invitation)
        assert address.split("/")[2] not in client.get(address).cookies[COOKIE].value

    def test_a_colleague_who_tries_the_link_stays_signed_in(self, client, invitation):
        client.force_login(user := make_user())
        enter(client, invitation)
        assert client.session["_auth_user_id"] == str(user.pk)

    def test_looking_at_the_link_spends_nothing(self, client, invitation):
        address = address_of(invitation)
        for _ in range(5):
            Client().head(address)
            Client().get(address)
        invitation.refresh_from_db()
        assert (invitation.state, invitation.opened_at) == (Invitation.State.SENT, None)
        assert client.get(address, follow=True).status_code == 200

    def test_each_link_of_an_invitation_works(self, client, invitation):
        for address in [address_of(invitation), address_of(invitation)]:
            assert client.get(address, follow=True).status_code == 200

    def test_after_answering_the_link_leads_to_the_answers_until_the_round_closes(self, client, invitation):
        enter(client, invitation)
        press(client, answer_all(client), send="1")
        assert "You sent your answers" in enter(Client(), invitation).text

    def test_the_way_to_stop_can_be_linked_to(self, client, invitation):
        assert client.get(address_of(invitation) + "?stop").url == "/survey/stop/"


def withdrawn(invitation):
    Invitation.objects.update(state=Invitation.State.REVOKED)


def expired(invitation):
    Invitation.objects.update(expires_on=timezone.localdate() - timedelta(days=1))


def closed(invitation):
    answer(invitation.assessment, invitation.assessment.account.owner, "5445 4434 3433 2212 1121")
    close(invitation.assessment, by=invitation.assessment.account.owner)


def erased(invitation):
    type(invitation.contact).objects.update(erased_on=timezone.localdate())


def link_gone(invitation):
    SurveyLink.objects.all().delete()


ENDS = [withdrawn, expired, closed, erased, link_gone]


class TestLinksThatLeadNowhere:
    @pytest.fixture
    def unknown(self, edition):
        return Client().get("/survey/" + "x" * 32 + "/")

    @pytest.mark.parametrize("end", ENDS)
    def test_all_get_the_very_same_answer(self, end, client, invitation, unknown):
        address = address_of(invitation)
        end(invitation)
        answered = client.get(address)
        assert answered.status_code == unknown.status_code == 404
        assert answered.content == unknown.content
        assert dict(answered.headers) == dict(unknown.headers)
        assert not answered.cookies

    @pytest.mark.parametrize("end", ENDS)
    def test_a_session_under_way_ends_the_same_way(self, end, client, invitation, unknown):
        enter(client, invitation)
        end(invitation)
        for answered in (client.get(SURVEY), client.get(SURVEY, {"at": 3}), client.post(SURVEY, {"q-1a": "5", "send": "1"})):
            assert answered.status_code == 404
            assert answered.content == unknown.content
        assert not invitation.assessment.responses.filter(contact=invitation.contact).exists()

    @pytest.mark.parametrize("token", ["x", "%F0%9F%92%A9", "a" * 4000, "-1", "%00", "%ED%A0%80", "thanks%20", "' OR 1=1 --"])
    def test_malformed_ones_too(self, token, client, unknown):
        answered = client.get(f"/survey/{token}/")
        assert answered.status_code == 404
        if "%00" not in token:  # refused before anything reads it
            assert answered.content == unknown.content

    def test_nobody_is_named(self, client, invitation):
        address = address_of(invitation)
        withdrawn(invitation)
        assert not any(name in client.get(address).text for name in ("Zilverberg", "Ilse", "Mila", "Verhoeven", "Vermeer"))

    def test_known_and_unknown_ones_take_the_same_statements(self, client, invitation):
        address = address_of(invitation)
        withdrawn(invitation)
        client.get("/survey/first/")  # begins the count of this address
        counts = []
        for path in (address, "/survey/unknown/"):
            with CaptureQueriesContext(connection) as statements:
                client.get(path)
            counts.append(len(statements))
        assert counts[0] == counts[1]

    def test_without_a_session_there_is_no_survey(self, client, unknown):
        for path in (SURVEY, "/survey/thanks/", "/survey/stop/"):
            assert client.get(path).content == client.post(path).content == unknown.content

    @pytest.mark.parametrize("value", ["1-en", "1-en:abc:def", "", "x" * 5000, "\ud83d"])
    def test_a_made_up_session_is_none(self, value, client, invitation):
        client.cookies[COOKIE] = value.encode("utf-8", "replace").decode()
        assert client.get(SURVEY).status_code == 404

    def test_the_session_ends_two_hours_after_the_last_page(self, client, invitation):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            enter(client, invitation)
            clock.shift(LASTS - 60)
            assert client.get(SURVEY).status_code == 200
            clock.shift(LASTS - 60)
            assert client.get(SURVEY).status_code == 200
            clock.shift(LASTS + 60)
            assert client.get(SURVEY).status_code == 404


class TestLimits:
    @pytest.fixture(autouse=True)
    def in_one_window(self):
        """What is counted begins anew every ten minutes."""
        now = timezone.now()
        with time_machine.travel(now.replace(minute=now.minute // 10 * 10, second=1), tick=False):
            yield

    def test_who_tries_many_links_is_asked_to_wait(self, client):
        answers = [client.get(f"/survey/guess{n}/") for n in range(rate_limits.UNKNOWN_LINKS + 1)]
        assert [one.status_code for one in answers] == [404] * rate_limits.UNKNOWN_LINKS + [429]
        assert answers[-1].headers["Retry-After"] == "600"
        assert "One moment" in answers[-1].text

    def test_withdrawn_links_count_like_unknown_ones(self, client, invitation):
        address = address_of(invitation)
        withdrawn(invitation)
        assert [client.get(address).status_code for _ in range(rate_limits.UNKNOWN_LINKS + 1)][-1] == 429

    def test_it_is_counted_where_all_workers_see_it(self, client):
        for n in range(rate_limits.UNKNOWN_LINKS):
            client.get(f"/survey/guess{n}/")
        assert django_settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
        assert Client().get("/survey/another/").status_code == 429

    def test_another_address_is_not_counted_with_it(self, client):
        for n in range(rate_limits.UNKNOWN_LINKS + 1):
            client.get(f"/survey/guess{n}/")
        assert client.get("/survey/x/", REMOTE_ADDR="198.51.100.7").status_code == 404

    def test_who_holds_a_good_link_gets_in_all_the_same(self, client, invitation):
        for n in range(rate_limits.UNKNOWN_LINKS + 1):
            client.get(f"/survey/guess{n}/")
        assert enter(client, invitation).status_code == 200

    def test_after_a_while_one_may_try_again(self, client):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            for n in range(rate_limits.UNKNOWN_LINKS + 1):
                client.get(f"/survey/guess{n}/")
            clock.shift(rate_limits.WINDOW)
            assert client.get("/survey/x/").status_code == 404

    def test_addresses_of_one_network_count_as_one(self):
        assert rate_limits.neighbourhood("2001:db8::1") == rate_limits.neighbourhood("2001:db8::ffff")
        assert rate_limits.neighbourhood("2001:db8::1") != rate_limits.neighbourhood("2001:db8:0:1::1")
        assert rate_limits.neighbourhood("192.0.2.1") != rate_limits.neighbourhood("192.0.2.2")
        assert rate_limits.neighbourhood("") == ""

    def test_who_sends_without_end_waits_and_keeps_what_was_chosen(self, client, invitation, monkeypatch):
        monkeypatch.setattr("surveys.survey.pages.ANSWERS", 2)
        enter(client, invitation)
        page = client.get(SURVEY, {"at": 1})
        for _ in range(2):
            assert press(client, page, language="en").status_code == 200
        answered = press(client, page, to="2", **{"q-1a": "5"})
        assert (answered.status_code, answered.headers["Retry-After"]) == (429, "600")
        assert not invitation.assessment.responses.exists()


class TestHeaders:
    @pytest.fixture
    def pages(self, client, invitation):
        address = address_of(invitation)
        yield [client.get("/survey/x/"), client.get(address), client.post(address)] + [
            client.get(path) for path in (SURVEY, SURVEY + "?at=1", SURVEY + "?at=11", "/survey/thanks/", "/survey/stop/")
        ]

    def test_nothing_is_kept_by_the_browser_or_found_by_robots(self, pages):
        assert {page.headers["Cache-Control"] for page in pages} == {"no-store"}
        assert {page.headers["X-Robots-Tag"] for page in pages} == {"noindex, nofollow"}

    def test_nothing_is_loaded_from_elsewhere_nor_written_into_the_page(self, pages):
        policies = {page.headers["Content-Security-Policy"] for page in pages}
        assert policies == {
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        }

    def test_the_link_is_not_passed_on_as_referrer(self, client, invitation):
        assert client.get(address_of(invitation)).headers["Referrer-Policy"] == "no-referrer"
        assert client.get("/survey/x/").headers["Referrer-Policy"] == "no-referrer"

    def test_pages_with_a_form_tell_their_own_site_where_it_comes_from(self, client, invitation):
        # Else the browser says that a form comes from nowhere, and it is refused.
        assert enter(client, invitation).headers["Referrer-Policy"] == "same-origin"


class TestSecrecy:
    """Token strings occur nowhere in the database or logs, whatever happens to the link."""

    @pytest.fixture
    def heard(self):
        """What a listener on the logs hears that filters nothing itself, and what goes to the console."""
        stream = io.StringIO()
        listener = logging.StreamHandler(stream)
        listener.setFormatter(logging.Formatter("%(name)s %(message)s"))
        root = logging.getLogger()
        loggers = [root, logging.getLogger("django"), logging.getLogger("django.server"), logging.getLogger("django_structlog")]
        levels = [logger.level for logger in loggers]
        for logger in loggers:
            logger.setLevel(logging.INFO)
        for logger in (root, logging.getLogger("django.server")):
            logger.handlers.insert(0, listener)  # before the console, which hides them for who comes after it
        yield stream
        for logger in (root, logging.getLogger("django.server")):
            logger.removeHandler(listener)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

    def test_the_token_is_neither_stored_nor_logged(self, client, invitation, heard, monkeypatch):
        address = address_of(invitation)
        token = address.split("/")[2]
        for _ in range(rate_limits.UNKNOWN_LINKS + 2):
            client.get("/survey/Never-Issued-Token/")
        client.get(address.rstrip("/"))
        client.get(address, follow=True)
        client.get(SURVEY, headers={"referer": f"http://testserver{address}"})
        press(client, answer_all(client), send="1", comment="More of it.")
        client.post(address)
        Client(enforce_csrf_checks=True).post(address, {"a": "b"})
        expired(invitation)
        client.get(address)
        monkeypatch.setattr("surveys.survey.pages.link_of", lambda token: 1 / 0)
        Client(raise_request_exception=False).get(address)
        logged = heard.getvalue()
        assert "/survey/…/" in logged and "ZeroDivisionError" in logged
        for secret in (token, "Never-Issued-Token"):
            assert secret not in logged
            assert [table for table, row in everything_stored() if secret in row] == []

    def test_only_a_hash_of_it_is_stored(self, invitation):
        token = address_of(invitation).split("/")[2]
        digest = hashlib.sha256(token.encode()).hexdigest()
        assert [table for table, row in everything_stored() if digest in row] == ["surveys_surveylink"]


def everything_stored():
    """Every row of every table, as text; with it that of the cache and of the sessions."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield table, repr(row)
