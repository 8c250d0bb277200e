"""What the palette (Ctrl-K) offers beside accounts and people: acts, places and what rooms above find by a typed text.

A room registers them in its `start_up.py`. Everything that is offered is a link: the palette does nothing by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import resolve, reverse
from django.urls.exceptions import Resolver404
from django.utils.functional import Promise

from accounts.models import Account, User
from accounts.permissions import may
from core.folding import is_found, search_key, sought

type Text = str | Promise
OF_ACCOUNT = "accounts/<id:pk>/"  # the route of a page of an account begins so


@dataclass(frozen=True, slots=True)
class PaletteLine:
    """One offer: a link with its words."""

    label: str
    url: str
    note: str = ""
    keys: str = ""


@dataclass(frozen=True, slots=True)
class PaletteAct:
    """Something to do or a place to go: the name of an address without arguments, or with the id of an account."""

    label: Text  # names its object: "New account"
    url_name: str
    also: Text = ""  # other words that find it
    keys: str = ""  # as `static/keys.js` has them
    allowed: Callable[[User], bool] = lambda user: True

    def line(self, *args: object, note: str = "") -> PaletteLine:
        return PaletteLine(str(self.label), reverse(self.url_name, args=args), note, self.keys)

    def is_called(self, text: str) -> bool:
        return is_found(sought(text), search_key(f"{self.label} {self.also}"))


@dataclass(frozen=True, slots=True)
class AccountAct:
    """An act on the account whose page is open, for whoever may do `needs` (`accounts/permissions.py`) with it."""

    act: PaletteAct
    needs: str


type Find = Callable[[User, str, int], Sequence[PaletteLine]]
_acts: list[PaletteAct] = []
_account_acts: list[AccountAct] = []
_finds: list[tuple[Text, Find]] = []


def register_palette_acts(*acts: PaletteAct) -> None:
    """Offer these to everybody who is allowed to."""
    _acts.extend(acts)


def register_account_acts(*acts: AccountAct) -> None:
    """Offer these on the pages of an account."""
    _account_acts.extend(acts)


def register_palette_find(heading: Text, find: Find) -> None:
    """List under `heading` what `find` returns for the person, the typed text and the most that are shown. One statement."""
    _finds.append((heading, find))


def acts_for(user: User, text: str = "") -> list[PaletteLine]:
    """The acts and places of `user` that have every word of the text. No statement."""
    return [act.line() for act in _acts if act.allowed(user) and (not text or act.is_called(text))]


def account_acts_for(user: User, account: Account | None, text: str = "") -> list[PaletteLine]:
    """What `user` may do with the account. One statement at most, for the teams that they lead."""
    if account is None or account.is_archived:
        return []
    return [
        one.act.line(account.pk, note=account.name)
        for one in _account_acts
        if (not text or one.act.is_called(text)) and may(user, one.needs, account)
    ]


def found_for(user: User, text: str, most: int) -> list[tuple[Text, list[PaletteLine]]]:
    """What the rooms above find. One statement for each kind."""
    return [(heading, list(find(user, text, most))) for heading, find in _finds]


def account_of(path: str | None, user: User) -> Account | None:
    """The account whose page has this path, if `user` sees it. One statement, none for another page."""
    try:
        match = resolve(path.partition("?")[0]) if path else None
    except Resolver404:
        return None
    if match is None or not match.route.startswith(OF_ACCOUNT):
        return None
    return Account.objects.visible_to(user).filter(pk=match.kwargs["pk"]).first()
