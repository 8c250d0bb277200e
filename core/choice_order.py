"""The choices of filters, in the order in which pages offer them. Pure."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offered:
    """The choices of each filter, the value of the address first; countries by their codes."""

    segments: tuple[str, ...]
    teams: tuple[tuple[int, str], ...]
    countries: tuple[str, ...]
    owners: tuple[tuple[int, str], ...]
    tags: tuple[tuple[int, str], ...] = ()


def offered(
    segments: Iterable[str],
    teams: Iterable[tuple[int | None, str]],
    countries: Iterable[str],
    owners: Iterable[tuple[int, str]] = (),
    tags: Iterable[tuple[int, str]] = (),
) -> Offered:
    """Each choice once and in order; without empty values."""
    return Offered(
        segments=tuple(sorted(set(segments) - {""}, key=lambda name: (alphabetical(name), name))),
        teams=_in_order((pk, name) for pk, name in teams if pk is not None),
        countries=tuple(sorted(set(countries) - {""})),
        owners=_in_order(owners),
        tags=_in_order(tags),
    )


def alphabetical(name: str) -> str:
    """The sort key of a name: Åland stands at A, Équateur at E."""
    return "".join(char for char in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(char))


def _in_order(named: Iterable[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted(set(named), key=lambda pair: (alphabetical(pair[1]), pair)))
