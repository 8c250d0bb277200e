"""What another system, such as a CRM, owns of the accounts that come from it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import OWNABLE
from core.versions import Versioned


def check_ownable(names: list[str]) -> None:
    if not isinstance(names, list) or not set(map(str, names)) <= OWNABLE.keys():
        raise ValidationError(_("Choose among the fields that are offered."), code="ownable")


class CrmSource(Versioned):
    """The rule for one source. Its accounts keep their source and external id, and besides what is `owned`."""

    source = models.CharField(_("system"), max_length=60)
    key = models.CharField(max_length=180, editable=False)  # the source, however it is capitalised
    owned = models.JSONField(_("what it owns"), default=list, blank=True, validators=[check_ownable])
    since = models.DateTimeField(default=timezone.now, editable=False)  # the last change of what is owned

    class Meta:
        verbose_name = _("system that owns fields")
        verbose_name_plural = _("systems that own fields")
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="crm_source_once", violation_error_message=_("There is a rule for this system already.")
            ),
            models.CheckConstraint(condition=~models.Q(key=""), name="crm_source_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.source
