"""Pages of actions: the list, one action, and ticking off."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import SignedInRequest, may
from core.forms import changed_words, own_path, status_of
from core.undo import offer_undo
from core.versions import StaleEdit
from plans.access import action_to_read, action_to_tick
from plans.actions.acts import change_action, may_tick, move_action, put_off
from plans.actions.comments import may_comment, may_delete
from plans.actions.context import actions_context
from plans.actions.forms import ActionForm, CommentForm, DueForm, MoveForm
from plans.forms import add_errors
from plans.models import Action, ActionComment
from plans.words import moved_words


@login_required
@require_safe
def actions(request: SignedInRequest) -> HttpResponse:
    return render(request, "plans/actions.html", actions_context(request.user, request.GET))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def action(request: SignedInRequest, pk: int) -> HttpResponse:
    """Users who may change the plan change every field; the action's owner changes state and outcome.

    Whoever else sees the account reads it, with its comments.
    """
    action = action_to_read(request.user, pk)
    if not may_tick(request.user, action):
        if request.method == "POST":
            raise PermissionDenied
        return action_page(request, action)
    form = _form(request, action, data=request.POST or None)
    if form.is_valid():
        try:
            word = form.cleaned_data.get("word", "")
            change_action(
                form.instance, by=request.user, seen=form.seen_version, fields=form.edited_fields(), word=word
            )  # fmt: skip
        except StaleEdit as stale:
            rows = form.conflict(stale.current)
            form.renew_version(stale.current)
            return action_page(request, action, form, status=409, conflict=rows)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, changed_words(form, form.instance))
            return HttpResponseRedirect(_back(request, action))
    return action_page(request, action, form, status=status_of(form))


@login_required
@require_POST
def action_move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Tick off or take the tick back, and return to the page where that was done."""
    action = action_to_tick(request.user, pk)
    wish = MoveForm(request.POST, instance=copy(action))
    if not wish.is_valid():
        form = _form(request, action)
        problem = _("That is not a state that an action can have. Choose one below.")
        return action_page(request, action, form, status=422, problem=problem)
    state = wish.cleaned_data["state"]
    try:
        moved = move_action(copy(action), by=request.user, seen=wish.seen_version, state=state)
    except StaleEdit as stale:
        current = action_to_tick(request.user, pk)
        form = _form(request, current, initial={"state": state})
        return action_page(request, current, form, status=409, conflict=wish.conflict(stale.current))
    except ValidationError as refused:
        return action_page(request, action, status=422, problem=" ".join(refused.messages))
    if moved.state != action.state:
        url = reverse("plans:action_move", args=[action.pk])
        offer_undo(request, moved_words(moved), url, version=moved.version, state=action.state)
    return HttpResponseRedirect(_back(request, action))


@login_required
@require_POST
def action_due(request: SignedInRequest, pk: int) -> HttpResponse:
    """Move the due date by a week, or to the date that is sent, as *Undo* does; back to the page where that was done."""
    action = action_to_read(request.user, pk)
    if not may(request.user, "plan.change", action.plan.account):
        raise PermissionDenied
    wish, before = DueForm(request.POST, instance=copy(action)), action.due_on
    if not wish.is_valid():
        return action_page(request, action, status=422, problem=_("That is not a date. Choose one below."))
    try:
        moved = put_off(copy(action), by=request.user, seen=wish.seen_version, until=wish.cleaned_data["due_on"])
    except StaleEdit as stale:
        current = action_to_tick(request.user, pk)
        form = _form(request, current, initial={"due_on": wish.cleaned_data["due_on"] or current.due_on})
        return action_page(request, current, form, status=409, conflict=wish.conflict(stale.current))
    except ValidationError as refused:
        return action_page(request, action, status=422, problem=" ".join(refused.messages))
    told = _("Due date moved to %(day)s: %(action)s") % {"day": date_format(moved.due_on, "j F"), "action": moved.title}
    if wish.cleaned_data["due_on"]:
        messages.success(request, told)
    else:
        url = reverse("plans:action_due", args=[action.pk])
        spot = f"at-action-{action.pk}-due_on"
        offer_undo(request, told, url, at=spot, version=moved.version, due_on=before.isoformat())
    return HttpResponseRedirect(_back(request, action))


def _form(request: SignedInRequest, action: Action, **kwargs: Any) -> ActionForm:
    whole = may(request.user, "plan.change", action.plan.account)
    return ActionForm(instance=copy(action), whole=whole, **kwargs)


def action_page(
    request: SignedInRequest,
    action: Action,
    form: ActionForm | None = None,
    *,
    status: int = 200,
    comment_form: CommentForm | None = None,
    **more: Any,
) -> HttpResponse:
    """The page of an action with its comments; without the forms that the reader may not send. Three statements at most."""
    user, account = request.user, action.plan.account
    if form is None and may_tick(user, action):
        form = _form(request, action)
    if comment_form is None and may_comment(user):
        comment_form = CommentForm(account=account, by=user)
    context = {
        "section": "actions",
        "action": action,
        "account": account,
        "form": form,
        "whole": form is not None and "title" in form.fields,
        "comments": [(one, may_delete(user, one)) for one in ActionComment.objects.filter(action=action).whole()],
        "comment_form": comment_form,
        "back": _back(request, action),
    }
    return render(request, "plans/action.html", context | more, status=status)


def _back(request: SignedInRequest, action: Action) -> str:
    """Where the person came from, when that is a page of ours; else the plan."""
    return own_path(request, request.POST.get("next") or request.GET.get("next") or "") or action.plan.get_absolute_url()
