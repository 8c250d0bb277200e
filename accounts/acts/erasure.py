"""Export and erasure of the personal data of a contact.

Rooms above this one store personal data too. Each registers a `ContactData` at start-up (`register_contact_data`): what an
export contains, what erasure removes, which events of the trail are about the contact, and which free texts of an account
may mention them.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.acts.contact_merging import MERGED as CONTACT_MERGED
from accounts.acts.contact_merging import TAKEN_APART, merged_ids
from accounts.acts.merging import merged_with
from accounts.fields import CONTACT, SHEET
from accounts.models import Account, Contact, User
from audit import trail
from audit.models import Event
from audit.redaction import Cleaned, redact
from core import days
from core.models import FormKey

NAME_PLACEHOLDER = "[…]"  # replaces the name in texts that other people wrote
MIN_NAME_LENGTH = 2  # characters; texts are not searched for shorter names


@dataclass(frozen=True, slots=True)
class Texts:
    """Free-text columns of some rows, or JSON with texts in it: they may mention the contact."""

    rows: models.QuerySet
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class PersonalEvents:
    """Events of the trail about the contact: those whose object is of `model` and one of `ids`.

    `personal` names the keys of their content to remove; None removes all content. A name also covers the keys that
    begin with it and a space (“evidence 3”).
    """

    model: type[models.Model]
    ids: Sequence[int]
    personal: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class ContactData:
    """The functions by which one room takes part in the export and erasure of a contact.

    `lock` locks the rows that the room's own acts lock before the account. `erase` returns how many objects of each kind
    it removed.
    """

    texts: Callable[[Account], list[Texts]] = lambda account: []
    export: Callable[[Contact, User], dict[str, Any]] = lambda contact, by: {}
    events: Callable[[Contact], list[PersonalEvents]] = lambda contact: []
    lock: Callable[[Contact], None] = lambda contact: None
    erase: Callable[[Contact], dict[str, int]] = lambda contact: {}


_registered: list[ContactData] = []


def register_contact_data(contact_data: ContactData) -> None:
    """Include `contact_data` in every export and erasure. A second registration changes nothing."""
    if contact_data not in _registered:
        _registered.append(contact_data)


@transaction.atomic
def export_contact(contact: Contact, *, by: User) -> dict[str, Any]:
    """The personal data of the contact that `by` may read, as JSON-serialisable values. Records an event.

    `left_out` lists in words what the export does not contain.
    """
    found: dict[str, Any] = {
        "made_at": timezone.now(),
        "contact": trail.snapshot(contact) | {"account": contact.account.name},
        "left_out": [_("Texts in which colleagues or other people at this customer mention this person.")],
    }
    for room in _registered:
        for name, value in room.export(contact, by).items():
            found[name] = found[name] + value if name == "left_out" else value
    found["trail"] = [_exported_event(event) for event in _events_in_trail(_personal_events(contact))]
    trail.record("contact.exported", contact, by=by)
    return found


@transaction.atomic
def erase_contact(contact: Contact, *, by: User) -> Contact:
    """Remove the contact's personal data from columns, texts, links and the trail. The row itself stays, without a name.

    Submitted answers stay as numbers with their role and weight, so no total changes. Erasing twice changes nothing.
    """
    for room in _registered:
        room.lock(contact)
    accounts = merged_with(contact.account_id)
    account = Account.objects.select_for_update().get(pk=contact.account_id)
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    if contact.erased_on:
        return contact
    personal_events = _personal_events(contact)
    removed: dict[str, int] = {}
    for room in _registered:
        removed |= room.erase(contact)
    mask = partial(mask_names, names=_names_of(contact, account))
    reports = list(contact.reports.select_for_update().order_by("pk").values_list("pk", flat=True))
    Contact.objects.filter(pk__in=reports).update(reports_to=None, version=F("version") + 1)
    _empty(contact)
    removed["texts"] = sum(
        _mask_texts(texts, mask) for room in [_OWN, *_registered] for one in accounts for texts in room.texts(one)
    )
    changes = [
        trail.Change("contact.changed", Contact(pk=pk, account=account), {"reports_to": contact.pk}, {"reports_to": None})
        for pk in reports
    ]
    trail.record_many([*changes, trail.Change("contact.erased", contact, after=removed)], by=by)
    # Stored results of sent forms may name the contact: they are emptied, but a form that is sent again is still recognised.
    FormKey.objects.update(messages=[])
    events = Event.objects.filter(account_id__in=[one.pk for one in accounts]).exclude(act="contact.erased").order_by("pk")
    redact(events.iterator(), contact, by=by, clean=lambda event: _redacted(event, personal_events, mask))
    return contact


def contacts_of_same_person(contact: Contact, user: User) -> list[Contact]:
    """Contacts at other accounts that `user` sees who are this person, by their e-mail address or since they came from or went
    to there: each has to be erased separately.
    """
    same = Q(former=contact) | Q(later=contact)
    if contact.email:
        same |= Q(email__iexact=contact.email)
    others = Contact.objects.filter(same, account__in=Account.objects.visible_to(user), erased_on=None).distinct()
    return list(others.exclude(pk=contact.pk).select_related("account").order_by("account__name", "pk"))


def mask_names(text: str, *, names: Iterable[str]) -> str:
    """`text` with `NAME_PLACEHOLDER` in place of each of `names`; only whole words match.

    Full names and addresses match in upper and lower case. A single word matches only in its exact case, because it may
    be an ordinary word as well (“Will”, “Mark”).
    """
    for name in sorted(names, key=len, reverse=True):
        words = r"\s+".join(re.escape(word) for word in name.split())
        ordinary = re.fullmatch(r"\w+", name)
        text = re.sub(rf"(?<!\w){words}(?!\w)", NAME_PLACEHOLDER, text, flags=0 if ordinary else re.IGNORECASE)
    return text


def _names_of(contact: Contact, account: Account) -> set[str]:
    """Every name and address that the contact has or had, also as “Last, First”. The account's own name is left out."""
    found = {contact.name, contact.email}
    for event in _events_in_trail([_own_events(contact)]):
        for content in (event.before or {}, event.after or {}):
            found |= {str(content.get("name") or ""), str(content.get("email") or "")}
    found |= {f"{last}, {first}" for first, _space, last in (name.rpartition(" ") for name in found) if first}
    return {name for name in found if len(name) >= MIN_NAME_LENGTH and name.casefold() != account.name.casefold()}


