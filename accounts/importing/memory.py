"""What a person said the columns of a file mean, for their next file with the same header names in the same order."""

import hashlib
import json
from collections.abc import Sequence

from accounts.import_models import ImportMemory
from accounts.importing.mapping import FIELDS, Mapping, key
from accounts.models import User
from audit import trail


def shape(headers: Sequence[str]) -> str:
    """The header names without case, accents, spaces and punctuation, in their order, as 64 hex digits."""
    return hashlib.sha256(json.dumps([key(header) for header in headers]).encode()).hexdigest()


def remembered(user: User, headers: Sequence[str]) -> Mapping | None:
    """What `user` said of the last file of this shape; None of a new one. One statement."""
    columns = ImportMemory.objects.filter(user=user, shape=shape(headers)).values_list("columns", flat=True).first()
    if columns is None:
        return None
    return {int(index): field for index, field in columns.items() if field in FIELDS}


def remember(user: User, headers: Sequence[str], mapping: Mapping, *, guess: Mapping) -> None:
    """Keep `mapping` if it says something else than the guess, or than what is kept. Within the transaction of the choice."""
    columns = {str(index): field for index, field in mapping.items()}
    kept = ImportMemory.objects.select_for_update().filter(user=user, shape=shape(headers)).first()
    if (kept is None and mapping == guess) or (kept is not None and kept.columns == columns):
        return
    before = {"columns": kept.columns} if kept else None
    kept, _new = ImportMemory.objects.update_or_create(user=user, shape=shape(headers), defaults={"columns": columns})
    trail.record("import.mapping_remembered", kept, by=user, before=before, after={"columns": columns})
