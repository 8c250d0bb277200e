"""What a file of an import may hold: accounts, contacts, and what rooms above register at start-up (`register_import_list`).

The pages, the worker and taking back are the same for all; a `Kind` says what differs.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.functional import Promise

from accounts.models import User
from core.jobs import JobRefused
from importing.mapping import ImportField, key
from importing.mapping import Mapping as Columns
from importing.reading.table import Table

type Text = str | Promise

ACCOUNTS = "accounts"


class NotNow(JobRefused):
    """The file cannot be imported as things are; the message says why."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Columns of which one has to be there, and what to say where none is."""

    fields: Collection[str]
    sentence: Text


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of import.

    `work` is the class that checks and stores its rows (`importing.list_work.ListWork`). `options(user, stored)` gives the
    choices of `form` as they hold now. `likely` tells whether these column names speak of this kind and no other. `new_rows` is
    the template that shows what is made; `sample` is a file as people may write it. `undo` takes back what a batch made beside
    accounts and contacts. `afterwards` is called when the rows of an import are all stored, and when they are all taken back.
    """

    name: str
    label: Text
    one_row: Text  # what a row is
    fields: Mapping[str, ImportField]
    needed: Sequence[Needed]
    guess: Callable[[Table], Columns]
    work: Callable[..., Any]
    form: Callable[..., Any]  # makes the form
    options: Callable[[User | None, dict], Any]
    sample: Sequence[list[Any]]
    new_rows: str
    likely: Callable[[Sequence[str]], bool] = lambda headers: False
    undo: Callable[..., Any] | None = None
    afterwards: Callable[[], object] | None = None


_kinds: dict[str, Kind] = {}


def register_import_list(one: Kind) -> None:
    """Name a kind of import; at start-up, since this room does not know the rooms above it."""
    _kinds[one.name] = one


def kinds() -> list[Kind]:
    """Accounts first, the others in the order of the apps."""
    return list(_kinds.values())


def kind_called(name: str) -> Kind | None:
    return _kinds.get(name)


def kind_of(job: Any) -> Kind:
    return _kinds[job.kind]


def call_afterwards(job: Any) -> None:
    """Call what the kind of an import has to do when all is stored or taken back, as soon as that is committed."""
    if afterwards := kind_of(job).afterwards:
        transaction.on_commit(afterwards)


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
