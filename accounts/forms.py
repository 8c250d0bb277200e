"""Forms for accounts, contacts and one's own settings."""

import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.duplicates import accounts_like
from accounts.external_ids import has_id
from accounts.field_definitions import ListedField, Part
from accounts.field_kinds import TAGS
from accounts.fields import ACCOUNT, CONTACT
from accounts.models import Account, Contact, Tag, Team, User
from accounts.owned_fields import NOTHING, owned_of, refusal
from accounts.querysets import AccountQuerySet
from core.constraints import violates
from core.countries import all_countries
from core.folding import same_text
from core.versions import VersionedForm

MAX_TAGS = 20

type Text = str | Promise


@dataclass(frozen=True, slots=True)
class FormPart:
    """A section of the page of a form."""

    heading: Text
    note: Text
    is_wide: bool  # one field in a line
    fields: Sequence[forms.BoundField]


PARTS: dict[Part, tuple[Text, Text]] = {
    Part.WHO: (_("Who they are"), ""),
    Part.OURS: (_("What they are to us"), ""),
    Part.SHEET: (_("Account sheet"), _("for the review; all optional")),
}


def form_classes(fields: Iterable[ListedField]) -> dict[str, type[forms.Field]]:
    return {field.name: field.kind.form_field for field in fields if field.kind.form_field}


def form_widgets(fields: Iterable[ListedField]) -> dict[str, forms.Widget]:
    return {field.name: field.kind.widget() for field in fields if field.kind.widget}


