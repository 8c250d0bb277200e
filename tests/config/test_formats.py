"""Days and months as the language writes them."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

ROOT = Path(settings.BASE_DIR)
CODE = [path for app in ("accounts", "assessments", "audit", "config", "core", "hierarchy", "plans", "portfolio") for path in (ROOT / app).rglob("*.py")]  # fmt: skip
FORMAT = re.compile(r"""["']((?:[DjlYF] )*M(?: Y)?)["']""")
USED = {found for path in [*CODE, *(ROOT / "templates").rglob("*.html")] for found in FORMAT.findall(path.read_text("utf-8"))}


def test_the_pages_abbreviate_months():
    assert {"M Y", "j M Y", "D j M"} <= USED


@pytest.mark.parametrize("form", sorted(USED))
def test_dutch_months_have_no_capital(form):
    with translation.override("nl"):
        words = date_format(date(2026, 10, 23), form)
    assert "okt" in words and words == words.lower()


def test_english_months_have_one():
    with translation.override("en"):
        assert date_format(date(2026, 10, 23), "j M Y") == "23 Oct 2026"


@pytest.mark.parametrize(("language", "words"), [("en", "23 October 2026"), ("nl", "23 oktober 2026")])
def test_a_day_is_written_in_one_order_everywhere(language, words):
    with translation.override(language):
        assert date_format(date(2026, 10, 23)) == words
        assert date_format(datetime(2026, 10, 23, 14, 5), "DATETIME_FORMAT").removeprefix(words).strip(", ") == "14:05"
