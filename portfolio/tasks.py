"""The scheduled tasks of the portfolio."""

from crontask import cron

from portfolio.digest import post_digests

cron("0 * * * *")(post_digests)  # each hour: time zones have Monday morning at different hours
