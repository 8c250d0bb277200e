"""What the worker does for imports by the clock."""

from crontask import cron

from importing.work import go_on_importing

cron("*/2 * * * *")(go_on_importing)
