"""Who is mentioned in a text: colleagues chosen from those who see the account, and names after an @.

Used for notes and for comments on actions. Nobody is mentioned who does not see the account, nor the author.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.models import Account, User
from accounts.permissions import readers_of
from mailing import outbox
from notes.models import MentionOf


def mentioned_in(text: str, account: Account, *, author: int, told: Collection[int] = ()) -> list[User]:
    """The colleagues whose ids are in `told`, and those whom `text` names after an @; not its author. One statement.

    Who does not see `account` is left out, and so is a name that several people have: those are chosen from the list.
    """
    people = [person for person in readers_of(account) if person.pk != author]
    named = _named_in(text, [person.name for person in people])
    return [person for person in people if person.pk in told or person.name.casefold() in named]


def _named_in(text: str, names: Iterable[str]) -> set[str]:
    """Those of the names, folded, that follow an @ in the text; of two that fit, the longer one."""
    folded = Counter(name.casefold() for name in names if name)
    found = set()
    rest = text.casefold()
    for name in sorted(folded, key=len, reverse=True):
        rest, count = re.subn(rf"(?<!\w)@{re.escape(name)}(?!\w)", " ", rest)
        if count and folded[name] == 1:
            found.add(name)
    return found


def store_mentions(
    model: type[MentionOf], about: Mapping[str, models.Model], people: Collection[User], *, letter: str
) -> list[int]:
    """Let exactly `people` be mentioned in the text `about` (field and object); tell the new ones by a letter. Their ids.

    The key of a letter names the text and the person, so nobody is told twice. Four statements at most.
    """
    ((_field, text),) = about.items()
    wanted = {person.pk for person in people}
    rows: Any = model._default_manager.filter(**about)
    there = set(rows.values_list("user", flat=True))
    if gone := there - wanted:
        rows.filter(user__in=gone).delete()
    new = sorted(wanted - there)
    model._default_manager.bulk_create(model(**about, user_id=pk) for pk in new)
    outbox.post_many(letter, {letter_key(letter, text.pk, pk): text.pk for pk in new})
    return sorted(wanted)


def letter_key(letter: str, about: int, user: int) -> str:
    return f"{letter}:{about}:{user}"


def mark_read(mention: MentionOf) -> None:
    """Take a mention from the desk of the person mentioned. A second time changes nothing."""
    type(mention)._default_manager.filter(pk=mention.pk, read_at=None).update(read_at=timezone.now())
