"""The gate of the API: who asks, whether too often, whether it may write, and whether it was asked before.

It stands around every call, so that no call can forget it. No cookie opens it, so no other site can use somebody's browser.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from api.keys import key_of
from api.models import ApiKey, IdempotencyRecord
from audit.origin import current_origin
from core import rate_limits
from core.api import problem
from core.constraints import violates

WINDOW = 60  # seconds in which calls are counted
CALLS = 3000  # a key and window
BAD_KEYS = 120  # a network address and window
UNDER_WAY = timedelta(minutes=2)  # longer than a call lasts: what is older was killed, and stored nothing
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LONGEST_KEY = 200
REPEATED = ("Content-Type", "ETag")  # headers that a repeated answer has, too

type Run = Callable[..., HttpResponse]


def gate(run: Run) -> Run:
    @wraps(run)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = _key(request)
        if key is None:
            return _unknown()
        request.user = key.user
        request.person_id = key.user_id  # type: ignore[attr-defined]  # for the log
        count, left = rate_limits.count("calls", str(key.pk), WINDOW), rate_limits.seconds_left(WINDOW)
        if count > CALLS:
            response = problem(429, _("Too many calls. Try again in %(seconds)s seconds.") % {"seconds": left})
            response.headers["Retry-After"] = str(left)
        elif request.method in WRITES and key.scope != ApiKey.Scope.WRITE:
            response = problem(403, _("This key may only read. Make one that may write."))
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
    if rate_limits.count("bad-keys", rate_limits.neighbourhood(current_origin()), WINDOW) > BAD_KEYS:
        wait = str(rate_limits.seconds_left(WINDOW))
        return problem(429, _("Too many attempts. Try again later."), headers={"Retry-After": wait})
    told = _("Send a key that is not revoked: Authorization: Bearer <key>. You make one in the settings.")
    return problem(401, told, headers={"WWW-Authenticate": 'Bearer realm="Standing"'})


# --- The same write sent again


def _once(request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `act`, or the one that the same call got before. What was refused is not kept: nothing was done."""
    name = request.headers["Idempotency-Key"].strip()
    if not 0 < len(name) <= LONGEST_KEY or not (name.isascii() and name.isprintable()):
        told = _("An Idempotency-Key has 1 to 200 printable ASCII characters.")
        return problem(422, told, [{"header": "Idempotency-Key", "detail": told}])
    asked, mine = _fingerprint(request), {"user": request.user, "key": name}
    found = _begin(asked, mine)
    if isinstance(found, HttpResponse):
        return found
    try:
        # The answer is kept in the transaction of the act: there is never the one without the other.
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


def _begin(asked: str, mine: dict[str, Any]) -> IdempotencyRecord | HttpResponse:
    """A record of our own; or what to answer where there is one."""
    now = timezone.now()
    records = IdempotencyRecord.objects.filter(**mine)
    records.outdated().delete()
    records.filter(status=None, begun_at__lt=now - UNDER_WAY).delete()
    try:
        with transaction.atomic():
            return IdempotencyRecord.objects.create(**mine, fingerprint=asked)
    except IntegrityError as error:
        if not violates(error, IdempotencyRecord, "idempotency_key_once_a_person"):
            raise
        there = records.first()
    if there is None or (there.status is None and there.fingerprint == asked):
        return problem(409, _("The same call is under way. Wait for its answer."), headers={"Retry-After": "1"})
    if there.fingerprint != asked:
        told = _("This Idempotency-Key was used for another call. Choose a new one for each.")
        return problem(422, told, [{"header": "Idempotency-Key", "detail": told}])
    if there.status == IdempotencyRecord.EMPTIED:
        return problem(
            409, _("This call was done before. Its answer is no longer kept, since a person was erased: read the object.")
        )
    return HttpResponse(there.body, status=there.status, headers=there.headers | {"Idempotent-Replayed": "true"})


def _fingerprint(request: HttpRequest) -> str:
    told = [request.method or "", request.get_full_path(), request.headers.get("If-Match", "")]
    return hashlib.sha256("\n".join(told).encode() + b"\n" + request.body).hexdigest()
