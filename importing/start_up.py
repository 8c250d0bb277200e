"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from audit import acts
from importing.kinds import kind
from importing.lists.definitions import ACCOUNT_LIST, CONTACT_LIST
from importing.trail_acts import ACTS

kind(ACCOUNT_LIST)
kind(CONTACT_LIST)
acts.register(*ACTS)
