"""A person's rights: a contact exported whole, and erased so that neither name nor address is left.

Apps above this one hold something of a person too. Each names at start-up what it keeps (`keeps`): what to tell in an
export, what goes when the person is erased, which events of the trail are about them, and in which free texts of an
account somebody may have named them.
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

from accounts.fields import CONTACT, SHEET
from accounts.models import Account, Contact, User
from audit import trail
from audit.models import Event
from audit.redaction import Cleaned, redact
from core import days
from core.models import FormKey

GONE = "[…]"  # stands where a name stood in a text that somebody else wrote
SHORTEST = 2  # characters of a name that is looked for in texts


@dataclass(frozen=True, slots=True)
class Texts:
    """Columns of free text, in which somebody may have named the person."""

    rows: models.QuerySet
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Traces:
    """Events that are about the person: the model of their objects, the ids, and under which names they hold what is personal.

    `personal` None: all that they tell. A name also stands for those that begin with it and a space (“evidence 3”).
    """

    model: type[models.Model]
    ids: Sequence[int]
    personal: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Keeper:
    """What one app keeps of people.

    `hold` locks what the app's own acts lock before the account; `erase` then tells how much it removed.
    """

    texts: Callable[[Account], list[Texts]] = lambda account: []
    export: Callable[[Contact, User], dict[str, Any]] = lambda contact, by: {}
    traces: Callable[[Contact], list[Traces]] = lambda contact: []
    hold: Callable[[Contact], None] = lambda contact: None
    erase: Callable[[Contact], dict[str, int]] = lambda contact: {}


_keepers: list[Keeper] = []


def keeps(keeper: Keeper) -> None:
    if keeper not in _keepers:
        _keepers.append(keeper)


@transaction.atomic
def export_contact(contact: Contact, *, by: User) -> dict[str, Any]:
    """Everything about the person that `by` may know, as JSON-able data; leaves a trail.

    What stays out is said in `left_out`.
    """
    found: dict[str, Any] = {
        "made_at": timezone.now(),
        "contact": trail.snapshot(contact) | {"account": contact.account.name},
        "left_out": [_("Texts in which colleagues or other people at this customer mention this person.")],
    }
    for keeper in _keepers:
        for name, value in keeper.export(contact, by).items():
            found[name] = found[name] + value if name == "left_out" else value
    found["trail"] = [_told(event) for event in _events_about(_traces(contact))]
    trail.record("contact.exported", contact, by=by)
    return found


@transaction.atomic
def erase_contact(contact: Contact, *, by: User) -> Contact:
    """Take the person out of everything that is kept: columns, texts, links and the trail.

    Answers stay as numbers with the role and the weight that they had, so no total changes. What is left of the
    contact has no name. Erasing twice changes nothing.
    """
    for keeper in _keepers:
        keeper.hold(contact)
    account = Account.objects.select_for_update().get(pk=contact.account_id)
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    if contact.erased_on:
        return contact
    traces = _traces(contact)
    removed: dict[str, int] = {}
    for keeper in _keepers:
        removed |= keeper.erase(contact)
    hide = partial(without, names=_names_of(contact, account))
    reports = list(contact.reports.select_for_update().order_by("pk").values_list("pk", flat=True))
    Contact.objects.filter(pk__in=reports).update(reports_to=None, version=F("version") + 1)
    _empty(contact)
    removed["texts"] = sum(_rewrite(texts, hide) for keeper in [_OWN, *_keepers] for texts in keeper.texts(account))
    changes = [
        trail.Change("contact.changed", Contact(pk=pk, account=account), {"reports_to": contact.pk}, {"reports_to": None})
        for pk in reports
    ]
    trail.record_many([*changes, trail.Change("contact.erased", contact, after=removed)], by=by)
    # Answers of forms that may name the person: whether it was done stays known, what was answered does not.
    FormKey.objects.update(messages=[])
    events = Event.objects.filter(account_id=account.pk).exclude(act="contact.erased").order_by("pk")
    redact(events.iterator(), contact, by=by, clean=lambda event: _cleaned(event, traces, hide))
    return contact


def also_at(contact: Contact, user: User) -> list[Contact]:
    """The same address at other accounts that `user` sees: the same person has to be erased there as well."""
    if not contact.email:
        return []
    others = Contact.objects.filter(email__iexact=contact.email, account__in=Account.objects.visible_to(user))
    return list(others.exclude(pk=contact.pk).select_related("account").order_by("account__name", "pk"))


def without(text: str, *, names: Iterable[str]) -> str:
    """`text` with `GONE` in place of each of `names` as whole words.

    Upper and lower case are the same in a full name or an address; a single word is looked for as it is written,
    since it may be an ordinary word as well (“Will”, “Mark”).
    """
    for name in sorted(names, key=len, reverse=True):
        words = r"\s+".join(re.escape(word) for word in name.split())
        ordinary = re.fullmatch(r"\w+", name)
        text = re.sub(rf"(?<!\w){words}(?!\w)", GONE, text, flags=0 if ordinary else re.IGNORECASE)
    return text


def _names_of(contact: Contact, account: Account) -> set[str]:
    """Every name and address that the person had here, also the other way round; not what the customer is called by."""
    found = {contact.name, contact.email}
    for event in _events_about([_own_traces(contact)]):
        for content in (event.before or {}, event.after or {}):
            found |= {str(content.get("name") or ""), str(content.get("email") or "")}
    found |= {f"{last}, {first}" for first, _space, last in (name.rpartition(" ") for name in found) if first}
    return {name for name in found if len(name) >= SHORTEST and name.casefold() != account.name.casefold()}


def _empty(contact: Contact) -> None:
    personal = [field for field in CONTACT if not field.stays]
    for field in personal:
        setattr(contact, field.name, field.erased_value)
    contact.erased_on = days.today()
    contact.save_version(contact.version, [*(field.name for field in personal), "erased_on"])


def _rewrite(texts: Texts, hide: Callable[[str], str]) -> int:
    """Store each text without the names; the number of rows that had one. Who edits one of them meanwhile is told."""
    model, changed = texts.rows.model, 0
    longest = {column: model._meta.get_field(column).max_length for column in texts.columns}
    versioned = {"version": F("version") + 1} if any(field.name == "version" for field in model._meta.fields) else {}
    for pk, *before in list(texts.rows.values_list("pk", *texts.columns)):
        after = {column: hide(text)[: longest[column]] for column, text in zip(texts.columns, before, strict=True)}
        if list(after.values()) != before:
            changed += model._base_manager.filter(pk=pk).update(**after, **versioned)
    return changed


def _own_traces(contact: Contact) -> Traces:
    return Traces(Contact, [contact.pk])


def _traces(contact: Contact) -> list[Traces]:
    return [_own_traces(contact), *(traces for keeper in _keepers for traces in keeper.traces(contact))]


def _events_about(traces: Iterable[Traces]) -> list[Event]:
    """The events about the person, oldest first."""
    about = Q(pk=None)
    for one in traces:
        about |= Q(object_type__in=trail.names_of(one.model), object_id__in=list(one.ids))
    return list(Event.objects.filter(about).exclude(act=trail.REDACTED).order_by("pk"))


def _told(event: Event) -> dict[str, Any]:
    """An event in an export: what someone answered stands there with the round, where it is known who may read it."""
    content = {"before": event.before, "after": event.after, "note": event.note}
    told = {"at": event.at, "act": event.act, "by_us": event.actor_id is not None}
    return told | content if event.object_type == "accounts.contact" else told


def _cleaned(event: Event, traces: list[Traces], hide: Callable[[str], str]) -> Cleaned:
    """What is left of an event: nothing personal of the person, and no name of theirs."""
    mine = next((one for one in traces if event.object_type in trail.names_of(one.model) and event.object_id in one.ids), None)
    if mine and mine.personal is None:
        left: Cleaned = {"before": None, "after": None, "note": ""}
    else:
        keep = partial(_without_personal, personal=mine.personal if mine and mine.personal else ())
        left = {"before": keep(event.before), "after": keep(event.after), "note": event.note}
        left = {name: _hidden(value, hide) for name, value in left.items()}
    if mine and event.actor_id is None:
        left["origin"] = ""  # the network address is their own
    return left


def _without_personal(content: dict[str, Any] | None, personal: Sequence[str]) -> dict[str, Any] | None:
    if content is None:
        return None
    return {name: value for name, value in content.items() if not any(f"{name} ".startswith(f"{one} ") for one in personal)}


def _hidden(value: Any, hide: Callable[[str], str]) -> Any:
    match value:
        case str():
            return hide(value)
        case dict():
            return {name: _hidden(one, hide) for name, one in value.items()}
        case list():
            return [_hidden(one, hide) for one in value]
    return value


_OWN = Keeper(texts=lambda account: [Texts(Account.objects.filter(pk=account.pk), SHEET)])
