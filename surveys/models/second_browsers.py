"""A confidential survey at another browser than the one that holds it: what is filled in there, and the code that lets it in."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.versions import Versioned
from surveys.models.invitations import Invitation


class BrowserDraft(Versioned):
    """Answers that were filled in at such a browser. They count for nothing, and are shown in that browser alone."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="browser_drafts")
    browser = models.CharField(max_length=64)  # a hash of the key of the browser, as in `Response.browser`
    answers = models.JSONField(default=dict)  # 1..5 or null by the code of the statement
    comment = models.TextField(blank=True)

    class Meta:
        verbose_name = _("draft of another browser")
        verbose_name_plural = _("drafts of other browsers")
        constraints = [models.UniqueConstraint(fields=["invitation", "browser"], name="browser_draft_once")]


class SurveyCode(models.Model):
    """The code of one browser for one survey. A mail with it goes to the contact's address; only a hash of it is stored."""

    HOLDS = timedelta(minutes=15)
    MOST_TRIES = 5

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="codes")
    browser = models.CharField(max_length=64)
    letters = models.PositiveSmallIntegerField(default=0)  # how many mails were asked for
    asked_at = models.DateTimeField(default=timezone.now)
    code_hash = models.CharField(max_length=64, blank=True)  # of the last mail; empty until it is written
    expires_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)  # wrong ones, of the last code
    failed = models.BooleanField(default=False)  # the last mail could not be sent

    class Meta:
        verbose_name = _("survey code")
        verbose_name_plural = _("survey codes")
        constraints = [
            models.UniqueConstraint(fields=["invitation", "browser"], name="survey_code_once_a_browser"),
            models.CheckConstraint(
                condition=Q(code_hash="", expires_at=None) | (~Q(code_hash="") & Q(expires_at__isnull=False)),
                name="survey_code_expires",
            ),
            models.CheckConstraint(condition=Q(tries__range=(0, 5)), name="survey_code_five_tries"),
        ]

    @property
    def is_valid(self) -> bool:
        """Whether a code was sent that may still be typed."""
        return self.expires_at is not None and timezone.now() < self.expires_at and self.tries < self.MOST_TRIES

    @property
    def waits(self) -> bool:
        """Whether the mail is on its way, or its code may still be typed."""
        return not self.code_hash or self.is_valid

    @property
    def tries_left(self) -> int:
        return self.MOST_TRIES - self.tries
