"""The palette (Ctrl-K), which finds and does, and the page of the keys."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import palette, side_bar
from accounts.filters import list_address
from accounts.models import Account, User
from accounts.palette import AccountAct, PaletteAct, PaletteLine
from accounts.permissions import SignedInRequest, may_add_accounts
from accounts.search import called, people_called
from core.folding import is_found, search_key, sought

MOST = 5  # of each kind
SHORTEST = 2  # characters; fewer are the beginning of nearly everything
LONGEST = 100

ACTS = (
    PaletteAct(gettext_lazy("Go to the accounts"), "accounts:list", gettext_lazy("list customers"), "g a"),
    PaletteAct(gettext_lazy("New account"), "accounts:new", gettext_lazy("add customer"), allowed=may_add_accounts),
    PaletteAct(
        gettext_lazy("Edit many accounts"),
        "accounts:bulk",
        gettext_lazy("owner team tag archive"),
        allowed=may_add_accounts,
    ),
    PaletteAct(gettext_lazy("Open my jobs"), "accounts:jobs", gettext_lazy("imports changes undo")),
    PaletteAct(gettext_lazy("Open settings"), "accounts:settings", gettext_lazy("language time zone mail password keys")),
    PaletteAct(gettext_lazy("See all keys"), "accounts:keys", gettext_lazy("keyboard shortcuts help"), "?"),
)
OF_ACCOUNT = (
    AccountAct(PaletteAct(gettext_lazy("Edit account"), "accounts:edit", gettext_lazy("change"), "e"), "account.change"),
    AccountAct(
        PaletteAct(gettext_lazy("Add a contact"), "accounts:contact_new", gettext_lazy("person people")), "contact.change"
    ),
)


@dataclass(frozen=True, slots=True)
class PaletteGroup:
    heading: str | Promise
    lines: list[PaletteLine]


@login_required
@require_safe
def find_and_do(request: SignedInRequest) -> HttpResponse:
    """The offers for what is typed, as part of the dialog; without htmx the list of accounts with the same search.

    Five statements at most beside the sign-in.
    """
    text = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:LONGEST]
    if not request.htmx:
        return redirect(list_address({"q": text}))
    user = request.user
    account = palette.account_of(request.htmx.current_url_abs_path, user)
    groups = _groups(user, text) if len(text) >= SHORTEST else []
    groups = [*_known(request, text, account), *groups]
    return render(request, "accounts/_palette.html", {"text": text, "groups": [group for group in groups if group.lines]})


@login_required
@require_safe
def keys(request: SignedInRequest) -> HttpResponse:
    """The help sheet of the keys: for htmx the part that its dialog shows."""
    template = "accounts/_keys.html" if request.htmx else "accounts/keys.html"
    response = render(request, template, {"section": "settings"})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _known(request: SignedInRequest, text: str, account: Account | None) -> list[PaletteGroup]:
    """What needs no search: opened recently, what can be done, saved views. From the side bar and the registers."""
    bar, user, words = side_bar.cached(request), request.user, sought(text)

    def is_called(name: str) -> bool:
        return not text or is_found(words, search_key(name))

    recent = [PaletteLine(one.name, reverse("portfolio:account", args=[one.pk])) for one in bar.recent if is_called(one.name)]
    views = [PaletteLine(one.name, one.address) for one in bar.views if is_called(one.name)]
    return [
        PaletteGroup(_("Recent"), recent),
        PaletteGroup(_("This account"), palette.account_acts_for(user, account, text)),
        PaletteGroup(_("Do and go"), palette.acts_for(user, text)),
        PaletteGroup(_("Views"), views),
    ]


def _groups(user: User, text: str) -> list[PaletteGroup]:
    visible = Account.objects.visible_to(user, teams_first=True)
    accounts = visible.filter(called(text)).order_by("status", "name", "pk")[:MOST]
    people = people_called(text, visible).select_related("account").order_by("-active", "name", "pk")[:MOST]
    return [
        PaletteGroup(_("Accounts"), [PaletteLine(one.name, one.get_absolute_url(), one.city) for one in accounts]),
        PaletteGroup(_("People"), [PaletteLine(one.name, one.get_absolute_url(), one.account.name) for one in people]),
        *(PaletteGroup(heading, lines) for heading, lines in palette.found_for(user, text, MOST)),
    ]
