"""Registers the personal data that the API holds of contacts. `config.apps` imports this module when the site starts."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.erasure import register_contact_data
from api.contact_data import CONTACT_DATA
from audit import acts

register_contact_data(CONTACT_DATA)
acts.register_acts(
    acts.Act("api_key.made", _("%(who)s made a key for the API.")),
    acts.Act("api_key.revoked", _("%(who)s revoked a key for the API.")),
)
