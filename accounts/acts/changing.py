"""Acts on accounts, contacts and one's own profile: each one transaction, each in the trail."""

from django.db import connection, transaction
from django.db.models import F

from accounts import derived
from accounts.models import Account, Contact, User
from accounts.owned_fields import check_may_archive
from audit import trail

#: What no person types: derived columns stand in the trail by what they come from.
NOT_AUDITED = {"version"} | {field.name for field in Account._meta.concrete_fields if not field.editable or field.generated}

PROFILE = ("name", "language", "time_zone", "wants_digest")
_TREE_LOCK = 0x50617265  # "Pare": on PostgreSQL one change of parents at a time, or two could close a circle


def account_snapshot(account: Account) -> dict:
    fields = [field.name for field in account._meta.concrete_fields if field.name not in NOT_AUDITED]
    return trail.snapshot(account, *fields)


def contact_snapshot(contact: Contact) -> dict:
    return trail.snapshot(contact, *(field.name for field in contact._meta.concrete_fields if field.name != "version"))


def _tags(account: Account) -> dict[str, list[str]]:
    return {"tags": list(account.tags.order_by("name").values_list("name", flat=True))}


@transaction.atomic
def create_account(form, *, by: User) -> Account:
    _check_tree(form.instance, changed="parent" in form.changed_data)
    derived.preset([form.instance])
    account = form.save()
    form.save_tags(account)
    trail.record("account.created", account, by=by, after=account_snapshot(account) | _tags(account))
    return account


@transaction.atomic
def change_account(form, *, by: User) -> Account:
    """Store what `form` holds. Raises StaleEdit when someone else changed the account since the form was opened,
    ValidationError when the parent meanwhile came to stand below it.
    """
    account = form.instance
    _check_tree(account, changed="parent" in form.changed_data)
    before = account_snapshot(Account.objects.get(pk=account.pk)) | _tags(account)
    account.save_version(form.seen_version, form.edited_fields())
    form.save_tags(account)
    old, new = trail.difference(before, account_snapshot(account) | _tags(account))
    if {"revenue", "currency"} & set(new):
        derived.refresh([account.pk])
    if new:
        trail.record("account.changed", account, by=by, before=old, after=new)
    return account


@transaction.atomic
def set_archived(account: Account, *, by: User, seen: int, archived: bool, by_source: bool = False) -> Account:
    """Archive the account, or take it back. It keeps its history. Raises StaleEdit, and ValidationError when the system that
    the account comes from decides that, unless it is `by_source`.
    """
    status = Account.Status.ARCHIVED if archived else Account.Status.ACTIVE
    if account.status == status:
        return account
    if not by_source:
        check_may_archive(account)
    before, account.status = account.status, status
    account.save_version(seen, ["status"])
    act = "account.archived" if archived else "account.restored"
    trail.record(act, account, by=by, before={"status": before}, after={"status": account.status})
    return account


@transaction.atomic
def save_contact(form, *, by: User) -> Contact:
    """Make or change a contact. Raises StaleEdit, and ValidationError when the superior meanwhile came to stand below them."""
    contact = form.instance
    if contact.pk is None:
        contact.save()
        trail.record("contact.created", contact, by=by, after=contact_snapshot(contact))
        return contact
    if "reports_to" in form.changed_data:
        # One who changes the people of an account at a time, or two could close a circle.
        list(Account.objects.select_for_update().filter(pk=contact.account_id).values_list("pk"))
        contact.clean()
    before = contact_snapshot(Contact.objects.get(pk=contact.pk))
    contact.save_version(form.seen_version, form.edited_fields())
    old, new = trail.difference(before, contact_snapshot(contact))
    if new:
        trail.record("contact.changed", contact, by=by, before=old, after=new)
    return contact


@transaction.atomic
def change_profile(form, *, by: User) -> User:
    """Store one's own name, language, time zone, and whether to get the weekly mail. Raises StaleEdit."""
    user = form.instance
    before = trail.snapshot(User.objects.get(pk=user.pk), *PROFILE)
    user.save_version(form.seen_version, form.edited_fields())
    old, new = trail.difference(before, trail.snapshot(user, *PROFILE))
    if new:
        trail.record("user.changed", user, by=by, before=old, after=new)
    return user


@transaction.atomic
def choose_language_of(user: User, language: str) -> None:
    """Keep the language in the profile of `user`, whose own choice it is."""
    before = User.objects.select_for_update().values_list("language", flat=True).get(pk=user.pk)
    if before == language:
        return
    User.objects.filter(pk=user.pk).update(language=language, version=F("version") + 1)
    trail.record("user.changed", user, by=user, before={"language": before}, after={"language": language})


def _check_tree(account: Account, *, changed: bool) -> None:
    """Look again whether the parent may be the parent, with nobody else changing one. Raises ValidationError."""
    if not changed:
        return
    if connection.vendor == "postgresql":  # SQLite's IMMEDIATE transactions let one writer in at a time
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])
    account.clean()
