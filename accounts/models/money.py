from decimal import Decimal

import pycountry
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.versions import Versioned


def check_currency(value: str) -> None:
    if pycountry.currencies.get(alpha_3=value) is None:
        raise ValidationError(
            _("“%(value)s” is not a currency. Write its three letters, for example EUR or USD."),
            code="currency", params={"value": value},
        )  # fmt: skip


class ExchangeRate(Versioned):
    """What one unit of a currency is worth in the reporting currency; kept by hand in the back-office."""

    currency = models.CharField(_("currency"), max_length=3, unique=True, validators=[check_currency])
    rate = models.DecimalField(
        _("worth"), max_digits=15, decimal_places=8, validators=[MinValueValidator(Decimal("0.00000001"))],
        help_text=_("What one unit is worth in the reporting currency of the organisation."),
    )  # fmt: skip
    as_of = models.DateField(_("as of"))

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency"]
        constraints = [
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate}"
