"""The views to save, list, rename and delete saved views, and the start page."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import SignedInRequest
from core.form_keys import sent_once
from core.forms import conflict_page, posted_number, redirect_within, status_of
from core.versions import StaleEdit
from portfolio.models import SavedView
from portfolio.saved_views.acts import (
    address_of,
    delete_view,
    hold_views,
    rename_view,
    replace_view,
    save_view,
    set_start,
    start_address,
)
from portfolio.saved_views.forms import RenameForm, SaveViewForm


@login_required
@require_safe
def start(request: SignedInRequest) -> HttpResponse:
    """Redirect to the start page of the person, after signing in and from the name in the bar."""
    return redirect_within(request, start_address(request.user), reverse("portfolio:dashboard"))


@login_required
@require_POST
@sent_once
@transaction.atomic
def save(request: SignedInRequest) -> HttpResponse:
    hold_views(request.user)
    form = SaveViewForm(request.POST, views=list(SavedView.objects.filter(user=request.user)))
    context = {"section": "settings", "form": form}
    if not form.is_valid():
        return render(request, "portfolio/view_save.html", context, status=status_of(form))
    values = {name: form.cleaned_data[name] for name in ("name", "page", "query")}
    try:
        if form.taken:
            view = replace_view(form.taken, seen=posted_number(request), **values)
        else:
            view = save_view(request.user, **values)
    except StaleEdit as stale:
        form.taken = SavedView.objects.get(pk=stale.current.pk)
        return render(request, "portfolio/view_save.html", context | {"moved_on": True}, status=409)
    messages.success(request, _("Saved as “%(name)s”, to be found under Views.") % {"name": view.name})
    return redirect_within(request, form.address or "", reverse("portfolio:views"))


@login_required
@require_safe
def views(request: SignedInRequest) -> HttpResponse:
    return render(request, "portfolio/views.html", _listed(request))


@login_required
@require_POST
@transaction.atomic
def rename(request: SignedInRequest, pk: int) -> HttpResponse:
    view = _own(request, pk)
    others = list(SavedView.objects.filter(user=request.user))
    form = RenameForm(request.POST, instance=view, views=others, auto_id=f"id_{view.pk}_%s")
    context = _listed(request, form)
    if form.is_valid():
        try:
            rename_view(view, name=form.cleaned_data["name"], seen=form.seen_version)
        except StaleEdit as stale:
            return conflict_page(request, "portfolio/views.html", context, stale)
        messages.success(request, _("The view is called “%(name)s” now.") % {"name": form.cleaned_data["name"]})
        return redirect("portfolio:views")
    return render(request, "portfolio/views.html", context, status=status_of(form))


@login_required
@require_POST
@transaction.atomic
def choose_start(request: SignedInRequest, pk: int) -> HttpResponse:
    view = _own(request, pk)
    is_start = request.POST.get("start") != "no"
    try:
        set_start(view, is_start=is_start, seen=posted_number(request))
    except StaleEdit:
        return _moved_on(request)
    chosen = _("You now start with “%(name)s”.") % {"name": view.name}
    messages.success(request, chosen if is_start else _("You now start with the portfolio."))
    return redirect("portfolio:views")


@login_required
@require_POST
@transaction.atomic
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    view = _own(request, pk)
    try:
        delete_view(view, seen=posted_number(request))
    except StaleEdit:
        return _moved_on(request)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": view.name})
    return redirect("portfolio:views")


def _own(request: SignedInRequest, pk: int) -> SavedView:
    """A view of the person who asks. Raises 404 for that of another person."""
    hold_views(request.user)
    return get_object_or_404(SavedView.objects.select_related("user"), user=request.user, pk=pk)


def _moved_on(request: SignedInRequest) -> HttpResponse:
    return render(request, "portfolio/views.html", _listed(request) | {"moved_on": True}, status=409)


def _listed(request: SignedInRequest, sent: RenameForm | None = None) -> dict[str, Any]:
    """The person's views, each with the form of its name: the one that was sent, or a fresh one. One statement."""
    own = list(SavedView.objects.filter(user=request.user))
    own.sort(key=lambda view: (view.name.casefold(), view.pk))
    rows = []
    for view in own:
        mine = sent is not None and sent.instance.pk == view.pk
        form = sent if mine else RenameForm(instance=view, views=own, auto_id=f"id_{view.pk}_%s")
        rows.append((view, form, address_of(view.page, view.query)))
    return {"section": "settings", "rows": rows, "form": sent}
