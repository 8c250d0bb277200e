"""The menu of saved views, in the head of every page that can be saved, and the tabs of the list of accounts."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.side_bar import side_bar
from portfolio.models import SavablePage
from portfolio.saved_views.acts import ViewLink, lasting_query, links_of

register = template.Library()


@dataclass(frozen=True, slots=True)
class ViewTab:
    """A view of the list of accounts; `count` is how many accounts it had when the side bar last counted, None where it did not."""

    key: str  # by which its count is brought up to date
    name: str
    address: str
    query: str  # without the order, as it is compared with that of the address
    count: int | None
    is_here: bool


@register.inclusion_tag("portfolio/_views.html", takes_context=True)
def views_menu(context: template.Context) -> dict[str, Any]:
    """One statement, none for a page that gives the links of `kept_links_of` as `saved_views`."""
    request = context["request"]
    links = context["saved_views"] if "saved_views" in context else links_of(request.user)
    page, query = request.resolver_match.view_name, lasting_query(request.GET)
    return {
        "links": [link for link in links if link.address],
        "page": page,
        "query": query,
        "here": next((link for link in links if (link.page, link.query) == (page, query)), None),
    }


@register.inclusion_tag("portfolio/_view_tabs.html", takes_context=True)
def view_tabs(context: template.Context) -> dict[str, Any]:
    """All accounts, one's own, and the saved views of the list. One statement; what is counted comes from the side bar."""
    request = context["request"]
    query = lasting_query(request.GET)
    return {"tabs": _tabs(request, links_of(request.user), query), "page": SavablePage.ACCOUNTS.value, "query": query}


def _tabs(request: HttpRequest, links: tuple[ViewLink, ...], query: str) -> list[ViewTab]:
    bar: Any = side_bar(request)["side_bar"]
    listing = reverse(SavablePage.ACCOUNTS.value)
    mine = f"owner={request.user.pk}"
    counted = {line.pk: line.count for line in bar.views}
    found = [("all", _("All"), "", bar.counts.get("accounts")), ("mine", _("Mine"), mine, bar.counts.get("own_accounts"))]
    found += [
        (f"view-{link.pk}", link.name, link.query, counted.get(link.pk))
        for link in links
        if link.page == SavablePage.ACCOUNTS and link.address
    ]
    return [
        ViewTab(key, name, f"{listing}?{asked}" if asked else listing, asked, count, is_here=asked == query)
        for key, name, asked, count in found
    ]
