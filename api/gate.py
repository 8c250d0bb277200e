"""The decorator of all calls of the API: authentication by key, rate limits, scope, and idempotency keys.

It wraps every call, so that none can omit it. Cookies are not accepted, so no other site can use the browser of a user (CSRF).
"""

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from api.keys import key_of
from api.models import ApiKey, IdempotencyRecord
from audit.origin import current_origin
from core.api import problem_response
from core.constraints import violates
from core.rate_limits import neighbourhood

WINDOW = 60  # seconds in which calls are counted
CALLS = 3000  # for each key and window
BAD_KEYS = 120  # for each network address and window
UNDER_WAY = timedelta(minutes=2)  # longer than any call: an older record belongs to a process that was killed
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LONGEST_KEY = 200
REPEATED = ("Content-Type", "ETag")  # headers that are stored with an answer

type Run = Callable[..., HttpResponse]


def gate(run: Run) -> Run:
    """Run the call as the user of its key; else answer 401, 403 or 429."""

    @wraps(run)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = _key(request)
        if key is None:
            return _unknown()
        request.user = key.user
        request.person_id = key.user_id  # type: ignore[attr-defined]  # for the log
        count, left = _count("calls", str(key.pk)), _seconds_left()
        if count > CALLS:
            response = problem_response(429, _("Too many calls. Try again in %(seconds)s seconds.") % {"seconds": left})
            response.headers["Retry-After"] = str(left)
        elif request.method in WRITES and key.scope != ApiKey.Scope.WRITE:
            response = problem_response(403, _("This key may only read. Make one that may write."))
        elif request.method in WRITES and "Idempotency-Key" in request.headers:
            response = _once(request, lambda: run(request, *args, **kwargs))
        else:
            response = run(request, *args, **kwargs)
        response.headers["RateLimit-Limit"] = str(CALLS)
        response.headers["RateLimit-Remaining"] = str(max(0, CALLS - count))
        response.headers["RateLimit-Reset"] = str(left)
        return response

    return gated


def _key(request: HttpRequest) -> ApiKey | None:
    scheme, _space, secret = request.headers.get("Authorization", "").strip().partition(" ")
    return key_of(secret.strip()) if scheme.lower() == "bearer" and secret.strip() else None


def _unknown() -> HttpResponse:
    if _count("bad keys", neighbourhood(current_origin())) > BAD_KEYS:
        return problem_response(429, _("Too many attempts. Try again later."), headers={"Retry-After": str(_seconds_left())})
    told = _("Send a key that is not revoked: Authorization: Bearer <key>. You make one in the settings.")
    return problem_response(401, told, headers={"WWW-Authenticate": 'Bearer realm="Standing"'})


def _count(what: str, who: str) -> int:
    """Increment the counter of this window in the shared cache; returns the new count."""
    name = hashlib.sha256(who.encode()).hexdigest()[:32]
    key = f"api:{what.replace(' ', '-')}:{name}:{int(time.time() // WINDOW)}"
    try:
        return cache.incr(key)
    except ValueError:  # the first of this window
        return 1 if cache.add(key, 1, 2 * WINDOW) else 2


def _seconds_left() -> int:
    return WINDOW - int(time.time()) % WINDOW


# --- Idempotency keys


def _once(request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `act`, or the stored answer of the same call. A refused call changed nothing, so its answer is not stored."""
    name = request.headers["Idempotency-Key"].strip()
    if not 0 < len(name) <= LONGEST_KEY or not (name.isascii() and name.isprintable()):
        told = _("An Idempotency-Key has 1 to 200 printable ASCII characters.")
        return problem_response(422, told, [{"header": "Idempotency-Key", "detail": told}])
    fingerprint, mine = _fingerprint(request), {"user": request.user, "key": name}
    found = _begin(fingerprint, mine)
    if isinstance(found, HttpResponse):
        return found
    try:
        # The answer is stored in the transaction of the act, so that there is never one without the other.
        with transaction.atomic():
            response = act()
            if response.status_code < 400:
                found.status, found.body = response.status_code, response.content.decode()
                found.headers = {header: response.headers[header] for header in REPEATED if header in response.headers}
                found.save()
            else:
                transaction.set_rollback(True)
    except BaseException:
        found.delete()
        raise
    if response.status_code >= 400:
        IdempotencyRecord.objects.filter(pk=found.pk).delete()
    return response


def _begin(fingerprint: str, mine: dict[str, Any]) -> IdempotencyRecord | HttpResponse:
    """A new record for this call; or the answer when there is one already."""
    now = timezone.now()
    records = IdempotencyRecord.objects.filter(**mine)
    records.outdated().delete()
    records.filter(status=None, begun_at__lt=now - UNDER_WAY).delete()
    try:
        with transaction.atomic():
            return IdempotencyRecord.objects.create(**mine, fingerprint=fingerprint)
    except IntegrityError as error:
        if not violates(error, IdempotencyRecord, "idempotency_key_once_a_person"):
            raise
        there = records.first()
    if there is None or (there.status is None and there.fingerprint == fingerprint):
        return problem_response(409, _("The same call is under way. Wait for its answer."), headers={"Retry-After": "1"})
    if there.fingerprint != fingerprint:
        told = _("This Idempotency-Key was used for another call. Choose a new one for each.")
        return problem_response(422, told, [{"header": "Idempotency-Key", "detail": told}])
    if there.status == IdempotencyRecord.EMPTIED:
        return problem_response(
            409, _("This call was done before. Its answer is no longer kept, since a person was erased: read the object.")
        )
    return HttpResponse(there.body, status=there.status, headers=there.headers | {"Idempotent-Replayed": "true"})


def _fingerprint(request: HttpRequest) -> str:
    told = [request.method or "", request.get_full_path(), request.headers.get("If-Match", "")]
    return hashlib.sha256("\n".join(told).encode() + b"\n" + request.body).hexdigest()
