"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from accounts.import_kinds import ACCOUNT_LIST, CONTACT_LIST
from accounts.importing.kinds import kind

kind(ACCOUNT_LIST)
kind(CONTACT_LIST)
