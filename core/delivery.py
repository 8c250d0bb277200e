"""Messages on their way out: one state machine and one runner for mail and webhooks.

The worker first stores that it takes a message (`sending`), then hands it over, then stores the outcome. An attempt that surely
failed is tried again after the next step of a table, and at the end the message has failed. What happens to a message whose
worker was lost while it sent it, a subclass of `DeliveryRunner` says: it may have been sent.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Delivery(models.Model):
    """One message on its way."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not be sent")
        UNSURE = "unsure", _("may have been sent")
        CANCELLED = "cancelled", _("not sent: no longer wanted")

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)  # a code, of the last attempt
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        indexes: ClassVar = [models.Index(fields=["due_at"], condition=Q(state="queued"), name="%(class)s_waiting")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending"], settled_at=None)
                | Q(state__in=["sent", "failed", "unsure", "cancelled"], settled_at__isnull=False),
                name="%(class)s_settled_exactly_when_over",
            ),
        ]

    @property
    def is_on_its_way(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.SENDING}


class DeliveryRunner[D: Delivery]:
    """Sends the messages of one model. Safe to run in many workers at once."""

    model: type[D]
    back_off: Sequence[timedelta]  # after the first, second … failed attempt; after the last one the message has failed
    lost_after: timedelta  # an attempt that takes longer has lost its worker
    seconds: float  # of one run: other tasks wait meanwhile, and the next run is a minute away

    def due(self) -> QuerySet[D]:
        """Messages that may be sent now, the longest waiting first."""
        return self.model._default_manager.filter(state=Delivery.State.QUEUED, due_at__lte=timezone.now()).order_by(
            "due_at", "pk"
        )

    def attempt(self, message: D) -> bool:
        """Send a message that was taken, and store the outcome; False ends the run."""
        raise NotImplementedError

    def settle_lost(self, message: D) -> bool:
        """Store what holds for a message whose worker was lost; whether this was new."""
        raise NotImplementedError

    def stored(self, message: D) -> D | None:
        """The row of a message, locked; None when the outcome of this attempt no longer counts."""
        raise NotImplementedError

    def settled(self, message: D) -> None:
        """Called in the transaction that stores the end of a message."""

    def run(self, most: int) -> int:
        """Send what is due; how many messages were taken."""
        self.settle_lost_ones()
        taken, end = 0, time.monotonic() + self.seconds
        while taken < most and time.monotonic() < end and (message := self.take()) is not None:
            taken += 1
            if not self.attempt(message):
                break
        return taken

    def settle_lost_ones(self) -> int:
        """Settle messages whose worker was lost while it sent them; how many there were."""
        lost = self.model._default_manager.filter(state=Delivery.State.SENDING, taken_at__lt=timezone.now() - self.lost_after)
        return sum(self.settle_lost(message) for message in lost)

    @transaction.atomic
    def take(self) -> D | None:
        """Store that the next message is being sent, and give it; None when none is due."""
        message = self.due().select_for_update(skip_locked=True, of=("self",)).first()
        if message is not None:
            _store(message, state=Delivery.State.SENDING, taken_at=timezone.now(), attempts=message.attempts + 1)
        return message

    @transaction.atomic
    def try_later(self, message: D, error: str, **columns: Any) -> None:
        """Store that the message was surely not sent; after the last attempt it has failed.

        One that was settled as lost meanwhile has failed, too: a person may have sent it again.
        """
        stored = self.stored(message)
        if stored is None:
            return
        if stored.attempts > len(self.back_off) or stored.state != Delivery.State.SENDING:
            self.settle(stored, Delivery.State.FAILED, error, **columns)
            return
        due_at = timezone.now() + self.back_off[stored.attempts - 1]
        _store(stored, state=Delivery.State.QUEUED, due_at=due_at, error=error, **columns)

    @transaction.atomic
    def settle(self, message: D, state: str, error: str = "", **columns: Any) -> bool:
        """Store the end of a message. Whoever sent it after all knows better than whoever took its worker for lost."""
        stored = self.stored(message)
        if stored is None or (state == Delivery.State.UNSURE and stored.state != Delivery.State.SENDING):
            return False
        _store(stored, state=state, settled_at=timezone.now(), error=error, **columns)
        self.settled(stored)
        return True


def _store(message: Delivery, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(message, name, value)
    message.save(update_fields=list(columns))
