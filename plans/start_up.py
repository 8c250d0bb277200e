"""Registers what the rooms below use of this one; `config.apps` loads this module when the site starts."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.erasure import keeps
from accounts.derived import Occasion, derives, watches
from plans import webhook_events
from plans.contact_data import KEEPER
from plans.targets.status import target_columns
from webhooks import endpoints

derives(target_columns)
keeps(KEEPER)
watches(webhook_events.tell_status_changes, Occasion.ACT, Occasion.NIGHT)
endpoints.kind(webhook_events.SET, _("A target was set or revised"))
endpoints.kind(webhook_events.STATUS, _("The status of a target changed"))
endpoints.kind(webhook_events.OVERDUE, _("An action is overdue"))
