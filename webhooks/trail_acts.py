"""The acts on webhooks, in words."""

from django.utils.translation import gettext_lazy as _

from audit.acts import Act

ACTS = (
    Act("webhook.made", _("%(who)s added a webhook.")),
    Act("webhook.changed", _("%(who)s changed a webhook.")),
    Act("webhook.switched_on", _("%(who)s switched a webhook on.")),
    Act("webhook.switched_off", _("%(who)s switched a webhook off.")),
    Act("webhook.removed", _("%(who)s deleted a webhook.")),
    Act("webhook.tested", _("%(who)s sent a test to a webhook.")),
    Act("webhook.sent_again", _("%(who)s sent a webhook's message again.")),
)
