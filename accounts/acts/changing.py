"""Acts on accounts, contacts and profiles: each is one transaction and records an event in the trail."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext

from accounts import derived
from accounts.forms import AccountForm, ContactForm, SettingsForm
from accounts.models import Account, Contact, User
from accounts.owned_fields import check_may_archive
from audit import trail

#: Columns that people do not edit. The trail has the facts that derived columns are computed from.
UNAUDITED_FIELDS = {"version"} | {field.name for field in Account._meta.concrete_fields if not field.editable or field.generated}

PROFILE_FIELDS = ("name", "language", "time_zone", "wants_digest", "wants_keys")
_PARENT_LOCK = 0x50617265  # "Pare": an advisory lock of PostgreSQL, or two changes of parents at once could form a cycle


def account_snapshot(account: Account) -> dict[str, Any]:
    """The audited values of an account, as the trail stores them; tags are not included."""
    fields = [field.name for field in account._meta.concrete_fields if field.name not in UNAUDITED_FIELDS]
    return trail.snapshot(account, *fields)


def contact_snapshot(contact: Contact) -> dict[str, Any]:
    content = trail.snapshot(contact)
    del content["version"]
    return content


def tags_of(account: Account) -> dict[str, list[str]]:
    return {"tags": list(account.tags.order_by("name").values_list("name", flat=True))}


@transaction.atomic
def create_account(form: AccountForm, *, by: User) -> Account:
    """Store the account of a valid form. Raises ValidationError if the parent is no longer allowed, IntegrityError for a
    duplicate that was stored since the form was checked.
    """
    _check_parent(form.instance, changed="parent" in form.changed_data)
    derived.set_initial_columns([form.instance])
    account = form.save()
    form.save_tags(account)
    trail.record("account.created", account, by=by, after=account_snapshot(account) | tags_of(account))
    return account


@transaction.atomic
def change_account(form: AccountForm, *, by: User) -> Account:
    """Store the changes of a valid form. Raises StaleEdit if someone else changed the account since the form was opened,
    ValidationError if the parent has become a descendant meanwhile.
    """
    account = form.instance
    if account.is_merged:
        raise ValidationError(gettext("This account was merged into another one. Go there, and do it there."), code="merged")
    _check_parent(account, changed="parent" in form.changed_data)
    before = account_snapshot(Account.objects.get(pk=account.pk)) | tags_of(account)
    account.save_version(form.seen_version, form.edited_fields())
    form.save_tags(account)
    old, new = trail.difference(before, account_snapshot(account) | tags_of(account))
    if derived.TYPED_SOURCES & set(new):
        derived.refresh([account.pk])
    if new:
        trail.record("account.changed", account, by=by, before=old, after=new)
    return account


@transaction.atomic
def set_archived(account: Account, *, by: User, seen: int, archived: bool, by_source: bool = False) -> Account:
    """Archive or restore the account; its history stays.

    `by_source`: the source system of the account does it. Raises StaleEdit, and ValidationError if only the source system may.
    """
    status = Account.Status.ARCHIVED if archived else Account.Status.ACTIVE
    if account.status == status:
        return account
    if account.is_merged:
        raise ValidationError(gettext("This account was merged into another one: take that back first."), code="merged")
    if not by_source:
        check_may_archive(account)
    before, account.status = account.status, status
    account.save_version(seen, ["status"])
    act = "account.archived" if archived else "account.restored"
    trail.record(act, account, by=by, before={"status": before}, after={"status": account.status})
    return account


@transaction.atomic
def save_contact(form: ContactForm, *, by: User) -> Contact:
    """Create or change a contact. Raises StaleEdit, and ValidationError if their superior has come to report to them meanwhile."""
    contact = form.instance
    if contact.pk is None:
        check_unmerged(contact.account_id)
        contact.save()
        trail.record("contact.created", contact, by=by, after=contact_snapshot(contact))
        return contact
    if "reports_to" in form.changed_data:
        # A lock of the account: two changes of superiors at once could form a cycle.
        list(Account.objects.select_for_update().filter(pk=contact.account_id).values_list("pk"))
        contact.clean()
    before = contact_snapshot(Contact.objects.get(pk=contact.pk))
    contact.save_version(form.seen_version, form.edited_fields())
    old, new = trail.difference(before, contact_snapshot(contact))
    if new:
        trail.record("contact.changed", contact, by=by, before=old, after=new)
    return contact


@transaction.atomic
def change_profile(form: SettingsForm, *, by: User) -> User:
    """Store the user's own profile: name, language, time zone and weekly mail. Raises StaleEdit."""
    user = form.instance
    before = trail.snapshot(User.objects.get(pk=user.pk), *PROFILE_FIELDS)
    user.save_version(form.seen_version, form.edited_fields())
    old, new = trail.difference(before, trail.snapshot(user, *PROFILE_FIELDS))
    if new:
        trail.record("user.changed", user, by=by, before=old, after=new)
    return user


@transaction.atomic
def choose_language_of(user: User, language: str) -> None:
    """Store the language that `user` chose in their profile."""
    before = User.objects.select_for_update().values_list("language", flat=True).get(pk=user.pk)
    if before == language:
        return
    User.objects.filter(pk=user.pk).update(language=language, version=F("version") + 1)
    trail.record("user.changed", user, by=user, before={"language": before}, after={"language": language})


@transaction.atomic
def choose_list_layout(user: User, *, columns: list[str] | None, compact: bool) -> None:
    """Store which columns of the list `user` wants to see, None for the usual ones, and whether its rows stand close."""
    before = User.objects.select_for_update().values_list("list_layout", flat=True).get(pk=user.pk)
    after = ({} if columns is None else {"columns": columns}) | ({"density": "compact"} if compact else {})
    if before == after:
        return
    User.objects.filter(pk=user.pk).update(list_layout=after, version=F("version") + 1)
    trail.record("user.changed", user, by=user, before={"list_layout": before}, after={"list_layout": after})


def check_unmerged(account_id: int) -> None:
    """Lock the account. Raises ValidationError when it was merged into another one: nothing new is added to it."""
    merged_into = Account.objects.select_for_update(no_key=True).filter(pk=account_id).values_list("merged_into", flat=True)
    if any(merged_into):
        raise ValidationError(gettext("This account was merged into another one. Go there, and do it there."), code="merged")


def _check_parent(account: Account, *, changed: bool) -> None:
    """Check the parent again, while no other transaction changes a parent. Raises ValidationError."""
    if changed:
        hold_parents()
        account.clean()


def hold_parents() -> None:
    """Let no other transaction change a parent until this one ends."""
    if connection.vendor == "postgresql":  # SQLite has one writer at a time, by IMMEDIATE transactions
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PARENT_LOCK])
