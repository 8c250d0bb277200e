"""The form that sets or revises a target."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from core import days
from core.versions import LongText, VersionedForm
from plans.forms import NOT_A_DATE, date_input, limit
from plans.models import Target
from plans.trajectory import three_years_after


class TargetForm(VersionedForm):
    """Set or revise a target; `instance` is a copy of the active one, never saved by the form."""

    level = forms.TypedChoiceField(
        label=_("level to reach"), coerce=int, widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the level to reach."),
            "invalid_choice": _("“%(value)s” is not a level. Choose one from 1 to 5."),
        },
    )  # fmt: skip
    revision_reason = forms.CharField(
        label=_("why the target changes"), required=False, max_length=2000,
        widget=LongText(attrs={"rows": 2}),
        help_text=_("The present target stays in history, with this reason."),
    )  # fmt: skip

    class Meta:
        model = Target
        fields = ["level", "due_on", "rationale"]
        widgets = {"rationale": LongText(attrs={"rows": 3})}
        labels = {"due_on": _("to be reached by"), "rationale": _("why this level")}
        error_messages = {
            "due_on": {
                "required": _("Choose the date by which the level is to be reached."),
                "invalid": NOT_A_DATE,
            }
        }

    def __init__(self, *args: Any, level_names: Mapping[int, str], revising: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = days.today()
        self.earliest, self.latest = today + timedelta(days=1), three_years_after(today)
        self.fields["level"].choices = [(rank, level_names.get(rank, str(rank))) for rank in range(1, 6)]
        self.fields["due_on"].widget = date_input(min=self.earliest.isoformat(), max=self.latest.isoformat(), list="due-quick")
        self.fields["due_on"].help_text = _("At most three years ahead: %(latest)s.") % {
            "latest": date_format(self.latest, "j F Y")
        }
        self.fields["rationale"].help_text = _("What does this customer's mind need, and what is it worth to both?")
        limit(self.fields["rationale"], 4000)
        self.initial.setdefault("version", 0)
        self.revising = revising
        if not revising:
            del self.fields["revision_reason"]

    @property
    def quick_dates(self) -> list[date]:
        """In one, two and three years: what the browser offers beside the calendar."""
        return [self.latest.replace(year=self.latest.year - back) for back in (2, 1, 0)]

    def wish(self) -> dict[str, Any]:
        """The arguments for `set_target`."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "version"}

    def clean_due_on(self) -> date:
        due_on = self.cleaned_data["due_on"]
        if not days.today() < due_on <= self.latest:
            raise ValidationError(
                _("Choose a date after today and no later than %(latest)s: "
                  "a target lies at most three years ahead."),
                code="out_of_range", params={"latest": date_format(self.latest, "j F Y")},
            )  # fmt: skip
        return due_on

    def clean_revision_reason(self) -> str:
        reason = self.cleaned_data["revision_reason"].strip()
        if not reason:
            raise ValidationError(
                _("Say why the target changes: the old one stays in history with your reason."),
                code="required",
            )
        return reason
