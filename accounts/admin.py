"""The back-office of users, teams and exchange rates. Accounts have pages of their own."""

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth import password_validation
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import derived
from accounts.models import Account, ExchangeRate, Team, User
from audit import trail
from audit.backoffice import AuditedAdmin, BackOfficeForm
from core.folding import ids_found
from core.mail_addresses import MailAddressField


class UserForm(BackOfficeForm):
    new_password = forms.CharField(
        label=_("Password"), required=False, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "At least ten characters. Leave empty to keep the present one, or to let a new person choose one by "
            "“Forgot your password?”."
        ),
    )  # fmt: skip

    class Meta:
        model = User
        fields = ["email", "name", "role", "is_active", "language", "time_zone"]
        field_classes = {"email": MailAddressField}

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_new_password(self) -> str:
        password = self.cleaned_data["new_password"]
        if password:
            password_validation.validate_password(password, self.instance)
        return password

    def save(self, commit: bool = True) -> User:
        if self.cleaned_data["new_password"]:
            self.instance.set_password(self.cleaned_data["new_password"])
        elif not self.instance.pk:
            self.instance.set_unusable_password()
        return super().save(commit)


@admin.register(User)
class UserAdmin(AuditedAdmin):
    form = UserForm
    intro = _("Who may sign in, and what they may do.")
    audited = ("email", "name", "role", "is_active", "language", "time_zone")
    list_display = ["name", "email", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active", "teams"]
    search_fields = ["name", "email"]  # makes the search box appear; get_search_results decides what is searched

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[User], search_term: str) -> tuple[QuerySet[User], bool]:
        found = ids_found(search_term, User.objects.values_list("pk", "name", "email"))
        return queryset.filter(pk__in=found) if search_term.strip() else queryset, False

    def save_model(self, request: HttpRequest, obj: User, form: BackOfficeForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and form.cleaned_data["new_password"]:
            trail.record("user.password_changed", obj, by=request.user)
        # allauth has its own table of addresses: the former one must not work for signing in any more.
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # events of the trail name the user: administrators make the account inactive instead


class TeamForm(BackOfficeForm):
    class Meta:
        model = Team
        fields = ["name", "members", "leads"]
        widgets = dict.fromkeys(("members", "leads"), forms.CheckboxSelectMultiple)


@admin.register(Team)
class TeamAdmin(AuditedAdmin):
    form = TeamForm
    intro = _("Who works together, and who leads: members see the accounts of their team.")
    audited = ("name", "members", "leads")
    list_display = ["name"]
    search_fields = ["name"]


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
