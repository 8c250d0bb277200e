"""What the side bar of every page tells beside the five places: how much is there, saved views, accounts opened recently.

A page takes it from a cache of its process, without a statement. When the entry is missing or old, the page shows what there
is and fetches the present state by one request of its own (`accounts.pages.side_bar`). An entry is old after a minute, and at
once after an act of the person: the cookie `acts` has another value after each. Rooms above register what they count and list.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core import signing
from django.core.cache import caches
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import get_random_string
from django.utils.functional import SimpleLazyObject

from accounts.models import Account, User
from audit.trail import newest
from core import days

FRESH_FOR = 60  # seconds
KEPT_FOR = 24 * 3600  # seconds; what is old still fills its place until the present state arrives
MOST_RECENT = 5
ACTS, RECENT = "acts", "recent"  # cookies


@dataclass(frozen=True, slots=True)
class ViewLine:
    """A saved view as the side bar shows it; `count` is how many accounts it leaves, where it is a list of them."""

    pk: int
    name: str
    address: str
    count: int | None


@dataclass(frozen=True, slots=True)
class RecentLine:
    """An account opened recently; `by_customer` says whether its level is the customer's view."""

    pk: int
    name: str
    level: int | None
    by_customer: bool


@dataclass(frozen=True, slots=True)
class SideBar:
    """The side bar of one person at one time."""

    made_at: float  # seconds since the epoch
    acts: str  # the cookie's value at that time
    recent_ids: tuple[int, ...]
    counts: dict[str, int]
    views: tuple[ViewLine, ...]
    recent: tuple[RecentLine, ...]

    def is_stale(self, request: HttpRequest) -> bool:
        old = time.time() - self.made_at > FRESH_FOR
        return old or self.acts != request.COOKIES.get(ACTS, "") or self.recent_ids != recent_ids(request)


EMPTY = SideBar(0.0, "", (), {}, (), ())

type Count = Callable[[User, int, date], int]
type Views = Callable[[User, int, date], Sequence[ViewLine]]
_counts: dict[str, Count] = {}
_views: list[Views] = []


def register_count(place: str, count: Count) -> None:
    """Show beside `place` what `count` returns for the person, the state of the data and today. One statement each at most."""
    _counts[place] = count


def register_views(views: Views) -> None:
    """List what `views` returns, which is short."""
    _views.append(views)


def make(request: HttpRequest, user: User) -> SideBar:
    """The present side bar of `user`, which is cached. One statement for each count and list, and one for each view that counts."""
    state, today = newest(), days.today()
    ids = recent_ids(request)
    bar = SideBar(
        made_at=time.time(),
        acts=request.COOKIES.get(ACTS, ""),
        recent_ids=ids,
        counts={place: count(user, state, today) for place, count in _counts.items()},
        views=tuple(line for views in _views for line in views(user, state, today)),
        recent=_recent(user, ids),
    )
    caches["figures"].set(_key(user), bar, KEPT_FOR)
    return bar


def side_bar(request: HttpRequest) -> dict[str, object]:
    """The context processor: `side_bar`, and `side_bar_is_stale` when its present state is to be fetched. No statement."""
    bar: SideBar = SimpleLazyObject(lambda: cached(request))  # type: ignore[assignment]
    return {"side_bar": bar, "side_bar_is_stale": SimpleLazyObject(lambda: bar.is_stale(request))}


def cached(request: HttpRequest) -> SideBar:
    """The side bar of the person as it was made last; an empty one for who is not signed in."""
    return caches["figures"].get(_key(request.user), EMPTY) if request.user.is_authenticated else EMPTY


def counted(request: HttpRequest, place: str, otherwise: int) -> int:
    """What the side bar last counted beside `place`; `otherwise` where it is not known. No statement."""
    found: SideBar = caches["figures"].get(_key(request.user), EMPTY)
    return found.counts.get(place, otherwise)


def _key(user: object) -> str:
    return f"side-bar-{user.pk}"  # type: ignore[attr-defined]


def recent_ids(request: HttpRequest) -> tuple[int, ...]:
    """The accounts that the person opened last, the newest first. Another person in the same browser has none of them."""
    try:
        return tuple(signing.loads(request.COOKIES.get(RECENT, ""), salt=_salt(request)))
    except signing.BadSignature:
        return ()


def remember_opened(request: HttpRequest, response: HttpResponseBase, account: Account) -> None:
    """Put `account` first among those opened recently: in a cookie, so that opening a page writes nothing."""
    known = recent_ids(request)
    ids = (account.pk, *(pk for pk in known if pk != account.pk))[: MOST_RECENT + 1]
    if ids != known:
        _set_cookie(response, RECENT, signing.dumps(ids, salt=_salt(request)), max_age=30 * 24 * 3600)


class OwnActsMiddleware:
    """Mark in a cookie that the person acted, so that no process shows them a side bar from before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code < 400 and request.user.is_authenticated:
            _set_cookie(response, ACTS, get_random_string(8))
        return response


def _salt(request: HttpRequest) -> str:
    return f"accounts opened recently by user {request.user.pk}"


def _set_cookie(response: HttpResponseBase, name: str, value: str, max_age: int | None = None) -> None:
    response.set_cookie(name, value, max_age=max_age, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")


def _recent(user: User, ids: tuple[int, ...]) -> tuple[RecentLine, ...]:
    """Those of the accounts that the person may see today. One statement, none without an id."""
    if not ids:
        return ()
    rows = Account.objects.visible_to(user).active().filter(pk__in=ids).values_list("pk", "name", "customer_level", "level")
    lines = {pk: RecentLine(pk, name, level, theirs is not None) for pk, name, theirs, level in rows}
    return tuple(lines[pk] for pk in ids if pk in lines)
