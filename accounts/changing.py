"""Acts on accounts and contacts: each one transaction, each in the trail."""

from django.db import transaction

from accounts.models import Account, Contact, User
from audit import trail

NOT_AUDITED = {"version", "created_at"} | {
    "customer_position", "customer_level", "team_position", "team_level", "last_heard_on",
    "target_level", "target_due_on", "target_status",
}  # fmt: skip


def account_snapshot(account: Account) -> dict:
    fields = [field.name for field in account._meta.concrete_fields if field.name not in NOT_AUDITED]
    return trail.snapshot(account, *fields)


@transaction.atomic
def create_account(form, *, by: User) -> Account:
    account = form.save()
    form.save_tags(account)
    trail.record("account.created", account, by=by, after=account_snapshot(account))
    return account


@transaction.atomic
def change_account(form, *, by: User) -> Account:
    """Store what `form` holds. Raises StaleEdit when someone else changed the account since the form was opened."""
    account = form.instance
    before = account_snapshot(Account.objects.get(pk=account.pk))
    account.save_version(form.seen_version, form.edited_fields())
    form.save_tags(account)
    old, new = trail.difference(before, account_snapshot(account))
    trail.record("account.changed", account, by=by, before=old, after=new)
    return account


@transaction.atomic
def set_archived(account: Account, *, by: User, seen: int, archived: bool) -> Account:
    """Archive the account, or take it back. It keeps its history. Raises StaleEdit."""
    status = Account.Status.ARCHIVED if archived else Account.Status.ACTIVE
    if account.status == status:
        return account
    before, account.status = account.status, status
    account.save_version(seen, ["status"])
    act = "account.archived" if archived else "account.restored"
    trail.record(act, account, by=by, before={"status": before}, after={"status": account.status})
    return account


@transaction.atomic
def save_contact(form, *, by: User) -> Contact:
    """Make or change a contact. Raises StaleEdit."""
    contact = form.instance
    if contact.pk is None:
        contact.save()
        trail.record("contact.created", contact, by=by, after=trail.snapshot(contact))
        return contact
    before = trail.snapshot(Contact.objects.get(pk=contact.pk))
    contact.save_version(form.seen_version, form.edited_fields())
    old, new = trail.difference(before, trail.snapshot(contact))
    trail.record("contact.changed", contact, by=by, before=old, after=new)
    return contact
