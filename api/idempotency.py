"""Idempotency keys: a write that is sent again with the same key is done once, and gets the stored answer."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import IdempotencyRecord
from core.api import problem_response
from core.constraints import violates

IN_PROGRESS = timedelta(minutes=2)  # longer than any call: an older record belongs to a process that was killed
LONGEST_KEY = 200
STORED_HEADERS = ("Content-Type", "ETag")


def once(request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
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
                found.headers = {header: response.headers[header] for header in STORED_HEADERS if header in response.headers}
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
    records.filter(status=None, begun_at__lt=now - IN_PROGRESS).delete()
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
