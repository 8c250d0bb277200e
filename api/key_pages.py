"""The settings page of API keys: create, list, revoke."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.permissions import SignedInRequest
from api.keys import make_key, open_keys, revoke_key
from api.models import ApiKey
from core import form_keys
from core.forms import posted_number, status_of
from core.versions import StaleEdit

SHOWN_ONCE = gettext_lazy(
    "This form was sent twice, and the key is made once. It was shown in the first answer alone: if you did not see it, revoke "
    "it and make another."
)


class KeyForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("What is it for?"), max_length=80,
        help_text=gettext_lazy("The program that will use it, for example “CRM export”."),
    )  # fmt: skip
    scope = forms.ChoiceField(
        label=gettext_lazy("It may"), choices=ApiKey.Scope, initial=ApiKey.Scope.READ, widget=forms.RadioSelect
    )  # fmt: skip


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@form_keys.sent_once
def keys(request: SignedInRequest) -> HttpResponse:
    """The page. A new key is part of the answer to the POST, because only its hash is stored."""
    if request.method != "POST":
        return _page(request, KeyForm())
    if request.POST.get("do") == "revoke":
        return _revoke(request)
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            key, secret = make_key(request.user, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            form_keys.made(request, leads_to=reverse("api_keys:list"), warning=SHOWN_ONCE)
            return _page(request, KeyForm(), secret=secret, made=key)
    return _page(request, form, status=status_of(form))


def _revoke(request: SignedInRequest) -> HttpResponse:
    key = get_object_or_404(ApiKey.objects.filter(user=request.user), pk=posted_number(request, "key"))
    try:
        revoked = revoke_key(key, by=request.user, seen=posted_number(request))
    except StaleEdit:
        problem = _("Nothing was changed: this key was revoked since you opened this page.")
        return _page(request, KeyForm(), status=409, problem=problem)
    if revoked:
        messages.success(request, _("Revoked: “%(key)s” opens nothing any more.") % {"key": key})
    return redirect("api_keys:list")


def _page(request: SignedInRequest, form: KeyForm, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"section": "settings", "form": form, "keys": open_keys(request.user)}
    response = render(request, "api/keys.html", context, status=status)
    response.headers["Referrer-Policy"] = "same-origin"
    return response
