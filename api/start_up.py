"""Registers the personal data that the API holds of contacts. `config.apps` imports this module when the site starts."""

from accounts.acts.erasure import register_contact_data
from api.contact_data import CONTACT_DATA

register_contact_data(CONTACT_DATA)
