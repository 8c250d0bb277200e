"""Registers the personal data that the API holds of contacts. `config.apps` imports this module when the site starts."""

from accounts.acts.erasure import keeps
from api.contact_data import KEEPER

keeps(KEEPER)
