"""The style guide: every component in each of its states, drawn with the templates and tags of the site, for administrators."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.permissions import SignedInRequest
from accounts.templatetags.standing import STATUS_TAGS
from core import days, organisation
from core.undo import Undo
from portfolio.pages import style_samples as samples
from portfolio.pages.account import NARROW, WIDE

LEVELS = range(1, 6)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def styleguide(request: SignedInRequest) -> HttpResponse:
    """No statement beyond those of every page. What a sample sends is not stored: it leads back here."""
    if not request.user.is_staff:
        raise PermissionDenied
    if request.method == "POST":
        return redirect("portfolio:styleguide")
    context = _values(request.GET.get("sort", "name"), request.user) | _forms() | _drawings()
    return render(request, "portfolio/styleguide.html", {"section": "office"} | context)


def _values(sort: str, user: User) -> dict[str, Any]:
    here = reverse("portfolio:styleguide")
    return {
        "here": here,
        "levels": LEVELS,
        "statuses": [*STATUS_TAGS, ""],
        "sort": sort,
        "rows": samples.table_rows(user, sort),
        "currency": organisation.reporting_currency(),
        "account": samples.account_of(user),
        "undo": Undo(here, [], ""),
        "second_page": Paginator(range(60), 25).page(2),
        "one_page": {"before": "", "after": ""},
        "spread": samples.spread(),
        "quotes": samples.quotes(),
        "tokens": samples.tokens(),
    }


def _forms() -> dict[str, Any]:
    filled = samples.filled_form()
    return {
        "filled": filled,
        "refused": samples.refused_form(),
        "disabled": samples.disabled_form(),
        "conflict_rows": [{"label": _("name"), "theirs": "Noordzee Havens", "yours": "Noordzee Havens BV"}],
        "points": [{"value": str(level), "checked": level == 4} for level in LEVELS],
    }


def _drawings() -> dict[str, Any]:
    today = days.today()
    wide, narrow = (samples.history(today, width, height) for width, height in (WIDE, NARROW))
    return {
        "ladder_rows": samples.ladder_rows(reverse("accounts:list")),
        "milestones": samples.milestones(today),
        "chart_wide": wide,
        "chart_narrow": narrow,
        "chart_description": _("Invented figures: the customer rises from level 1 to 3, and the target asks for 5."),
        "chart_levels": {level: _("Level %(rank)s") % {"rank": level} for level in LEVELS},
        "chart_chance": "46 %",
    }
