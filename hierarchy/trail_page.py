"""The history page of an edition: its audit events as text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from audit.acts import heading_of
from audit.models import Event
from hierarchy.models import Edition, Indicator, Level, Play, PlayAction
from hierarchy.publishing import words_of_field

MODELS = {"levels": Level, "indicators": Indicator, "plays": Play, "actions": PlayAction}
#: The fields that name a part which was added or removed as a whole.
MAIN_TEXT = ("customer", "title", "name")


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """A value that differs; an empty side did not exist."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EditionEvent:
    """An audit event with its changed values."""

    at: datetime
    who: str
    what: str
    changes: list[ChangedValue] = field(default_factory=list)
    note: str = ""


def events_of_edition(edition: Edition, most: int = 200) -> list[EditionEvent]:
    """The events of the edition, the latest first. One statement."""
    events = Event.objects.filter(object_type="hierarchy.edition", object_id=edition.pk).select_related("actor")
    return [
        EditionEvent(
            event.at,
            str(event.actor) if event.actor else _("the system"),
            heading_of(event),
            list(_changes(event)),
            _continuation(event),
        )
        for event in events[:most]
    ]


def _changes(event: Event) -> Iterator[ChangedValue]:
    """What a draft was changed in, and what was worded otherwise in one that was published as the same measure."""
    before, after = event.before or {}, event.after or {}
    if event.act == "edition.changed":
        yield from _changed_values(before, after)
    elif event.act == "edition.published":
        yield from _changed_values(before.get("indicators", {}), after.get("indicators", {}), ("indicators",))


def _continuation(event: Event) -> str:
    """Why the edition is the same measure as one before it; empty when it is not."""
    match (event.after or {}).get("continued_as"):
        case Edition.Continuation.EQUAL:
            return _("It asks the same with the same threshold as an edition before it, so it is the same measure.")
        case Edition.Continuation.WORDING:
            return _("Called the same measure as the edition before it: only wording was repaired.")
    return ""


def _changed_values(before: dict[str, Any], after: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[ChangedValue]:
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        whole_part = path and path[-1] in MODELS and (name not in before or name not in after)
        if whole_part:
            yield ChangedValue(_label((*path, name)), _summary(old), _summary(new))
        elif isinstance(old, dict) or isinstance(new, dict):
            yield from _changed_values(old or {}, new or {}, (*path, name))
        else:
            yield ChangedValue(_label((*path, name)), _plain(old), _plain(new))


def _label(path: tuple[str, ...]) -> str:
    """The label of a path: ("indicators", "3b", "team_nl") is “Statement 3b, asked of our team · Nederlands”."""
    words: list[str] = []
    model: type[models.Model] = Edition
    for kind, name in pairwise(path):
        if kind in MODELS:
            model = MODELS[kind]
            words.append(f"{model._meta.verbose_name} {name}")
    if path[-2:-1] and path[-2] in MODELS:
        return _capital(", ".join(words))
    return _capital(", ".join([*words, _field_in_words(model, path[-1])]))


def _field_in_words(model: type[models.Model], name: str) -> str:
    known = {"level": _("level"), "place": _("place"), "asked": _("asked"), "addresses": _("statements it works on")}
    if name in known:
        return known[name]
    for code, language in settings.LANGUAGES:
        if name.endswith(f"_{code}"):
            return f"{words_of_field(model, name.removesuffix(f'_{code}'))} · {language}"
    return words_of_field(model, name)


def _summary(part: dict[str, Any] | None) -> str:
    """The main text of a part that was added or removed."""
    if part is None:
        return ""
    texts = [part.get(f"{name}_{code}") for name in MAIN_TEXT for code, _language in settings.LANGUAGES]
    return next((text for text in texts if text), "–")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
