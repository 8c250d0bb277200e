"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.erasure import keeps
from accounts.derived import Occasion, derives, watches
from assessments import webhook_events
from assessments.contact_data import KEEPER
from assessments.history import level_columns
from assessments.past_levels.kind import HISTORY
from assessments.trail_acts import ACTS
from audit import acts
from importing.kinds import kind
from webhooks import endpoints

derives(level_columns)
keeps(KEEPER)
kind(HISTORY)
watches(webhook_events.tell_level_moves, Occasion.ACT)
endpoints.kind(webhook_events.CLOSED, _("An assessment was closed"))
endpoints.kind(webhook_events.CLIMBED, _("The level climbed"))
endpoints.kind(webhook_events.SLID, _("The level slid"))
acts.register(*ACTS)
