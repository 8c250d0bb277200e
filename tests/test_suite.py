"""The two runs of script/test: together they show everything, and neither needs anything of whoever starts it."""

import os
import re
from itertools import combinations
from types import SimpleNamespace

import pytest

from tests import databases
from tests.databases import ROOT, left_out, minutes, plain_environment

MARKS = ("django_db", "own_server", "one_database", "on_postgres", "browser")


def item(*marks: str, fixtures: tuple[str, ...] = ()) -> SimpleNamespace:
    return SimpleNamespace(iter_markers=lambda: [SimpleNamespace(name=name) for name in marks], fixturenames=fixtures)


@pytest.mark.parametrize("fixtures", [(), ("db",)])
@pytest.mark.parametrize("marks", [marks for size in range(4) for marks in combinations(MARKS, size)], ids=" ".join)
def test_no_test_is_left_out_by_both(marks, fixtures):
    one = item(*marks, fixtures=fixtures)
    assert [on for on in databases.NAMES if not left_out(one, on=on, half=True)]
    assert not left_out(one, on="postgres", half=False)


@pytest.mark.parametrize(
    ("one", "run_on"),
    [
        (item(), ["sqlite"]),
        (item("own_server"), ["sqlite"]),
        (item("django_db", "browser"), ["sqlite"]),
        (item("on_postgres"), ["postgres"]),
        (item("django_db", "one_database"), ["postgres"]),
        (item("django_db"), ["sqlite", "postgres"]),
        (item(fixtures=("client", "db")), ["sqlite", "postgres"]),
        (item(fixtures=("live_server",)), ["sqlite", "postgres"]),
    ],
)
def test_what_touches_sql_runs_on_both(one, run_on):
    assert [on for on in databases.NAMES if not left_out(one, on=on, half=True)] == run_on


def test_each_variable_that_settings_read_is_set_for_the_tests():
    settings = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    environment = plain_environment()
    assert set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings)) == environment.keys()
    assert {name for name, value in environment.items() if value} == {"DEMO", "SECRET_KEY"}
    assert environment.items() - {("DATABASE_URL", "")} <= os.environ.items()


@pytest.mark.parametrize(("seconds", "said"), [(5.4, "0 min 5 s"), (65, "1 min 5 s"), (3600, "60 min 0 s")])
def test_how_long_it_took_is_said_in_minutes(seconds, said):
    assert minutes(seconds) == said
