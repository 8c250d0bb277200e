"""The people of two accounts that are merged: who is the same person becomes one, the others move."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.acts.contact_merging import MERGED, clear_superiors_elsewhere, filled, take_apart, unite
from accounts.acts.merge_parts import AccountPair
from accounts.models import Contact
from audit import trail
from audit.models import Event
from core.folding import same_text


@dataclass(frozen=True, slots=True)
class SameAddress:
    """A contact of each account with the same e-mail address."""

    kept: Contact
    merged: Contact

    @property
    def is_same_name(self) -> bool:
        return same_text(self.kept.name) == same_text(self.merged.name)


def same_addresses(pair: AccountPair, contacts: Iterable[Contact] | None = None) -> list[SameAddress]:
    """The contacts of both accounts that have one e-mail address. One statement where `contacts`, those of both, are not given."""
    if contacts is None:
        contacts = Contact.objects.filter(account__in=[pair.kept.pk, pair.merged.pk]).exclude(email="").order_by("pk")
    contacts = [contact for contact in contacts if contact.email]
    ours = {contact.email.casefold(): contact for contact in contacts if contact.account_id == pair.kept.pk}
    theirs = [contact for contact in contacts if contact.account_id == pair.merged.pk]
    return [SameAddress(ours[contact.email.casefold()], contact) for contact in theirs if contact.email.casefold() in ours]


def move_people(pair: AccountPair, same_people: Collection[int] | None) -> tuple[dict[str, Any], list[trail.Change]]:
    """Unite who is the same person and move the others; what undoing needs, and the events."""
    rows = Contact.objects.select_for_update(of=("self",)).filter(account__in=[pair.kept.pk, pair.merged.pk])
    contacts = list(rows.order_by("pk"))
    for contact in contacts:
        contact.account = pair.kept if contact.account_id == pair.kept.pk else pair.merged
    alike = same_addresses(pair, contacts)
    same = [one for one in alike if (one.is_same_name if same_people is None else one.merged.pk in same_people)]
    united = {one.merged.pk: one.kept.pk for one in same}
    twins = [(one.kept, one.merged) for one in same]
    changes = unite(twins, filled(twins), with_account=pair.merged.pk)
    without = [one.merged for one in alike if one.merged.pk not in united]
    for contact in without:
        changes.append(trail.Change("contact.changed", contact, {"email": contact.email}, {"email": ""}))
    addresses = {contact.pk: contact.email for contact in without}
    Contact.objects.filter(pk__in=addresses).update(email="")
    moving = [contact.pk for contact in contacts if contact.account_id == pair.merged.pk and contact.pk not in united]
    Contact.objects.filter(pk__in=moving).update(account=pair.kept, version=F("version") + 1)
    for change in changes:
        change.obj.account_id = pair.kept.pk  # type: ignore[attr-defined]
    return {
        "contacts": moving,
        "addresses": [[pk, email] for pk, email in addresses.items()],
        "united": [[pk, kept] for pk, kept in united.items()],
    }, changes


def give_people_back(pair: AccountPair, undo: Mapping[str, Any], event: Event) -> list[trail.Change]:
    rows = Contact.objects.select_for_update(of=("self",)).filter(account__in=[pair.kept.pk, pair.merged.pk])
    contacts = {contact.pk: contact for contact in rows.order_by("pk")}
    for contact in contacts.values():
        contact.account = pair.kept if contact.account_id == pair.kept.pk else pair.merged
    back = [pk for pk in undo["contacts"] if pk in contacts and contacts[pk].account_id == pair.kept.pk]
    Contact.objects.filter(pk__in=back).update(account=pair.merged, version=F("version") + 1)
    changes = []
    for pk, email in undo["addresses"]:
        contact = contacts[pk] if pk in back else Contact()
        if contact.pk and not contact.email and not contact.erased_on and "@" in email:
            contact.email, contact.account_id = email, pair.merged.pk
            changes.append(trail.Change("contact.changed", contact, {"email": ""}, {"email": email}))
    if changes:
        Contact.objects.bulk_update([contacts[change.obj.pk] for change in changes], ["email"], batch_size=200)
    if undo["united"]:
        wanted = {kept for _merged, kept in undo["united"]}
        if missing := wanted - {pk for pk in wanted if pk in contacts and not contacts[pk].erased_on}:
            told = _("%(n)s of the people who were united were erased or merged since.") % {"n": len(missing)}
            raise ValidationError([_("This can no longer be taken back."), told], code="gone")
        gone = {merged for merged, _kept in undo["united"]}
        events = Event.objects.filter(
            object_type__in=trail.names_of(Contact), object_id__in=wanted, act=MERGED, redacted_on=None, pk__lt=event.pk
        )
        told_of = [one for one in events.order_by("pk") if (one.after or {}).get("contact") in gone]
        changes += take_apart({pk: contacts[pk] for pk in wanted}, told_of, account_id=pair.merged.pk)
    clear_superiors_elsewhere([pair.kept.pk, pair.merged.pk])
    return changes
