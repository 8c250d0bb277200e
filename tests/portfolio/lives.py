"""Accounts with the results of their lives, for what is computed over all of them."""

from datetime import date

from accounts import derived
from accounts.models import Account
from hierarchy.models import Play
from tests.factories import make_account, make_action, make_plan, make_result


def live(*results, edition=None, **fields) -> Account:
    """An account with results (day, the customer's position, and ours when given), derived columns and all."""
    account = make_account(**fields)
    measured = {"edition": edition} if edition else {}
    for held_on, customer, *ours in results:
        make_result(account, held_on, customer=customer, team=ours[0] if ours else None, **measured)
    derived.refresh([account.pk])
    account.refresh_from_db()
    return account


def do(account: Account, play: Play, done_on: date) -> None:
    """The account completes an action from the play on that day."""
    plan = account.plans.first() or make_plan(account)
    make_action(plan, play=play, state="done", done_on=done_on)
