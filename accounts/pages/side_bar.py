"""The present state of the side bar, fetched by a page that had an old one."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import side_bar
from accounts.permissions import SignedInRequest


@login_required
@require_safe
def present(request: SignedInRequest) -> HttpResponse:
    """The lists of the side bar, and its counts to be swapped out of band. Whoever opens the address by itself goes to the list."""
    if not request.htmx:
        return redirect("accounts:list")
    bar = side_bar.make(request, request.user)
    here = request.htmx.current_url_abs_path or ""
    on_list = here.partition("?")[0] == reverse("accounts:list")  # whose tabs tell counts too
    context = {"side_bar": bar, "side_bar_is_stale": False, "here": here, "on_list": on_list}
    return render(request, "_rail_fresh.html", context)
