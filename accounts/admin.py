"""Back-office: people, teams and exchange rates. Accounts are kept on their own pages."""

from django import forms
from django.contrib import admin
from django.contrib.auth import password_validation
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import ExchangeRate, Team, User
from audit import trail


class AuditedAdmin(admin.ModelAdmin):
    """Each change made here writes an event in its transaction."""

    audited: tuple[str, ...] = ()

    def save_model(self, request, obj, form, change) -> None:
        with transaction.atomic():
            before = trail.snapshot(type(obj)._base_manager.get(pk=obj.pk), *self.audited) if change else None
            super().save_model(request, obj, form, change)
            after = trail.snapshot(obj, *self.audited)
            act = f"{obj._meta.model_name}.{'changed' if change else 'created'}"
            trail.record(act, obj, by=request.user, before=before, after=after)

    def delete_model(self, request, obj) -> None:
        with transaction.atomic():
            trail.record(
                f"{obj._meta.model_name}.deleted", obj, by=request.user, before=trail.snapshot(obj, *self.audited)
            )
            super().delete_model(request, obj)

    def get_actions(self, request):
        return {}  # one at a time: what is removed in bulk is not looked at


class UserForm(forms.ModelForm):
    new_password = forms.CharField(
        label=_("Password"), required=False, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters. Leave empty to keep the present one, or to let a new person choose one by “Forgot your password?”."),
    )  # fmt: skip

    class Meta:
        model = User
        fields = ["email", "name", "role", "is_active", "language", "time_zone"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_new_password(self) -> str:
        password = self.cleaned_data["new_password"]
        if password:
            password_validation.validate_password(password, self.instance)
        return password

    def save(self, commit=True):
        if self.cleaned_data["new_password"]:
            self.instance.set_password(self.cleaned_data["new_password"])
        elif not self.instance.pk:
            self.instance.set_unusable_password()
        return super().save(commit)


@admin.register(User)
class UserAdmin(AuditedAdmin):
    form = UserForm
    audited = ("email", "name", "role", "is_active", "language", "time_zone")
    list_display = ["name", "email", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active", "teams"]
    search_fields = ["name", "email"]

    def has_delete_permission(self, request, obj=None) -> bool:
        return False  # a person's name stands in the trail: shut the door instead


@admin.register(Team)
class TeamAdmin(AuditedAdmin):
    audited = ("name",)
    list_display = ["name"]
    search_fields = ["name"]
    filter_horizontal = ["members", "leads"]


@admin.register(ExchangeRate)
class ExchangeRateAdmin(AuditedAdmin):
    audited = ("currency", "rate", "as_of")
    list_display = ["currency", "rate", "as_of"]
