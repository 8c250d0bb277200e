"""Create, change and delete a draft with all its parts: one lock, one version, one audit event."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import models, transaction

from audit import trail
from hierarchy.models import CONTENT, AddressedStatement, Edition, FrozenEdition, Indicator, Level, Play
from hierarchy.reading import addressed

Content = dict[str, Any]

LEVEL = ("name", "seen_as", "seen_as_ours", "description", "position")
INDICATOR = ("customer", "team")
PLAY = ("title", "why")


@transaction.atomic
def start_draft(edition: Edition, *, by: trail.Actor) -> Edition:
    """Store `edition` as a new draft with five empty levels."""
    edition.save()
    for rank in range(1, 6):
        Level.objects.create(edition=edition, rank=rank)
    trail.record("edition.created", edition, by=by, after=trail.snapshot(edition, *CONTENT))
    return edition


@contextmanager
def changing(edition: Edition, *, by: trail.Actor, seen: int) -> Iterator[None]:
    """Change the draft and its parts within this context, in one transaction with a new version and one event.

    `seen` is the version that the author saw. Raises StaleEdit or FrozenEdition, and changes nothing.
    """
    with transaction.atomic():
        stored = Edition.objects.select_for_update().get(pk=edition.pk)
        if stored.is_frozen:
            raise FrozenEdition
        before = content(stored)
        edition.save_version(seen, [])
        yield
        old, new = difference(before, content(Edition.objects.get(pk=edition.pk)))
        trail.record("edition.changed", edition, by=by, before=old, after=new)


@transaction.atomic
def delete_draft(edition: Edition, *, by: trail.Actor) -> None:
    """Delete a draft with all its parts. Raises FrozenEdition for another edition."""
    stored = Edition.objects.select_for_update().get(pk=edition.pk)
    trail.record("edition.deleted", stored, by=by, before=content(stored))
    stored.delete()


def set_addressed(play: Play, indicators: Sequence[Indicator]) -> None:
    """Make `indicators` the statements that the play addresses, the most direct first."""
    play.addresses.all().delete()
    for order, indicator in enumerate(indicators):
        AddressedStatement.objects.create(play=play, indicator=indicator, order=order)


def content(edition: Edition) -> Content:
    """The content of the edition as plain values; parts by rank, code or place. Five statements."""
    plays = edition.plays.prefetch_related("actions", addressed())
    return {
        **trail.snapshot(edition, *CONTENT),
        "levels": {str(level.rank): _texts(level, *LEVEL) for level in edition.levels.all()},
        "indicators": {
            one.code: {"level": one.rank, "place": place, "asked": one.active, **_texts(one, *INDICATOR)}
            for one, place in _placed(edition.indicators.all(), "rank")
        },
        "plays": {
            play.code: {
                "level": play.from_rank,
                "place": place,
                "addresses": ", ".join(play.addressed_codes),
                **_texts(play, *PLAY),
                "actions": {
                    str(number): {"days": action.days, **_texts(action, "title")}
                    for number, action in enumerate(play.actions.all(), start=1)
                },
            }
            for play, place in _placed(plays, "from_rank")
        },
    }


def difference(before: Content, after: Content) -> tuple[Content, Content]:
    """The entries of both that differ, recursively; an entry that one side lacks is absent there."""
    old, new = {}, {}
    for name in [*before, *(name for name in after if name not in before)]:
        if name in before and name in after and isinstance(before[name], dict):
            inner = difference(before[name], after[name])
            if any(inner):
                old[name], new[name] = inner
        elif before.get(name) != after.get(name):
            old |= {name: before[name]} if name in before else {}
            new |= {name: after[name]} if name in after else {}
    return old, new


def _texts(obj: models.Model, *fields: str) -> Content:
    return {f"{name}_{code}": getattr(obj, f"{name}_{code}") or "" for name in fields for code in ("en", "nl")}


def _placed(rows: Iterable[Any], group: str) -> Iterator[tuple[Any, int]]:
    """Each row with its place, from 1, among those of the same level."""
    count: dict[int, int] = {}
    for row in rows:
        rank = getattr(row, group)
        count[rank] = count.get(rank, 0) + 1
        yield row, count[rank]
