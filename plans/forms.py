"""Forms for targets, plans and actions."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from core import days
from core.versions import LongText, VersionedForm
from hierarchy.models import Play
from plans.actions import check_start, people_on
from plans.models import Action, ActionPlan, Target
from plans.trajectory import three_years_after


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """What a verb refused, beside the field that it names; else above the form."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for field, errors in by_field.items():
        form.add_error(field if field in form.fields else None, errors)


NOT_A_DATE = _("This is not a date. Write it as year-month-day, for example 2028-06-30.")


def _of_model(form: forms.BaseForm, name: str) -> forms.ModelChoiceField:
    return cast("forms.ModelChoiceField", form.fields[name])


def _date_input(**attrs) -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", **attrs}, format="%Y-%m-%d")


def _limit(field: forms.Field, characters: int) -> None:
    """A text column has no end of its own."""
    field.validators.append(MaxLengthValidator(characters))
    field.widget.attrs["maxlength"] = characters


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

    def __init__(self, *args, level_names: Mapping[int, str], revising: bool, **kwargs):
        super().__init__(*args, **kwargs)
        today = days.today()
        self.earliest, self.latest = today + timedelta(days=1), three_years_after(today)
        self.fields["level"].choices = [(rank, level_names.get(rank, str(rank))) for rank in range(1, 6)]
        self.fields["due_on"].widget = _date_input(min=self.earliest.isoformat(), max=self.latest.isoformat(), list="due-quick")
        self.fields["due_on"].help_text = _("At most three years ahead: %(latest)s.") % {
            "latest": date_format(self.latest, "j F Y")
        }
        self.fields["rationale"].help_text = _("What does this customer's mind need, and what is it worth to both?")
        _limit(self.fields["rationale"], 4000)
        self.initial.setdefault("version", 0)
        self.revising = revising
        if not revising:
            del self.fields["revision_reason"]

    @property
    def quick_dates(self) -> list[date]:
        """In one, two and three years: what the browser offers beside the calendar."""
        return [self.latest.replace(year=self.latest.year - back) for back in (2, 1, 0)]

    def wish(self) -> dict[str, Any]:
        """What `set_target` is to be told."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "version"}

    def clean_due_on(self):
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


class PlanForm(VersionedForm):
    """The goal and owner of a plan that exists."""

    class Meta:
        model = ActionPlan
        fields = ["goal", "owner"]
        widgets = {"goal": LongText(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _limit(self.fields["goal"], 2000)
        self.fields["owner"].empty_label = None
        self.fields["owner"].queryset = people_on(self.instance.account) | User.objects.filter(pk=self.instance.owner_id)


class PlaysField(forms.ModelMultipleChoiceField):
    def clean(self, value):
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

    def __init__(self, *args, account: Account, from_rank: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["start"].widget = _date_input()
        _of_model(self, "owner").queryset = people_on(account)
        self.fields["owner"].initial = account.owner_id
        _of_model(self, "plays").queryset = playbook(from_rank)

    def clean_start(self):
        return check_start(self.cleaned_data["start"])


class AddPlayForm(forms.Form):
    play = forms.ModelChoiceField(
        queryset=Play.objects.none(),
        error_messages={"invalid_choice": _("That play is not in the playbook for this step.")},
    )

    def __init__(self, *args, plan: ActionPlan, **kwargs):
        super().__init__(*args, **kwargs)
        _of_model(self, "play").queryset = playbook(plan.from_rank)


class NewActionForm(forms.ModelForm):
    """An action of one's own, beside those of the playbook."""

    class Meta:
        model = Action
        fields = ["title", "owner", "due_on"]
        error_messages = {
            "title": {"required": _("Write what is to be done.")},
            "due_on": {
                "required": _("Choose a date: an action without one is a wish."),
                "invalid": NOT_A_DATE,
            },
        }

    def __init__(self, *args, plan: ActionPlan, **kwargs):
        kwargs.setdefault("auto_id", f"plan-{plan.pk}-%s")  # several stand on one page
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.fields["due_on"].widget = _date_input()
        owner = _of_model(self, "owner")
        owner.queryset, owner.empty_label, owner.initial = people_on(plan.account), None, plan.owner_id


class ActionForm(VersionedForm):
    """Change an action. Its owner, who may not change the plan, says only how it goes."""

    class Meta:
        model = Action
        fields = ["title", "owner", "due_on", "state", "outcome"]
        widgets = {"outcome": LongText(attrs={"rows": 3})}
        help_texts = {"outcome": _("What came of it? The next account team learns from this.")}

    def __init__(self, *args, whole: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_on"].widget = _date_input()
        self.fields["owner"].empty_label = None
        self.fields["owner"].queryset = people_on(self.instance.plan.account) | User.objects.filter(pk=self.instance.owner_id)
        _limit(self.fields["outcome"], 4000)
        if not whole:
            for name in ("title", "owner", "due_on"):
                del self.fields[name]


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

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        step = {"low": self.instance.to_rank, "high": self.instance.to_rank + 1}
        onward = [(self.NEXT, _("Achieved: close it, and open the plan for the step %(low)s → %(high)s") % step)]
        self.fields["how"].choices = [
            *(onward if self.instance.to_rank < 5 else []),
            (self.ACHIEVED, _("Achieved: close it")),
            (self.DROPPED, _("Dropped: we no longer work on this step")),
        ]

    def conflict(self, current) -> list[dict[str, Any]]:
        wish = dict(self.fields["how"].choices)[self.cleaned_data["how"]]
        return [
            {"label": _("state"), "theirs": current.get_state_display(), "yours": wish},
            {"label": _("goal"), "theirs": current.goal or None, "yours": None},
            {"label": _("owner"), "theirs": current.owner, "yours": None},
        ]


class MoveForm(VersionedForm):
    """Tick an action off, or take the tick back."""

    class Meta:
        model = Action
        fields = ["state"]


def playbook(from_rank: int | None = None):
    """The plays of the published edition, of one step or of all."""
    plays = Play.objects.filter(edition__state="published").prefetch_related("actions")
    return plays if from_rank is None else plays.filter(from_rank=from_rank)
