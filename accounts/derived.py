"""Derived columns of accounts: computed from sources and written by `refresh` alone.

A source is a function from a batch of accounts to the columns of each account. Rooms register their sources at start-up
(`register_derived_columns`), because this room imports none above it. Every act that adds or withdraws a fact calls
`refresh` in its transaction. What is made of all accounts and used for each is made before all of them are refreshed
(`register_preparation`). A watcher is called with the changes of a refresh (`register_watcher`).
`manage.py verify_derived` compares the stored columns with their sources.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import Enum
from typing import Any

from django.db import transaction
from django.tasks import task

from accounts.models import Account, ExchangeRate
from audit import trail
from core import days, organisation
from core.bulk_update import update_many

type Columns = dict[str, Any]
type Source = Callable[["AccountBatch"], dict[int, Columns]]
type Watcher = Callable[["list[DerivedChange]"], None]
type Preparation = Callable[[date], object]

BATCH = 1000
#: The fields that people type and columns are computed from: whoever changes one of them refreshes the account.
TYPED_SOURCES = frozenset({"revenue", "currency", "segment"})
FIFTEEN_DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)  # SQLite stores a number as a float, exact to 15 digits


class Occasion(Enum):
    """Why columns are refreshed: an act changed a fact, the day changed, or wrong or empty columns are repaired."""

    ACT = "act"
    NIGHT = "night"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class AccountBatch:
    """The accounts whose columns are computed together, by their ids, and the day for which they are."""

    ids: list[int]
    today: date
    _read: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False)

    def once[T](self, reading: Callable[[list[int], date], T]) -> T:
        """The result of `reading(ids, today)`, which several sources ask for and which is read once."""
        if reading not in self._read:
            self._read[reading] = reading(self.ids, self.today)
        return self._read[reading]


@dataclass(frozen=True, slots=True)
class DerivedChange:
    """An account with its new derived columns; `before` holds the former values of the columns that changed."""

    account: Account
    before: Columns

    def previous(self, name: str) -> Any:
        """The value of a column before the refresh."""
        return self.before.get(name, getattr(self.account, name))


def worth_columns(batch: AccountBatch) -> dict[int, Columns]:
    """What accounts know by themselves: their revenue in the reporting currency. Two statements."""
    rates = exchange_rates()
    rows = Account.objects.filter(pk__in=batch.ids).values_list("pk", "revenue", "currency")
    return {pk: {"worth": worth_of(revenue, currency, rates)} for pk, revenue, currency in rows}


_sources: list[Source] = [worth_columns]
_preparations: list[Preparation] = []
_watchers: dict[Occasion, list[Watcher]] = {occasion: [] for occasion in Occasion}


def register_derived_columns(source: Source) -> Source:
    """Register a source. It has to return the same columns for each id. A second registration changes nothing."""
    if source not in _sources:
        _sources.append(source)
    return source


def register_preparation(preparation: Preparation) -> None:
    """Call `preparation` with the day before all accounts are refreshed."""
    if preparation not in _preparations:
        _preparations.append(preparation)


def register_watcher(watcher: Watcher, *occasions: Occasion) -> None:
    """Call `watcher` with the changes of every refresh on these occasions, in the transaction that writes them."""
    for occasion in occasions:
        if watcher not in _watchers[occasion]:
            _watchers[occasion].append(watcher)


def refresh(account_ids: Iterable[int], *, today: date | None = None, occasion: Occasion = Occasion.ACT) -> int:
    """Compute and store the derived columns of these accounts; returns the number of accounts that changed."""
    today = today or days.today()
    ids = sorted(set(account_ids))
    return sum(_refresh_batch(ids[start : start + BATCH], today, occasion) for start in range(0, len(ids), BATCH))


@task
def refresh_derived_columns() -> int:
    """Task: `refresh_all`, shortly after midnight. Returns the number of accounts that changed."""
    return refresh_all()


def refresh_all(*, today: date | None = None, occasion: Occasion = Occasion.NIGHT) -> int:
    """Refresh every account. It runs each night, because the status of a target depends on the day."""
    today = today or days.today()
    prepare(today)
    changed = refresh(Account.objects.values_list("pk", flat=True), today=today, occasion=occasion)
    if changed:
        record_refresh(changed)
    return changed


def prepare(today: date) -> None:
    """Make what is made of all accounts. `refresh_all` does; so does whoever refreshes all of them in batches."""
    for preparation in _preparations:
        preparation(today)


def record_refresh(accounts: int) -> None:
    """Record that a refresh changed this many accounts: the newest event is the version of cached figures."""
    trail.record("accounts.refreshed", Account(), by=None, after={"accounts": accounts})


def exchange_rates() -> dict[str, Decimal]:
    """The value of one unit of each currency in the reporting currency. One statement."""
    return dict(ExchangeRate.objects.values_list("currency", "rate")) | {organisation.reporting_currency(): Decimal(1)}


def worth_of(revenue: Decimal | None, currency: str, rates: Mapping[str, Decimal]) -> Decimal | None:
    """`revenue` in the reporting currency, rounded to cents; None without a revenue or a rate."""
    rate = rates.get(currency)
    if revenue is None or rate is None:
        return None
    return FIFTEEN_DIGITS.multiply(Decimal(revenue), rate).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def set_initial_columns(accounts: Iterable[Account]) -> None:
    """Set the derived columns of new accounts before they are stored: only `worth`, as they have no history yet."""
    rates = exchange_rates()
    for account in accounts:
        account.worth = worth_of(account.revenue, account.currency, rates)


def deviations(account_ids: list[int], today: date) -> Iterator[tuple[Account, Columns]]:
    """Each account whose stored columns differ from its sources, with the correct values."""
    expected: dict[int, Columns] = {pk: {} for pk in account_ids}
    batch = AccountBatch(account_ids, today)
    for source in _sources:
        for pk, columns in source(batch).items():
            expected[pk] |= columns
    names = {name for columns in expected.values() for name in columns}
    for account in Account.objects.filter(pk__in=account_ids).only("name", *names):
        corrections = {name: value for name, value in expected[account.pk].items() if getattr(account, name) != value}
        if corrections:
            yield account, corrections


@transaction.atomic(savepoint=False)
def _refresh_batch(ids: list[int], today: date, occasion: Occasion) -> int:
    # Locked first and in order: two rounds that close at once may refresh the same accounts.
    list(Account.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    changes: list[DerivedChange] = []
    names: set[str] = set()
    for account, columns in deviations(ids, today):
        changes.append(DerivedChange(account, {name: getattr(account, name) for name in columns}))
        for name, value in columns.items():
            setattr(account, name, value)
        names |= set(columns)
    if changes:
        update_many([change.account for change in changes], sorted(names))
        for watcher in _watchers[occasion]:
            watcher(changes)
    return len(changes)
