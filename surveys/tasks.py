"""Scheduled tasks of surveys."""

from crontask import cron

from surveys.reminders import remind_contacts
from surveys.second_browsers import forget_second_browsers

cron("30 8 * * *")(remind_contacts)  # in the morning, since people read it then
cron("20 2 * * *")(forget_second_browsers)
