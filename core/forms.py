"""Helpers of views that handle forms: posted versions and ids, statuses, safe redirects, and the page of an edit conflict."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core.versions import StaleEdit

LONGEST_ADDRESS = 2000  # characters of an address to redirect to; Django refuses more than 2048


def posted_number(request: HttpRequest, name: str = "version") -> int:
    """A small whole number from a hidden field, such as the version that the page showed; 0 when it is missing or malformed."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def typed_id(text: str) -> int | None:
    """The id in a query parameter or a field; None for a text that is no id that the databases can hold."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def own_path(request: HttpRequest, asked: str) -> str | None:
    """`asked` when it is a path of this site to which a redirect is possible, else None."""
    ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    return asked if ours and asked.isprintable() and len(iri_to_uri(asked)) <= LONGEST_ADDRESS else None


def redirect_within(request: HttpRequest, asked: str, otherwise: str) -> HttpResponse:
    """Redirect to the address `asked`, which comes from the request, when it is a path of this site; else to `otherwise`.

    Django's `redirect` would take a text without a slash as the name of a view.
    """
    return HttpResponseRedirect(own_path(request, asked) or otherwise)


def status_of(form: forms.BaseForm) -> int:
    """Status 422 for a bound form with errors, else 200."""
    return 422 if form.is_bound and form.errors else 200


def changed_words(form: forms.BaseForm, what: object) -> str:
    """What a stored form changed of `what`: the labels of the fields."""
    labels = [_within_sentence(str(form.fields[name].label)) for name in form.changed_data if name != "version"]
    if not labels:
        return _("%(what)s: nothing was changed") % {"what": what}
    return _("%(what)s: %(fields)s changed") % {"what": what, "fields": ", ".join(labels)}


def _within_sentence(label: str) -> str:
    """Forms begin a label with a capital; an abbreviation keeps it."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def conflict_page(request: HttpRequest, template: str, context: dict[str, Any], stale: StaleEdit) -> HttpResponse:
    """Answer a stale edit with status 409: the page shows both versions and keeps the input; sent again, it overwrites the other.

    `context["form"]` is the bound `VersionedForm`.
    """
    form = context["form"]
    rows = form.conflict(stale.current)
    form.renew_version(stale.current)
    return render(request, template, context | {"conflict": rows}, status=409)
