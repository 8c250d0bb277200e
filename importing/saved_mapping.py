"""What a person said the columns of a file mean, for their next file with the same header names in the same order."""

import hashlib
import json
from collections.abc import Sequence

from accounts.models import User
from audit import trail
from importing.kinds import ACCOUNTS, Kind, kinds
from importing.mapping import Mapping, key
from importing.models import ImportMemory


def shape(headers: Sequence[str], kind: str = ACCOUNTS) -> str:
    """The header names without case, accents, spaces and punctuation, in their order, as 64 hex digits; of each kind others."""
    names: list = [key(header) for header in headers]
    return hashlib.sha256(json.dumps(names if kind == ACCOUNTS else [names, kind]).encode()).hexdigest()


def remembered(user: User, headers: Sequence[str], kind: Kind) -> Mapping | None:
    """What `user` said of the last file of this shape and kind; None of a new one. One statement."""
    kept = ImportMemory.objects.filter(user=user, shape=shape(headers, kind.name))
    columns = kept.values_list("columns", flat=True).first()
    if columns is None:
        return None
    return {int(index): field for index, field in columns.items() if field in kind.fields}


def remembered_kind(user: User, headers: Sequence[str]) -> Kind | None:
    """The kind that `user` said files of this shape are; None where they said none, or several. One statement."""
    shapes = {shape(headers, kind.name): kind for kind in kinds()}
    found = ImportMemory.objects.filter(user=user, shape__in=shapes).values_list("shape", flat=True)
    said = [shapes[one] for one in found]
    return said[0] if len(said) == 1 else None


def remember(user: User, headers: Sequence[str], mapping: Mapping, *, kind: Kind, guess: Mapping | None) -> None:
    """Keep `mapping` if it says something else than the guess, or than what is kept. Within the transaction of the choice.

    `guess` None: the kind itself is another than the guess.
    """
    columns = {str(index): field for index, field in mapping.items()}
    wanted = shape(headers, kind.name)
    kept = ImportMemory.objects.select_for_update().filter(user=user, shape=wanted).first()
    if (kept is None and mapping == guess) or (kept is not None and kept.columns == columns):
        return
    before = {"columns": kept.columns} if kept else None
    kept, _new = ImportMemory.objects.update_or_create(user=user, shape=wanted, defaults={"columns": columns})
    trail.record("import.mapping_remembered", kept, by=user, before=before, after={"columns": columns})
