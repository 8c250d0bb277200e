"""Sending messages to webhooks. At least once: the receiver recognises a repeated message by its `Standing-Delivery`.

Unlike a mail, a message whose worker was killed is simply sent again.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.tasks import task
from django.utils import timezone

from accounts.models import Account
from core.delivery import DeliveryRunner
from webhooks import client
from webhooks.client import Undelivered
from webhooks.models import WebhookDelivery

BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
LOST_AFTER = timedelta(minutes=2)  # an attempt takes seconds: after this its worker is gone
KEPT = timedelta(days=30)

type Send = Callable[[str, bytes, Mapping[str, str]], int]

log = logging.getLogger(__name__)
State, Error = WebhookDelivery.State, WebhookDelivery.Error


@task
def deliver_webhooks() -> int:
    """Each minute, and at once when there is a message; how many attempts were made."""
    return deliver_due()


def deliver_due(*, send: Send = client.post, most: int = 500) -> int:
    """Send what is due; how many attempts were made. Safe to run in many workers at once."""
    return WebhookRunner(send).run(most)


class WebhookRunner(DeliveryRunner[WebhookDelivery]):
    """One run. A webhook that fails is left out for the rest of it: the others need not wait for its time-outs."""

    model = WebhookDelivery
    back_off = BACK_OFF
    lost_after = LOST_AFTER
    seconds = 60

    def __init__(self, send: Send) -> None:
        self.send = send
        self.away: set[int] = set()

    def due(self) -> QuerySet[WebhookDelivery]:
        """Messages of a webhook that is off wait until it is on."""
        waiting = super().due().filter(webhook__is_active=True).exclude(webhook__in=self.away)
        return waiting.select_related("webhook__user", "account")

    def stored(self, message: WebhookDelivery) -> WebhookDelivery | None:
        """None, too, where the message was removed, or another worker took it meanwhile."""
        same = WebhookDelivery.objects.filter(pk=message.pk, state=State.SENDING, attempts=message.attempts)
        return same.select_for_update().first()

    def settle_lost(self, message: WebhookDelivery) -> bool:
        self.try_later(message, Error.LOST, status=None)
        return True

    def attempt(self, message: WebhookDelivery) -> bool:
        try:
            received = self._post(message)
        except Exception:
            log.exception("delivery %s could not be sent", message.pk)  # the others go on
            self.try_later(message, Error.LOST, status=None)
            received = False
        if not received:
            self.away.add(message.webhook_id)
        return True

    def _post(self, message: WebhookDelivery) -> bool:
        """Send the message and store the outcome; False when it was not received."""
        user = message.webhook.user
        hidden = message.account_id and not Account.objects.visible_to(user).filter(pk=message.account_id).exists()
        if hidden or not user.is_active:
            # A person who no longer sees the account must not learn even that there was a message.
            WebhookDelivery.objects.filter(pk=message.pk).delete()
            return True
        body = body_of(message)
        try:
            status = self.send(message.webhook.url, body, headers_of(message, body))
        except Undelivered as error:
            self.try_later(message, error.why, status=None)
            return False
        if 200 <= status < 300:
            self.settle(message, State.SENT, status=status)
            return True
        self.try_later(message, Error.STATUS, status=status)
        return False


@task
def forget_deliveries() -> int:
    """Delete messages that were settled more than 30 days ago; how many."""
    return WebhookDelivery.objects.settled_before(timezone.now() - KEPT).delete()[0]


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256 of `timestamp`, a point and `body`, in hex: so the time stamp cannot be replaced either."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def body_of(delivery: WebhookDelivery) -> bytes:
    """The message as JSON; the same bytes for each attempt while the account keeps its name."""
    account = delivery.account
    told = {
        "id": delivery.event,
        "kind": delivery.kind,
        "at": delivery.created_at,
        "account": account and {"id": account.pk, "name": account.name, "external_id": account.external_id},
        "data": delivery.data,
    }
    return json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False).encode()


def headers_of(delivery: WebhookDelivery, body: bytes) -> dict[str, str]:
    timestamp = str(int(timezone.now().timestamp()))
    return {
        "Content-Type": "application/json",
        "Standing-Event": delivery.kind,
        "Standing-Delivery": str(delivery.pk),
        "Standing-Timestamp": timestamp,
        "Standing-Signature": signature(delivery.webhook.secret, timestamp, body),
    }
