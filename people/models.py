"""Links that let somebody in: the one of the set-up, and those of colleagues who are invited. Only hashes of them are stored."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SetUpLink(models.Model):
    """The link to make the first administrator. There is at most one: a new one replaces it, and whoever uses it removes it."""

    HOLDS = timedelta(hours=24)

    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the token, hexadecimal
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("set-up link")
        verbose_name_plural = _("set-up links")

    @property
    def is_usable(self) -> bool:
        return timezone.now() < self.expires_at


class ColleagueInvitation(models.Model):
    """A colleague who was asked in and has not chosen a password yet: gone once they have, or once it is withdrawn."""

    HOLDS = timedelta(days=14)

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="invitation")
    token_hash = models.CharField(max_length=64, blank=True)  # SHA-256, hexadecimal; empty before the letter is written
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    letters = models.PositiveSmallIntegerField(default=0)  # how many were asked for; each has a link that replaces the former one

    class Meta:
        verbose_name = _("invitation of a colleague")
        verbose_name_plural = _("invitations of colleagues")
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"], condition=~models.Q(token_hash=""), name="colleague_invitation_token_once"
            ),
        ]

    @property
    def is_usable(self) -> bool:
        """Whether its link still lets somebody in: who has a password by another way, or may not sign in, needs none."""
        return timezone.now() < self.expires_at and self.user.is_active and not self.user.has_usable_password()
