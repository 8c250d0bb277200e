"""Personal data that notes hold of a contact: with whom they were, and names in their texts; exported, and removed by erasing."""

from typing import Any

from django.db.models import F

from accounts.acts.erasure import ContactData, PersonalEvents, Texts
from accounts.acts.merging import merged_with
from accounts.models import Account, Contact, User
from audit.models import Event
from notes.models import Note


def export(contact: Contact, _by: User) -> dict[str, Any]:
    """The notes of conversations with the person."""
    notes = contact.noted_in.newest_first().select_related("author")
    return {
        "notes": [{"held_on": one.held_on, "kind": one.kind, "text": one.text, "written_by": one.author.name} for one in notes]
    }


def events(contact: Contact) -> list[PersonalEvents]:
    """Those of notes that are, or before they were changed or deleted, with the person: their lists of people are removed."""
    accounts = [account.pk for account in merged_with(contact.account_id)]
    about = Event.objects.filter(account_id__in=accounts, object_type="notes.note")
    ids = {
        pk
        for pk, *contents in about.values_list("object_id", "before", "after")
        if pk and any(contact.pk in (content or {}).get("contacts", ()) for content in contents)
    }
    return [PersonalEvents(Note, sorted(ids), ("contacts",))]


def texts(account: Account) -> list[Texts]:
    return [Texts(Note.objects.filter(account=account), ["text"])]


def erase(contact: Contact) -> dict[str, int]:
    """Take the person out of the notes; their names in the texts are masked like in all others."""
    ids = list(contact.noted_in.values_list("pk", flat=True))
    contact.noted_in.clear()
    # Another version, so that a page that is open meanwhile does not put the person back.
    Note.objects.filter(pk__in=ids).update(version=F("version") + 1)
    return {"notes": len(ids)}


CONTACT_DATA = ContactData(texts=texts, export=export, events=events, erase=erase)
