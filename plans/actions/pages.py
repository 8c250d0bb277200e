"""Pages of actions: the list, one action, and ticking off."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import SignedInRequest, may
from core.forms import own_path, status_of
from core.undo import offer_undo
from core.versions import StaleEdit
from plans.access import action_to_tick
from plans.actions.acts import change_action, move_action
from plans.actions.context import actions_context
from plans.actions.forms import ActionForm, MoveForm
from plans.forms import add_errors
from plans.models import Action
from plans.words import moved_words


@login_required
@require_safe
def actions(request: SignedInRequest) -> HttpResponse:
    return render(request, "plans/actions.html", actions_context(request.user, request.GET))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def action(request: SignedInRequest, pk: int) -> HttpResponse:
    """Users who may change the plan change every field; the action's owner changes state and outcome."""
    action = action_to_tick(request.user, pk)
    form = _form(request, action, data=request.POST or None)
    if form.is_valid():
        try:
            change_action(form.instance, by=request.user, seen=form.seen_version, fields=form.edited_fields())
        except StaleEdit as stale:
            rows = form.conflict(stale.current)
            form.renew_version(stale.current)
            return _page(request, action, form, status=409, conflict=rows)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(_back(request, action))
    return _page(request, action, form, status=status_of(form))


@login_required
@require_POST
def action_move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Tick off or take the tick back, and return to the page where that was done."""
    action = action_to_tick(request.user, pk)
    wish = MoveForm(request.POST, instance=copy(action))
    if not wish.is_valid():
        form = _form(request, action)
        problem = _("That is not a state that an action can have. Choose one below.")
        return _page(request, action, form, status=422, problem=problem)
    state = wish.cleaned_data["state"]
    try:
        moved = move_action(copy(action), by=request.user, seen=wish.seen_version, state=state)
    except StaleEdit as stale:
        current = action_to_tick(request.user, pk)
        form = _form(request, current, initial={"state": state})
        return _page(request, current, form, status=409, conflict=wish.conflict(stale.current))
    except ValidationError as refused:
        return _page(request, action, _form(request, action), status=422, problem=" ".join(refused.messages))
    if moved.state != action.state:
        url = reverse("plans:action_move", args=[action.pk])
        offer_undo(request, moved_words(moved), url, version=moved.version, state=action.state)
    return HttpResponseRedirect(_back(request, action))


def _form(request: SignedInRequest, action: Action, **kwargs: Any) -> ActionForm:
    whole = may(request.user, "plan.change", action.plan.account)
    return ActionForm(instance=copy(action), whole=whole, **kwargs)


def _page(request: SignedInRequest, action: Action, form: ActionForm, *, status: int, **more: Any) -> HttpResponse:
    context = {
        "section": "actions",
        "action": action,
        "account": action.plan.account,
        "form": form,
        "whole": "title" in form.fields,
        "back": _back(request, action),
    }
    return render(request, "plans/action.html", context | more, status=status)


def _back(request: SignedInRequest, action: Action) -> str:
    """Where the person came from, when that is a page of ours; else the plan."""
    return own_path(request, request.POST.get("next") or request.GET.get("next") or "") or action.plan.get_absolute_url()
