"""The acts on saved views, and their addresses.

A view stores the name of a page and a query, never a whole address: the address is built from them, so that it can only lead
to a page of this site.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import TooManyFieldsSent
from django.db import transaction
from django.db.models import F
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from audit import trail
from audit.figure_cache import cached_figures
from audit.trail import Change
from core.versions import StaleEdit
from portfolio.models import SavablePage, SavedView

MOST = 50  # views of one person
# The place in a list and the compared account, which are no filters.
PASSING = frozenset({"page", "after", "before", "account", "csrfmiddlewaretoken"})
KEPT = ("name", "page", "query", "is_start")


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A saved view as the menu shows it: plain values that can be cached."""

    pk: int
    name: str
    page: str
    query: str
    is_start: bool

    @property
    def address(self) -> str | None:
        return address_of(self.page, self.query)

    @property
    def page_label(self) -> str:
        return str(SavablePage(self.page).label)


def lasting_query(data: QueryDict | str) -> str:
    """The query without paging and without empty parameters, encoded anew. Raises ValueError when it cannot be read."""
    try:
        given = QueryDict(data.removeprefix("?"), mutable=True) if isinstance(data, str) else data.copy()
    except TooManyFieldsSent:
        raise ValueError("too many parameters") from None
    lasting = QueryDict(mutable=True)
    for name, values in given.lists():
        # A NUL byte is in no address of ours: the site answers 404 to it.
        said = [value for value in values if value and "\0" not in name + value]
        if said and name not in PASSING:
            lasting.setlist(name, said)
    return lasting.urlencode()


def address_of(page: str, query: str) -> str | None:
    """The address of a view; None for a page that does not exist (any more)."""
    if page not in SavablePage.values:
        return None
    with suppress(NoReverseMatch):
        return reverse(page) + (f"?{QueryDict(query).urlencode()}" if query else "")
    return None


def links_of(user: User) -> tuple[ViewLink, ...]:
    """The person's views in the order of the alphabet. One statement."""
    rows = SavedView.objects.filter(user=user).values_list("pk", "name", "page", "query", "is_start")
    return tuple(sorted((ViewLink(*row) for row in rows), key=lambda view: (view.name.casefold(), view.pk)))


def kept_links_of(user: User, *, state: int, today: date) -> tuple[ViewLink, ...]:
    """The same, cached under the `state` of the data. No statement when it is cached, else one."""
    return cached_figures("saved views", f"views of user {user.pk}", today, make=lambda: links_of(user), state=state)


def start_address(user: User) -> str:
    """Where the person begins: the view chosen for it, else the portfolio. One statement."""
    chosen = SavedView.objects.filter(user=user, is_start=True).values_list("page", "query").first()
    return (chosen and address_of(*chosen)) or reverse("portfolio:dashboard")


def hold_views(user: User) -> None:
    """Lock the views of `user` until the end of the transaction, so that names, number and the start page stay as they were checked."""
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))


def same_name(views: Iterable[SavedView], name: str) -> SavedView | None:
    """The one of `views` with this name in any case. Compared in Python: for SQLite É and é differ."""
    return next((view for view in views if view.name.casefold() == name.casefold()), None)


@transaction.atomic
def save_view(user: User, *, name: str, page: str, query: str) -> SavedView:
    """Store a new view. Raises ValidationError."""
    view = SavedView(user=user, name=name, page=page, query=query)
    view.full_clean()
    view.save()
    trail.record("view.saved", view, by=user, after=trail.snapshot(view, *KEPT))
    return view


@transaction.atomic
def replace_view(view: SavedView, *, name: str, page: str, query: str, seen: int) -> SavedView:
    """Give the view of this name another page and query; a start page stays one. Raises ValidationError, StaleEdit."""
    return _change(view, {"name": name, "page": page, "query": query}, seen=seen, act="view.replaced")


@transaction.atomic
def rename_view(view: SavedView, *, name: str, seen: int) -> SavedView:
    """Raises ValidationError, StaleEdit."""
    return _change(view, {"name": name}, seen=seen, act="view.renamed")


@transaction.atomic
def set_start(view: SavedView, *, is_start: bool, seen: int) -> SavedView:
    """Make the view the only start page of its owner, or no start page any more. Raises StaleEdit."""
    if is_start:
        others = SavedView.objects.filter(user=view.user_id, is_start=True).exclude(pk=view.pk)
        changes = [Change("view.start_unset", other, {"is_start": True}, {"is_start": False}) for other in others]
        others.update(is_start=False, version=F("version") + 1)
        trail.record_many(changes, by=view.user)
    return _change(view, {"is_start": is_start}, seen=seen, act="view.start_set" if is_start else "view.start_unset")


@transaction.atomic
def delete_view(view: SavedView, *, seen: int) -> None:
    """Raises StaleEdit."""
    if view.version != seen:  # the owner's views are held
        raise StaleEdit(view)
    trail.record("view.deleted", view, by=view.user, before=trail.snapshot(view, *KEPT))
    SavedView.objects.filter(pk=view.pk).delete()


def _change(view: SavedView, values: dict, *, seen: int, act: str) -> SavedView:
    before = trail.snapshot(SavedView.objects.get(pk=view.pk), *values)
    for name, value in values.items():
        setattr(view, name, value)
    view.full_clean()
    view.save_version(seen, list(values))
    old, new = trail.difference(before, trail.snapshot(view, *values))
    if new:
        trail.record(act, view, by=view.user, before=old, after=new)
    return view
