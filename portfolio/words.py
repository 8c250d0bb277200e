"""The sentence that says why an account needs attention, and the button for the next step."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Account, User
from accounts.permissions import may
from accounts.templatetags.standing import likelihood, money
from core import organisation
from portfolio.queries import Concern


@dataclass(frozen=True, slots=True)
class Pressing:
    account: Account
    sentence: str
    stake: str  # the revenue that it is about
    button: str
    url: str


def describe(concern: Concern, user: User, today: date) -> Pressing:
    """The concern in words, with the button for the next step; for a reader who may not take it a link to the account."""
    account = concern.account
    button, url = _remedy(concern, today) if may(user, "account.change", account) else (_("Open"), account.get_absolute_url())
    return Pressing(account, _sentence(concern, today), stake(account), button, url)


def stake(account: Account) -> str:
    """The revenue in the reporting currency, or in its own where no rate is known; empty without any."""
    if account.worth is not None:
        return money(account.worth, organisation.reporting_currency())
    return money(account.revenue, account.currency)


def _remedy(concern: Concern, today: date) -> tuple[str, str]:
    """The button and its address: the page for the next step."""
    pk = concern.account.pk
    if concern.reason == "off_track" and _is_past_due(concern.account, today):
        return _("Revise"), reverse("plans:target", args=[pk])
    if concern.reason in {"slid", "off_track", "at_risk"}:
        return _("Plan"), reverse("plans:plan", args=[pk])
    if concern.reason == "rosy":
        return _("Compare"), concern.account.get_absolute_url()
    if concern.reason == "not_assessed":
        return _("Assess"), reverse("assessments:assess", args=[pk])
    return _("Ask"), reverse("surveys:invite", args=[pk])


def _sentence(concern: Concern, today: date) -> str:
    account = concern.account
    if concern.reason == "slid":
        levels = {"ago": account.customer_level_year_ago, "now": account.customer_level}
        return _("slid from %(ago)s to %(now)s within a year") % levels
    if concern.reason in {"off_track", "at_risk"}:
        return _target_sentence(account, concern.reason, today)
    if concern.reason == "rosy":
        return _("we say %(ours)s, they say %(theirs)s") % {"ours": account.team_level, "theirs": account.customer_level}
    if concern.reason == "not_assessed":
        return _("not assessed yet: nobody knows where we stand")
    if concern.reason == "never_heard":
        return _("customer not heard yet; only our own view")
    return _("customer last heard in %(heard)s") % {"heard": _month(account.last_heard_on)}


def _target_sentence(account: Account, reason: str, today: date) -> str:
    """What the target asks, and the chance that every page tells of it."""
    values = {"level": account.target_level, "due": _month(account.target_due_on)}
    if _is_past_due(account, today):
        late = {
            "at_risk": _("at risk: level %(level)s was due in %(due)s"),
            "off_track": _("off track: level %(level)s was due in %(due)s"),
        }
        return late[reason] % values
    asked = {
        ("at_risk", False): _("at risk: needs level %(level)s by %(due)s"),
        ("at_risk", True): _("at risk: to hold level %(level)s until %(due)s"),
        ("off_track", False): _("off track: needs level %(level)s by %(due)s"),
        ("off_track", True): _("off track: to hold level %(level)s until %(due)s"),
    }
    told = asked[reason, account.target_kind == Account.TargetKind.HOLD] % values
    if account.target_chance is None:
        return told
    return _("%(told)s, %(chance)s likely") % {"told": told, "chance": likelihood(account.target_chance)}


def _month(day: date | None) -> str:
    return date_format(day, "F Y") if day else ""


def _is_past_due(account: Account, today: date) -> bool:
    return account.target_due_on is not None and account.target_due_on < today
