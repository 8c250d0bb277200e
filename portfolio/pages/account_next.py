"""The most important next step of an account, chosen by rule: the one dark button of its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Contact
from hierarchy.words import quoted
from plans.models import Action, ActionPlan
from plans.words import due_words
from portfolio.pages.account_frame import AccountFrame
from portfolio.pages.customer_view import must_be_asked
from portfolio.pages.people import PersonCard


@dataclass(frozen=True, slots=True)
class NextAct:
    title: str  # what follows “Next:”
    why: str
    label: str
    url: str


def next_step(frame: AccountFrame, plans: Sequence[ActionPlan], people: Sequence[PersonCard]) -> NextAct | None:
    """The first that applies: the open round, a level, the customer's voice, a target, a plan that is reached, a plan, the
    economic buyer, what is late, what is due, and hearing them again. None for an archived account, and for a reader who may not
    change the account and was not asked for a view.
    """
    account, open_round = frame.account, frame.open_round
    if account.is_archived:
        return None
    if not frame.may_change:
        return _our_view(account, open_round) if open_round and open_round.asks_me and not open_round.i_gave else None
    if open_round:
        return _our_view(account, open_round) if frame.blind else _round(open_round)
    rules = (
        lambda: _measure(account, frame.today),
        lambda: _plan(frame, plans),
        lambda: _economic_buyer(account, people),
        lambda: _action(plans, frame.today),
    )
    return next(filter(None, (rule() for rule in rules)), None) or _ask(account, _("hear them again"), _last_heard(account))


def _our_view(account: Account, open_round: Any) -> NextAct:
    day = {"day": date_format(open_round.held_on, "j M Y")}
    why = _("The assessment of %(day)s waits for it. What they say stays hidden from you until then.") % day
    return NextAct(_("give your view"), why, _("Give your view"), reverse("assessments:assess", args=[account.pk]))


def _round(open_round: Any) -> NextAct:
    day = {"day": date_format(open_round.held_on, "j M Y")}
    if open_round.asked_them and not open_round.awaits_them:
        title, why = _("close the assessment of %(day)s") % day, _("Everybody who was asked has answered.")
        return NextAct(title, why, _("See it and close it"), open_round.get_absolute_url())
    why = _("Not everybody who was asked has answered yet.") if open_round.asked_them else _("It is open.")
    title = _("go on with the assessment of %(day)s") % day
    return NextAct(title, why, _("Go on with the open assessment"), open_round.get_absolute_url())


def _measure(account: Account, today: date) -> NextAct | None:
    """A first level; the customer's voice where it is missing or old."""
    if account.level is None:
        url = reverse("assessments:assess", args=[account.pk])
        why = _("Twenty statements, five minutes: how would this customer answer?")
        return NextAct(_("assess this account"), why, _("Assess this account"), url)
    if not must_be_asked(account, today):
        return None
    why = _last_heard(account) or _("What is known is our own view, and the level is theirs to decide.")
    return _ask(account, _("ask the customer"), why)


def _plan(frame: AccountFrame, plans: Sequence[ActionPlan]) -> NextAct | None:
    """A target, the end of a plan that is reached, a plan towards the target."""
    account, target = frame.account, frame.target
    if not target:
        why = _("Where should this customer see us within three years?")
        return NextAct(_("set a target"), why, _("Set a target"), reverse("plans:target", args=[account.pk]))
    for plan in plans:
        if account.customer_level and account.customer_level >= plan.to_rank:
            ranks = {"low": plan.from_rank, "high": plan.to_rank}
            title, why = _("close the plan %(low)s → %(high)s") % ranks, _("Level %(high)s is reached.") % ranks
            return NextAct(title, why, _("Close the plan"), plan.get_absolute_url())
    if not plans and account.level is not None and account.level < target.level:
        why = (
            _("The target is off track, and no plan leads to it.")
            if frame.status.code == "off_track"
            else _("No plan leads to the target yet. The playbook has plays, each with dated actions.")
        )
        return NextAct(_("start the plan"), why, _("Start the plan"), reverse("plans:plan", args=[account.pk]))
    return None


def _economic_buyer(account: Account, people: Sequence[PersonCard]) -> NextAct | None:
    """Whoever decides about the money was never heard, or is not known."""
    deciding = [one for one in people if one.contact.active and one.contact.buying_role == Contact.BuyingRole.ECONOMIC]
    if account.customer_level is None or any(one.was_heard for one in deciding):
        return None
    title = _("hear the economic buyer")
    if deciding:
        return _ask(
            account, title, _("%(name)s decides about the money and was never heard.") % {"name": deciding[0].contact.name}
        )
    why = _("Nobody is known in that role yet, and they decide about the money.")
    return NextAct(title, why, _("Add the economic buyer"), reverse("accounts:contact_new", args=[account.pk]))


def _action(plans: Sequence[ActionPlan], today: date) -> NextAct | None:
    """What is late; without that, what is due first."""
    pending = pending_of(plans)
    if not pending:
        return None
    first = pending[0]
    late = sum(one.due_on < today for one in pending)
    why = due_words(first, today)
    if late > 1:
        why = ngettext("%(late)s action is late.", "%(late)s actions are late.", late) % {"late": late}
    return NextAct(quoted(first.title), why, _("Open the action"), reverse("plans:action", args=[first.pk]))


def pending_of(plans: Sequence[ActionPlan]) -> list[Action]:
    """The pending actions of open plans, what is due first in front."""
    return sorted((one for plan in plans for one in plan.actions.all() if one.is_pending), key=_by_day)


def _by_day(action: Action) -> tuple[date, int, int]:
    return action.due_on, action.order, action.pk


def _ask(account: Account, title: str, why: str) -> NextAct:
    return NextAct(title, why, _("Ask the customer"), reverse("surveys:invite", args=[account.pk]))


def _last_heard(account: Account) -> str:
    if account.last_heard_on is None:
        return ""
    return _("They were last heard in %(month)s.") % {"month": date_format(account.last_heard_on, "F Y")}
