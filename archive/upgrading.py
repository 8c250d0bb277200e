"""Convert records of earlier formats to the current one (decision 0013).

A record of the present format has every field. One of an earlier format may lack a field that came later.
"""

from functools import cache
from typing import Any

from django.db import models
from django.db.models import OuterRef, Subquery

from accounts.models import Contact
from archive import VERSION
from archive.contents import archived, fields_of, kind_of
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
    return content | {"model": kind, "fields": _empty_fields(kind) | fields}


def complete(version: int) -> None:
    """Fill what follows from other records of an archive of the format `version`, once all are stored. One statement."""
    if version == 1:
        # Whom mail was sent to is taken to have that address still.
        Invitation.objects.update(address=Subquery(Contact.objects.filter(pk=OuterRef("contact")).values("email")[:1]))


@cache
def _empty_fields(kind: str) -> dict[str, Any]:
    """What the fields of a kind hold that a record of an earlier format may lack, since they came later: the default, or nothing."""
    model = next((model for model in archived() if kind_of(model) == kind), None)
    if model is None:
        return {}
    there = {field.name: field for field in model._meta.local_fields}
    return {name: there[name].get_default() for name in fields_of(model) if name in there and _may_be_lacking(there[name])}


def _may_be_lacking(field: models.Field) -> bool:
    """A moment that is taken from the clock is no default: the record has to tell it."""
    fixed = field.has_default() and not callable(field.default)
    return fixed or field.null or (field.blank and field.empty_strings_allowed)
