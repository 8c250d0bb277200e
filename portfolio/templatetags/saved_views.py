"""The menu of saved views, in the head of every page that can be saved."""

from typing import Any

from django import template

from portfolio.saved_views.acts import lasting_query, links_of

register = template.Library()


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
