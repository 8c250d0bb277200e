"""Past levels that an import recorded, taken back with it: before the accounts, which they hang on."""

from collections.abc import Callable
from functools import partial
from typing import Any

from accounts import derived
from accounts.bulk_models import BulkBatch
from accounts.importing.apply import BATCH
from accounts.importing.kinds import TakenBack
from accounts.importing.undo import Done, locked, remove
from accounts.importing.undo_checks import Reach, columns_before, hanging_on
from assessments.closing import RESULT_FIELDS
from assessments.models import Assessment
from audit import trail

Why = BulkBatch.Why


def taking_back(done: Done) -> Callable[[dict[int, Any], Reach], TakenBack]:
    """Lock the recorded results; what then takes them back."""
    rounds = locked(Assessment, done.of("assessment.recorded") | done.of("assessment.record_changed"))
    return partial(_take_back, done, rounds)


def _take_back(done: Done, rounds: dict[int, Any], accounts: dict[int, Any], reach: Reach) -> TakenBack:
    """Those that it made are gone, those that it changed as before; the levels of their accounts follow."""
    made, changed = done.of("assessment.recorded"), done.of("assessment.record_changed")
    in_use = hanging_on(Assessment, made)
    going, restored, found = [], [], TakenBack()
    for pk, (event, version) in sorted((made | changed).items()):
        one, account = rounds.get(pk), accounts.get(event.account_id or 0)
        if one is None or account is None or one.version != version:
            done.leave(event.account_id, Why.CHANGED)
        elif not reach.may(account):
            done.leave(event.account_id, Why.OUT_OF_REACH)
        elif pk in in_use:
            done.leave(event.account_id, Why.IN_USE)
        elif pk in made:
            going.append(one)
            found.changes.append(trail.Change("assessment.removed", one, before=_told(one)))
        elif event.redacted_on:
            done.leave(event.account_id, Why.GONE)
        else:
            before = _told(one)
            for name, value in columns_before(event, Assessment).items():
                setattr(one, name, value)
            one.version += 1
            restored.append(one)
            found.changes.append(trail.Change("assessment.record_changed", one, *trail.difference(before, _told(one))))
    Assessment.objects.bulk_update(restored, [*RESULT_FIELDS, "version"], batch_size=BATCH)
    remove(Assessment, going)
    derived.refresh({one.account_id for one in (*going, *restored)})
    found.removed = len(going)
    return found


def _told(assessment: Assessment) -> dict[str, Any]:
    return trail.snapshot(assessment, "held_on", *RESULT_FIELDS)
