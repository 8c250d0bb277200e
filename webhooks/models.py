"""Addresses of other systems that get a message about each event, and these messages."""

from datetime import datetime
from typing import ClassVar, Self
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.people import User
from core.delivery import Delivery
from core.versions import Versioned


class WebhookQuerySet(models.QuerySet):
    def of(self, user: User) -> Self:
        """Webhooks that `user` made and did not remove, the newest first; nobody else's."""
        return self.filter(user=user, removed_at=None).order_by("-pk")

    def listening(self) -> Self:
        """Webhooks that get a message about what happens now."""
        return self.filter(is_active=True, user__is_active=True)


class Webhook(Versioned):
    """An address of another system, and the kinds of events that it gets messages about.

    Messages are signed with `secret`, so it is stored readable; only the first page shows it, and no log and no event of the
    trail holds it. A removed webhook stays as a row without secret: an act that is just writing a message for it must not fail.
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
        constraints: ClassVar = [
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
        """The address without its path, into which many systems put a secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


class WebhookDeliveryQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """Messages to own webhooks, of accounts that `user` still sees; the newest first."""
        seen = Q(account=None) | Q(account__in=Account.objects.visible_to(user))
        return self.filter(seen, webhook__in=Webhook.objects.of(user)).order_by("-pk")

    def settled_before(self, moment: datetime) -> Self:
        return self.filter(settled_at__lt=moment)


class WebhookDelivery(Delivery):
    """One event for one webhook. `data` holds numbers, dates and codes: no text in which a person could be named.

    The account's name, and whether the webhook's owner may see it, are looked up when the message is sent.
    """

    class Error(models.TextChoices):
        """Why the last attempt failed; the codes of `webhooks.client.Undelivered`."""

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
    event = models.CharField(max_length=80)  # a key of what happened, once for each kind
    data = models.JSONField(default=dict)
    status = models.PositiveSmallIntegerField(null=True)  # of the last answer
    error = models.CharField(max_length=12, choices=Error, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta(Delivery.Meta):
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes: ClassVar = [
            *Delivery.Meta.indexes,
            models.Index(fields=["webhook", "-id"], name="delivery_of_webhook"),
            models.Index(fields=["settled_at"], name="delivery_settled"),
        ]
        constraints: ClassVar = [
            *Delivery.Meta.constraints,
            models.UniqueConstraint(fields=["webhook", "kind", "event"], name="delivery_once_an_event"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event}"

    @property
    def will_be_tried_again(self) -> bool:
        return self.state == self.State.QUEUED and self.attempts > 0

    @property
    def state_in_words(self) -> str:
        own = {self.State.SENT: _("delivered"), self.State.FAILED: _("given up")}
        if self.will_be_tried_again:
            return str(_("failed, will be tried again"))
        return str(own.get(self.State(self.state)) or self.get_state_display())

    @property
    def can_be_sent_again(self) -> bool:
        """Unless it is sent soon anyway, or its webhook is off."""
        return (self.will_be_tried_again or not self.is_on_its_way) and self.webhook.is_active
