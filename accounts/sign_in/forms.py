"""allauth's forms in our words: labels above the fields, nothing inside them."""

from allauth.account import forms as allauth_forms
from django.utils.translation import gettext_lazy as _

NEW_PASSWORD_HELP = _("At least ten characters, and not one that many people use.")


class InOurWords:
    """Over a form of allauth: `labels` and `helps` by the name of the field."""

    labels: dict = {}
    helps: dict = {}
    fields: dict

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")


class SignInForm(InOurWords, allauth_forms.LoginForm):
    labels = {"login": _("E-mail"), "password": _("Password"), "remember": _("Stay signed in on this device")}


class ChangePasswordForm(InOurWords, allauth_forms.ChangePasswordForm):
    labels = {
        "oldpassword": _("Present password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }
    helps = {"password1": NEW_PASSWORD_HELP}


class ResetPasswordForm(InOurWords, allauth_forms.ResetPasswordForm):
    labels = {"email": _("E-mail")}


class ResetPasswordKeyForm(InOurWords, allauth_forms.ResetPasswordKeyForm):
    labels = {"password1": _("New password"), "password2": _("New password again")}
    helps = {"password1": NEW_PASSWORD_HELP}


class SetPasswordForm(InOurWords, allauth_forms.SetPasswordForm):
    labels = {"password1": _("New password"), "password2": _("New password again")}
    helps = {"password1": NEW_PASSWORD_HELP}
