"""The levels of an edition as pages show them, cached: every page reads them and editions rarely change."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, F, OuterRef, StringAgg, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject, NullIf
from modeltranslation.settings import DEFAULT_LANGUAGE
from modeltranslation.utils import get_language

from assessments.rounds.explanation import AskedStatement
from audit.figure_cache import cached_figures
from hierarchy.models import AddressedStatement, Indicator, Level, Play

SEPARATOR = "\n"  # between records, which have no line break: JSON writes it as \\n
COLUMN = "\t"


@dataclass(frozen=True, slots=True)
class PlaySummary:
    """A play, in the language of the page, with the codes of the statements that it works on, the most direct first."""

    title: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelSummary:
    """One level, in the language of the page."""

    seen_as: str
    seen_as_ours: str
    statements: tuple[AskedStatement, ...]  # the active ones, in their order
    plays: tuple[PlaySummary, ...]  # those that lead up to it, in their order


def rungs_of(edition: int | None, *, state: int, today: date) -> dict[int, LevelSummary]:
    """The levels of an edition by rank; of the published one for None. No statement when they are cached, else one."""
    return cached_figures("rungs", "all", today, edition, get_language(), state=state, make=lambda: _read(edition))


def _read(edition: int | None) -> dict[int, LevelSummary]:
    statements = _together(
        Indicator.objects.filter(edition=OuterRef("edition"), rank=OuterRef("rank"), active=True),
        pk="pk", rank="rank", order="order", code="code", customer=_in_language("customer"), team=_in_language("team"),
    )  # fmt: skip
    plays = _together(
        Play.objects.filter(edition=OuterRef("edition"), to_rank=OuterRef("rank")),
        order="order", title=_in_language("title"), addresses=_addressed_codes(),
    )  # fmt: skip
    levels = Level.objects.filter(edition__state="published") if edition is None else Level.objects.filter(edition=edition)
    return {
        level.rank: LevelSummary(level.seen_as, level.seen_as_ours or "", _statements(level.asked), _plays(level.plays_to))
        for level in levels.annotate(asked=statements, plays_to=plays)
    }


def _together(rows: Any, **columns: Any) -> Subquery:
    """These columns of all rows of one edition in one text: a JSON object a line."""
    line = Cast(JSONObject(**columns), TextField())
    return Subquery(rows.order_by().values("edition").annotate(lines=StringAgg(line, Value(SEPARATOR))).values("lines"))


def _in_language(name: str) -> Coalesce:
    # The output field is explicit: PostgreSQL needs the type, and the column of each language has a field class of its own.
    own, usual = F(f"{name}_{get_language()}"), F(f"{name}_{DEFAULT_LANGUAGE}")
    return Coalesce(NullIf(own, Value("")), usual, output_field=CharField())


def _addressed_codes() -> Subquery:
    """The codes of the statements of a play, each with its place before it: not every SQLite has ORDER BY within an aggregate."""
    line = Concat(Cast("order", CharField()), Value(COLUMN), "indicator__code", output_field=CharField())
    rows = AddressedStatement.objects.filter(play=OuterRef("pk")).order_by().values("play")
    return Subquery(rows.annotate(codes=StringAgg(line, Value(SEPARATOR))).values("codes"))


def _statements(lines: str | None) -> tuple[AskedStatement, ...]:
    found = [AskedStatement(**row) for row in _rows(lines)]
    return tuple(sorted(found, key=lambda one: (one.order, one.code)))


def _plays(lines: str | None) -> tuple[PlaySummary, ...]:
    rows = sorted(_rows(lines), key=lambda row: (row["order"], row["title"]))
    return tuple(PlaySummary(row["title"], tuple(_in_order((row["addresses"] or "").split(SEPARATOR)))) for row in rows)


def _rows(lines: str | None) -> Sequence[dict[str, Any]]:
    return [json.loads(line) for line in (lines or "").split(SEPARATOR) if line]


def _in_order(lines: Iterable[str]) -> list[str]:
    places = [line.split(COLUMN, 1) for line in lines if line]
    return [code for place, code in sorted(places, key=lambda pair: int(pair[0]))]
