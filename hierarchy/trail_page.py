"""The audit trail of one edition, in words."""

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

MODELS = {"levels": Level, "indicators": Indicator, "plays": Play, "actions": PlayAction}
#: What a part is called by, where the trail names it as a whole.
MAIN_TEXT = ("customer", "title", "name")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that differs; an empty side was not there."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Happening:
    at: datetime
    who: str
    what: str
    lines: list[Line] = field(default_factory=list)


def lines_of(edition: Edition, most: int = 200) -> list[Happening]:
    """What happened to the edition, the latest first. One statement."""
    events = Event.objects.filter(object_type="hierarchy.edition", object_id=edition.pk).select_related("actor")
    return [
        Happening(
            event.at,
            str(event.actor) if event.actor else _("the system"),
            heading_of(event),
            list(_lines(event.before or {}, event.after or {})) if event.act == "edition.changed" else [],
        )
        for event in events[:most]
    ]


def _lines(before: dict[str, Any], after: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[Line]:
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        whole_part = path and path[-1] in MODELS and (name not in before or name not in after)
        if whole_part:
            yield Line(_label((*path, name)), _summary(old), _summary(new))
        elif isinstance(old, dict) or isinstance(new, dict):
            yield from _lines(old or {}, new or {}, (*path, name))
        else:
            yield Line(_label((*path, name)), _plain(old), _plain(new))


def _label(path: tuple[str, ...]) -> str:
    """Keys to words: ("indicators", "3b", "team_nl") is “Statement 3b, asked of our team · Nederlands”."""
    words: list[str] = []
    model: type[models.Model] = Edition
    for kind, name in pairwise(path):
        if kind in MODELS:
            model = MODELS[kind]
            words.append(f"{model._meta.verbose_name} {name}")
    if path[-2:-1] and path[-2] in MODELS:
        return _capital(", ".join(words))
    return _capital(", ".join([*words, _field_in_words(model, path[-1])]))


def _field_in_words(model, name: str) -> str:
    known = {"level": _("level"), "place": _("place"), "asked": _("asked")}
    if name in known:
        return known[name]
    for code, language in settings.LANGUAGES:
        if name.endswith(f"_{code}"):
            return f"{model._meta.get_field(name.removesuffix(f'_{code}')).verbose_name} · {language}"
    return str(model._meta.get_field(name).verbose_name)


def _summary(part: dict[str, Any] | None) -> str:
    """A part that came or went, by its main text."""
    if part is None:
        return ""
    texts = [part.get(f"{name}_{code}") for name in MAIN_TEXT for code, _language in settings.LANGUAGES]
    return next((text for text in texts if text), "–")


def _plain(value) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
