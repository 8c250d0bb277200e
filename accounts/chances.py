"""Where the chance of a target changes its status; pages keep a percentage on the side of these that it lies on. Pure."""

UNLIKELY_BELOW = 0.25  # nothing with a lower chance is on track
LIKELY_ABOVE = 0.60  # nothing with a higher chance is off track
