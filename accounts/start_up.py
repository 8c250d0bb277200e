"""What this room registers when the site starts; `config.apps` loads it."""

from accounts.trail_acts import ACTS
from audit import acts

acts.register(*ACTS)
