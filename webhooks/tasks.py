"""What the worker does for webhooks by the clock."""

from crontask import cron

from webhooks.deliveries import deliver_webhooks, forget_deliveries

cron("* * * * *")(deliver_webhooks)
cron("20 3 * * *")(forget_deliveries)