class AccountForm(VersionedForm):
    country = forms.ChoiceField(label=_("country"), required=False)
    tags = forms.CharField(
        label=_("tags"), required=False, max_length=600, help_text=_("Separated by commas.")
    )  # fmt: skip

    class Meta:
        model = Account
        fields = [field.name for field in ACCOUNT if field.part and field.kind is not TAGS]  # tags are stored by `save_tags`
        field_classes = form_classes(ACCOUNT)
        widgets = form_widgets(ACCOUNT)

    def __init__(self, *args: Any, user: User, by_source: bool = False, **kwargs: Any) -> None:
        """`by_source`: the system that the account comes from writes, which may change what it owns."""
        super().__init__(*args, **kwargs)
        self.user, self.by_source = user, by_source
        self.owned = NOTHING if by_source or not self.instance.pk else owned_of(self.instance)
        self._shown_parent = self._visible_parent()
        self.fields["country"].choices = [("", "—"), *all_countries()]
        self.fields["owner"].queryset = self._owners()
        self.fields["team"].queryset = self._teams()
        # A customer list can be long: the parent is typed, and found by name or external id.
        self.fields["parent"] = forms.CharField(
            label=_("parent account"), required=False, max_length=200, help_text=_("Exact name or external id.")
        )
        if self.instance.pk:
            self.initial["tags"] = ", ".join(tag.name for tag in self.instance.tags.all())
            self.initial["parent"] = str(self._shown_parent or "")
        else:
            self.initial.setdefault("owner", user.pk)
            self.initial.setdefault("team", self.fields["team"].queryset.values_list("pk", flat=True).first())
        self._close_owned()

    def parts(self) -> list[FormPart]:
        """For the page: the fields in their sections."""
        named = {part: [self[field.name] for field in ACCOUNT if field.part is part] for part in PARTS}
        return [FormPart(*PARTS[part], part is Part.SHEET, fields) for part, fields in named.items()]

    def clean_tags(self) -> list[str]:
        names = _listed(self.cleaned_data["tags"])
        if len(names) > MAX_TAGS:
            raise ValidationError(_("At most %(most)s tags."), params={"most": MAX_TAGS})
        too_long = next((name for name in names if len(name) > 60), None)
        if too_long:
            raise ValidationError(_("“%(tag)s” is longer than 60 characters."), params={"tag": too_long})
        return names

    def clean_parent(self) -> Account | None:
        text = self.cleaned_data["parent"].strip()
        if not text:
            # What one may not see stands empty in the form, and stays.
            return None if self._shown_parent else self.instance.parent
        if self._shown_parent and text == str(self._shown_parent):
            return self._shown_parent
        visible = Account.objects.visible_to(self.user).unmerged()
        found = list(visible.filter(name__iexact=text)[:2]) or list(visible.filter(has_id(text))[:2])
        if not found:
            raise ValidationError(_("No account of that name or external id. Write it exactly, or leave it empty."))
        if len(found) > 1:
            raise ValidationError(_("More than one account has that name. Write the external id instead."))
        return found[0]

    def clean_owner(self) -> User:
        owner = self.cleaned_data["owner"]
        if owner.reads_only and "owner" not in self.owned.names:
            raise ValidationError(_("Someone who only reads cannot own an account."))
        return owner

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        # A system that writes by its own id learns from the database whether another call was faster.
        if not self.by_source and (holder := self._holder_of_id(Account.objects.visible_to(self.user), cleaned)):
            message = _("Another account has this external id. Write its own, or another source.")
            if holder.is_archived:
                message = _(
                    "“%(account)s”, which is in the archive, has this external id. Bring that account back, or write another id."
                )
            self.add_error("external_id", ValidationError(message, code="unique", params={"account": holder.name}))
        for name in sorted(self.owned.names & self.fields.keys()):
            if self._is_sent_otherwise(name):
                told, typed = [refusal(self.owned)], self[name].data
                if typed and isinstance(self.fields[name].widget, forms.widgets.Input):
                    told.append(_("You wrote: %(typed)s") % {"typed": typed})
                self.add_error(name, ValidationError(" ".join(map(str, told)), code="owned"))
        return cleaned

    def look_alikes(self, seen: Iterable[int]) -> list[tuple[Account, str]]:
        """Accounts that the new one may be, each with why; those that someone has `seen`, and the parent, are not named.

        Five statements at most.
        """
        cleaned = self.cleaned_data
        parent = cleaned.get("parent")
        merged = Account.objects.filter(merged_into__isnull=False).values_list("pk", flat=True)
        left_out = {*seen, *merged, parent and parent.pk}
        return accounts_like(self.user, cleaned["name"], cleaned.get("website", ""), but=left_out)

    def refuse(self, error: IntegrityError | ValidationError) -> None:
        """Say beside the field what came between our look and our writing; what it cannot be is raised again."""
        if isinstance(error, ValidationError):
            self.add_error(None, error)
        elif violates(error, Account, "account_external_id_once"):
            message = _("This external id cannot be used here. Write another, or another source.")
            self.add_error("external_id", ValidationError(message, code="unique"))
        else:
            raise error

    def validate_constraints(self) -> None:
        """All but that of the external id: that an account which one may not see has it is learned only by storing.

        Told beside other errors of the form, it could be asked again and again without leaving a trace.
        """
        try:
            self.instance.validate_constraints(exclude=self._get_validation_exclusions() | {"external_id"})  # type: ignore[attr-defined]
        except ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]

    def _holder_of_id(self, accounts: AccountQuerySet, cleaned: dict) -> Account | None:
        """The one of `accounts`, other than this one, that has the source and external id that were typed."""
        source, external_id = cleaned.get("source", ""), cleaned.get("external_id", "")
        others = accounts.filter(source=source, external_id=external_id).exclude(pk=self.instance.pk)
        return others.first() if external_id else None

    def _close_owned(self) -> None:
        """What the account's system owns is shown and not taken."""
        for name in self.owned.names & self.fields.keys():
            self.fields[name].disabled = True
            self.fields[name].help_text = _("From %(source)s") % {"source": self.owned.source}
        if "owner" in self.owned.names:
            self.fields["owner"].queryset = User.objects.filter(pk=self.instance.owner_id)

    def _is_sent_otherwise(self, name: str) -> bool:
        """Whether something else was sent for a field that is closed: forged, or in a form from before it was."""
        field, sent = self.fields[name], self[name].data
        if sent is None:
            return False
        stored = self.get_initial_for_field(field, name)
        if name == "tags":
            return set(_listed(str(sent))) != set(_listed(stored))
        field.disabled = False
        try:
            return field.has_changed(stored, sent)
        finally:
            field.disabled = True

    def conflict(self, current: models.Model) -> list[dict]:
        """With the tags, which are no column. A parent that one may not see is not told here either."""
        rows = super().conflict(current)
        if isinstance(current, Account) and "tags" in self.fields:
            theirs, yours = sorted(tag.name for tag in current.tags.all()), sorted(self.cleaned_data.get("tags", ()))
            if theirs != yours:
                rows.append({"label": self.fields["tags"].label, "theirs": ", ".join(theirs), "yours": ", ".join(yours)})
        parent = getattr(current, "parent", None)
        if parent and not Account.objects.visible_to(self.user).filter(pk=parent.pk).exists():
            rows = [row for row in rows if row["label"] != self.fields["parent"].label]
        return rows

    def _visible_parent(self) -> Account | None:
        return Account.objects.visible_to(self.user).filter(pk=self.instance.parent_id or 0).first()

    def save_tags(self, account: Account) -> None:
        """Store the tags, where the form asks for them."""
        if "tags" not in self.fields:
            return
        names = self.cleaned_data["tags"]
        known = {tag.name: tag for tag in Tag.objects.filter(name__in=names)}
        account.tags.set(known.get(name) or Tag.objects.get_or_create(name=name)[0] for name in names)

    def _owners(self) -> QuerySet[User]:
        """Oneself and the people of the teams one leads; for the administrator everyone; the present owner stays."""
        people = User.objects.filter(is_active=True).exclude(role=User.Role.VIEWER)
        if not self.user.is_administrator:
            reachable = people.filter(pk=self.user.pk) | people.filter(teams__in=self.user.led_teams.all())
            if self.instance.owner_id:
                reachable |= User.objects.filter(pk=self.instance.owner_id)
            people = reachable.distinct()
        return people.order_by("name")

    def _teams(self) -> QuerySet[Team]:
        if self.user.is_administrator:
            return Team.objects.all()
        reachable = Team.objects.filter(members=self.user) | Team.objects.filter(leads=self.user)
        if self.instance.team_id:
            reachable |= Team.objects.filter(pk=self.instance.team_id)
        return reachable.distinct()


