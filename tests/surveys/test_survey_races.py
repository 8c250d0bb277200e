"""Ten posts of one link at the same moment: one response, one notice, nothing lost."""

import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from assessments.models import Answer, Response
from audit.models import Event
from audit.trail import broken_links
from hierarchy.loading import load_first_edition
from surveys.models import Invitation
from tests.config.site import ROOT, Site, served
from tests.surveys.surveying import SURVEY, address_of, ask, hidden

TOGETHER = 10
CODES = [f"{rank}{letter}" for rank in range(1, 6) for letter in "abcd"]
ALL = {f"q-{code}": "4" for code in CODES}


def at_once(acts):
    start = Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.on_postgres
@pytest.mark.django_db(transaction=True)
class TestOnPostgres:
    @pytest.fixture
    def browsers(self, transactional_db, fresh_cache):
        """Ten browsers that followed the same link, each with the last screen before it."""
        load_first_edition()
        address = address_of(ask())
        browsers = []
        for _ in range(TOGETHER):
            client = Client()
            client.get(address)
            browsers.append((client, hidden(client.get(SURVEY, {"at": 11}))))
        return browsers

    def test_the_same_answers_are_one_response(self, browsers):
        answers = at_once([lambda c=client, h=seen: c.post(SURVEY, h | ALL | {"send": "1"}) for client, seen in browsers])
        assert Counter(one.status_code for one in answers) == {302: TOGETHER}
        assert Response.objects.count() == 1 and Answer.objects.count() == 20
        assert Event.objects.filter(act="response.submitted").count() == 1
        assert Event.objects.filter(act="invitation.answered").count() == 1
        assert Invitation.objects.get().state == "answered"
        assert not list(broken_links())

    def test_answers_to_different_statements_are_all_kept(self, browsers):
        answers = at_once(
            [
                lambda c=client, h=seen, code=code: c.post(SURVEY, h | {f"q-{code}": "3", "to": "0"})
                for (client, seen), code in zip(browsers, CODES, strict=False)
            ]
        )
        assert Counter(one.status_code for one in answers) == {302: TOGETHER}
        assert Response.objects.count() == 1 and Answer.objects.count() == TOGETHER

    def test_of_different_answers_to_one_statement_one_is_stored_and_the_others_are_told(self, browsers):
        answers = at_once(
            [
                lambda c=client, h=seen, n=number: c.post(SURVEY, h | {"q-1a": str(n), "to": "0"})
                for number, (client, seen) in enumerate(browsers[:5], start=1)
            ]
        )
        assert Counter(one.status_code for one in answers) == {302: 1, 409: 4}
        assert Answer.objects.count() == 1

    def test_opened_at_once_is_noted_once(self, browsers):
        Invitation.objects.update(opened_at=None, state="sent")
        Event.objects.filter(act="invitation.opened").delete()
        assert {one.status_code for one in at_once([lambda c=client: c.get(SURVEY) for client, _ in browsers])} == {200}
        assert Event.objects.filter(act="invitation.opened").count() == 1


PREPARE = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
from hierarchy.loading import load_first_edition
from tests.surveys.surveying import address_of, ask
load_first_edition()
print(address_of(ask()))
"""


@pytest.mark.own_server
def test_on_a_sqlite_file_ten_posts_of_one_link_are_one_response(tmp_path):
    database = tmp_path / "site.sqlite3"
    url = f"sqlite:///{database}"
    with served(url) as site:
        environment = {**os.environ, "DEMO": "1", "DATABASE_URL": url}
        made = subprocess.run([sys.executable, "-c", PREPARE], cwd=ROOT, env=environment, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        address = made.stdout.strip()
        browsers = []
        for _ in range(TOGETHER):
            browser = Site(site.port)
            assert browser.get(address).status == 302
            page = browser.get(SURVEY + "?at=11")
            browsers.append((browser, dict(re.findall(r'type="hidden" name="(survey|at|version)" value="([^"]*)"', page.text))))
        answers = at_once([lambda b=browser, h=seen: b.post(SURVEY, **h, **ALL, send="1") for browser, seen in browsers])
    assert Counter(one.status for one in answers) == {302: TOGETHER}
    stored = sqlite3.connect(database)
    assert stored.execute("SELECT count(*) FROM assessments_response WHERE submitted_at IS NOT NULL").fetchone() == (1,)
    assert stored.execute("SELECT count(*) FROM assessments_response").fetchone() == (1,)
    assert stored.execute("SELECT count(*) FROM assessments_answer").fetchone() == (20,)
    assert stored.execute("SELECT state FROM surveys_invitation").fetchone() == ("answered",)
    assert address.split("/")[2].encode() not in database.read_bytes()
    stored.close()
