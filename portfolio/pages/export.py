"""The page where data is taken out, and its files."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.pages.export import MAX_WORKBOOK_ROWS, refuse_long_workbook, table_response
from accounts.permissions import SignedInRequest
from core.forms import redirect_within
from portfolio.exports import EXPORTS, chosen_by, narrowed_words


@login_required
@require_safe
def choose(request: SignedInRequest) -> HttpResponse:
    chosen = chosen_by(request.user, request.GET)
    context = {
        "section": "accounts",
        "exports": EXPORTS.values(),
        "count": chosen.count(),
        "narrowed": chosen.narrowed is not None,
        "words": narrowed_words(chosen.narrowed) if chosen.narrowed else [],
        "query": request.GET.urlencode(),
        "most": MAX_WORKBOOK_ROWS,
    }
    return render(request, "portfolio/export.html", context)


@login_required
@never_cache
@require_safe
def download(request: SignedInRequest, what: str, kind: str) -> HttpResponseBase:
    """One table, of the accounts that the address names as the list of accounts does; without a word of them, of all."""
    if (export := EXPORTS.get(what)) is None:
        raise Http404
    chosen = chosen_by(request.user, request.GET)
    rows = export.count(chosen.accounts)
    if refuse_long_workbook(request, kind, rows):
        address, query = reverse("portfolio:export"), request.GET.urlencode()
        return redirect_within(request, f"{address}?{query}" if query else address, address)
    return table_response(request, what, kind, export.rows(chosen.accounts, chosen.visible), rows=rows, chosen=chosen.told)
