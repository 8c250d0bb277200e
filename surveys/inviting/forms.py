"""Forms that invite contacts: the terms, which one account and many share, and the contacts of one account."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact
from assessments.models import Assessment
from core import days
from core.forms import typed_id
from surveys.invitations import AT_MOST, FIRST_OFFERED, Ask, Wording, check_links, default_wording, language_of, may_be_asked
from surveys.models import Invitation

Visibility = Assessment.Visibility
SUBJECT_LENGTH, MESSAGE_LENGTH = 200, 4000  # characters


class TermsForm(forms.Form):
    """The terms of an invitation: the last day, who sees the answers, and the wording in each language."""

    closes_on = forms.DateField(
        label=_("can be answered until"),
        error_messages={
            "required": _("Choose the last day on which they can answer."),
            "invalid": _("This is not a date. Write it as year-month-day, for example 2027-06-30."),
        },
    )
    visibility = forms.ChoiceField(
        label=_("who sees the answers"), choices=Visibility, widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose who sees the answers: they are told before they answer."),
            "invalid_choice": _("Choose who sees the answers: named or confidential."),
        },
    )  # fmt: skip

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None):
        today = days.today()
        super().__init__(data, initial={"closes_on": today + FIRST_OFFERED, "visibility": Visibility.NAMED} | (initial or {}))
        self.fields["closes_on"].widget = forms.DateInput(
            attrs={
                "type": "date",
                "min": date.fromordinal(today.toordinal() + 1).isoformat(),
                "max": (today + AT_MOST).isoformat(),
            },
            format="%Y-%m-%d",
        )
        for code, _name in settings.LANGUAGES:
            words = default_wording(code)
            # Whether they are needed depends on who is chosen: see `require_words`.
            self.fields[f"subject-{code}"] = forms.CharField(
                label=_("subject"), required=False, max_length=SUBJECT_LENGTH, initial=words.subject
            )
            self.fields[f"message-{code}"] = forms.CharField(
                label=_("message"), required=False, max_length=MESSAGE_LENGTH, initial=words.message,
                widget=forms.Textarea(attrs={"rows": 7, "maxlength": MESSAGE_LENGTH}),
            )  # fmt: skip

    def clean_closes_on(self) -> date:
        closes_on, today = self.cleaned_data["closes_on"], days.today()
        if not today < closes_on <= today + AT_MOST:
            raise ValidationError(
                _("Choose a day after today and no later than %(latest)s: people answer soon or not at all."),
                code="out_of_range", params={"latest": date_format(today + AT_MOST)},
            )  # fmt: skip
        return closes_on

    def require_words(self, languages: Iterable[str]) -> None:
        """A mail in each of these languages is going to be sent: it needs a subject and a message."""
        for code in languages:
            for name, message in (("subject", _("Write a subject.")), ("message", _("Write what you ask of them."))):
                field = f"{name}-{code}"
                if field not in self.errors and not self.cleaned_data.get(field):
                    self.add_error(field, ValidationError(message, code="required"))

    def ask(self, *, by_mail: bool = True) -> Ask:
        given = self.cleaned_data
        wording = {
            code: Wording(" ".join(given[f"subject-{code}"].split()), given[f"message-{code}"].replace("\r\n", "\n"))
            for code, _name in settings.LANGUAGES
            if given[f"subject-{code}"] and given[f"message-{code}"]
        }
        return Ask(given["closes_on"], given["visibility"], wording, by_mail)

    def words(self) -> list[tuple[str, str, BoundField, BoundField]]:
        """Each language with its own name and its two fields."""
        return [(code, name, self[f"subject-{code}"], self[f"message-{code}"]) for code, name in settings.LANGUAGES]


class InviteForm(TermsForm):
    """The terms, and the contacts, each with a language. The form sends the round and the version that it showed."""

    contacts = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label=_("whom to ask"),
        error_messages={"invalid_choice": _("Choose from the people on the list.")},
    )  # fmt: skip

    def __init__(
        self,
        data: Any = None,
        *,
        contacts: Sequence[Contact],
        assessment: Assessment | None,
        invited: dict[int, Invitation],
        rather_not: set[int],
        fixed: bool,
    ):
        closes_on = assessment.closes_on if assessment else None
        initial: dict[str, Any] = {}
        if assessment:
            initial["visibility"] = assessment.visibility
        if closes_on and closes_on > days.today():
            initial["closes_on"] = closes_on
        super().__init__(data, initial=initial)
        self.assessment, self.contact_rows, self.invited, self.fixed = assessment, contacts, invited, fixed
        self.current = {"round": assessment.pk if assessment else 0, "version": assessment.version if assessment else 0}
        self.seen = (
            {name: typed_id(str(self.data.get(name, ""))) or 0 for name in self.current} if self.is_bound else dict(self.current)
        )
        self.free = [contact for contact in contacts if may_be_asked(contact) and self._is_free(contact)]
        self.fields["contacts"].choices = [(str(contact.pk), contact.name) for contact in contacts]  # type: ignore[attr-defined]
        self.initial["contacts"] = [str(contact.pk) for contact in self.free if contact.pk not in rather_not]
        for contact in contacts:
            self.fields[f"language-{contact.pk}"] = forms.ChoiceField(
                label=_("language"), choices=settings.LANGUAGES, required=False, initial=language_of(contact),
                widget=forms.Select(attrs={"class": "form-select"}),
            )  # fmt: skip
        if fixed:
            self.fields["visibility"].disabled = True

    def clean(self) -> dict[str, Any]:
        chosen = self.people
        later = self.assessment is not None and self.cleaned_data.get("closes_on") not in {None, self.assessment.closes_on}
        if not chosen and "contacts" not in self.errors and not (later and self.invited):
            self.add_error("contacts", ValidationError(_("Choose at least one person to ask."), code="required"))
        if self.by_mail:
            self.require_words({chosen[contact.pk] for contact in self.chosen if contact.email})
        if not self.errors:
            check_links(self.chosen, self.ask(by_mail=self.by_mail))
        return self.cleaned_data

    @property
    def by_links(self) -> bool:
        """Whether links to copy are offered: not once the round, or what was sent for it, is confidential."""
        return self["visibility"].value() != Visibility.CONFIDENTIAL

    @property
    def by_mail(self) -> bool:
        return "links" not in self.data

    @property
    def chosen(self) -> list[Contact]:
        picked = set(self.cleaned_data.get("contacts", []))
        return [contact for contact in self.contact_rows if str(contact.pk) in picked]

    @property
    def people(self) -> dict[int, str]:
        """Who was chosen, and in which language each is asked."""
        return {contact.pk: self.cleaned_data.get(f"language-{contact.pk}") or language_of(contact) for contact in self.chosen}

    def conflict(self, current: Assessment) -> list[dict[str, Any]]:
        """The terms that are stored otherwise than typed."""
        rows = []
        for name in ("closes_on", "visibility"):
            theirs, yours = getattr(current, name), self.cleaned_data[name]
            if theirs != yours:
                shown = [dict(Visibility.choices).get(value, value) for value in (theirs, yours)]
                rows.append({"label": self.fields[name].label, "theirs": shown[0], "yours": shown[1]})
        return rows

    def renew(self, current: Assessment | None) -> None:
        """Take the stored version as seen, so that the form can be sent again and replaces it."""
        self.seen = {"round": current.pk if current else 0, "version": current.version if current else 0}

    def _is_free(self, contact: Contact) -> bool:
        if self.fixed and self.assessment and self.assessment.is_confidential and not contact.email:
            return False
        invitation = self.invited.get(contact.pk)
        return invitation is None or invitation.may_be_asked_anew


class BulkInviteForm(TermsForm):
    """The terms for many accounts; `seen` marks the selection that the form was made for."""

    def __init__(self, data: Any = None, *, languages: Iterable[str]):
        super().__init__(data)
        self.languages = set(languages)
        self.seen = str(self.data.get("seen", ""))

    def clean(self) -> dict[str, Any]:
        self.require_words(self.languages)
        return self.cleaned_data
