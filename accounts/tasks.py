"""Scheduled tasks of accounts."""

from crontask import cron

from accounts.acts.bulk_change import go_on_changing
from accounts.derived import refresh_derived_columns

cron("5 0 * * *")(refresh_derived_columns)
cron("*/10 * * * *")(go_on_changing)
