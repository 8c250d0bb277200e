"""Registers what the rooms below use of this one; `config.apps` loads this module when the site starts."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.erasure import register_contact_data
from accounts.derived import Occasion, register_derived_columns, register_watcher
from assessments import webhook_events
from assessments.contact_data import CONTACT_DATA
from assessments.history import level_columns
from assessments.past_levels.kind import HISTORY
from assessments.trail_acts import ACTS
from audit import acts
from importing.kinds import register_import_list
from webhooks import endpoints

register_derived_columns(level_columns)
register_contact_data(CONTACT_DATA)
register_import_list(HISTORY)
register_watcher(webhook_events.tell_level_moves, Occasion.ACT)
endpoints.register_event(webhook_events.CLOSED, _("An assessment was closed"))
endpoints.register_event(webhook_events.CLIMBED, _("The level climbed"))
endpoints.register_event(webhook_events.SLID, _("The level slid"))
acts.register_acts(*ACTS)
