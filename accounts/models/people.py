"""People on our side, and the teams that they are in."""

import zoneinfo
from functools import cached_property
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.versions import Versioned


def check_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("Choose a time zone such as Europe/Amsterdam."), code="time_zone")


class UserQuerySet(models.QuerySet["User"]):
    def in_state(self, state: str) -> Self:
        """Those who are `invited` (without a password, never signed in), `active` or `disabled`."""
        if state == User.State.DISABLED:
            return self.filter(is_active=False)
        waiting = models.Q(password__startswith=UNUSABLE_PASSWORD_PREFIX, last_login=None)
        return self.filter(waiting if state == User.State.INVITED else ~waiting, is_active=True)

    def administrators(self) -> Self:
        """Those who may administer."""
        return self.filter(role=User.Role.ADMINISTRATOR, is_active=True)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)["User"]):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=User.Role.ADMINISTRATOR, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(Versioned, AbstractBaseUser):
    """Someone who signs in. Whether a manager also leads is a matter of the team: see `Team.leads`."""

    class Role(models.TextChoices):
        MANAGER = "manager", _("account manager")
        VIEWER = "viewer", _("executive (reads everything)")
        ADMINISTRATOR = "administrator", _("administrator")

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        ACTIVE = "active", _("active")
        DISABLED = "disabled", _("disabled")

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.MANAGER)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, validators=[check_time_zone])
    is_active = models.BooleanField(_("may sign in"), default=True)
    wants_digest = models.BooleanField(
        _("weekly mail"), default=True,
        help_text=_("On Monday morning, and only when there is something: what is due, what closes soon, what needs attention."),
    )  # fmt: skip
    wants_keys = models.BooleanField(
        _("keys of one letter"), default=True,
        help_text=_("Such as G then A for the accounts, and ? for all keys. Ctrl-K works without them."),
    )  # fmt: skip
    #: The columns of the list of accounts that the person chose, by their keys, and its density; empty: what is usual.
    list_layout = models.JSONField(default=dict, blank=True, editable=False)
    date_joined = models.DateTimeField(_("added"), auto_now_add=True)
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)  # how often: part of what a session must match
    first_hour_over_on = models.DateField(null=True, editable=False)  # when they closed their checklist of the first hour

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]
        indexes = [models.Index(fields=["name"], name="user_by_name")]
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_whatever_case",
                violation_error_message=_("Someone with this e-mail address is here already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    def get_session_auth_hash(self) -> str:
        """What each session must match: another password ends them, and so does `sessions_ended`."""
        return super().get_session_auth_hash() + (f"-{self.sessions_ended}" if self.sessions_ended else "")

    @property
    def state(self) -> "User.State":
        if not self.is_active:
            return self.State.DISABLED
        return self.State.ACTIVE if self.has_usable_password() or self.last_login else self.State.INVITED

    @property
    def initials(self) -> str:
        words = self.name.split() or [self.email]
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()

    @property
    def is_administrator(self) -> bool:
        return self.is_active and self.role == self.Role.ADMINISTRATOR

    @property
    def reads_only(self) -> bool:
        return self.role == self.Role.VIEWER

    @property
    def sees_all_accounts(self) -> bool:
        return self.is_active and self.role in {self.Role.VIEWER, self.Role.ADMINISTRATOR}

    @cached_property
    def led_team_ids(self) -> frozenset[int]:
        """The teams whose accounts this person may change; one statement, remembered on the instance."""
        return frozenset(self.led_teams.values_list("pk", flat=True))

    @cached_property
    def seen_team_ids(self) -> frozenset[int]:
        """The teams whose accounts this person sees; one statement, remembered on the instance."""
        member, lead = Team.members.through.objects.filter(user=self), Team.leads.through.objects.filter(user=self)
        return frozenset(member.values_list("team_id", flat=True).union(lead.values_list("team_id", flat=True)))

    # What Django's back-office asks: it is for administrators, whole.
    @property
    def is_staff(self) -> bool:
        return self.is_administrator

    @property
    def is_superuser(self) -> bool:
        return self.is_administrator

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_administrator

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return self.is_administrator

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_administrator


class Team(Versioned):
    name = models.CharField(_("name"), max_length=120, unique=True)
    members = models.ManyToManyField(User, verbose_name=_("members"), related_name="teams", blank=True)
    leads = models.ManyToManyField(
        User, verbose_name=_("leads"), related_name="led_teams", blank=True,
        help_text=_("May change every account of the team, and assess, plan and set targets for it."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
