"""What targets and action plans have in common: the range of a level, and no change while the account is archived."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Account

LEVEL = [MinValueValidator(1), MaxValueValidator(5)]


def must_be_active(account: Account) -> None:
    """Raises ValidationError for an archived account: its targets and plans rest, to read, not to change."""
    if account.is_archived:
        raise ValidationError(
            _("This account is archived: its target and plans rest. Take it back from the archive to go on."),
            code="archived",
        )
