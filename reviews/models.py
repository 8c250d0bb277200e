"""Reviews that were held, and the house's own template of slides."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from core import days
from core.versions import Versioned

LARGEST = 5 * 2**20  # bytes of a template


class AccountReview(models.Model):
    """A meeting in which an account was reviewed: the base of what the next one says has changed.

    Levels and targets as of that moment are read from their history. What has no history of its own is kept by id: the
    actions of the open plans, and the people who were there.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="reviews")
    held_on = models.DateField(_("held on"), default=days.today)
    by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField(_("marked"), default=timezone.now, editable=False)
    seen_actions = models.JSONField(default=list, editable=False)
    seen_people = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "held_on"], name="review_once_an_account_and_day",
                violation_error_message=_("This account was reviewed today already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.account} {self.held_on}"


class SlideTemplate(Versioned):
    """A PowerPoint file of the house with named placeholders; the newest one makes the slides of reviews.

    The file is in the database: every web process has it, and backup and archive hold it without a folder that they share.
    """

    name = models.CharField(_("name"), max_length=120)
    filename = models.CharField(_("file name"), max_length=200, editable=False)
    content = models.BinaryField(_("file"), editable=False)
    digest = models.CharField("SHA-256", max_length=64, editable=False)
    added_by = models.ForeignKey(User, verbose_name=_("added by"), on_delete=models.PROTECT, related_name="+", editable=False)
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("template of slides")
        verbose_name_plural = _("templates of slides")
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""), name="slide_template_has_a_name", violation_error_message=_("Write a name.")
            ),
            models.CheckConstraint(condition=~Q(digest=""), name="slide_template_has_a_digest"),
        ]

    def __str__(self) -> str:
        return self.name
