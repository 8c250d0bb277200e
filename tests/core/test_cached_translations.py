"""Sentences about cells are looked up once in a check, and not beyond it."""

import pytest
from django.utils.translation import override

from core import cached_translations
from importing.reading.table import read_table
from importing.rows import RowReader

SENTENCE = "“%(text)s” is not a country. Write its English or Dutch name or two letters, for example NL or US."


@pytest.fixture
def asked(monkeypatch):
    asked, real = [], cached_translations.translated
    monkeypatch.setattr(cached_translations, "translated", lambda sentence: asked.append(sentence) or real(sentence))
    return asked


def read(rows):
    table = read_table(("country\n" + "".join(f"Nowhere {n}\n" for n in range(rows))).encode())
    return [problem.reason for row in RowReader(table, {0: "country"}).rows() for problem in row.problems]


def test_within_a_check_each_is_looked_up_once(asked):
    with cached_translations.cached_translations():
        assert len(set(read(50))) == 50
    assert asked == [SENTENCE]


def test_elsewhere_each_time(asked):
    read(3)
    assert asked == [SENTENCE] * 3


def test_the_next_check_is_told_in_its_own_language():
    with override("en"), cached_translations.cached_translations():
        (english,) = read(1)
    with override("nl"), cached_translations.cached_translations():
        (dutch,) = read(1)
    assert english == SENTENCE % {"text": "Nowhere 0"} != dutch