def _empty(contact: Contact) -> None:
    personal = [field for field in CONTACT if not field.stays]
    for field in personal:
        setattr(contact, field.name, field.erased_value)
    contact.erased_on = days.today()
    contact.save_version(contact.version, [*(field.name for field in personal), "erased_on"])


def _mask_texts(texts: Texts, mask: Callable[[str], str]) -> int:
    """Mask the names in each text; the number of rows that changed.

    The version of versioned rows is raised, so that an edit that is open meanwhile gets a 409.
    """
    model, changed = texts.rows.model, 0
    longest = {column: model._meta.get_field(column).max_length for column in texts.columns}
    versioned = {"version": F("version") + 1} if any(field.name == "version" for field in model._meta.fields) else {}
    for pk, *before in list(texts.rows.values_list("pk", *texts.columns)):
        masked = {column: _masked(value, mask) for column, value in zip(texts.columns, before, strict=True)}
        after = {column: one[: longest[column]] if isinstance(one, str) else one for column, one in masked.items()}
        if list(after.values()) != before:
            changed += model._base_manager.filter(pk=pk).update(**after, **versioned)
    return changed


def _own_events(contact: Contact) -> PersonalEvents:
    """Those of contacts who were merged into this one are about the same person."""
    return PersonalEvents(Contact, [contact.pk, *sorted(merged_ids([contact.pk]))])


def _personal_events(contact: Contact) -> list[PersonalEvents]:
    return [_own_events(contact), *(events for room in _registered for events in room.events(contact))]


def _events_in_trail(personal_events: Iterable[PersonalEvents]) -> list[Event]:
    """The stored events about the contact, oldest first."""
    about = Q(pk=None)
    for one in personal_events:
        about |= Q(object_type__in=trail.names_of(one.model), object_id__in=list(one.ids))
    return list(Event.objects.filter(about).exclude(act=trail.REDACTED).order_by("pk"))


def _exported_event(event: Event) -> dict[str, Any]:
    """An event in an export. Only events of the contact itself show their content.

    Answers are exported by the room that knows who may read them.
    """
    summary = {"at": event.at, "act": event.act, "by_us": event.actor_id is not None}
    content = {"before": event.before, "after": event.after, "note": event.note}
    return summary | content if event.object_type == "accounts.contact" else summary


def _redacted(event: Event, personal_events: list[PersonalEvents], mask: Callable[[str], str]) -> Cleaned:
    """The content of an event without the contact's personal data and names."""
    own = next(
        (one for one in personal_events if event.object_type in trail.names_of(one.model) and event.object_id in one.ids), None
    )
    if (own and own.personal is None) or _is_merger_of(event, personal_events[0]):
        content: Cleaned = {"before": None, "after": None, "note": ""}
    else:
        keep = partial(_without_personal, personal=own.personal if own and own.personal else ())
        content = {"before": keep(event.before), "after": keep(event.after), "note": event.note}
        content = {name: _masked(value, mask) for name, value in content.items()}
    if own and event.actor_id is None:
        content["origin"] = ""  # without an actor the network address is the contact's own
    return content


def _is_merger_of(event: Event, own: PersonalEvents) -> bool:
    """Whether the event tells that the contact was merged into another one, who is a person of their own again: it holds their data."""
    return event.act in {CONTACT_MERGED, TAKEN_APART} and (event.after or {}).get("contact") in own.ids


def _without_personal(content: dict[str, Any] | None, personal: Sequence[str]) -> dict[str, Any] | None:
    if content is None:
        return None
    return {name: value for name, value in content.items() if not any(f"{name} ".startswith(f"{one} ") for one in personal)}


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    """A JSON value with every text masked."""
    match value:
        case str():
            return mask(value)
        case dict():
            return {name: _masked(one, mask) for name, one in value.items()}
        case list():
            return [_masked(one, mask) for one in value]
    return value


_OWN = ContactData(texts=lambda account: [Texts(Account.objects.filter(pk=account.pk), SHEET)])
