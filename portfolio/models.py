"""Saved views, the only model of this room."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.versions import Versioned

NAME, QUERY = 60, 1000  # characters at most


class SavablePage(models.TextChoices):
    """The pages whose address can be saved, by the names of their URL patterns."""

    PORTFOLIO = "portfolio:dashboard", _("Portfolio")
    ACCOUNTS = "accounts:list", _("Accounts")
    BENCHMARKS = "portfolio:benchmarks", _("Benchmarks")
    MOVEMENT = "portfolio:movement", _("Movement")
    GROUPS = "portfolio:groups", _("Groups")


class SavedView(Versioned):
    """A page with its filters, under a name that its owner chose; visible to the owner alone.

    Only the page and its query are stored. The page decides at each visit what the reader may see.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views", editable=False)
    name = models.CharField(_("name"), max_length=NAME)
    page = models.CharField(_("page"), max_length=60, choices=SavablePage, editable=False)
    query = models.CharField(_("filters"), max_length=QUERY, blank=True, editable=False)
    is_start = models.BooleanField(_("start page"), default=False, editable=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                "user", Lower("name"), name="saved_view_name_once_per_person",
                violation_error_message=_("You have a view of this name already."),
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_start=True), name="saved_view_one_start_page",
                violation_error_message=_("Only one view can be the start page."),
            ),
            models.CheckConstraint(
                condition=~Q(name=""), name="saved_view_has_a_name",
                violation_error_message=_("Write a name."),
            ),
            models.CheckConstraint(
                condition=Q(page__in=SavablePage.values), name="saved_view_of_a_known_page",
                violation_error_message=_("This page cannot be saved as a view."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name
