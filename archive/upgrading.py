"""Convert records of earlier formats to the current one (decision 0013).

A record of the present format has every field. One of an earlier format may lack a field that came later.
"""

from functools import cache
from typing import Any

from django.db import models
from django.db.models import OuterRef, Subquery

from accounts.address_mark import LONG_AGO, mark_of
from accounts.models import Contact
from archive import VERSION
from archive.contents import archived, fields_of, kind_of
from assessments.measurement.agreement import agreement_word
from assessments.models import Assessment
from surveys.models import Invitation

FIRST = 1  # the oldest format that can be read

#: Kinds of format 1 whose model moved to another app.
RENAMED = {
    "accounts.importmemory": "importing.importmemory",
    "accounts.webhook": "webhooks.webhook",
    "assessments.invitation": "surveys.invitation",
}


def kind_now(kind: str, version: int) -> str:
    """The present name of a kind of the format `version`."""
    return RENAMED.get(kind, kind) if version == 1 else kind


def record_now(content: dict[str, Any], version: int) -> dict[str, Any]:
    """A record of the format `version`, converted to the current one; malformed content is returned unchanged."""
    kind, fields = content.get("model"), content.get("fields")
    if version >= VERSION or not isinstance(kind, str) or not isinstance(fields, dict):
        return content
    kind = kind_now(kind, version)
    return content | {
        "model": kind,
        "fields": _empty_fields(kind) | _found_later(kind, fields) | fields | _taken_away(kind, fields),
    }


def complete(version: int) -> None:
    """Fill what follows from other records of an archive of the format `version`, once all are stored. One statement."""
    if version == 1:
        # Whom mail was sent to is taken to have that address still.
        Invitation.objects.update(address=Subquery(Contact.objects.filter(pk=OuterRef("contact")).values("email")[:1]))


def _found_later(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What formats before 4 did not tell of contacts, results and responses, as far as the record itself gives it."""
    if kind == "accounts.contact":
        return {"address_mark": mark_of(str(fields.get("email") or ""), LONG_AGO)}
    if kind == "assessments.assessment":
        closed = fields.get("state") == Assessment.State.CLOSED and fields.get("origin") == Assessment.Origin.MEASURED
        return {"agreement_word": agreement_word(fields.get("agreement")) or "", "former_rule": closed}
    if kind != "assessments.response":
        return {}
    ours, contact, by_us = (fields.get(name) for name in ("user", "contact", "entered_by"))
    origin = "own" if ours else "api" if not contact else "told" if by_us else "link"
    counted = fields.get("submitted_at") is not None and fields.get("position") is not None
    return {"origin": origin, "counted": counted, "known_levels": fields.get("level")}


def _taken_away(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The decimals that a confidential result had before format 4."""
    confidential = kind == "assessments.assessment" and fields.get("visibility") == Assessment.Visibility.CONFIDENTIAL
    return {"customer_position": None, "agreement": None} if confidential else {}


@cache
def _empty_fields(kind: str) -> dict[str, Any]:
    """What the fields of a kind hold that a record of an earlier format may lack, since they came later: the default, or nothing."""
    model = next((model for model in archived() if kind_of(model) == kind), None)
    if model is None:
        return {}
    there = {field.name: field for field in model._meta.local_fields}
    links = {field.name for field in model._meta.local_many_to_many}
    empty = {name: there[name].get_default() for name in fields_of(model) if name in there and _may_be_lacking(there[name])}
    return empty | {name: [] for name in fields_of(model) if name in links}


def _may_be_lacking(field: models.Field) -> bool:
    """A moment that is taken from the clock is no default: the record has to tell it."""
    fixed = field.has_default() and not callable(field.default)
    return fixed or field.null or (field.blank and field.empty_strings_allowed)
