"""Convert records of earlier formats to the current one (decision 0013)."""

from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.models import Contact
from surveys.models import Invitation

FIRST = 1  # the oldest format that can be read

#: Kinds of format 1 whose model moved to another app.
RENAMED = {
    "accounts.importmemory": "importing.importmemory",
    "accounts.webhook": "webhooks.webhook",
    "assessments.invitation": "surveys.invitation",
}
#: Fields that records of format 1 lack, with their values.
ADDED: dict[str, dict[str, Any]] = {
    "surveys.invitation": {"address": ""},
}


def kind_now(kind: str, version: int) -> str:
    """The present name of a kind of the format `version`."""
    return RENAMED.get(kind, kind) if version == 1 else kind


def record_now(content: dict[str, Any], version: int) -> dict[str, Any]:
    """A record of the format `version`, converted to the current one; malformed content is returned unchanged."""
    kind, fields = content.get("model"), content.get("fields")
    if version != 1 or not isinstance(kind, str) or not isinstance(fields, dict):
        return content
    kind = kind_now(kind, version)
    return content | {"model": kind, "fields": ADDED.get(kind, {}) | fields}


def complete(version: int) -> None:
    """Fill what follows from other records of an archive of the format `version`, once all are stored. One statement."""
    if version == 1:
        # Whom mail was sent to is taken to have that address still.
        Invitation.objects.update(address=Subquery(Contact.objects.filter(pk=OuterRef("contact")).values("email")[:1]))
