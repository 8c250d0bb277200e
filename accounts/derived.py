"""The derived columns of an account, and their one writer; `manage.py verify_derived` proves them against their sources.

Each app that knows something about an account gives its share: a source is a function from account ids and a
day to the columns of each account. Sources are named at start-up (`AppConfig.ready`), because an app knows
only those below it. Every act that adds or withdraws a fact calls `refresh` in its transaction. Who wants to hear what
changed names a watcher in the same way.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.tasks import task

from accounts.models import Account, ExchangeRate
from audit import trail
from core import days

type Columns = dict[str, Any]
type Source = Callable[[list[int], date], dict[int, Columns]]
type Watcher = Callable[["list[Moved]"], None]

BATCH = 1000
DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)  # as many as SQLite keeps of a number


class Occasion(Enum):
    """Why columns are written anew: somebody acted, the day changed, or what was wrong or empty is filled in."""

    ACT = "act"
    NIGHT = "night"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Moved:
    """An account with its new columns, and what those that changed were before."""

    account: Account
    before: Columns

    def was(self, name: str) -> Any:
        return self.before.get(name, getattr(self.account, name))


def worth_columns(account_ids: list[int], _today: date) -> dict[int, Columns]:
    """What accounts know by themselves: their revenue in the reporting currency. Two statements."""
    rates = exchange_rates()
    rows = Account.objects.filter(pk__in=account_ids).values_list("pk", "revenue", "currency")
    return {pk: {"worth": worth_of(revenue, currency, rates)} for pk, revenue, currency in rows}


_sources: list[Source] = [worth_columns]
_watchers: dict[Occasion, list[Watcher]] = {occasion: [] for occasion in Occasion}


def derives(source: Source) -> Source:
    """Name `source` as giving derived columns: the same ones for each id that it is asked for."""
    if source not in _sources:
        _sources.append(source)
    return source


def watches(watcher: Watcher, *occasions: Occasion) -> None:
    """Call `watcher` with what changed on these occasions, in the transaction that writes it."""
    for occasion in occasions:
        if watcher not in _watchers[occasion]:
            _watchers[occasion].append(watcher)


def refresh(account_ids: Iterable[int], *, today: date | None = None, occasion: Occasion = Occasion.ACT) -> int:
    """Write the derived columns of these accounts from their sources; the number of rows that changed."""
    today = today or days.today()
    ids = sorted(set(account_ids))
    return sum(_refresh_batch(ids[start : start + BATCH], today, occasion) for start in range(0, len(ids), BATCH))


@task
def refresh_derived_columns() -> int:
    """Shortly after midnight, since the status of a target depends on the day; the number of accounts that changed."""
    return refresh_all()


def refresh_all(*, today: date | None = None) -> int:
    """The same for every account: the status of a target depends on the day too, so this runs each night."""
    changed = refresh(Account.objects.values_list("pk", flat=True), today=today, occasion=Occasion.NIGHT)
    if changed:
        tell_refreshed(changed)
    return changed


def tell_refreshed(accounts: int) -> None:
    """The trail numbers the state of the data, by which figures that are kept know that they are old."""
    trail.record("accounts.refreshed", Account(), by=None, after={"accounts": accounts})


def exchange_rates() -> dict[str, Decimal]:
    """What one unit of each currency is worth in the reporting currency. One statement."""
    return dict(ExchangeRate.objects.values_list("currency", "rate")) | {settings.REPORTING_CURRENCY: Decimal(1)}


def worth_of(revenue: Decimal | None, currency: str, rates: Mapping[str, Decimal]) -> Decimal | None:
    """`revenue` in the reporting currency, in cents; None without it or without a rate."""
    rate = rates.get(currency)
    if revenue is None or rate is None:
        return None
    return DIGITS.multiply(Decimal(revenue), rate).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def preset(accounts: Iterable[Account]) -> None:
    """The derived columns of accounts that are about to be stored for the first time; they have no history yet."""
    rates = exchange_rates()
    for account in accounts:
        account.worth = worth_of(account.revenue, account.currency, rates)


def deviations(account_ids: list[int], today: date) -> Iterator[tuple[Account, Columns]]:
    """Each account whose stored columns differ from what its sources say, with the right values."""
    expected: dict[int, Columns] = {pk: {} for pk in account_ids}
    for source in _sources:
        for pk, columns in source(account_ids, today).items():
            expected[pk] |= columns
    names = {name for columns in expected.values() for name in columns}
    for account in Account.objects.filter(pk__in=account_ids).only("name", *names):
        wrong = {name: value for name, value in expected[account.pk].items() if getattr(account, name) != value}
        if wrong:
            yield account, wrong


@transaction.atomic
def _refresh_batch(ids: list[int], today: date, occasion: Occasion) -> int:
    # Locked first, in one order: two rounds that close at once may touch the same accounts.
    list(Account.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    changed: list[Account] = []
    moved: list[Moved] = []
    names: set[str] = set()
    for account, columns in deviations(ids, today):
        moved.append(Moved(account, {name: getattr(account, name) for name in columns}))
        for name, value in columns.items():
            setattr(account, name, value)
        names |= set(columns)
        changed.append(account)
    if changed:
        Account.objects.bulk_update(changed, sorted(names), batch_size=200)
        for watcher in _watchers[occasion]:
            watcher(moved)
    return len(changed)
