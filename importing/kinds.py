"""What a file of an import may hold: accounts, contacts, and what apps above name at start-up (`register_import_list`).

The pages, the worker and taking back are the same for all; a `Kind` says what differs.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from accounts.models import User
from core.jobs import JobRefused
from importing.mapping import ImportField, key
from importing.mapping import Mapping as Columns
from importing.reading.table import Table

type Text = str | Promise
#: Locks the rows that an import of this kind wrote. The function that it gives then takes them back, notes what the trail says
#: of each, and tells how many of them are gone.
type TakingBack = Callable[[Any], Callable[[dict[int, Any], Any, Any], int]]

ACCOUNTS = "accounts"


class NotNow(JobRefused):
    """The file cannot be imported as things are; the message says why."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Columns of which one has to be there, and what to say where none is."""

    fields: Collection[str]
    sentence: Text


def _nothing_of_its_own(_done: Any) -> Callable[[dict[int, Any], Any, Any], int]:
    return lambda accounts, reach, events: 0


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of import.

    `check(table, columns, options, tick=)` plans and writes nothing, `apply(table, columns, options, skip_rejected=, note=,
    watch=)` writes in one transaction; both raise NotNow. `options(user, stored)` gives the choices of `form` as they hold
    now. `likely` tells whether these column names speak of this kind and no other. `new_rows` is the template that shows
    what is made, from the plain values that `new_row` gives of each row; `sample` is a file as people may write it, and `told` what
    else a report keeps.
    """

    name: str
    label: Text
    one_row: Text  # what a row is
    fields: Mapping[str, ImportField]
    needed: Sequence[Needed]
    guess: Callable[[Table], Columns]
    check: Callable[..., Any]
    apply: Callable[..., Any]
    form: Callable[..., Any]  # makes the form
    options: Callable[[User, dict], Any]
    sample: Sequence[list[Any]]
    new_row: Callable[[Any], dict[str, Any]]
    new_rows: str
    likely: Callable[[Sequence[str]], bool] = lambda headers: False
    undo: TakingBack = _nothing_of_its_own
    told: Callable[[Any], dict[str, int]] = lambda report: {}


_kinds: dict[str, Kind] = {}


def register_import_list(one: Kind) -> None:
    """Name a kind of import; at start-up, since `accounts` does not know the apps above it."""
    _kinds[one.name] = one


def kinds() -> list[Kind]:
    """Accounts first, the others in the order of the apps."""
    return list(_kinds.values())


def kind_called(name: str) -> Kind | None:
    return _kinds.get(name)


def kind_of(job: Any) -> Kind:
    return _kinds[job.kind]


def likely_kind(headers: Sequence[str]) -> Kind:
    """What a file with these column names holds: accounts, unless they speak of something else."""
    return next((one for one in _kinds.values() if one.likely(headers)), _kinds[ACCOUNTS])


def guess_by_names(headers: Sequence[str], known: Mapping[str, Sequence[str]]) -> Columns:
    """The likely field of each column by its name; a field goes to one column, the one with the surest name.

    `known` has the names of each field as `key` makes them, the surest first.
    """
    claims = sorted(
        (names.index(plain), index, name)
        for index, plain in enumerate(map(key, headers))
        for name, names in known.items()
        if plain in names
    )
    found: Columns = {}
    for _rank, index, name in claims:
        if index not in found and name not in found.values():
            found[index] = name
    return found
