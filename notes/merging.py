"""Notes when accounts, or contacts, are merged."""

from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.acts.merge_parts import AccountPair, AccountPart, ContactPart, Ids, Noted, People
from notes.models import Note

NAMED = 5  # notes that a sentence names
WithWhom = Note.contacts.through


def _drop_second(people: People) -> dict[int, Noted]:
    """Where both were in a note, the merged contact leaves it. Two statements at most."""
    rows = list(WithWhom.objects.filter(contact__in={*people, *people.values()}).order_by("pk"))
    taken = {(row.contact_id, row.note_id) for row in rows if row.contact_id not in people}
    noted: dict[int, Noted] = {}
    gone: Ids = []
    for row in rows:
        if row.contact_id not in people:
            continue
        place = (people[row.contact_id], row.note_id)
        if place in taken:
            gone.append(row.pk)
            noted.setdefault(row.contact_id, {"notes": []})["notes"].append(row.note_id)
        taken.add(place)  # of two who are merged into the same person, the second leaves it
    if gone:
        WithWhom.objects.filter(pk__in=gone).delete()
    return noted


def _join_again(noted: dict[int, Noted]) -> None:
    """Let the merged contacts be in those notes again that are still there."""
    pairs = {(contact, note) for contact, told in noted.items() for note in told["notes"]}
    there = set(Note.objects.filter(pk__in=[note for _contact, note in pairs]).values_list("pk", flat=True))
    rows = [WithWhom(contact_id=contact, note_id=note) for contact, note in sorted(pairs) if note in there]
    WithWhom.objects.bulk_create(rows, ignore_conflicts=True)


def notes_elsewhere(pair: AccountPair) -> list[str]:
    """Notes of one of the accounts with people who would go to the other one, since these were one."""
    notes = WithWhom.objects.filter(note__account__in=[pair.kept.pk, pair.merged.pk])
    astray = notes.exclude(contact__account=F("note__account")).order_by("note__held_on", "pk")
    told = _("The note of %(day)s is with %(name)s, who would go to the other account.")
    return [
        told % {"name": name or _("Erased person"), "day": date_format(day, "j M Y")}
        for name, day in astray.values_list("contact__name", "note__held_on")[:NAMED]
    ]


NOTES = AccountPart(Note, "account")
WITH_WHOM = ContactPart(WithWhom, "contact", prepare=_drop_second, restore=_join_again)
