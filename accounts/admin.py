"""The back-office of exchange rates. Accounts, people and teams have pages of their own."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import derived
from accounts.models import Account, ExchangeRate
from audit.backoffice import AuditedAdmin, BackOfficeForm


class ExchangeRateForm(BackOfficeForm):
    class Meta:
        model = ExchangeRate
        fields = ["currency", "rate", "as_of"]


@admin.register(ExchangeRate)
class ExchangeRateAdmin(AuditedAdmin):
    form = ExchangeRateForm
    intro = _("What one unit of a currency is worth, so that revenues add up in one currency.")
    audited = ("currency", "rate", "as_of")
    list_display = ["currency", "rate", "as_of"]

    def save_model(self, request: HttpRequest, obj: ExchangeRate, form: BackOfficeForm, change: bool) -> None:
        before = ExchangeRate.objects.get(pk=obj.pk).currency if change else obj.currency
        super().save_model(request, obj, form, change)
        self._refresh_worth(before, obj.currency)

    def delete_model(self, request: HttpRequest, obj: ExchangeRate) -> None:
        super().delete_model(request, obj)
        self._refresh_worth(obj.currency)

    def _refresh_worth(self, *currencies: str) -> None:
        """Refresh the revenue in the reporting currency of the accounts with these currencies."""
        derived.refresh(Account.objects.filter(currency__in=currencies).values_list("pk", flat=True))
