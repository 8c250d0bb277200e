"""The first administrator and the organisation: the one-time link of an empty installation, and what is stored of it."""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.derived import refresh_derived_columns
from accounts.models import ExchangeRate, User
from audit import trail
from core import organisation
from core.models import Organisation
from core.secret_digest import digest_of
from core.versions import StaleEdit
from people.acts import hold_administrators
from people.models import SetUpLink

BYTES = 24  # 192 random bits, 32 characters
FIELDS = ("name", "language", "time_zone", "reporting_currency")


class AlreadySetUp(Exception):
    """There is an administrator: `self.email` is their address."""

    def __init__(self, email: str) -> None:
        super().__init__(email)
        self.email = email


@dataclass(frozen=True, slots=True)
class FirstPerson:
    name: str
    email: str
    password: str
    language: str


@transaction.atomic
def issue_link() -> str:
    """A new set-up link, as an address, in the place of the former one. Raises AlreadySetUp when there is an administrator."""
    if administrator := User.objects.administrators().order_by("pk").first():
        raise AlreadySetUp(administrator.email)
    token = secrets.token_urlsafe(BYTES)
    SetUpLink.objects.all().delete()
    link = SetUpLink.objects.create(token_hash=digest_of(token), expires_at=timezone.now() + SetUpLink.HOLDS)
    trail.record("set_up.link_made", link, by=None)
    return settings.BASE_URL + reverse("people:set_up", args=[token])


def link_with(token: str, *, lock: bool = False) -> SetUpLink | None:
    """The link that this token still opens: none once there is an administrator. At most two statements."""
    found = SetUpLink.objects.filter(token_hash=digest_of(token))
    link = (found.select_for_update() if lock else found).first()
    return link if link and link.is_usable and not User.objects.administrators().exists() else None


@transaction.atomic
def set_up(token: str, first: FirstPerson, about: Organisation) -> User | None:
    """Spend the link: store the organisation and the first administrator. None when the link opens nothing any more."""
    link = link_with(token, lock=True)
    if link is None:
        return None
    link.delete()
    about.pk = Organisation.THE_ONE
    about.full_clean()
    Organisation.objects.update_or_create(pk=about.pk, defaults={name: getattr(about, name) for name in FIELDS})
    organisation.forget()
    person = User.objects.create_superuser(first.email, first.password, name=first.name, language=first.language)
    content = {"email": person.email, "name": person.name, "role": person.role, "language": person.language, "is_active": True}
    trail.record("user.created", person, by=None, after=content)
    trail.record("organisation.set_up", about, by=person, after=trail.snapshot(about, *FIELDS))
    return person


def stored_or_proposed() -> Organisation:
    """The row of the organisation; before the set-up one, not stored, with what the settings say."""
    return Organisation.objects.first() or Organisation(pk=Organisation.THE_ONE, version=0, **organisation.values())


@transaction.atomic
def change_organisation(about: Organisation, *, by: User, seen: int) -> Organisation:
    """Store the four values. Raises StaleEdit, and ValidationError for another currency while exchange rates are into the present one."""
    hold_administrators()  # one at a time: without a row there is nothing to lock
    stored = stored_or_proposed()
    if stored.version != seen:
        raise StaleEdit(stored)
    before = trail.snapshot(stored, *FIELDS)
    old, new = trail.difference(before, trail.snapshot(about, *FIELDS))
    if "reporting_currency" in new and ExchangeRate.objects.exists():
        raise ValidationError(
            {"reporting_currency": _("The exchange rates in the back-office are into %(currency)s: delete them first.")
             % {"currency": stored.reporting_currency}},
            code="rates",
        )  # fmt: skip
    about.pk = Organisation.THE_ONE
    values = {name: getattr(about, name) for name in FIELDS}
    Organisation.objects.update_or_create(pk=about.pk, defaults=values | {"version": seen + 1})
    organisation.forget()
    if new:
        trail.record("organisation.changed", about, by=by, before=old, after=new)
    if "reporting_currency" in new or "time_zone" in new:
        transaction.on_commit(refresh_derived_columns.enqueue, robust=True)  # worth, and statuses of the new day
    return about


def mail_worked() -> None:
    """Note that the mail server has taken a test mail just now."""
    Organisation.objects.filter(pk=organisation.ensured().pk).update(mail_worked_at=timezone.now())
    organisation.forget()
