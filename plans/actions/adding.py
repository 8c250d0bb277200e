"""Add an action from anywhere: choose an account, then what is to be done, by when, and for which step."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import Account, User
from accounts.permissions import SignedInRequest, account_for, may_add_accounts
from accounts.search import called
from core import days
from core.form_keys import sent_once
from core.forms import status_of, typed_id
from notes.context import latest_notes
from plans.action_plans.acts import start_plan
from plans.actions.acts import add_action, people_on
from plans.forms import NOT_A_DATE, add_errors, date_input, of_model
from plans.models import Action

OFFERED = 10  # accounts to choose from
LONGEST = 100  # characters of a search
SOON = timedelta(days=7)
LOWEST, HIGHEST = 1, 4  # levels from which a plan climbs


@dataclass(frozen=True, slots=True)
class PlannedSteps:
    """The steps of an account: `planned` are the levels from which an open plan climbs, `usual` is the one to choose at first."""

    planned: frozenset[int]
    usual: int


def steps_of(account: Account) -> PlannedSteps:
    """The step from the level now, when a plan for it is open or none is; else the lowest with a plan. One statement."""
    planned = frozenset(account.plans.open().values_list("from_rank", flat=True))
    following = min(max(account.level or LOWEST, LOWEST), HIGHEST)
    return PlannedSteps(planned, following if following in planned or not planned else min(planned))


class AddActionForm(forms.ModelForm):
    """A new action of an account."""

    from_rank = forms.TypedChoiceField(label=gettext_lazy("for the step"), coerce=int)

    class Meta:
        model = Action
        fields = ["title", "due_on", "owner"]
        error_messages = {
            "title": {"required": gettext_lazy("Write what is to be done.")},
            "due_on": {"required": gettext_lazy("Choose a date: an action without one is a wish."), "invalid": NOT_A_DATE},
        }

    def __init__(self, *args: Any, account: Account, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps, people = steps_of(account), people_on(account)
        self.fields["due_on"].widget = date_input()
        self.initial["due_on"] = days.today() + SOON
        self.fields["from_rank"].choices = [(low, _words(low, steps)) for low in range(LOWEST, HIGHEST + 1)]  # type: ignore[attr-defined]
        self.initial["from_rank"] = steps.usual
        owner = of_model(self, "owner")
        owner.queryset, owner.empty_label = people, None
        self.initial["owner"] = by.pk if people.filter(pk=by.pk).exists() else account.owner_id


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def new(request: SignedInRequest) -> HttpResponse:
    """`?account=` names the account; without it, `?q=` finds the accounts that the person may change."""
    if not may_add_accounts(request.user):
        raise PermissionDenied
    asked = request.POST.get("account") or request.GET.get("account")
    if not asked:
        return render(request, "plans/action_new_account.html", _accounts(request))
    account = account_for(request.user, typed_id(asked) or 0, to="plan.change")
    form = AddActionForm(request.POST or None, account=account, by=request.user)
    if form.is_valid():
        try:
            action = add_to(account, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("Action added at %(account)s: %(action)s") % {"account": account, "action": action})
            return redirect("plans:actions")
    context = {"section": "actions", "account": account, "form": form} | latest_notes(account, request.user)
    return render(request, "plans/action_new.html", context, status=status_of(form))


@transaction.atomic
def add_to(account: Account, *, by: User, title: str, due_on: date, owner: User, from_rank: int) -> Action:
    """An action of the open plan for this step, which is started when there is none. Raises ValidationError."""
    plan = start_plan(account, by=by, from_rank=from_rank, owner=account.owner)
    return add_action(plan, by=by, title=title, owner=owner, due_on=due_on)


def _accounts(request: SignedInRequest) -> dict[str, Any]:
    """Accounts that the person may change: those with this name, else their own. One statement."""
    text = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:LONGEST]
    mine = Account.objects.changeable_by(request.user).active()
    found = mine.filter(called(text)) if text else mine.filter(owner=request.user)
    accounts = list(found.order_by("name", "pk")[: OFFERED + 1])
    return {"section": "actions", "text": text, "accounts": accounts[:OFFERED], "more": len(accounts) > OFFERED}


def _words(low: int, steps: PlannedSteps) -> str:
    step = {"low": low, "high": low + 1}
    return (_("%(low)s → %(high)s, the plan is open") if low in steps.planned else _("%(low)s → %(high)s, starts a plan")) % step
