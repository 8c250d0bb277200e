"""Forms of the page of a round: its details, and the reason to reopen it."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from assessments.models import EARLIEST, Assessment
from assessments.rating.raters import colleagues_for
from core import days
from core.versions import LongText, VersionedForm


class RoundDetailsForm(VersionedForm):
    """The day an open assessment is dated, and who of our people is asked."""

    class Meta:
        model = Assessment
        fields = ["held_on", "raters"]
        labels = {"held_on": _("date"), "raters": _("our people who are asked")}
        help_texts = {
            "held_on": _("The day this view holds for. History is sorted by it."),
            "raters": _("They give their view on their own; the owner and the lead of the team may always give theirs."),
        }
        widgets = {"raters": forms.CheckboxSelectMultiple}
        error_messages = {
            "held_on": {
                "required": _("Choose the day this view holds for."),
                "invalid": _("This is not a date. Write it as year-month-day, for example 2026-06-30."),
            },
            "raters": {
                "invalid_choice": _("Choose people of the account's team."),
                "invalid_pk_value": _("Choose people of the account's team."),
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_on"].widget = forms.DateInput(
            attrs={"type": "date", "min": EARLIEST.isoformat(), "max": days.today().isoformat()},
            format="%Y-%m-%d",
        )
        present = User.objects.filter(pk__in=self.instance.raters.values("pk"))
        cast("forms.ModelMultipleChoiceField", self.fields["raters"]).queryset = colleagues_for(self.instance.account) | present

    def conflict(self, current: Any) -> list[dict[str, Any]]:
        rows = super().conflict(current)
        theirs, yours = _names(current.raters.all()), _names(self.cleaned_data["raters"])
        if theirs != yours:
            rows.append({"label": self.fields["raters"].label, "theirs": theirs or "–", "yours": yours or "–"})
        return rows


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label=_("why it is reopened"), max_length=2000, widget=LongText(attrs={"rows": 2, "maxlength": 2000}),
        help_text=_("The present result stays in the trail, with this reason."),
        error_messages={"required": _("Say why: the reason stays in the account's trail.")},
    )  # fmt: skip


def _names(people: Iterable[User]) -> str:
    return ", ".join(sorted(str(person) for person in people))
