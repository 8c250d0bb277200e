"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.erasure import keeps
from api.contact_data import KEEPER
from audit import acts

keeps(KEEPER)
acts.register(
    acts.Act("api_key.made", _("%(who)s made a key for the API.")),
    acts.Act("api_key.revoked", _("%(who)s revoked a key for the API.")),
)
