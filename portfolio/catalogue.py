"""The levels of an edition as pages show them, cached: every page reads them and editions rarely change."""

from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Count, F, OuterRef, StringAgg, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf
from modeltranslation.settings import DEFAULT_LANGUAGE
from modeltranslation.utils import get_language

from audit.figure_cache import cached_figures
from hierarchy.models import Indicator, Level, Play

SEPARATOR, COLUMN = "\n", "\t"


@dataclass(frozen=True, slots=True)
class LevelSummary:
    """One level, in the language of the page."""

    seen_as: str
    asked: int  # statements
    plays: tuple[str, ...]  # the titles of those that lead up to it, in their order


def rungs_of(edition: int | None, *, state: int, today: date) -> dict[int, LevelSummary]:
    """The levels of an edition by rank; of the published one for None. No statement when they are cached, else one."""
    return cached_figures("rungs", "all", today, edition, get_language(), state=state, make=lambda: _read(edition))


def _read(edition: int | None) -> dict[int, LevelSummary]:
    asked = (
        Indicator.objects.filter(edition=OuterRef("edition"), rank=OuterRef("rank"), active=True)
        .order_by()
        .values("edition")
        .annotate(number=Count("pk"))
        .values("number")
    )
    # The order is written before each title: not every SQLite has ORDER BY within an aggregate.
    # The output field is explicit: PostgreSQL needs the type, and the column of each language has a field class of its own.
    own, usual = F(f"title_{get_language()}"), F(f"title_{DEFAULT_LANGUAGE}")
    title = Coalesce(NullIf(own, Value("")), usual, output_field=CharField())
    line = Concat(Cast("order", CharField()), Value(COLUMN), title, output_field=CharField())
    plays = (
        Play.objects.filter(edition=OuterRef("edition"), to_rank=OuterRef("rank"))
        .order_by()
        .values("edition")
        .annotate(titles=StringAgg(line, Value(SEPARATOR)))
        .values("titles")
    )
    levels = Level.objects.filter(edition__state="published") if edition is None else Level.objects.filter(edition=edition)
    rows = levels.annotate(asked=Coalesce(Subquery(asked), 0), plays_to=Subquery(plays))
    return {level.rank: LevelSummary(level.seen_as, level.asked, _titles(level.plays_to)) for level in rows}


def _titles(lines: str | None) -> tuple[str, ...]:
    plays = [line.split(COLUMN, 1) for line in (lines or "").split(SEPARATOR) if line]
    return tuple(title for order, title in sorted(plays, key=lambda play: (int(play[0]), play[1])))
