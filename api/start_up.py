"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from accounts.acts.erasure import register_contact_data
from api.contact_data import CONTACT_DATA

register_contact_data(CONTACT_DATA)
