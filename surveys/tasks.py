"""What the worker does for surveys by the clock."""

from crontask import cron

from surveys.invitations import remind_contacts

cron("30 8 * * *")(remind_contacts)  # in the morning, since people read it then
