"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from importing.kinds import kind
from importing.lists.definitions import ACCOUNT_LIST, CONTACT_LIST

kind(ACCOUNT_LIST)
kind(CONTACT_LIST)
