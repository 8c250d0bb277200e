"""Undo an import of past levels: delete the results that it made and restore those that it changed.

It runs before the accounts of the import are deleted, which results refer to.
"""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import batched
from typing import Any

from accounts import derived
from accounts.models.bulk_change import BulkBatch
from assessments.models import Assessment
from assessments.past_levels.work import result_snapshot
from assessments.rounds.closing import RESULT_FIELDS
from audit import trail
from core.bulk_update import update_many
from importing.list_work import BATCH
from importing.undo import Done, ImportedFact, remove
from importing.undo_checks import LockedPart, Reach, columns_before, hanging_on, locked_parts

Why = BulkBatch.Why


def taking_back(done: Done) -> Callable[[dict[int, Any], Reach, list[trail.Change]], int]:
    """Lock the recorded results; return the function that takes them back."""
    rounds = locked_parts(Assessment, done.of("assessment.recorded").keys() | done.of("assessment.record_changed").keys())
    return partial(_take_back, done, rounds)


def _take_back(
    done: Done, rounds: dict[int, LockedPart], accounts: dict[int, Any], reach: Reach, changes: list[trail.Change]
) -> int:
    """Delete results that the import made, restore those that it changed, and refresh their accounts' levels."""
    made, changed = done.of("assessment.recorded"), done.of("assessment.record_changed")
    in_use = hanging_on(Assessment, made)
    going, free = [], []
    for pk, fact in sorted((made | changed).items()):
        one, account = rounds.get(pk), accounts.get(fact.account_id)
        if one is None or account is None or one.version != fact.version:
            done.leave(fact.account_id, Why.CHANGED)
        elif not reach.may(account):
            done.leave(fact.account_id, Why.OUT_OF_REACH)
        elif pk in in_use:
            done.leave(fact.account_id, Why.IN_USE)
        elif pk in made:
            going.append(pk)
        elif fact.redacted:
            done.leave(fact.account_id, Why.GONE)
        else:
            free.append(pk)
    for some in batched(going, BATCH):
        changes += [trail.Change("assessment.removed", one, before=result_snapshot(one)) for one in _in_order(some)]
    for some in batched(free, BATCH):
        changes += _restored(some, changed)
    remove(Assessment, going)
    derived.refresh({rounds[pk].account_id for pk in (*going, *free)})
    return len(going)


def _restored(pks: Iterable[int], changed: dict[int, ImportedFact]) -> list[trail.Change]:
    rows, changes = list(_in_order(pks)), []
    for one in rows:
        before = result_snapshot(one)
        for name, value in columns_before(changed[one.pk].before, Assessment).items():
            setattr(one, name, value)
        one.version += 1
        changes.append(trail.Change("assessment.record_changed", one, *trail.difference(before, result_snapshot(one))))
    update_many(rows, [*RESULT_FIELDS, "version"])
    return changes


def _in_order(pks: Iterable[int]) -> Iterable[Assessment]:
    return Assessment._base_manager.filter(pk__in=pks).order_by("pk")
