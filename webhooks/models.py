"""Addresses that are told what happens, and each message on its way to one."""

from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.people import User
from core.versions import Versioned


class WebhookQuerySet(models.QuerySet):
    def of(self, user: User):
        """What `user` made and did not remove, the newest first; nobody else's."""
        return self.filter(user=user, removed_at=None).order_by("-pk")

    def listening(self):
        """Those that are told what happens now."""
        return self.filter(is_active=True, user__is_active=True)


class Webhook(Versioned):
    """An address of another system, and which kinds of events it is told.

    Messages are signed with `secret`, so it has to be kept readable; it stands in no page but the first, no log and no
    trail. A removed one stays as a row without secret: an act that is just writing a message for it must not fail.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(_("address"), max_length=500)
    secret = models.CharField(max_length=64, blank=True, editable=False)
    kinds = models.JSONField(_("what it is told"), default=list)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "url"], condition=Q(removed_at=None), name="webhook_address_once_a_person",
                violation_error_message=_("You have a webhook to this address already."),
            ),
            models.CheckConstraint(
                condition=(Q(removed_at=None) & ~Q(secret="")) | Q(removed_at__isnull=False, secret="", is_active=False),
                name="webhook_has_a_secret_until_removed",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.server

    @property
    def server(self) -> str:
        """The address without its path: many systems put a secret into that."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


class DeliveryQuerySet(models.QuerySet):
    def visible_to(self, user: User):
        """Messages to own webhooks, of accounts that `user` still sees; the newest first."""
        seen = Q(account=None) | Q(account__in=Account.objects.visible_to(user))
        return self.filter(seen, webhook__in=Webhook.objects.of(user)).order_by("-pk")

    def due(self, now):
        """What may be sent by now, the longest waiting first; those of a webhook that is off wait for it."""
        waiting = self.filter(state__in=WAITING, due_at__lte=now, webhook__is_active=True)
        return waiting.order_by("due_at", "pk")

    def settled_before(self, moment):
        return self.filter(settled_at__lt=moment)


class Delivery(models.Model):
    """One event for one webhook. `data` holds numbers, dates and codes: no text in which a person could be named.

    The account's name and whether the webhook's owner may see it are looked up when it is sent.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to be sent")
        SENDING = "sending", _("being sent")
        FAILED = "failed", _("failed, will be tried again")
        DELIVERED = "delivered", _("delivered")
        GIVEN_UP = "given_up", _("given up")

    class Error(models.TextChoices):
        """Why nobody took it; the codes of `webhook_client.Undelivered`."""

        STATUS = "status", _("the answer was not a success")
        ADDRESS = "address", _("the address is not one of the open internet")
        NAME = "name", _("the name of the server was not found")
        CONNECTION = "connection", _("no connection")
        CERTIFICATE = "certificate", _("the certificate of the server is not valid")
        SLOW = "slow", _("no answer within five seconds")
        ANSWER = "answer", _("the answer could not be read")
        LOST = "lost", _("the sending was broken off")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="+")  # None: of a test
    kind = models.CharField(max_length=40)
    event = models.CharField(max_length=80)  # what happened, once for each kind
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)  # of the last answer
    error = models.CharField(max_length=12, choices=Error, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["queued", "failed"]), name="delivery_waiting"),
            models.Index(fields=["webhook", "-id"], name="delivery_of_webhook"),
            models.Index(fields=["settled_at"], name="delivery_settled"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "kind", "event"], name="delivery_once_an_event"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "failed"], settled_at=None)
                | Q(state__in=["delivered", "given_up"], settled_at__isnull=False),
                name="delivery_settled_exactly_when_over",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event}"

    @property
    def can_be_sent_again(self) -> bool:
        """Unless it is on its way anyway, or its webhook is off."""
        return self.state not in {self.State.QUEUED, self.State.SENDING} and self.webhook.is_active


WAITING = [Delivery.State.QUEUED, Delivery.State.FAILED]
