"""The finder in the bar of every page: accounts and people for what is being typed."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.filters import list_address
from accounts.models import Account
from accounts.permissions import SignedInRequest
from accounts.search import called, people_called

MOST_SHOWN = 6  # of each kind
SHORTEST = 2  # characters; fewer are the beginning of nearly everything
LONGEST = 100


@login_required
@require_safe
def find(request: SignedInRequest) -> HttpResponse:
    """Part of a page; without htmx the list of accounts with the same search. Three statements at most beside the sign-in."""
    text = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:LONGEST]
    address = list_address({"q": text})
    if not request.htmx:
        return redirect(address)
    if len(text) < SHORTEST:
        return HttpResponse()
    visible = Account.objects.visible_to(request.user, teams_first=True)
    people = people_called(text, visible).select_related("account").order_by("-active", "name", "pk")
    context = {
        "text": text,
        "address": address,
        "accounts": list(visible.filter(called(text)).order_by("status", "name", "pk")[:MOST_SHOWN]),
        "people": list(people[:MOST_SHOWN]),
    }
    return render(request, "accounts/_found.html", context)
