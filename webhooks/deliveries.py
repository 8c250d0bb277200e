"""Sending what webhooks are told. At least once: whoever receives tells a repeated message by its `Standing-Delivery`.

As with mail, the worker first stores that it takes a message, then sends it, then stores how that went. Unlike mail, one
whose worker was killed is simply sent again.
"""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.tasks import task
from django.utils import timezone

from accounts.models import Account
from webhooks import client
from webhooks.client import Undelivered
from webhooks.models import Delivery

#: How long after the first, second … failed attempt the next one comes; after the last it is given up.
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
LOST_AFTER = timedelta(minutes=2)  # an attempt takes seconds: after this its worker is gone
RUN_FOR = 60  # seconds: other tasks wait meanwhile, and the next run is a minute away
KEPT = timedelta(days=30)

type Send = Callable[[str, bytes, Mapping[str, str]], int]

log = logging.getLogger(__name__)
State = Delivery.State


@task
def deliver_webhooks() -> int:
    """Each minute, and at once when there is something to tell; how many attempts were made."""
    return deliver_due()


def deliver_due(*, send: Send = client.post, most: int = 500) -> int:
    """Send what is due; how many attempts were made. Safe to run in many workers at once.

    A webhook that fails is left alone for the rest of the run: others need not wait for its time-outs.
    """
    take_up_lost()
    away: set[int] = set()
    attempts, end = 0, time.monotonic() + RUN_FOR
    while attempts < most and time.monotonic() < end and (delivery := _take(away)) is not None:
        attempts += 1
        try:
            taken = _attempt(delivery, send)
        except Exception:
            log.exception("delivery %s could not be sent", delivery.pk)  # the others go on
            _not_taken(delivery, Delivery.Error.LOST)
            taken = False
        if not taken:
            away.add(delivery.webhook_id)
    return attempts


def take_up_lost() -> int:
    """Messages whose worker was lost while it sent them: they are tried again. How many there were."""
    lost = list(Delivery.objects.filter(state=State.SENDING, taken_at__lt=timezone.now() - LOST_AFTER))
    for delivery in lost:
        _not_taken(delivery, Delivery.Error.LOST)
    return len(lost)


@task
def forget_deliveries() -> int:
    """Messages that were settled long ago go; how many."""
    return Delivery.objects.settled_before(timezone.now() - KEPT).delete()[0]


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256 of `timestamp`, a point and `body`, in hex: the time stamp cannot be swapped either."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def body_of(delivery: Delivery) -> bytes:
    """The message as JSON; the same bytes for each attempt while the account keeps its name."""
    account = delivery.account
    told = {
        "id": delivery.event,
        "kind": delivery.kind,
        "at": delivery.made_at,
        "account": account and {"id": account.pk, "name": account.name, "external_id": account.external_id},
        "data": delivery.data,
    }
    return json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False).encode()


def headers_of(delivery: Delivery, body: bytes) -> dict[str, str]:
    timestamp = str(int(timezone.now().timestamp()))
    return {
        "Content-Type": "application/json",
        "Standing-Event": delivery.kind,
        "Standing-Delivery": str(delivery.pk),
        "Standing-Timestamp": timestamp,
        "Standing-Signature": signature(delivery.webhook.secret, timestamp, body),
    }


@transaction.atomic
def _take(away: set[int]) -> Delivery | None:
    waiting = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).due(timezone.now())
    delivery = waiting.exclude(webhook__in=away).select_related("webhook__user", "account").first()
    if delivery is None:
        return None
    delivery.state, delivery.taken_at, delivery.attempts = State.SENDING, timezone.now(), delivery.attempts + 1
    delivery.save(update_fields=["state", "taken_at", "attempts"])
    return delivery


def _attempt(delivery: Delivery, send: Send) -> bool:
    """Send one message that was taken; False when it was not received."""
    user = delivery.webhook.user
    hidden = delivery.account_id and not Account.objects.visible_to(user).filter(pk=delivery.account_id).exists()
    if hidden or not user.is_active:
        # Whoever no longer sees the account, or never did, learns nothing: not even that there was something.
        Delivery.objects.filter(pk=delivery.pk).delete()
        return True
    body = body_of(delivery)
    try:
        status = send(delivery.webhook.url, body, headers_of(delivery, body))
    except Undelivered as error:
        _not_taken(delivery, error.why)
        return False
    if 200 <= status < 300:
        _settle(delivery, State.DELIVERED, status=status)
        return True
    _not_taken(delivery, Delivery.Error.STATUS, status)
    return False


@transaction.atomic
def _not_taken(delivery: Delivery, error: str, status: int | None = None) -> None:
    """Try later, or give up."""
    if delivery.attempts > len(BACK_OFF):
        _settle(delivery, State.GIVEN_UP, error=error, status=status)
        return
    due_at = timezone.now() + BACK_OFF[max(0, delivery.attempts - 1)]
    _mine(delivery).update(state=State.FAILED, error=error, status=status, due_at=due_at)


def _settle(delivery: Delivery, state: str, *, error: str = "", status: int | None = None) -> None:
    _mine(delivery).update(state=state, settled_at=timezone.now(), error=error, status=status)


def _mine(delivery: Delivery):
    """The row, unless it was removed or another worker took it meanwhile: then its word counts."""
    return Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts)
