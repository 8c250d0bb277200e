"""Pages to invite the contacts of many accounts: the form with a forecast of its effect, and the progress."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.filters import AccountListFilter
from accounts.models import Account
from accounts.permissions import SignedInRequest, may_add_accounts
from core.form_keys import sent_once
from hierarchy.models import Edition
from mailing.mail import written_to
from surveys import bulk_rounds
from surveys.inviting.forms import BulkInviteForm
from surveys.models import BulkRounds

PAGE = 50


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def rounds(request: SignedInRequest) -> HttpResponse:
    """For the accounts that the list shows: its filters stand in the address here too."""
    if not may_add_accounts(request.user):
        raise PermissionDenied
    visible = Account.objects.visible_to(request.user)
    narrowed = AccountListFilter(request.GET, user=request.user, queryset=visible)
    outlook = bulk_rounds.outlook(narrowed.qs, request.user)
    form = BulkInviteForm(request.POST if request.method == "POST" else None, languages=outlook.by_language)
    valid = form.is_valid()
    moved_on = valid and form.seen != outlook.mark
    edition = Edition.objects.published()
    if valid and not moved_on and outlook.accounts and edition:
        return redirect(bulk_rounds.start(narrowed.qs, form.ask(), by=request.user))
    context = {
        "section": "accounts",
        "form": form,
        "filter": narrowed,
        "outlook": outlook,
        "edition": edition,
        "moved_on": moved_on,
        "query": request.GET.urlencode(),
        "words": [(*row, row[0] in outlook.by_language) for row in form.words()],
        "mail_folder": written_to(),
    }
    status = 409 if moved_on else 422 if form.is_bound else 200
    return render(request, "surveys/rounds_new.html", context, status=status)


@login_required
@never_cache
@require_safe
def progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far an order is; seen by whoever gave it. Polled until it is done."""
    job = get_object_or_404(BulkRounds.objects.visible_to(request.user), pk=pk)
    rows = job.rows.exclude(state="waiting").select_related("account").order_by("state", "account__name", "pk")
    context = {
        "section": "accounts",
        "job": job,
        "progress": bulk_rounds.progress_of(job),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "mail_folder": written_to(),
    }
    part = "#progress" if request.htmx and not request.htmx.history_restore_request else ""
    response = render(request, f"surveys/rounds_progress.html{part}", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop asking: customers who were asked by now stay so."""
    job = get_object_or_404(BulkRounds.objects.visible_to(request.user), pk=pk)
    if not job.cancel():
        messages.warning(request, _("It was done already."))
    return redirect(job)
