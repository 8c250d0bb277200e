"""What the benchmarks can be narrowed to; every choice stands in the address."""

from collections.abc import Sequence
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.measurement.agreement import months_after
from assessments.models import EARLIEST
from core.choice_order import Offered
from core.countries import countries_by_name
from hierarchy.models import Edition
from portfolio.compared_days import out_of_order, possible
from portfolio.figures.benchmark_figures import Chosen

ALL = "all"
MONTHS = 12  # between the two days, unless one says otherwise


class BenchmarkForm(forms.Form):
    """A field that is wrong says so and counts as empty; the others hold."""

    segment = forms.ChoiceField(label=_("Segment"), required=False)
    team = forms.TypedChoiceField(label=_("Team"), required=False, coerce=int, empty_value=None)
    country = forms.ChoiceField(label=_("Country"), required=False)
    edition = forms.ChoiceField(label=_("Measured with"), required=False)
    since = forms.DateField(label=_("First day"), required=False)
    at = forms.DateField(label=_("Last day"), required=False)

    def __init__(self, data, *, choices: Offered, editions: Sequence[Edition], today: date):
        super().__init__(data)
        self.today = today
        self.published = next((edition.pk for edition in editions if edition.state == Edition.State.PUBLISHED), None)
        self._offer("segment", [(name, name) for name in choices.segments])
        self._offer("team", choices.teams)
        self._offer("country", countries_by_name(choices.countries))
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
        return possible(self.cleaned_data["at"], self.today)

    def clean_since(self) -> date | None:
        return possible(self.cleaned_data["since"], self.today)

    def clean(self) -> None:
        since, at = self.cleaned_data.get("since"), self.cleaned_data.get("at") or self.today
        if wrong := out_of_order(since, at):
            self.add_error("since", wrong)

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
