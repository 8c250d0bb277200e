"""Idempotent forms: a form that creates something and is sent twice creates one object, and both answers lead to it.

The template writes a new key into each form (`{% form_key %}`); the view that handles the form has the decorator `sent_once`.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import BaseStorage, Message
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _

from core.models import FormKey

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FIELD = "form_key"
KEY = re.compile(r"[\w-]{16,40}", re.ASCII)

type View = Callable[..., Any]


def new_key() -> str:
    return secrets.token_urlsafe(24)


def sent_once(view: View) -> View:
    """Run the view in a transaction that also stores the key of the form.

    The key is stored first. When the same form is sent several times at once, the other requests therefore wait: on
    PostgreSQL for the unique index, on SQLite for the write lock. Each then gets the answer of the first. A view that
    created nothing, that is neither redirects nor calls `made`, is rolled back, the key included.

    A form with no key, or with a malformed one, is not recognised when it is sent again.
    """

    @wraps(view)
    def once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.POST.get(FIELD, "") if request.method == "POST" else ""
        if not KEY.fullmatch(key):
            return view(request, *args, **kwargs)
        earlier = len(get_messages(request))
        whose: dict[str, Any] = {"user_id": request.user.pk, "key": key}
        with transaction.atomic():
            stored, is_first = FormKey.objects.get_or_create(**whose, defaults={"content": _digest(request)})
            if not is_first:
                return _answer_again(request, stored)
            request.form_key = stored  # type: ignore[attr-defined]
            response = view(request, *args, **kwargs)
            if not stored.leads_to and isinstance(response, HttpResponseRedirect):
                stored.leads_to, stored.messages = response.url, _messages_since(request, earlier)
            if stored.leads_to:
                stored.save(update_fields=["leads_to", "messages"])
            else:
                transaction.set_rollback(True)
        return response

    return once


def made(request: HttpRequest, *, leads_to: str, warning: "StrOrPromise") -> None:
    """Say that the view created something whose answer is shown only once: the same form sent again redirects to `leads_to`."""
    stored = getattr(request, "form_key", None)
    if stored is not None:
        stored.leads_to, stored.messages = leads_to, [Message(messages.WARNING, str(warning))]


def _answer_again(request: HttpRequest, stored: FormKey) -> HttpResponseRedirect:
    not_yet_shown = _messages_since(request, 0)  # the browser may not have opened the page of the first answer
    for message in stored.messages:
        if message not in not_yet_shown:
            messages.add_message(request, message.level, message.message, extra_tags=message.extra_tags)
    if stored.content != _digest(request):
        warning = _("This form was sent before. What you changed in it since was not stored: open the page anew to make another.")
        messages.warning(request, warning)
    return HttpResponseRedirect(stored.leads_to)


def _digest(request: HttpRequest) -> str:
    fields = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    files = sorted((name, [(file.name, file.size) for file in files]) for name, files in request.FILES.lists())
    return hashlib.sha256(json.dumps([request.path, fields, files]).encode()).hexdigest()


def _messages_since(request: HttpRequest, earlier: int) -> list[Message]:
    """The messages that were added after the first `earlier` ones. They are not marked as shown."""
    storage = get_messages(request)
    added = list(storage)[earlier:]
    if isinstance(storage, BaseStorage):
        storage.used = False
    return added
