"""What this room registers when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.merge_parts import register_merge_watcher, register_staying
from audit import acts
from webhooks import endpoints, merge_events
from webhooks.models import WebhookDelivery
from webhooks.trail_acts import ACTS

acts.register_acts(*ACTS)
register_merge_watcher(merge_events.tell_merger)
register_staying(WebhookDelivery, "account", "tells what happened to that account at that time")
endpoints.register_event(merge_events.MERGED, _("Two accounts were merged, or taken apart again"))
