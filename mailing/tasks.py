"""What the worker does for mail by the clock."""

from crontask import cron

from mailing.outbox import deliver_letters

cron("* * * * *")(deliver_letters)
