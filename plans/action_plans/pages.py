"""Pages of the action plans of an account: read, start, change and end them, add plays and actions."""

from collections.abc import Iterable
from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Account
from accounts.permissions import SignedInRequest, account_for
from accounts.tabs import whole_accounts
from core.form_keys import sent_once
from core.forms import changed_words, conflict_page, status_of
from core.versions import StaleEdit
from plans.access import plan_to_change
from plans.action_plans.acts import change_plan, end_plan, start_plan
from plans.action_plans.context import STEPS, plan_context
from plans.action_plans.forms import AddPlayForm, EndPlanForm, PlanForm, StartPlanForm
from plans.actions.acts import add_action, add_play
from plans.actions.forms import NewActionForm
from plans.forms import add_errors
from plans.models import ActionPlan


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def plan(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whoever sees the account reads its plans; starting one is for whoever may change them."""
    step = _step(request)
    if request.method != "POST":
        account = account_for(request.user, pk, accounts=whole_accounts())
        return render(request, "plans/plan.html", plan_context(account, user=request.user, step=step))
    account = account_for(request.user, pk, to="plan.change")
    if step is None:
        return _refused(request, account, _("Choose the step that the plan is for."))
    form = StartPlanForm(request.POST, account=account, from_rank=step)
    if form.is_valid():
        try:
            started = start_plan(account, by=request.user, from_rank=step, **form.cleaned_data)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("The plan for the step %(low)s → %(high)s stands.") % _ranks(started))
            return redirect(started)
    context = plan_context(account, user=request.user, step=step, start_form=form)
    problem = _in_words(form.non_field_errors()) if context["start_form"] is None else ""
    return render(request, "plans/plan.html", context | {"problem": problem}, status=422)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan_change(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = plan_to_change(request.user, pk)
    form = PlanForm(request.POST or None, instance=copy(plan))
    context = {"section": "accounts", "account": plan.account, "plan": plan, "form": form}
    if form.is_valid():
        try:
            change_plan(form.instance, by=request.user, seen=form.seen_version, fields=form.edited_fields())
        except StaleEdit as stale:
            return conflict_page(request, "plans/plan_change.html", context, stale)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, changed_words(form, _("Plan %(steps)s") % {"steps": f"{plan.from_rank} → {plan.to_rank}"}))
            return redirect(plan)
    return render(request, "plans/plan_change.html", context, status=status_of(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def plan_end(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = plan_to_change(request.user, pk)
    form = EndPlanForm(request.POST or None, instance=copy(plan))
    context = {
        "section": "accounts",
        "account": plan.account,
        "plan": plan,
        "form": form,
        "open_actions": plan.actions.pending().count(),
    }
    if form.is_valid():
        how = form.cleaned_data["how"]
        try:
            opened = end_plan(
                form.instance, by=request.user, seen=form.seen_version,
                achieved=how != EndPlanForm.DROPPED, next_step=how == EndPlanForm.NEXT,
            )  # fmt: skip
        except StaleEdit as stale:
            return conflict_page(request, "plans/plan_end.html", context, stale)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _ended(how, opened))
            return redirect(opened or reverse("plans:plan", args=[plan.account_id]))
    return render(request, "plans/plan_end.html", context, status=status_of(form))


@login_required
@require_POST
@sent_once
def play_add(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = plan_to_change(request.user, pk)
    form = AddPlayForm(request.POST, plan=plan)
    if not form.is_valid():
        return _refused(request, plan.account, _in_words(form.errors["play"]))
    play = form.cleaned_data["play"]
    try:
        added = add_play(plan, play, by=request.user)
    except ValidationError as refused:
        return _refused(request, plan.account, " ".join(refused.messages))
    if added:
        messages.success(request, _("“%(play)s” is in the plan, with its dated actions.") % {"play": play})
    else:
        messages.info(request, _("“%(play)s” is in this plan already.") % {"play": play})
    return redirect(plan)


@login_required
@require_POST
@sent_once
def action_add(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = plan_to_change(request.user, pk)
    form = NewActionForm(request.POST, plan=plan)
    if form.is_valid():
        try:
            add_action(plan, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("Action added: %(action)s") % {"action": form.cleaned_data["title"]})
            return redirect(plan)
    # A plan that was closed meanwhile has no form on the page any more.
    problem = _in_words(form.non_field_errors())
    context = plan_context(plan.account, user=request.user, action_form=form, problem=problem)
    return render(request, "plans/plan.html", context, status=422)


def _step(request: SignedInRequest) -> int | None:
    asked = request.POST.get("step") or request.GET.get("step")
    return next((rank for rank in STEPS if str(rank) == asked), None)


def _refused(request: SignedInRequest, account: Account, problem: str) -> HttpResponse:
    return render(request, "plans/plan.html", plan_context(account, user=request.user, problem=problem), status=422)


def _in_words(errors: Iterable[object]) -> str:
    return " ".join(str(error) for error in errors)


def _ended(how: str, opened: ActionPlan | None) -> str:
    if how == EndPlanForm.DROPPED:
        return _("The plan is dropped. It stays below, to read.")
    if opened is None:
        return _("The plan is closed as achieved.")
    return _("Achieved. The plan for the step %(low)s → %(high)s is open: choose its plays.") % _ranks(opened)


def _ranks(plan: ActionPlan) -> dict[str, int]:
    return {"low": plan.from_rank, "high": plan.to_rank}
