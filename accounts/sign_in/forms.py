"""The forms of allauth with labels and help texts of this site, and without placeholders."""

from typing import Any

from allauth.account import forms as allauth_forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NEW_PASSWORD_HELP = _("At least ten characters, and not one that many people use.")


class OwnLabelsMixin:
    """A mixin for a form of allauth: `labels` and `helps` replace its texts, by the name of the field."""

    labels: dict[str, Promise] = {}
    helps: dict[str, Promise] = {}
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")


class SignInForm(OwnLabelsMixin, allauth_forms.LoginForm):
    labels = {"login": _("E-mail"), "password": _("Password"), "remember": _("Stay signed in on this device")}


class ChangePasswordForm(OwnLabelsMixin, allauth_forms.ChangePasswordForm):
    labels = {
        "oldpassword": _("Present password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }
    helps = {"password1": NEW_PASSWORD_HELP}


class ResetPasswordForm(OwnLabelsMixin, allauth_forms.ResetPasswordForm):
    labels = {"email": _("E-mail")}


class ResetPasswordKeyForm(OwnLabelsMixin, allauth_forms.ResetPasswordKeyForm):
    labels = {"password1": _("New password"), "password2": _("New password again")}
    helps = {"password1": NEW_PASSWORD_HELP}


class SetPasswordForm(OwnLabelsMixin, allauth_forms.SetPasswordForm):
    labels = {"password1": _("New password"), "password2": _("New password again")}
    helps = {"password1": NEW_PASSWORD_HELP}
