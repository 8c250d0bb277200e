"""Why an account needs attention, and what to do: a sentence and one button each."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Account, User
from accounts.permissions import may
from portfolio.queries import Concern


@dataclass(frozen=True, slots=True)
class Pressing:
    account: Account
    sentence: str
    button: str
    url: str


def describe(concern: Concern, user: User) -> Pressing:
    """The concern in words, with the button for the next step; whoever may only read gets the account's page."""
    account = concern.account
    button, view = {
        "slid": (_("Plan"), "plans:plan"),
        "off_track": (_("Plan"), "plans:plan"),
        "at_risk": (_("Plan"), "plans:plan"),
        "rosy": (_("Compare"), "portfolio:account"),
        "unassessed": (_("Assess"), "assessments:assess"),
        "never_heard": (_("Ask"), "assessments:customer_choice"),
        "stale": (_("Ask"), "assessments:customer_choice"),
    }[concern.reason]
    if not may(user, "account.change", account):
        button, view = _("Look"), "portfolio:account"
    return Pressing(account, _sentence(concern), button, reverse(view, args=[account.pk]))


def _sentence(concern: Concern) -> str:
    account = concern.account
    due = date_format(account.target_due_on, "F Y") if account.target_due_on else ""
    heard = date_format(account.last_heard_on, "F Y") if account.last_heard_on else ""
    return {
        "slid": lambda: _("slid from %(ago)s to %(now)s within a year") % {"ago": concern.level_ago, "now": account.level},
        "off_track": lambda: _("off track: needs level %(level)s by %(due)s") % {"level": account.target_level, "due": due},
        "at_risk": lambda: _("at risk: needs level %(level)s by %(due)s") % {"level": account.target_level, "due": due},
        "rosy": lambda: _("we say %(ours)s, they say %(theirs)s")
        % {"ours": account.team_level, "theirs": account.customer_level},
        "unassessed": lambda: _("not assessed yet: nobody knows where we stand"),
        "never_heard": lambda: _("customer never asked; only our own view"),
        "stale": lambda: _("customer last heard in %(heard)s") % {"heard": heard},
    }[concern.reason]()
