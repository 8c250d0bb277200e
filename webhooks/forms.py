"""The forms of a webhook: a new one, and what it is told."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.versions import VersionedForm
from webhooks import endpoints
from webhooks.client import may_lead_to
from webhooks.models import Webhook

MALFORMED = _("Write a whole address such as https://example.com/standing.")


def kinds_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("what it is told"), widget=forms.CheckboxSelectMultiple, choices=endpoints.kinds,
        error_messages={"required": _("Choose at least one, or it would never be told anything.")},
    )  # fmt: skip


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=_("address"), max_length=500, help_text=_("Where your other system listens: https:// and what follows."),
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )  # fmt: skip
    kinds = kinds_field()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        URLValidator(schemes=["http", "https"], message=MALFORMED)(url)
        if not may_lead_to(url):
            raise ValidationError(
                _("Choose an address of the open internet, without a name or password in it: this one is not called from here."),
                code="address",
            )
        if Webhook.objects.of(self.user).filter(url=url).exists():
            raise ValidationError(_("You have a webhook to this address already."), code="unique")
        return url


class KindsForm(VersionedForm):
    kinds = kinds_field()

    class Meta:
        model = Webhook
        fields = ["kinds"]
