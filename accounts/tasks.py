"""What the worker does for accounts by the clock."""

from crontask import cron

from accounts.bulk import go_on_changing
from accounts.derived import refresh_derived_columns
from accounts.importing.work import go_on_importing
from accounts.outbox import deliver_letters
from accounts.webhook_sending import deliver_webhooks, forget_deliveries

cron("5 0 * * *")(refresh_derived_columns)
cron("* * * * *")(deliver_letters)
cron("* * * * *")(deliver_webhooks)
cron("20 3 * * *")(forget_deliveries)
cron("*/10 * * * *")(go_on_changing)
cron("*/2 * * * *")(go_on_importing)
