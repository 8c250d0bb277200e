"""What a person said of the columns and values of a file, for their next file with the same header names in the same order."""

import hashlib
import json
from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from typing import Any

from accounts.models import User
from audit import trail
from importing.kinds import ACCOUNTS, Kind, kinds
from importing.mapping import Mapping, key, needs_money_choice
from importing.models import ImportJob, ImportMemory
from importing.unknown_values import REST

MOST_ANSWERS = 1000  # of a field


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

    `guess` None: the kind itself is another than the guess. That amounts are not to be imported is no guess.
    """
    columns = {str(index): field for index, field in mapping.items()}
    wanted = shape(headers, kind.name)
    kept = ImportMemory.objects.select_for_update().filter(user=user, shape=wanted).first()
    only_guessed = mapping == guess and not (kind.name == ACCOUNTS and needs_money_choice(headers, mapping))
    if (kept is None and only_guessed) or (kept is not None and kept.columns == columns):
        return
    before = {"columns": kept.columns} if kept else None
    kept, _new = ImportMemory.objects.update_or_create(user=user, shape=wanted, defaults={"columns": columns})
    trail.record("import.mapping_remembered", kept, by=user, before=before, after={"columns": columns})


def remembered_answers(user: User, headers: Sequence[str], kind: Kind) -> dict[str, dict[str, Any]]:
    """What `user` said of values in files of this shape and kind: the first `options["answers"]` of an import. One statement."""
    kept = ImportMemory.objects.filter(user=user, shape=shape(headers, kind.name))
    return kept.values_list("answers", flat=True).first() or {}


def remember_answers(job: ImportJob, headers: Sequence[str], answers: ReadOnly[str, ReadOnly[str, Any]]) -> None:
    """Keep what was said of single values; not what was said of all others, which are others in the next file."""
    wanted = shape(headers, job.kind)
    kept, _new = ImportMemory.objects.select_for_update().get_or_create(
        user=job.user, shape=wanted, defaults={"columns": job.columns}
    )
    before = kept.answers
    for name, values in answers.items():
        said = before.get(name, {}) | {text: value for text, value in values.items() if text != REST}
        kept.answers = kept.answers | {name: dict(list(said.items())[-MOST_ANSWERS:])}
    if kept.answers != before:
        kept.save(update_fields=["answers"])
        trail.record(
            "import.answers_remembered",
            kept,
            by=job.user,
            after={"answers": {name: len(said) for name, said in kept.answers.items()}},
        )
