"""The derived columns of an account, and their one writer.

Each app that knows something about an account gives its share: a source is a function from account ids and a
day to the columns of each account. Sources are named at start-up (`AppConfig.ready`), because an app knows
only those below it. Every act that adds or withdraws a fact calls `refresh` in its transaction.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Account

type Columns = dict[str, Any]
type Source = Callable[[list[int], date], dict[int, Columns]]

_sources: list[Source] = []
BATCH = 1000


def derives(source: Source) -> Source:
    """Name `source` as giving derived columns: the same ones for each id that it is asked for."""
    if source not in _sources:
        _sources.append(source)
    return source


def refresh(account_ids: Iterable[int], *, today: date | None = None) -> int:
    """Write the derived columns of these accounts from their sources; the number of rows that changed."""
    today = today or timezone.localdate()
    ids = sorted(set(account_ids))
    return sum(_refresh_batch(ids[start : start + BATCH], today) for start in range(0, len(ids), BATCH))


def refresh_all(*, today: date | None = None) -> int:
    """The same for every account: the status of a target depends on the day too, so this runs each night."""
    return refresh(Account.objects.values_list("pk", flat=True), today=today)


def deviations(account_ids: list[int], today: date) -> Iterator[tuple[Account, Columns]]:
    """Each account whose stored columns differ from what its sources say, with the right values."""
    expected: dict[int, Columns] = {pk: {} for pk in account_ids}
    for source in _sources:
        for pk, columns in source(account_ids, today).items():
            expected[pk] |= columns
    for account in Account.objects.filter(pk__in=account_ids):
        wrong = {name: value for name, value in expected[account.pk].items() if getattr(account, name) != value}
        if wrong:
            yield account, wrong


@transaction.atomic
def _refresh_batch(ids: list[int], today: date) -> int:
    # Locked first, in one order: two rounds that close at once may touch the same accounts.
    list(Account.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    changed: list[Account] = []
    names: set[str] = set()
    for account, columns in deviations(ids, today):
        for name, value in columns.items():
            setattr(account, name, value)
        names |= set(columns)
        changed.append(account)
    if changed:
        Account.objects.bulk_update(changed, sorted(names), batch_size=200)
    return len(changed)
