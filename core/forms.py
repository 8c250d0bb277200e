"""What every page answers to a form: the version that it was made with, the status, where it leads, and the page of a stale edit."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

from core.versions import StaleEdit

LONGEST_ADDRESS = 2000  # characters of an address to redirect to; Django refuses more than 2048


def posted_number(request: HttpRequest, name: str = "version") -> int:
    """A small whole number that the page carried along, such as the version it showed; 0 when it does not say."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def typed_id(text: str) -> int | None:
    """The id that an address or a field names; None for what no database can hold."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def own_path(request: HttpRequest, asked: str) -> str | None:
    """`asked` when it is a path of this site that a redirect can take; None for anything else."""
    ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    return asked if ours and asked.isprintable() and len(iri_to_uri(asked)) <= LONGEST_ADDRESS else None


def redirect_within(request: HttpRequest, asked: str, otherwise: str) -> HttpResponse:
    """Redirect to an address that the request has a part in, when it is a path of this site; else to `otherwise`.

    Django's `redirect` would take text without a slash for the name of a view.
    """
    return HttpResponseRedirect(own_path(request, asked) or otherwise)


def status_of(form: forms.BaseForm) -> int:
    """422 for a form that was sent and refused, else 200."""
    return 422 if form.is_bound and form.errors else 200


def conflict_page(request: HttpRequest, template: str, context: dict[str, Any], stale: StaleEdit) -> HttpResponse:
    """Both versions on the page, what was typed still in the fields; sent again, it replaces the other.

    `context["form"]` is the `VersionedForm` that was sent.
    """
    form = context["form"]
    rows = form.conflict(stale.current)
    form.renew_version(stale.current)
    return render(request, template, context | {"conflict": rows}, status=409)
