"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from accounts.acts.merge_parts import register_staying
from audit import acts
from reviews.models import AccountReview
from reviews.trail_acts import ACTS

register_staying(AccountReview, "account", "tells what was seen of that account on that day")
acts.register_acts(*ACTS)
