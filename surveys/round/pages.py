"""Pages of one round: the round, its details, closing and reopening it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Account
from accounts.permissions import SignedInRequest, account_for
from assessments.models import Assessment
from assessments.rounds import closing
from core.forms import changed_words, posted_number
from core.versions import StaleEdit
from surveys.round.context import round_context
from surveys.round.forms import ReopenForm, RoundDetailsForm


@login_required
@require_safe
def round_page(request: SignedInRequest, pk: int, round_pk: int) -> HttpResponse:
    account = account_for(request.user, pk)
    return _page(request, account, _round(account, round_pk))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: SignedInRequest, pk: int, round_pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="assessment.open")
    assessment = _round(account, round_pk)
    if not assessment.is_open:
        messages.info(request, _("This assessment is closed. Reopen it first to change its date or who is asked."))
        return redirect(assessment)
    form = RoundDetailsForm(request.POST if request.method == "POST" else None, instance=assessment)
    context = {"section": "accounts", "account": account, "assessment": assessment, "form": form}
    if not form.is_valid():
        return render(request, "surveys/details.html", context, status=422 if form.is_bound else 200)
    try:
        closing.change_details(assessment, by=request.user, seen=form.seen_version, raters=form.cleaned_data["raters"])
    except StaleEdit as stale:
        context["conflict"] = form.conflict(stale.current)
        form.renew_version(stale.current)
        return render(request, "surveys/details.html", context, status=409)
    except closing.RoundClosed as closed:
        messages.warning(request, closed.messages[0])
        return redirect(assessment)
    what = _("Assessment of %(day)s") % {"day": date_format(assessment.held_on, "j F Y")}
    messages.success(request, changed_words(form, what))
    return redirect(assessment)


@login_required
@require_POST
def close(request: SignedInRequest, pk: int, round_pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="assessment.close")
    assessment = _round(account, round_pk)
    try:
        closed = closing.close(assessment, by=request.user, seen=posted_number(request))
    except StaleEdit:
        return _page(request, account, _round(account, round_pk), {"stale": True}, status=409)
    except ValidationError as error:
        return _page(request, account, _round(account, round_pk), {"refused": error.messages}, status=422)
    account.refresh_from_db()
    messages.success(request, _closed_message(account, closed))
    return redirect(account)


@login_required
@require_POST
def reopen(request: SignedInRequest, pk: int, round_pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="assessment.reopen")
    assessment = _round(account, round_pk)
    form = ReopenForm(request.POST)
    if not form.is_valid() and not assessment.is_open:
        return _page(request, account, assessment, {"reopen_form": form}, status=422)
    try:
        reopened = closing.reopen(
            assessment, by=request.user, reason=form.cleaned_data.get("reason", ""), seen=posted_number(request)
        )
    except StaleEdit:
        return _page(request, account, _round(account, round_pk), {"stale": True, "reopen_form": form}, status=409)
    except ValidationError as error:
        refused = {"refused": error.messages, "reopen_form": form}
        return _page(request, account, _round(account, round_pk), refused, status=422)
    messages.success(request, _("Open again. The result that it had stays in the trail; close it when it is right."))
    return redirect(reopened)


def _round(account: Account, round_pk: int) -> Assessment:
    rounds = account.assessments.select_related("edition", "account", "opened_by", "closed_by")
    return get_object_or_404(rounds, pk=round_pk)


def _page(
    request: SignedInRequest,
    account: Account,
    assessment: Assessment,
    more: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = round_context(assessment, account, request.user) | {"reopen_form": ReopenForm()} | (more or {})
    return render(request, "surveys/round.html", context, status=status)


def _closed_message(account: Account, closed: Assessment) -> str:
    """The level in words, and the next step as a link."""
    if closed.customer_level is not None:
        level = _("Closed: they see us at level %(level)s.") % {"level": closed.customer_level}
    else:
        level = _("Closed: we think that they see us at level %(level)s.") % {"level": closed.team_level}
    if account.target_level is None:
        return format_html(
            '{} <a href="{}">{}</a>',
            level,
            reverse("plans:target", args=[account.pk]),
            _("Set a target next"),
        )
    return format_html('{} <a href="{}">{}</a>', level, reverse("plans:plan", args=[account.pk]), _("Open the plan"))
