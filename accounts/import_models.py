from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT = timedelta(days=1)


class ImportJobQuerySet(models.QuerySet):
    def of(self, user):
        """The imports that `user` started; nobody else's."""
        return self.filter(user=user)

    def outdated(self):
        """Imports older than a day: the customer list of someone who walked away is not kept."""
        return self.filter(created_at__lt=timezone.now() - KEPT)


class ImportJob(models.Model):
    """One uploaded customer list on its way through columns, check and import.

    `content` is the file as it came and is emptied once it is applied; `columns` holds the field of each
    column by its index; `options` the owner, team and currency for what the file leaves open; `report` what
    was done.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        APPLIED = "applied", _("applied")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.CASCADE, related_name="imports")
    filename = models.CharField(_("file"), max_length=255)
    content = models.BinaryField(_("content"), default=bytes)
    columns = models.JSONField(_("columns"), default=dict)
    options = models.JSONField(_("options"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    report = models.JSONField(_("report"), null=True)
    created_at = models.DateTimeField(_("started"), auto_now_add=True, db_index=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="uploaded", report=None) | models.Q(state="applied", report__isnull=False),
                name="import_report_when_applied",
            ),
        ]

    def __str__(self) -> str:
        return self.filename
