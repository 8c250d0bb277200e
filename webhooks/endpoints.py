"""Other systems told what happens here: signed messages, sent by the worker, tried again later, given up in the end.

An act writes a `WebhookDelivery` for each webhook that listens in its own transaction (`tell`); `webhooks.deliveries` sends
them. Apps above name at start-up which kinds of events they tell (`register_event`).
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from webhooks.deliveries import deliver_webhooks
from webhooks.models import Webhook, WebhookDelivery

MOST = 10  # webhooks of one person
BYTES = 32  # of a secret: 256 random bits, 43 characters
TEST = "webhook.test"  # asked for by a button, told to its own webhook alone

_kinds: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened to one account. `data` is JSON-able, without free text; `key` tells it from all others of
    its kind, None for what happens only once anyway."""

    kind: str
    account_id: int
    data: dict[str, Any]
    key: str | None = None


def register_event(name: str, label: Any) -> None:
    """Name a kind of event; at start-up, since `accounts` does not know the apps above it."""
    _kinds[name] = label


def kinds() -> list[tuple[str, Any]]:
    """Each kind with its label, by name."""
    return sorted(_kinds.items())


def label_of(name: str) -> str:
    return str(_kinds.get(name) or (_("Test") if name == TEST else name))


def tell(events: Iterable[Told]) -> int:
    """Write the messages about `events`, in the transaction of the act; how many.

    Call it after the act locked its accounts and before it writes to the trail. The same key a second time writes none.
    One statement where nobody listens, else two for each 500 messages.
    """
    told = list(events)
    if not told:
        return 0
    listeners = list(Webhook.objects.listening().values_list("pk", "kinds"))
    new = [
        WebhookDelivery(webhook_id=pk, account_id=one.account_id, kind=one.kind, event=key, data=one.data)
        for one in told
        for key in [one.key or uuid4().hex]
        for pk, wanted in listeners
        if one.kind in wanted
    ]
    if new:
        WebhookDelivery.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
        _call_worker()
    return len(new)


@transaction.atomic
def make_webhook(user: User, *, url: str, kinds: list[str]) -> Webhook:
    """A new webhook with a new secret, which the caller shows once. Raises ValidationError."""
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))
    if Webhook.objects.of(user).count() >= MOST:
        raise ValidationError(
            _("You have %(most)s webhooks, and no more are possible. Delete one first.") % {"most": MOST}, code="most"
        )
    hook = Webhook(user=user, url=url, kinds=sorted(kinds), secret=secrets.token_urlsafe(BYTES))
    hook.full_clean()
    hook.save()
    trail.record("webhook.made", hook, by=user, after=_told(hook))
    return hook


@transaction.atomic
def choose_kinds(form: Any, *, by: User) -> Webhook:
    """Store what `form` (a `KindsForm`) holds; what was written already is sent all the same. Raises StaleEdit."""
    hook = form.instance
    before = trail.snapshot(Webhook.objects.get(pk=hook.pk), "kinds")
    hook.kinds = sorted(hook.kinds)
    hook.save_version(form.seen_version, ["kinds"])
    old, new = trail.difference(before, trail.snapshot(hook, "kinds"))
    if new:
        trail.record("webhook.changed", hook, by=by, before=old, after=new)
    return hook


@transaction.atomic
def switch(hook: Webhook, *, by: User, on: bool, seen: int) -> bool:
    """Tell the address from now on, or no longer; False when it is so already. Raises StaleEdit.

    While it is off nothing is written for it; what was waiting is sent when it is on again.
    """
    before = _told(hook)
    if hook.is_active == on:
        return False
    hook.is_active = on
    hook.save_version(seen, ["is_active"])
    trail.record("webhook.switched_on" if on else "webhook.switched_off", hook, by=by, before=before, after=_told(hook))
    if on:
        _call_worker()
    return True


@transaction.atomic
def remove(hook: Webhook, *, by: User, seen: int) -> None:
    """Forget its secret and every message to it. Raises StaleEdit."""
    before = _told(hook)
    hook.is_active, hook.secret, hook.removed_at = False, "", timezone.now()
    hook.save_version(seen, ["is_active", "secret", "removed_at"])
    hook.deliveries.all().delete()
    trail.record("webhook.removed", hook, by=by, before=before)


@transaction.atomic
def send_test(hook: Webhook, *, by: User) -> WebhookDelivery:
    """A message that says nothing but that it arrived; one at a time. Raises ValidationError for a webhook that is off."""
    hook = Webhook.objects.select_for_update().get(pk=hook.pk)
    waiting = hook.deliveries.filter(kind=TEST, state=WebhookDelivery.State.QUEUED, attempts=0).first()
    if waiting:
        return waiting
    if not hook.is_active:
        raise ValidationError(_("It is switched off. Switch it on first."), code="off")
    delivery = WebhookDelivery.objects.create(webhook=hook, kind=TEST, event=uuid4().hex)
    trail.record("webhook.tested", hook, by=by)
    _call_worker()
    return delivery


@transaction.atomic
def send_again(delivery: WebhookDelivery, *, by: User) -> bool:
    """Send the same message once more, now, with all its attempts; False while it is on its way anyway."""
    stored = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("webhook").get(pk=delivery.pk)
    if stored.is_on_its_way and not stored.will_be_tried_again:
        return False
    if not stored.webhook.is_active:
        raise ValidationError(_("It is switched off. Switch it on first."), code="off")
    stored.state, stored.attempts, stored.due_at, stored.settled_at = WebhookDelivery.State.QUEUED, 0, timezone.now(), None
    stored.save(update_fields=["state", "attempts", "due_at", "settled_at"])
    trail.record("webhook.sent_again", stored.webhook, by=by, after={"delivery": stored.pk, "kind": stored.kind})
    _call_worker()
    return True


def _told(hook: Webhook) -> dict[str, Any]:
    return {"server": hook.server, "kinds": hook.kinds, "is_active": hook.is_active}


def _call_worker() -> None:
    # Should the worker not hear of it, it looks by itself each minute: no reason to fail an act that is stored.
    transaction.on_commit(deliver_webhooks.enqueue, robust=True)
