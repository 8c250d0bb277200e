"""The forms of the set-up, of colleagues and of teams."""

from typing import Any

import pycountry
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import time_zones
from accounts.models import Team, User
from accounts.sign_in.forms import NEW_PASSWORD_HELP, SetPasswordForm
from core.mail_addresses import MailAddressField
from core.models import Organisation
from core.versions import LongText, VersionedForm
from people import inviting, pasted

#: Codes that begin with X are of metals, tests and bonds, except for these, which are money of several countries.
_SHARED_MONEY = {"XAF", "XCD", "XCG", "XOF", "XPF"}


def currencies() -> list[tuple[str, str]]:
    money = (one for one in pycountry.currencies if not one.alpha_3.startswith("X") or one.alpha_3 in _SHARED_MONEY)
    return sorted((one.alpha_3, f"{one.alpha_3} · {one.name}") for one in money)


class OrganisationForm(VersionedForm):
    """The organisation: what customers call us, and what dates and sums are in."""

    time_zone = forms.ChoiceField(label=_("time zone"), help_text=_("Its days begin at midnight there, for everybody."))
    reporting_currency = forms.ChoiceField(label=_("reporting currency"), help_text=_("The currency of sums over all accounts."))

    class Meta:
        model = Organisation
        fields = ["name", "language", "time_zone", "reporting_currency"]
        help_texts = {
            "name": _("As your customers know you: it stands in the surveys and letters that they get."),
            "language": _("In which colleagues are written to who have not chosen one."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A version of 0 stands for what the settings propose: nothing is stored yet.
        self.initial["version"] = self.instance.version
        self.fields["time_zone"].choices = _with([("UTC", "UTC"), *time_zones()], self.instance.time_zone)
        self.fields["reporting_currency"].choices = _with(currencies(), self.instance.reporting_currency)
        self.fields["language"].choices = settings.LANGUAGES


class FirstAdministratorForm(forms.Form):
    """Who makes the first use of an installation."""

    person_name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = MailAddressField(
        label=_("Your e-mail address"), max_length=254, help_text=_("You sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=NEW_PASSWORD_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise ValidationError(gettext("Someone with this e-mail address is here already."), code="taken")
        return email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", gettext("The two passwords are not the same. Type both again."))
        elif first:
            who = User(email=cleaned.get("email", ""), name=cleaned.get("person_name", ""))
            try:
                password_validation.validate_password(first, who)
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned


class WelcomeForm(SetPasswordForm):
    """Who is invited says their name and chooses a password; allauth checks it by our rules."""

    labels = {"password1": _("Password"), "password2": _("Password again")}
    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "password1", "password2"]


class ColleaguesForm(forms.Form):
    """Colleagues to invite, one a line, and what all of them get."""

    people = forms.CharField(
        label=_("E-mail addresses"), max_length=100_000, widget=LongText(attrs={"rows": 6, "spellcheck": "false", "autocapitalize": "off"}),
        help_text=_("One a line, alone or with a name: Mila Vermeer &lt;mila@example.com&gt;."),
    )  # fmt: skip
    role = forms.ChoiceField(label=_("role"), choices=User.Role, initial=User.Role.MANAGER)
    team = forms.ModelChoiceField(Team.objects.all(), label=_("team"), required=False, empty_label=_("no team yet"))
    new_team = forms.CharField(label=_("or a new team"), max_length=120, required=False)
    is_lead = forms.BooleanField(
        label=_("They lead the team"), required=False,
        help_text=_("Leads change every account of the team; members see them, and change their own."),
    )  # fmt: skip
    language = forms.ChoiceField(
        label=_("language of the letter"), required=False, choices=[("", _("the organisation's")), *settings.LANGUAGES]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_faults: list[pasted.LineFault] = []
        self.known: list[tuple[int, User]] = []

    def clean_people(self) -> list[pasted.Pasted]:
        people, faults = pasted.read(self.cleaned_data["people"])
        here = inviting.known([one.email for one in people[: pasted.MOST]])
        self.known = [(one.line, here[one.email]) for one in people if one.email in here]
        self.line_faults = faults
        if len(people) > pasted.MOST:
            raise ValidationError(
                gettext("These are %(n)s people: invite at most %(most)s at once.") % {"n": len(people), "most": pasted.MOST},
                code="too_many",
            )
        if wrong := len(faults) + len(self.known):
            raise ValidationError(
                ngettext("Nobody was invited yet: %(n)s line needs you.", "Nobody was invited yet: %(n)s lines need you.", wrong)
                % {"n": wrong},
                code="lines",
            )
        if not people:
            raise ValidationError(gettext("Write at least one e-mail address."), code="required")
        return people

    def clean_new_team(self) -> str:
        name = " ".join(self.cleaned_data["new_team"].split())
        if name and Team.objects.filter(name=name).exists():
            raise ValidationError(gettext("Another team has this name. Choose it in the list."), code="taken")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("team") and cleaned.get("new_team"):
            self.add_error("new_team", gettext("Choose a team or name a new one, not both."))
        if cleaned.get("is_lead") and not cleaned.get("team") and not cleaned.get("new_team") and "new_team" not in self.errors:
            self.add_error("is_lead", gettext("Choose the team that they lead."))
        return cleaned


class PersonForm(VersionedForm):
    class Meta:
        model = User
        fields = ["name", "email", "role", "language"]
        field_classes = {"email": MailAddressField}
        help_texts = {"email": _("They sign in with it, and letters go there.")}
        error_messages = {"email": {"unique": _("Someone with this e-mail address is here already.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("the browser's")), *settings.LANGUAGES]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class TeamForm(VersionedForm):
    class Meta:
        model = Team
        fields = ["name"]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class PeopleFilter(forms.Form):
    """What the list of people is narrowed to. A value that is none of the choices narrows nothing."""

    q = forms.CharField(label=_("Name or e-mail"), max_length=100, required=False, widget=forms.SearchInput)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("any role")), *User.Role.choices])
    team = forms.ModelChoiceField(Team.objects.all(), label=_("Team"), required=False, empty_label=_("any team"))
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("any state")), *User.State.choices])


def _with(choices: list[tuple[str, str]], stored: str) -> list[tuple[str, str]]:
    """The choices, with the stored one also when it is not among them."""
    return choices if not stored or stored in dict(choices) else [(stored, stored), *choices]
