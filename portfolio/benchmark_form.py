"""What the benchmarks can be narrowed to; every choice stands in the address."""

from collections.abc import Sequence
from datetime import date

import pycountry
from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from assessments.agreement import months_after
from assessments.models import EARLIEST
from hierarchy.models import Edition
from portfolio.benchmark_figures import Choices, Chosen

ALL = "all"
MONTHS = 12  # between the two days, unless one says otherwise


def country_name(code: str) -> str:
    found = pycountry.countries.get(alpha_2=code)
    return getattr(found, "common_name", found.name) if found else code


class BenchmarkForm(forms.Form):
    """A field that is wrong says so and counts as empty; the others hold."""

    segment = forms.ChoiceField(label=_("Segment"), required=False)
    team = forms.TypedChoiceField(label=_("Team"), required=False, coerce=int, empty_value=None)
    country = forms.ChoiceField(label=_("Country"), required=False)
    edition = forms.ChoiceField(label=_("Measured with"), required=False)
    since = forms.DateField(label=_("First day"), required=False)
    at = forms.DateField(label=_("Last day"), required=False)

    def __init__(self, data, *, choices: Choices, editions: Sequence[Edition], today: date):
        super().__init__(data)
        self.today = today
        self.published = next((edition.pk for edition in editions if edition.state == Edition.State.PUBLISHED), None)
        self._offer("segment", [(name, name) for name in choices.segments])
        self._offer("team", choices.teams)
        self._offer("country", sorted(((code, country_name(code)) for code in choices.countries), key=lambda one: one[1]))
        others = [(edition.pk, str(edition)) for edition in editions if edition.pk != self.published]
        first = next((str(edition) for edition in editions if edition.pk == self.published), _("any edition"))
        self.fields["edition"].choices = [("", first), *others, (ALL, _("all editions together"))]  # type: ignore[attr-defined]
        for name in ("since", "at"):
            limits = {"type": "date", "min": EARLIEST.isoformat(), "max": today.isoformat()}
            self.fields[name].widget = forms.DateInput(attrs=limits, format="%Y-%m-%d")
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.error_messages["invalid_choice"] = _("No such choice: all of them are counted.")
        self.fields["edition"].error_messages["invalid_choice"] = _("There is no such edition.")

    def clean_at(self) -> date | None:
        return self._possible(self.cleaned_data["at"])

    def clean_since(self) -> date | None:
        return self._possible(self.cleaned_data["since"])

    def clean(self) -> None:
        since, at = self.cleaned_data.get("since"), self.cleaned_data.get("at") or self.today
        if since and since >= at:
            early = _("Choose a day before %(at)s: the two days are compared.") % {"at": date_format(at)}
            self.add_error("since", ValidationError(early, code="order"))

    def chosen(self) -> Chosen:
        """What holds of it, with what is usual for the rest: the published edition, today, and twelve months before."""
        self.is_valid()
        found = self.cleaned_data
        at = found.get("at") or self.today
        edition = found.get("edition")
        return Chosen(
            segment=found.get("segment") or "",
            team=found.get("team"),
            country=found.get("country") or "",
            edition=None if edition == ALL else int(edition) if edition else self.published,
            since=found.get("since") or max(EARLIEST, months_after(at, -MONTHS)),
            at=at,
        )

    def _offer(self, name: str, choices) -> None:
        self.fields[name].choices = [("", _("all")), *choices]  # type: ignore[attr-defined]

    def _possible(self, day: date | None) -> date | None:
        if day and day > self.today:
            raise ValidationError(_("Choose today or an earlier day."), code="future")
        if day and day < EARLIEST:
            raise ValidationError(_("Choose a date from 1990 on."), code="too_early")
        return day
