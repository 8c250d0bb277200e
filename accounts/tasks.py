"""Scheduled tasks of accounts."""

from crontask import cron

from accounts.derived import refresh_derived_columns

cron("5 0 * * *")(refresh_derived_columns)
