"""Forms that add, change and tick off an action."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from core.versions import LongText, VersionedForm
from notes.fields import ColleaguesField
from plans.actions.acts import people_on
from plans.forms import NOT_A_DATE, date_input, limit, of_model
from plans.models import Action, ActionPlan
from plans.models.comments import LONGEST


class NewActionForm(forms.ModelForm):
    """A new action that does not come from the playbook."""

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

    def __init__(self, *args: Any, plan: ActionPlan, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"plan-{plan.pk}-%s")  # a page has several of them
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.fields["due_on"].widget = date_input()
        owner = of_model(self, "owner")
        owner.queryset, owner.empty_label, owner.initial = people_on(plan.account), None, plan.owner_id


class ActionForm(VersionedForm):
    """Change an action; `whole` is False for an owner who may not change the plan: only state and outcome."""

    word = forms.CharField(
        label=_("a word to a new owner"), required=False, max_length=LONGEST, widget=LongText(attrs={"rows": 2}),
        help_text=_("A new owner gets it by mail, once; it stays below as a comment."),
    )  # fmt: skip

    class Meta:
        model = Action
        fields = ["title", "owner", "due_on", "state", "outcome"]
        widgets = {"outcome": LongText(attrs={"rows": 3})}
        help_texts = {"outcome": _("What came of it? The next account team learns from this.")}

    def __init__(self, *args: Any, whole: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].widget = date_input()
        self.fields["owner"].empty_label = None
        self.fields["owner"].queryset = people_on(self.instance.plan.account) | User.objects.filter(pk=self.instance.owner_id)
        limit(self.fields["outcome"], 4000)
        if not whole:
            for name in ("title", "owner", "due_on", "word"):
                del self.fields[name]


class CommentForm(forms.Form):
    """A comment on an action. One statement for the colleagues to choose from."""

    text = forms.CharField(
        label=_("comment"), max_length=LONGEST,
        widget=LongText(attrs={"rows": 2, "data-mentions": "tell"}), error_messages={"required": _("Write a comment.")},
    )  # fmt: skip

    def __init__(self, *args: Any, account: Account, by: User, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "comment-%s")  # the form of the action is on the same page
        super().__init__(*args, **kwargs)
        self.fields["tell"] = ColleaguesField(account, author=by.pk)


class MoveForm(VersionedForm):
    """Tick an action off, or take the tick back."""

    class Meta:
        model = Action
        fields = ["state"]


class DueForm(VersionedForm):
    """Give an action another date; none means a week later."""

    class Meta:
        model = Action
        fields = ["due_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].required = False
