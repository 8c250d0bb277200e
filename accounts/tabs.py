"""The tabs of the page of an account: each is an address of its own, registered by the room that shows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from accounts.models import Account
from accounts.querysets import AccountQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class AccountTab:
    """A part of the page of an account; `url_name` takes the id of the account."""

    code: str
    label: "StrOrPromise"
    url_name: str
    place: int  # tabs stand by this


@dataclass(frozen=True, slots=True)
class ShownTab:
    code: str
    label: str
    url: str
    note: str  # beside the label: how many
    is_here: bool


_registered: dict[str, AccountTab] = {}
_whole: list[Callable[[], AccountQuerySet]] = []


def register_whole(accounts: Callable[[], AccountQuerySet]) -> None:
    """`accounts` are those that a page of an account needs, with what its head and tabs tell, in one statement."""
    _whole[:] = [accounts]


def whole_accounts() -> AccountQuerySet:
    return _whole[0]()


def register_tab(tab: AccountTab) -> None:
    _registered[tab.code] = tab


def tabs_of(account: Account, *, here: str, notes: Mapping[str, str]) -> list[ShownTab]:
    """The tabs of `account` in their order; `here` is the code of the one that is shown."""
    tabs = sorted(_registered.values(), key=lambda tab: tab.place)
    return [
        ShownTab(tab.code, str(tab.label), reverse(tab.url_name, args=[account.pk]), notes.get(tab.code, ""), tab.code == here)
        for tab in tabs
    ]
