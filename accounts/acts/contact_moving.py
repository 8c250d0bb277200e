"""Note that a contact went to another account, and take that back.

Their answers stay where they were given: at the former account the contact stays, as one who left, and at the new one there is
a new contact who names the former one. Name, language and the wish not to be asked go along; the old address and phone do not.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.acts.changing import contact_snapshot
from accounts.acts.contact_merging import DAYS, lock_contacts, too_late
from accounts.acts.merge_parts import contact_parts, end_what_runs
from accounts.models import Account, Contact, User
from accounts.permissions import may
from audit import trail
from audit.models import Event
from core import days
from core.versions import StaleEdit

LEFT = "contact.moved"


@transaction.atomic
def move_contact(
    contact: Contact,
    to: Account,
    *,
    by: User,
    seen: int,
    email: str = "",
    title: str = "",
    phone: str = "",
    buying_role: str = "",
) -> Contact:
    """The contact at the account `to`, with what was told of them there.

    Their running invitations are withdrawn. Raises StaleEdit when the contact changed since the version `seen` (0: not
    checked), ValidationError when they went already, are at that account, or somebody there has the address; PermissionDenied.
    """
    if to.pk == contact.account_id:
        raise ValidationError({"to": _("They are a contact of this account.")}, code="same")
    (contact,) = lock_contacts(contact, accounts=[to.pk])
    if not may(by, "contact.change", contact.account) or not may(by, "contact.change", to):
        raise PermissionDenied
    if (gone_to := contact.later.filter(account=to.pk).first()) and not contact.active:
        return gone_to  # the second of two clicks
    if seen not in {0, contact.version}:
        raise StaleEdit(contact)
    new = Contact(
        account=to, former=contact, name=contact.name, language=contact.language, do_not_ask=contact.do_not_ask,
        email=email, title=title, phone=phone, buying_role=buying_role or contact.buying_role,
    )  # fmt: skip
    new.full_clean()
    new.save()
    changes = end_what_runs(contact.pk)
    before = trail.snapshot(contact, "active", "left_on")
    contact.active, contact.left_on = False, contact.left_on or days.today()
    contact.save_version(contact.version, ["active", "left_on"])
    after = trail.snapshot(contact, "active", "left_on") | {"contact": new.pk}
    changes += [
        trail.Change("contact.moved", contact, before, after),
        trail.Change("contact.arrived", new, after=contact_snapshot(new)),
    ]
    trail.record_many(changes, by=by)
    return new


@transaction.atomic
def undo_move(new: Contact, *, by: User, seen: int) -> Contact:
    """Remove the contact at the new account, and note that the former one is still there; gives that one.

    Withdrawn invitations stay withdrawn. Raises ValidationError when something was done with the new contact since, or it is
    too late; StaleEdit, PermissionDenied.
    """
    former = new.former
    if former is None:
        raise ValidationError(_("This was taken back already."), code="done")
    new, former = lock_contacts(new, former)
    if not may(by, "contact.change", new.account) or not may(by, "contact.change", former.account):
        raise PermissionDenied
    if seen not in {0, new.version}:
        raise StaleEdit(new)
    event = move_of(former, new)
    if event is None:
        raise ValidationError(too_late(), code="late")
    used = [part for part in contact_parts() if part.model._base_manager.filter(**{part.field: new.pk}).exists()]
    if used:
        raise ValidationError(
            _("%(name)s was asked, has answered or has a place here by now, so this can no longer be taken back.")
            % {"name": new},
            code="used",
        )
    trail.record("contact.move_undone", new, by=by, before=contact_snapshot(new))
    new.delete()
    before, after = event.before or {}, event.after or {}
    as_left = all(trail.as_stored(former, name) == after[name] for name in ("active", "left_on"))
    if as_left:
        former.active = before["active"]
        former.left_on = Contact._meta.get_field("left_on").to_python(before["left_on"])
        now = trail.snapshot(former, "active", "left_on")
        former.save_version(former.version, ["active", "left_on"])
        trail.record("contact.changed", former, by=by, before={name: after[name] for name in now}, after=now)
    return former


def move_of(former: Contact, new: Contact) -> Event | None:
    """The event by which `former` went to where `new` is, when it can still be taken back. One statement."""
    since = timezone.now() - timedelta(days=DAYS)
    events = Event.objects.filter(object_type__in=trail.names_of(Contact), object_id=former.pk, act=LEFT, at__gt=since)
    return next((one for one in events.filter(redacted_on=None) if (one.after or {}).get("contact") == new.pk), None)
