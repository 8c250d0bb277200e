"""Scheduled tasks of surveys."""

from crontask import cron

from surveys.reminders import remind_contacts

cron("30 8 * * *")(remind_contacts)  # in the morning, since people read it then