class ContactForm(VersionedForm):
    class Meta:
        model = Contact
        fields = [field.name for field in CONTACT]
        field_classes = form_classes(CONTACT)
        widgets = form_widgets(CONTACT)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.account = account
        self.fields["reports_to"].queryset = account.contacts.filter(erased_on=None).exclude(pk=self.instance.pk)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if self._is_taken(email):
            raise self._taken()
        return email

    def refuse(self, error: IntegrityError | ValidationError) -> None:
        """Say beside the field what came between our look and our writing; what it cannot be is raised again."""
        if isinstance(error, ValidationError):
            self.add_error(None, error)
        elif violates(error, Contact, "contact_email_once_an_account"):
            self.add_error("email", self._taken())
        else:
            raise error

    def _is_taken(self, email: str) -> bool:
        others = Contact.objects.filter(account=self.instance.account, email__iexact=email)
        return bool(email) and others.exclude(pk=self.instance.pk).exists()

    def _taken(self) -> ValidationError:
        return ValidationError(_("This account already has a contact with this e-mail address."), code="unique")


class EraseForm(forms.Form):
    """The name of the contact, typed: what is erased does not come back."""

    name = forms.CharField(
        label=_("name of this person"), required=False, max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )  # fmt: skip

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact

    def clean_name(self) -> str:
        typed = self.cleaned_data["name"]
        if same_text(typed) != same_text(self.contact.name):
            raise ValidationError(
                _("Nobody was erased. Type the name as it stands here: %(name)s"), params={"name": self.contact.name}
            )
        return typed


def time_zones() -> list[tuple[str, str]]:
    """The choices of a field for a time zone: those that are named after a place."""
    zones = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [(zone, zone) for zone in zones]


class SettingsForm(VersionedForm):
    time_zone = forms.ChoiceField(
        label=_("time zone"), required=False,
        help_text=_("Times are shown by this clock. Dates, such as what is due today, are the organisation's."),
    )  # fmt: skip

    class Meta:
        model = User
        fields = ["name", "language", "time_zone", "wants_digest", "wants_keys"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [("", _("the organisation's")), *time_zones()]
        self.fields["language"].choices = [("", _("the browser's")), *self.fields["language"].choices[1:]]


def _listed(tags: str) -> list[str]:
    """Names divided by commas, each once."""
    return list(dict.fromkeys(name.strip() for name in tags.split(",") if name.strip()))
