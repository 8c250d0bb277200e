"""Pages of bulk changes: change many accounts at once, follow the progress, undo a change."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.acts import bulk_change
from accounts.filter_choices import tags_for
from accounts.filters import AccountListFilter
from accounts.models import Account, BulkChange
from accounts.pages.bulk_forms import BulkChangeForm
from accounts.permissions import SignedInRequest, may_add_accounts
from core import job_runner
from core.form_keys import sent_once

LATELY = 10  # earlier changes on the page


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def change(request: SignedInRequest) -> HttpResponse:
    """For the accounts that are ticked (`?account=`), or for all that the filters show (`?all=1`)."""
    if not may_add_accounts(request.user):
        raise PermissionDenied
    narrowed = AccountListFilter(
        request.GET, user=request.user, queryset=Account.objects.visible_to(request.user, teams_first=True)
    )
    any_chosen = bool(narrowed.chosen or request.GET.get("all"))
    accounts = narrowed.qs if any_chosen else Account.objects.none()
    outlook = bulk_change.outlook(accounts, request.user)
    data = request.POST if request.method == "POST" else None
    form = BulkChangeForm(data, user=request.user, tags=tags_for(request.user), act=request.GET.get("act", ""))
    valid = form.is_valid()
    moved_on = valid and form.seen != outlook.mark
    if valid and not moved_on and outlook.mine:
        return redirect(bulk_change.start(accounts, form.order(), by=request.user))
    context = {
        "section": "accounts",
        "form": form,
        "outlook": outlook,
        "any_chosen": any_chosen,
        "moved_on": moved_on,
        "query": request.GET.urlencode(),
        "lately": BulkChange.objects.visible_to(request.user).recent()[:LATELY],
    }
    status = 409 if moved_on else 422 if form.is_bound else 200
    return render(request, "accounts/bulk.html", context, status=status)


@login_required
@never_cache
@require_safe
def changed(request: SignedInRequest, pk: int) -> HttpResponse:
    """What became of a change; seen by whoever made it. Polled until it is done."""
    found = get_object_or_404(BulkChange.objects.visible_to(request.user), pk=pk)
    context = {"section": "accounts", "change": found}
    if not found.is_under_way:
        context["left_alone"] = bulk_change.left_alone(found, request.user)
    part = "#progress" if request.htmx and not request.htmx.history_restore_request else ""
    response = render(request, f"accounts/bulk_change.html{part}", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(BulkChange.objects.visible_to(request.user), pk=pk)
    if not (found.may_be_undone or found.is_taken_back):
        messages.warning(request, _("It can no longer be taken back."))
    job_runner.undo(found, by=request.user)
    return redirect(found)


@login_required
@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop the change: the accounts that are changed by now stay so, and can be taken back."""
    found = get_object_or_404(BulkChange.objects.visible_to(request.user), pk=pk)
    if not found.cancel():
        messages.warning(request, _("It was done already. You can take it back."))
    return redirect(found)
