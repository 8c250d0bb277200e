"""The page of the list of accounts, and the columns that a person wants there."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from accounts import side_bar
from accounts.acts.changing import choose_list_layout
from accounts.filters import AccountListFilter, sort_of
from accounts.list_columns import layout_of, list_columns
from accounts.models import Account
from accounts.permissions import SignedInRequest, may_add_accounts
from accounts.querysets import a_year_before
from accounts.search import people_found
from core import days
from core.forms import redirect_within
from core.paging import FEW, page_of

PAGE_SIZE = 25
PAGING_PARAMETERS = ("page", "after", "before")


@dataclass(frozen=True, slots=True)
class FilterToken:
    """A filter that is set, in words, and the query of the same list without it."""

    name: str
    label: str
    words: str
    query: str


@login_required
@require_safe
def account_list(request: SignedInRequest) -> HttpResponse:
    """The whole page; for htmx its rows, or the spread of a long list, which the page leaves out."""
    visible = Account.objects.visible_to(request.user, teams_first=True)
    narrowed = AccountListFilter(request.GET, user=request.user, queryset=visible)
    # The browser's Back button needs the whole page.
    asks_part = request.htmx and not request.htmx.history_restore_request
    if asks_part and request.htmx.target == "spread":
        return _answer(
            request,
            "#spread",
            {"spread": narrowed.spread(), "levels_without": _query_without(request, "level", *PAGING_PARAMETERS)},
        )
    sort = sort_of(request.GET.get("sort"))
    spread = narrowed.spread() if _has_few(request) else None
    count = narrowed.count() if spread is None else spread.accounts
    if spread is None and count <= FEW:
        spread = narrowed.spread()
    if not asks_part:
        narrowed.offer_choices()
    layout = layout_of(request.user)
    place = {name: request.GET.get(name, "") for name in ("after", "before")}
    page = page_of(layout.joined(narrowed.rows(count)), narrowed.order(sort), count=count, size=PAGE_SIZE, **place)
    people = people_found(narrowed.stated.get("q", ""), page)
    context = {
        "section": "accounts",
        "filter": narrowed,
        "tokens": list(_tokens(request, narrowed)),
        "page": page,
        "layout": layout,
        "columns": [(column, column in layout.columns) for column in list_columns()],
        "reading": layout.reading(page.object_list, request.user, a_year_before(days.today()), people),
        "spread": spread,
        "count": count,
        "sort": str(sort),
        "may_add": may_add_accounts(request.user),
        "filters": _query_without(request, "sort", *PAGING_PARAMETERS),  # for links to the same accounts on other pages
        "shown": _query_without(request, *PAGING_PARAMETERS),  # in the same order
        "levels_without": _query_without(request, "level", *PAGING_PARAMETERS),
    }
    return _answer(request, "#rows" if asks_part else "", context)


@login_required
@require_POST
def choose_columns(request: SignedInRequest) -> HttpResponse:
    """Keep the columns and the density that the person wants, and lead back to the list as it was."""
    known = {column.key for column in list_columns()}
    columns = [key for key in request.POST.getlist("column") if key in known]
    usual = "usual" in request.POST
    choose_list_layout(
        request.user, columns=None if usual else columns, compact=not usual and request.POST.get("density") == "compact"
    )
    address = f"{reverse('accounts:list')}?{request.POST.get('query', '')}".removesuffix("?")
    return redirect_within(request, address, reverse("accounts:list"))


def _answer(request: SignedInRequest, part: str, context: dict) -> HttpResponse:
    response = render(request, f"accounts/list.html{part}", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _has_few(request: SignedInRequest) -> bool:
    """Whether the reader has few accounts as far as the side bar knows: they are counted together with how they stand."""
    return side_bar.counted(request, "accounts", 0) <= FEW


def _tokens(request: SignedInRequest, narrowed: AccountListFilter) -> Iterator[FilterToken]:
    for name, value in narrowed.stated.items():
        if name == "q" or (name, value) == ("state", "active"):
            continue
        label = str(narrowed.form.fields[name].label)
        yield FilterToken(name, label, narrowed.shown(name, value), _query_without(request, name, *PAGING_PARAMETERS))


def _query_without(request: SignedInRequest, *names: str) -> str:
    """The query string without these parameters and without empty ones."""
    query = request.GET.copy()
    for name, values in request.GET.lists():
        query.setlist(name, [value for value in values if value and name not in names])
    return query.urlencode()
