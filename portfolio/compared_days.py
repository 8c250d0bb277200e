"""Two days that a page compares: which ones can be, for every form that asks for them."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.models import EARLIEST


def possible(day: date | None, today: date) -> date | None:
    """The day, or none. Raises ValidationError for one that lies ahead, or before anything was assessed."""
    if day and day > today:
        raise ValidationError(_("Choose today or an earlier day."), code="future")
    if day and day < EARLIEST:
        raise ValidationError(_("Choose a date from 1990 on."), code="too_early")
    return day


def out_of_order(since: date | None, at: date) -> ValidationError | None:
    """What is wrong with the first day when it does not lie before the last."""
    if since is None or since < at:
        return None
    early = _("Choose a day before %(at)s: the two days are compared.") % {"at": date_format(at)}
    return ValidationError(early, code="order")
