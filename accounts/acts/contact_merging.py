"""Make one of two contacts of one account who are the same person; and take that back.

What refers to the one who goes is pointed at the one who stays (`merge_parts`), and the row of the one who goes is deleted:
it would be a second place of personal data. The trail keeps what undoing needs, in an event of the contact who stays, whose
content goes when that person is erased.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.acts.merge_parts import Ids, Noted, account_parts, contact_parts
from accounts.merge_fields import Choices, chosen_values, contact_fields, filled_values
from accounts.models import Account, Contact, User
from accounts.permissions import may
from audit import trail
from audit.models import Event
from core.cycles import nodes_on_cycles
from core.versions import StaleEdit

MERGED, TAKEN_APART = "contact.merged", "contact.taken_apart"
DAYS = 30  # within which mergers and moves are taken back
Versions = tuple[int, int]  # of the one that is kept, and of the one that is merged, as the page showed them; 0: not checked


def can_be_taken_back(event: Event) -> bool:
    """Whether the event is recent enough, and still has the content that undoing needs."""
    return event.redacted_on is None and event.at > timezone.now() - timedelta(days=DAYS)


def unite(pairs: Iterable[tuple[Contact, Contact]], values: Mapping[int, dict[str, Any]], **noted: Any) -> list[trail.Change]:
    """Merge the second contact of each pair into the first, which is to change by `values` (by the id of the second).

    The contacts are locked. Returns the events to record. Raises ValidationError where both answered one round. The number
    of statements does not depend on the number of pairs.
    """
    pairs = list(pairs)
    people = {merged.pk: kept.pk for kept, merged in pairs}
    if not people:
        return []
    if reasons := [reason for part in contact_parts() for texts in part.obstacles(people).values() for reason in texts]:
        raise ValidationError(reasons, code="both_answered")
    moved: dict[str, dict[int, Ids]] = {}
    removed: dict[str, dict[int, Noted]] = {}
    for part in contact_parts():
        removed[part.name] = part.prepare(people)
        moved[part.name] = part.move(people)
    gone = {merged.pk: trail.snapshot(merged) for _kept, merged in pairs}
    Contact.objects.filter(pk__in=people).delete()
    changes, columns = [], set()
    for kept, merged in pairs:
        new = values.get(merged.pk, {})
        before = trail.snapshot(kept)
        for name, value in new.items():
            setattr(kept, name, value)
        columns |= {*new, "former"}
        elsewhere = {kept.pk, merged.pk, None}
        kept.former_id = next((pk for pk in (kept.former_id, merged.former_id) if pk not in elsewhere), None)
        kept.version += 1
        old, now = trail.difference(before, trail.snapshot(kept))
        old.pop("version", None), now.pop("version", None)
        after = {
            "contact": merged.pk,
            "values": now,
            "moved": {name: ids[merged.pk] for name, ids in moved.items() if merged.pk in ids},
            "removed": {name: rows[merged.pk] for name, rows in removed.items() if merged.pk in rows},
        }
        changes.append(trail.Change("contact.merged", kept, {"contact": gone[merged.pk], "values": old}, after | noted))
    Contact.objects.bulk_update([kept for kept, _merged in pairs], [*sorted(columns), "version"], batch_size=200)
    return changes


@transaction.atomic
def merge_contacts(kept: Contact, merged: Contact, *, by: User, seen: Versions, choices: Choices) -> Contact:
    """Merge `merged` into `kept`, another contact of the same account.

    Raises StaleEdit when either changed since the versions `seen`, ValidationError when both answered one round.
    """
    if kept.pk == merged.pk or kept.account_id != merged.account_id:
        raise ValidationError(_("Choose another contact of this account."), code="same")
    kept, merged = lock_contacts(kept, merged)
    if not may(by, "contact.change", kept.account):
        raise PermissionDenied
    for contact, version in zip((kept, merged), seen, strict=True):
        if version not in {0, contact.version}:
            raise StaleEdit(contact)
    values = chosen_values(contact_fields(kept, merged), choices, kept, merged)
    if merged.do_not_ask and not kept.do_not_ask:
        values["do_not_ask"] = True
    superior = _superior(kept, merged)
    if superior != kept.reports_to_id:
        values["reports_to_id"] = superior
    changed = _as_fields(values)
    changes = unite([(kept, merged)], {merged.pk: changed})
    trail.record_many(changes, by=by)
    return kept


def undo_contact_merger(kept: Contact, *, by: User, event: Event) -> Contact:
    """Make the merged contact anew, with what came from them; the contact who is there again.

    What changed since stays as it is now. Raises ValidationError where it can no longer be done.
    """
    try:
        with transaction.atomic():
            (kept,) = lock_contacts(kept)
            if not may(by, "contact.change", kept.account):
                raise PermissionDenied
            if not can_be_taken_back(event) or kept.erased_on:
                raise ValidationError(too_late(), code="late")
            changes = take_apart({kept.pk: kept}, [event], account_id=kept.account_id)
            if not changes:
                raise ValidationError(_("This was taken back already."), code="done")
            trail.record_many(changes, by=by)
            return Contact.objects.get(pk=(event.after or {})["contact"])
    except IntegrityError as error:
        raise ValidationError(
            _("This can no longer be taken back: another contact of this account has the e-mail address by now."), code="taken"
        ) from error


def take_apart(kept: Mapping[int, Contact], events: Iterable[Event], *, account_id: int) -> list[trail.Change]:
    """Undo mergers of contacts into `kept` (by id, locked); the contacts that went come back to the account `account_id`.

    Returns the events to record. A merger that was taken back already is left out.
    """
    told = {one.merged: one for event in events if event.object_id in kept for one in [_told(event)]}
    there = set(Contact.objects.filter(pk__in=told).values_list("pk", flat=True))
    told = {pk: one for pk, one in told.items() if pk not in there}
    if not told:
        return []
    rows = [_made_anew(one.gone, account_id) for one in told.values()]
    Contact.objects.bulk_create(rows)
    people = {pk: one.kept for pk, one in told.items()}
    for part in contact_parts():
        part.give_back({pk: one.moved.get(part.name, []) for pk, one in told.items()}, people)
        if removed := {pk: one.removed[part.name] for pk, one in told.items() if part.name in one.removed}:
            part.restore(removed)
    columns: set[str] = {"version"}
    changes = []
    for pk, one in told.items():
        contact = kept[one.kept]
        restored = {name: one.before[name] for name, value in one.values.items() if trail.as_stored(contact, name) == value}
        for name, value in restored.items():
            _set(contact, name, value)
        contact.version += 1
        columns |= set(restored)
        changes.append(trail.Change("contact.taken_apart", contact, after={"contact": pk, "values": restored}))
    Contact.objects.bulk_update({contact.pk: contact for contact in kept.values()}.values(), sorted(columns), batch_size=200)
    _restore_superiors(rows, told)
    return changes


@dataclass(frozen=True, slots=True)
class _Told:
    """What the event of a merger holds."""

    merged: int
    kept: int
    gone: Mapping[str, Any]  # the columns of the contact who went
    before: Mapping[str, Any]  # of the one who stayed
    values: Mapping[str, Any]
    moved: Mapping[str, Ids]
    removed: Mapping[str, Noted]


def _told(event: Event) -> _Told:
    before, after = event.before or {}, event.after or {}
    return _Told(
        after["contact"], event.object_id or 0, before["contact"], before["values"], after["values"], after["moved"],
        after["removed"],
    )  # fmt: skip


def mergers_into(contact: Contact) -> list[Event]:
    """The mergers of contacts of the same account into this one that can be taken back, the latest first. Two statements."""
    since = timezone.now() - timedelta(days=DAYS)
    events = Event.objects.filter(object_type__in=trail.names_of(Contact), object_id=contact.pk, act=MERGED, at__gt=since)
    found = [event for event in events.filter(redacted_on=None) if not (event.after or {}).get("with_account")]
    there = set(Contact.objects.filter(pk__in=[_told(event).merged for event in found]).values_list("pk", flat=True))
    return [event for event in found if _told(event).merged not in there]


def lock_contacts(*contacts: Contact, accounts: Iterable[int] = ()) -> list[Contact]:
    """Lock the accounts of the contacts (and `accounts`), by id, and the contacts; these as they are now, in the order given.

    Raises ValidationError for a contact who is gone, or whose account was merged into another one.
    """
    pks = sorted({*(one.account_id for one in contacts), *accounts})
    for part in account_parts():
        part.lock(pks)
    rows = Account.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    there = {account.pk: account for account in rows}
    if any(account.is_merged for account in there.values()):
        raise ValidationError(_("This account was merged into another one. Go there, and do it there."), code="merged")
    people = Contact.objects.select_for_update(of=("self",)).filter(pk__in=[one.pk for one in contacts], erased_on=None)
    found = {contact.pk: contact for contact in people.order_by("pk") if contact.account_id in there}
    if len(found) < len({one.pk for one in contacts}):
        raise ValidationError(_("Somebody of these two is no longer there. Look at the list of people again."), code="gone")
    for contact in found.values():
        contact.account = there[contact.account_id]
    return [found[one.pk] for one in contacts]


def merged_ids(contact_ids: Iterable[int]) -> set[int]:
    """The ids of the contacts that were merged into these, directly or by way of others, and are not there again.

    Their events of the trail are about the same person. Two statements for each generation of mergers.
    """
    found: set[int] = set()
    generation = set(contact_ids)
    while generation:
        events = Event.objects.filter(
            object_type__in=trail.names_of(Contact), object_id__in=generation, act=MERGED, redacted_on=None
        )
        generation = {after["contact"] for after in events.values_list("after", flat=True) if after} - found
        found |= generation
    return found - set(Contact.objects.filter(pk__in=found).values_list("pk", flat=True)) if found else found


def too_late() -> str:
    return _("This can no longer be taken back: it is more than %(days)s days ago, or somebody was erased since.") % {
        "days": DAYS
    }


def filled(pairs: Iterable[tuple[Contact, Contact]]) -> dict[int, dict[str, Any]]:
    """What each kept contact gets from the merged one where nobody chooses, by the id of the merged one. No statement."""
    return {merged.pk: filled_values(kept, merged) for kept, merged in pairs}


def _superior(kept: Contact, merged: Contact) -> int | None:
    """Whom the kept contact reports to afterwards: their superior, or the other's where that one is missing or would be a circle."""
    led = Contact.objects.filter(account=kept.account_id, reports_to__isnull=False).order_by()
    superiors: dict[int, int | None] = dict(led.values_list("pk", "reports_to_id"))
    theirs = superiors.pop(merged.pk, None)
    superiors = {pk: kept.pk if boss == merged.pk and pk != kept.pk else boss for pk, boss in superiors.items()}
    own = superiors.get(kept.pk)
    for boss in (own if own != merged.pk else None, theirs):
        if boss is not None and boss != kept.pk and kept.pk not in nodes_on_cycles(superiors | {kept.pk: boss}):
            return boss
    return None


