"""Pages of CRM sources, for administrators: which fields of its accounts each source owns."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import owned_fields
from accounts.models.crm_source import CrmSource
from accounts.pages.crm_forms import CrmSourceForm, OwnedFieldsForm
from accounts.permissions import SignedInRequest
from core.form_keys import sent_once
from core.forms import conflict_page, posted_number, status_of
from core.versions import StaleEdit


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def sources(request: SignedInRequest) -> HttpResponse:
    _administrators_only(request)
    form = CrmSourceForm(request.POST or None, initial={"source": request.GET.get("source", "")[:60]})
    if form.is_valid():
        try:
            rule = owned_fields.decide(form, by=request.user)
        except IntegrityError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved: %(source)s owns what you chose.") % {"source": rule})
            return redirect("accounts:crm")
    return _page(request, form, status=status_of(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    _administrators_only(request)
    rule = get_object_or_404(CrmSource, pk=pk)
    form = OwnedFieldsForm(request.POST or None, instance=rule)
    context = {"section": "settings", "form": form, "rule": rule}
    if form.is_valid():
        try:
            owned_fields.decide(form, by=request.user)
        except StaleEdit as stale:
            return conflict_page(request, "accounts/crm_source.html", context | {"rule": stale.current}, stale)
        messages.success(request, _("Saved: %(source)s owns what you chose.") % {"source": rule})
        return redirect("accounts:crm")
    return render(request, "accounts/crm_source.html", context, status=status_of(form))


@login_required
@require_POST
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    _administrators_only(request)
    rule = get_object_or_404(CrmSource, pk=pk)
    try:
        owned_fields.remove(rule, by=request.user, seen=posted_number(request))
    except StaleEdit as stale:
        context = {
            "section": "settings",
            "form": OwnedFieldsForm(instance=stale.current),
            "rule": stale.current,
            "moved_on": True,
        }
        return render(request, "accounts/crm_source.html", context, status=409)
    messages.success(request, _("The rule is deleted: every field of these accounts can be changed here again."))
    return redirect("accounts:crm")


def _administrators_only(request: SignedInRequest) -> None:
    if not request.user.is_administrator:
        raise PermissionDenied


def _page(request: SignedInRequest, form: CrmSourceForm, *, status: int) -> HttpResponse:
    """The page with all rules. Two statements: the rules, and the sources of accounts."""
    rules, used = list(CrmSource.objects.all()), owned_fields.sources_in_use()
    counts: dict[str, int] = {}
    for source, number in used.items():
        counts[source.casefold()] = counts.get(source.casefold(), 0) + number
    ruled = {rule.key for rule in rules}
    context: dict[str, Any] = {
        "section": "settings",
        "form": form,
        "rules": [(rule, owned_fields.labels_of(rule.owned), counts.get(rule.key, 0)) for rule in rules],
        "others": [(source, number) for source, number in used.items() if source.casefold() not in ruled],
    }
    return render(request, "accounts/crm.html", context, status=status)
