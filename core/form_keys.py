"""Forms that make something are sent once: the same form again makes nothing and leads to what was made.

Each page that shows such a form writes a new key into it (`{% form_key %}`). The view that takes the form is `sent_once`.
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
    """Give a view that makes something one transaction in which it also stores the key of the form.

    The key is stored first. Where the same form is sent several times at once, the others therefore wait: on PostgreSQL for
    the unique index, on SQLite for the lock of the writer. Then each gets the answer of the first. A view that made nothing,
    which is one that neither redirects nor calls `made`, is rolled back as a whole, the key included.

    A form without a key, or with one that no page of ours wrote, is not recognised when it comes again.
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
                stored.leads_to, stored.told = response.url, _messages_since(request, earlier)
            if stored.leads_to:
                stored.save(update_fields=["leads_to", "told"])
            else:
                transaction.set_rollback(True)
        return response

    return once


def made(request: HttpRequest, *, leads_to: str, warning: "StrOrPromise") -> None:
    """Something was made whose answer can be shown only once: the same form again gets the page `leads_to` with a warning."""
    stored = getattr(request, "form_key", None)
    if stored is not None:
        stored.leads_to, stored.told = leads_to, [Message(messages.WARNING, str(warning))]


def _answer_again(request: HttpRequest, stored: FormKey) -> HttpResponseRedirect:
    not_yet_shown = _messages_since(request, 0)  # the page of the first answer may not have been opened
    for message in stored.told:
        if message not in not_yet_shown:
            messages.add_message(request, message.level, message.message, extra_tags=message.extra_tags)
    if stored.content != _digest(request):
        told = _("This form was sent before. What you changed in it since was not stored: open the page anew to make another.")
        messages.warning(request, told)
    return HttpResponseRedirect(stored.leads_to)


def _digest(request: HttpRequest) -> str:
    fields = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    files = sorted((name, [(file.name, file.size) for file in files]) for name, files in request.FILES.lists())
    return hashlib.sha256(json.dumps([request.path, fields, files]).encode()).hexdigest()


def _messages_since(request: HttpRequest, earlier: int) -> list[Message]:
    """The messages that the view added. Reading them does not count as showing them."""
    storage = get_messages(request)
    added = list(storage)[earlier:]
    if isinstance(storage, BaseStorage):
        storage.used = False
    return added
