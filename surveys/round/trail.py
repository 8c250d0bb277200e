"""The events of one round for its page: opened, changed, closed, reopened; by whom, when, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.models import Assessment
from audit.acts import heading_of
from audit.models import Event


@dataclass(frozen=True, slots=True)
class TrailLine:
    at: datetime
    who: str
    what: str
    detail: str
    reason: str


def trail_of(assessment: Assessment, *, figures: bool) -> list[TrailLine]:
    """The events, newest first; without `figures` neither a withdrawn result nor the reason is shown. One statement."""
    events = Event.objects.filter(object_type=Assessment._meta.label_lower, object_id=assessment.pk).select_related("actor")
    return [
        TrailLine(
            event.at, str(event.actor or ""), heading_of(event), _detail(event, figures=figures), event.note if figures else ""
        )
        for event in events
    ]


def _detail(event: Event, *, figures: bool) -> str:
    before, after = event.before or {}, event.after or {}
    if event.act in {"assessment.closed", "assessment.recorded"}:
        return _levels(after) if figures else ""
    if event.act == "assessment.reopened":
        return _("withdrawn: %(levels)s") % {"levels": _levels(before)} if figures else _("the result was withdrawn")
    if event.act == "assessment.record_changed":
        return _("%(new)s; before: %(old)s") % {"new": _levels(after), "old": _levels(before)} if figures else ""
    if event.act == "assessment.changed":
        changed = []
        if "held_on" in after:
            changed.append(_("dated %(new)s, was %(old)s") % {"new": _day(after["held_on"]), "old": _day(before["held_on"])})
        if "raters" in after:
            changed.append(_("who of our people is asked"))
        if "closes_on" in after:
            changed.append(_("can be answered until %(day)s") % {"day": _day(after["closes_on"])})
        if "visibility" in after:
            changed.append(str(dict(Assessment.Visibility.choices).get(after["visibility"], "")))
        return ", ".join(changed)
    return _("dated %(day)s") % {"day": _day(after["held_on"])} if "held_on" in after else ""


def _levels(result: Mapping[str, Any]) -> str:
    sides = []
    if result.get("customer_level") is not None:
        sides.append(_("they %(level)s") % {"level": result["customer_level"]})
    if result.get("team_level") is not None:
        sides.append(_("we %(level)s") % {"level": result["team_level"]})
    return ", ".join(sides)


def _day(text: str) -> str:
    day: date | None = parse_date(text)
    return date_format(day) if day else text
