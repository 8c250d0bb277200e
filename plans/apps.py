from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "plans"
    verbose_name = _("Targets and plans")

    def ready(self) -> None:
        from accounts import webhooks
        from accounts.derived import Occasion, derives, watches
        from accounts.erasure import keeps
        from plans import webhook_events
        from plans.contact_data import KEEPER
        from plans.targets import target_columns

        derives(target_columns)
        keeps(KEEPER)
        watches(webhook_events.tell_status_changes, Occasion.ACT, Occasion.NIGHT)
        webhooks.kind(webhook_events.SET, _("A target was set or revised"))
        webhooks.kind(webhook_events.STATUS, _("The status of a target changed"))
        webhooks.kind(webhook_events.OVERDUE, _("An action is overdue"))
