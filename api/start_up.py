"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from accounts.acts.erasure import keeps
from api.contact_data import KEEPER

keeps(KEEPER)
