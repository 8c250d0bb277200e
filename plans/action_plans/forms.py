"""Forms that start, change and end an action plan, and the plays that they offer."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from core import days
from core.versions import LongText, VersionedForm
from hierarchy.models import Play
from plans.actions.acts import check_start, people_on
from plans.forms import NOT_A_DATE, date_input, limit, of_model
from plans.models import ActionPlan


def playbook(from_rank: int | None = None) -> QuerySet[Play]:
    """The plays of the published edition, of one step or of all."""
    plays = Play.objects.filter(edition__state="published").prefetch_related("actions")
    return plays if from_rank is None else plays.filter(from_rank=from_rank)


class PlanForm(VersionedForm):
    """The goal and owner of a plan that exists."""

    class Meta:
        model = ActionPlan
        fields = ["goal", "owner"]
        widgets = {"goal": LongText(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit(self.fields["goal"], 2000)
        self.fields["owner"].empty_label = None
        self.fields["owner"].queryset = people_on(self.instance.account) | User.objects.filter(pk=self.instance.owner_id)


class PlaysField(forms.ModelMultipleChoiceField):
    def clean(self, value: Any) -> QuerySet[Play]:
        try:
            return super().clean(value)
        except OverflowError as overflow:  # a number that no id can be
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from overflow


class StartPlanForm(forms.Form):
    """A plan for a step, with the actions of the plays that were chosen."""

    goal = forms.CharField(
        label=_("goal"), required=False, max_length=2000, widget=LongText(attrs={"rows": 2}),
        help_text=_("What will this customer notice when the step is made?"),
    )  # fmt: skip
    owner = forms.ModelChoiceField(label=_("owner"), queryset=User.objects.none(), empty_label=None)
    plays = PlaysField(
        label=_("plays"), required=False, queryset=Play.objects.none(),
        error_messages={"invalid_choice": _("That play is not in the playbook for this step."),
                        "invalid_pk_value": _("That play is not in the playbook for this step.")},
    )  # fmt: skip
    start = forms.DateField(
        label=_("start"), initial=days.today, help_text=_("The plays' dates count from here."),
        error_messages={"required": _("Choose the day to start from."), "invalid": NOT_A_DATE},
    )  # fmt: skip

    def __init__(self, *args: Any, account: Account, from_rank: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].widget = date_input()
        of_model(self, "owner").queryset = people_on(account)
        self.fields["owner"].initial = account.owner_id
        of_model(self, "plays").queryset = playbook(from_rank)

    def clean_start(self) -> date:
        return check_start(self.cleaned_data["start"])


class AddPlayForm(forms.Form):
    play = forms.ModelChoiceField(
        queryset=Play.objects.none(),
        error_messages={"invalid_choice": _("That play is not in the playbook for this step.")},
    )

    def __init__(self, *args: Any, plan: ActionPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_model(self, "play").queryset = playbook(plan.from_rank)


class EndPlanForm(VersionedForm):
    """How a plan ends."""

    NEXT, ACHIEVED, DROPPED = "next", "achieved", "dropped"

    how = forms.ChoiceField(
        label=_("how does this plan end?"), widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose how this plan ends."),
            "invalid_choice": _("Choose how this plan ends."),
        },
    )  # fmt: skip

    class Meta:
        model = ActionPlan
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        step = {"low": self.instance.to_rank, "high": self.instance.to_rank + 1}
        onward = [(self.NEXT, _("Achieved: close it, and open the plan for the step %(low)s → %(high)s") % step)]
        self.fields["how"].choices = [
            *(onward if self.instance.to_rank < 5 else []),
            (self.ACHIEVED, _("Achieved: close it")),
            (self.DROPPED, _("Dropped: we no longer work on this step")),
        ]

    def conflict(self, current: Any) -> list[dict[str, Any]]:
        wish = dict(self.fields["how"].choices)[self.cleaned_data["how"]]
        return [
            {"label": _("state"), "theirs": current.get_state_display(), "yours": wish},
            {"label": _("goal"), "theirs": current.goal or None, "yours": None},
            {"label": _("owner"), "theirs": current.owner, "yours": None},
        ]
