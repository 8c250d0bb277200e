"""An edition for reading pages: the five levels with their statements and plays."""

from dataclasses import dataclass, field

from django.db.models import Prefetch

from hierarchy.models import AddressedStatement, Edition, Indicator, Level, Play


@dataclass(slots=True)
class EditionLevel:
    """A level with its statements, and with the plays of the step to the next level; level 5 has none."""

    rank: int
    level: Level | None  # None when a draft lacks it
    statements: list[Indicator] = field(default_factory=list)
    plays: list[Play] = field(default_factory=list)

    @property
    def next_rank(self) -> int | None:
        return self.rank + 1 if self.rank < 5 else None


def addressed() -> Prefetch:
    """For querysets of plays: the statements that each addresses, the most direct first. One SQL statement."""
    return Prefetch("addresses", AddressedStatement.objects.select_related("indicator"))


def edition_levels(edition: Edition, *, asked_only: bool = True) -> list[EditionLevel]:
    """The levels from 1 to 5 with their active (or all) statements, plays, and the actions and statements of these.

    Five SQL statements.
    """
    levels = {level.rank: level for level in edition.levels.all()}
    found = {rank: EditionLevel(rank, levels.get(rank)) for rank in range(1, 6)}
    for indicator in edition.indicators.all():
        if indicator.active or not asked_only:
            found[indicator.rank].statements.append(indicator)
    for play in edition.plays.prefetch_related("actions", addressed()):
        found[play.from_rank].plays.append(play)
    return list(found.values())
