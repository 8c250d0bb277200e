"""What the worker does for the portfolio by the clock."""

from crontask import cron

from portfolio.digest import post_digests

cron("0 * * * *")(post_digests)  # each hour, since Monday morning comes to each time zone in its own
