"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.erasure import keeps
from accounts.derived import Occasion, derives, watches
from audit import acts
from plans import webhook_events
from plans.contact_data import KEEPER
from plans.targets import target_columns
from plans.trail_acts import ACTS
from webhooks import endpoints

derives(target_columns)
keeps(KEEPER)
watches(webhook_events.tell_status_changes, Occasion.ACT, Occasion.NIGHT)
endpoints.kind(webhook_events.SET, _("A target was set or revised"))
endpoints.kind(webhook_events.STATUS, _("The status of a target changed"))
endpoints.kind(webhook_events.OVERDUE, _("An action is overdue"))
acts.register(*ACTS)
