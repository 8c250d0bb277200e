"""The export page and its files."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.pages.export import MAX_WORKBOOK_ROWS, refuse_long_workbook, table_response
from accounts.permissions import SignedInRequest
from core.forms import redirect_within
from portfolio.exports import EXPORTS
from portfolio.filters import ExportFilter


@login_required
@require_safe
def choose(request: SignedInRequest) -> HttpResponse:
    narrowed = _filter(request)
    context = {
        "section": "accounts",
        "exports": EXPORTS.values(),
        "count": narrowed.count(),
        "narrowed": narrowed.is_narrowed,
        "words": narrowed.words(),
        "query": request.GET.urlencode(),
        "most": MAX_WORKBOOK_ROWS,
    }
    return render(request, "portfolio/export.html", context)


@login_required
@never_cache
@require_safe
def download(request: SignedInRequest, what: str, kind: str) -> HttpResponseBase:
    """One table. The address names its accounts as that of the list does; without filters it holds all of them."""
    if (export := EXPORTS.get(what)) is None:
        raise Http404
    narrowed = _filter(request)
    rows = export.count(narrowed.qs)
    if refuse_long_workbook(request, kind, rows):
        address, query = reverse("portfolio:export"), request.GET.urlencode()
        return redirect_within(request, f"{address}?{query}" if query else address, address)
    return table_response(request, what, kind, export.rows(narrowed.qs, narrowed.queryset), rows=rows, chosen=narrowed.told)


def _filter(request: SignedInRequest) -> ExportFilter:
    visible = Account.objects.visible_to(request.user, teams_first=True)
    return ExportFilter(request.GET, user=request.user, queryset=visible)
