"""Scheduled tasks of plans."""

from crontask import cron

from plans.webhook_events import tell_overdue_actions

cron("15 0 * * *")(tell_overdue_actions)  # shortly after midnight: what was due yesterday is late now
