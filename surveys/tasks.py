"""Scheduled tasks of surveys."""

from crontask import cron

from surveys.bulk_rounds import go_on_asking
from surveys.reminders import remind_contacts

cron("30 8 * * *")(remind_contacts)  # in the morning, since people read it then
cron("*/10 * * * *")(go_on_asking)
