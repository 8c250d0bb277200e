"""Forms for targets, plans and actions."""

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from audit.versions import VersionedForm
from hierarchy.models import Play
from plans.actions import people_on
from plans.models import Action, ActionPlan, Target
from plans.trajectory import three_years_after


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """What a verb refused, beside the field that it names; else above the form."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for field, errors in by_field.items():
        form.add_error(field if field in form.fields else None, errors)


def _date_input(**attrs) -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", **attrs}, format="%Y-%m-%d")


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
        label=_("why the target changes"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The present target stays in history, with this reason."),
    )  # fmt: skip

    class Meta:
        model = Target
        fields = ["level", "due_on", "rationale"]
        widgets = {"rationale": forms.Textarea(attrs={"rows": 3})}
        labels = {"due_on": _("to be reached by"), "rationale": _("why this level")}
        error_messages = {
            "due_on": {
                "required": _("Choose the date by which the level is to be reached."),
                "invalid": _("This is not a date. Write it as year-month-day, for example 2028-06-30."),
            }
        }

    def __init__(self, *args, level_names: Mapping[int, str], revising: bool, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.latest = three_years_after(today)
        self.fields["level"].choices = [(rank, level_names.get(rank, str(rank))) for rank in range(1, 6)]
        self.fields["due_on"].widget = _date_input(max=self.latest.isoformat())
        self.fields["due_on"].help_text = _("At most three years ahead: %(latest)s.") % {"latest": date_format(self.latest)}
        self.fields["rationale"].help_text = _("What does this customer's mind need, and what is it worth to both?")
        self.fields["rationale"].max_length = 4000
        self.initial.setdefault("version", 0)
        if not revising:
            del self.fields["revision_reason"]

    def clean_due_on(self):
        due_on = self.cleaned_data["due_on"]
        if not timezone.localdate() < due_on <= self.latest:
            raise ValidationError(
                _("Choose a date after today and no later than %(latest)s: a target lies at most three years ahead."),
                code="out_of_range", params={"latest": date_format(self.latest)},
            )  # fmt: skip
        return due_on

    def clean_revision_reason(self) -> str:
        reason = self.cleaned_data["revision_reason"].strip()
        if not reason:
            raise ValidationError(
                _("Say why the target changes: the old one stays in history with your reason."), code="required"
            )
        return reason


class PlanForm(VersionedForm):
    """The goal and owner of a plan that exists."""

    class Meta:
        model = ActionPlan
        fields = ["goal", "owner"]
        widgets = {"goal": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_on(self.instance.account) | User.objects.filter(pk=self.instance.owner_id)


class StartPlanForm(forms.Form):
    """A plan for a step, with the actions of the plays that were chosen."""

    goal = forms.CharField(
        label=_("goal"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What will this customer notice when the step is made?"),
    )  # fmt: skip
    owner = forms.ModelChoiceField(label=_("owner"), queryset=User.objects.none(), empty_label=None)
    plays = forms.ModelMultipleChoiceField(
        label=_("plays"), required=False, queryset=Play.objects.none(),
        error_messages={"invalid_choice": _("That play is not in the playbook for this step."),
                        "invalid_pk_value": _("That play is not in the playbook for this step.")},
    )  # fmt: skip
    start = forms.DateField(
        label=_("start"), initial=timezone.localdate, help_text=_("The plays' dates count from here.")
    )

    def __init__(self, *args, account: Account, from_rank: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["start"].widget = _date_input()
        self.fields["owner"].queryset = people_on(account)
        self.fields["owner"].initial = account.owner_id
        self.fields["plays"].queryset = playbook(from_rank)

    def clean_start(self):
        start = self.cleaned_data["start"]
        if abs((start - timezone.localdate()).days) > 366:
            raise ValidationError(_("Start within a year from now."), code="out_of_range")
        return start


class AddPlayForm(forms.Form):
    play = forms.ModelChoiceField(
        queryset=Play.objects.none(),
        error_messages={"invalid_choice": _("That play is not in the playbook for this step.")},
    )

    def __init__(self, *args, plan: ActionPlan, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["play"].queryset = playbook(plan.from_rank)


class NewActionForm(forms.ModelForm):
    """An action of one's own, beside those of the playbook."""

    class Meta:
        model = Action
        fields = ["title", "owner", "due_on"]
        error_messages = {
            "title": {"required": _("Write what is to be done.")},
            "due_on": {
                "required": _("Choose a date: an action without one is a wish."),
                "invalid": _("This is not a date. Write it as year-month-day, for example 2028-06-30."),
            },
        }

    def __init__(self, *args, plan: ActionPlan, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_on"].widget = _date_input()
        self.fields["owner"].queryset = people_on(plan.account)
        self.fields["owner"].empty_label = None
        self.fields["owner"].initial = plan.owner_id


class ActionForm(VersionedForm):
    """Change an action. Its owner, who may not change the plan, says only how it goes."""

    class Meta:
        model = Action
        fields = ["title", "owner", "due_on", "state", "outcome"]
        widgets = {"outcome": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"outcome": _("What came of it? The next account team learns from this.")}

    def __init__(self, *args, whole: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_on"].widget = _date_input()
        self.fields["owner"].queryset = people_on(self.instance.plan.account) | User.objects.filter(pk=self.instance.owner_id)
        if not whole:
            for name in ("title", "owner", "due_on"):
                del self.fields[name]


def playbook(from_rank: int | None = None):
    """The plays of the published edition, of one step or of all."""
    plays = Play.objects.filter(edition__state="published").prefetch_related("actions")
    return plays if from_rank is None else plays.filter(from_rank=from_rank)