def _as_fields(values: dict[str, Any]) -> dict[str, Any]:
    """The superior by the name of the field, which bulk updates take."""
    if "reports_to_id" not in values:
        return values
    pk = values.pop("reports_to_id")
    return values | {"reports_to": Contact.objects.filter(pk=pk).first() if pk else None}


def _made_anew(snapshot: Mapping[str, Any], account_id: int) -> Contact:
    contact = Contact(account_id=account_id)
    for name, value in snapshot.items():
        if name not in {"account", "reports_to", "former"}:
            _set(contact, name, value)
    contact.version += 1
    return contact


def _set(contact: Contact, name: str, value: Any) -> None:
    """Set a column to what an event holds of it."""
    field = next(field for field in Contact._meta.concrete_fields if field.name == name)
    setattr(contact, field.attname, field.to_python(value))


def _restore_superiors(rows: list[Contact], told: Mapping[int, _Told]) -> None:
    """Give the contacts that are there again their superiors and former selves, as far as these are there."""
    wanted = {pk for one in told.values() for pk in (one.gone.get("reports_to"), one.gone.get("former")) if pk}
    there = dict(Contact.objects.filter(pk__in=wanted).values_list("pk", "account_id"))
    for contact in rows:
        boss, former = (told[contact.pk].gone.get(name) for name in ("reports_to", "former"))
        contact.reports_to_id = boss if there.get(boss or 0) == contact.account_id else None
        contact.former_id = former if former in there else None
    Contact.objects.bulk_update(rows, ["reports_to", "former"], batch_size=200)


def clear_superiors_elsewhere(account_ids: Iterable[int]) -> None:
    """Nobody of these accounts reports to somebody of another one. One statement."""
    astray = Contact.objects.filter(account__in=list(account_ids), reports_to__isnull=False).exclude(
        reports_to__account=F("account")
    )
    ids = list(astray.order_by().values_list("pk", flat=True))
    if ids:
        Contact.objects.filter(pk__in=ids).update(reports_to=None, version=F("version") + 1)
