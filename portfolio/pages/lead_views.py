"""The views of the movement page (the ladder on two days) and of the groups page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.filters import list_address, query_of
from accounts.models import Account, Contact
from accounts.permissions import SignedInRequest, may_add_accounts, scope_of
from audit.figure_cache import cached_figures
from audit.trail import newest
from core import days, organisation
from hierarchy.models import Level
from hierarchy.words import in_our_words
from portfolio.figures.benchmarks import FEWEST
from portfolio.figures.two_days import between, levels_of
from portfolio.filters import MovementFilter, PortfolioFilter
from portfolio.lead_queries import BY, accounts_of, both_sides_of, coverage_of, rows_of, together, without_voice
from portfolio.pages import lead_pages as pages
from portfolio.pages.findings import apart_finding, groups_finding, moves_finding
from portfolio.pages.flow import flow_chart, flow_words, moves_title
from portfolio.pages.ladder import measured_by
from portfolio.saved_views.acts import kept_links_of

MISSING = 25  # accounts a page


@login_required
@require_safe
def movement(request: SignedInRequest) -> HttpResponse:
    today, scope, state = days.today(), scope_of(request.user), newest()
    accounts = Account.objects.visible_to(request.user).active()
    narrowed = MovementFilter(request.GET, user=request.user, queryset=accounts, state=state, today=today)
    fitting, stated, (since, at) = narrowed.qs, narrowed.stated, narrowed.days()
    figures = cached_figures(
        "movement", scope, today, narrowed.key, since, at,
        make=lambda: between(accounts_of(fitting), both_sides_of(fitting, at), since, at), state=state,
    )  # fmt: skip
    typed = request.GET.get("moved", "")
    moved = typed if typed in {"climbed", "slid"} or levels_of(typed) else ""
    by = measured_by(request.GET.get("ladder"))
    page, movers = pages.movers_page(figures, moved, request.GET.get("page"), fitting)
    two_days = {name: request.GET[name] for name in ("from", "to") if request.GET.get(name)}
    linked = stated if at == today else None  # the list holds the accounts of today

    def movers_url(kind: str) -> str:
        return f"?{query_of(stated, **two_days, moved=kind)}#movers"

    context = _shared(request, "movement", narrowed) | {
        "saved_views": kept_links_of(request.user, state=state, today=today),
        "since": since,
        "at": at,
        "is_now": at == today,
        "figures": figures,
        "no_rate": figures.no_rate,
        "by": by,
        "steps": pages.steps_of(figures, by, linked),
        "flow": flow_chart(figures.ladder, movers_url, height=260),
        "moves_title": moves_title(figures.ladder),
        "beside": pages.beside_of(figures, linked),
        "our_words": {level.rank: in_our_words(level) for level in Level.objects.filter(edition__state="published")},
        "kinds": pages.kinds_of(figures, linked, movers_url),
        "moved": moved,
        "moved_levels": levels_of(moved),
        "moved_title": flow_words(figures.ladder, levels_of(moved)),
        "title": moves_finding(figures.ladder.known_then, figures.ladder.climbed, figures.ladder.slid),
        "since_words": date_format(since, "j M Y"),
        "at_words": date_format(at, "j M Y"),
        "page": page,
        "movers": movers,
    }
    return render(request, "portfolio/movement.html", context)


@login_required
@require_safe
def groups(request: SignedInRequest) -> HttpResponse:
    today, scope, state = days.today(), scope_of(request.user), newest()
    accounts = Account.objects.visible_to(request.user).active()
    narrowed = PortfolioFilter(request.GET, user=request.user, queryset=accounts, state=state)
    fitting = narrowed.qs
    by = request.GET.get("by", "") if request.GET.get("by") in BY else "team"
    rows = cached_figures("groups", scope, today, by, narrowed.key, make=lambda: rows_of(fitting, by, today), state=state)
    total = together(rows)
    coverage = cached_figures("coverage", scope, today, narrowed.key, make=lambda: coverage_of(fitting, today), state=state)
    sort = pages.sort_of(request.GET.get("sort"))
    lines = pages.sorted_lines(pages.lines_of(rows, by, narrowed.stated), sort)
    context = _shared(request, "groups", narrowed) | {
        "saved_views": kept_links_of(request.user, state=state, today=today),
        "by": by,
        "ways": [("team", _("Team")), ("segment", _("Segment")), ("country", _("Country")), ("owner", _("Owner"))],
        "sort": sort,
        "page": Paginator(lines, pages.GROUPS).get_page(request.GET.get("page")),
        "total": (whole := pages.total_of(total, narrowed.stated)),
        "title": groups_finding(total, whole.pressing),
        "apart": apart_finding(lines),
        "quiet_url": list_address(narrowed.stated, heard="not"),
        "off_track_url": list_address(narrowed.stated, status="off_track"),
        "no_rate": sorted(total.no_rate),
        "voices": pages.voices_of(coverage, total.accounts),
        "fewest": FEWEST,
    }
    role = request.GET.get("missing", "")
    if context["may_add"] and role in Contact.BuyingRole.values:
        mine = narrowed.filter_queryset(Account.objects.changeable_by(request.user).active())
        silent = Paginator(without_voice(mine, role, today), MISSING).get_page(request.GET.get("silent"))
        context |= {"missing": Contact.BuyingRole(role), "silent": silent}
    return render(request, "portfolio/groups.html", context)


def _shared(request: SignedInRequest, here: str, narrowed: PortfolioFilter) -> dict[str, Any]:
    return {
        "section": "portfolio",
        "here": here,
        "filter": narrowed,
        "form": narrowed.form,
        "narrowed": bool(narrowed.stated),
        "currency": organisation.reporting_currency(),
        "may_add": may_add_accounts(request.user),
    }
