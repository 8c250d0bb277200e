"""What this room registers when the site starts; `config.apps` loads it."""

from audit import acts
from hierarchy.trail_acts import ACTS

acts.register_acts(*ACTS)
