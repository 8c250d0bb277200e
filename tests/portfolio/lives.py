"""Accounts with the results of their lives, for what is computed over all of them."""

from datetime import date

from accounts import derived
from accounts.models import Account
from accounts.querysets import AccountQuerySet
from hierarchy.models import Play
from portfolio.benchmark_queries import members_of, results_of
from portfolio.figures.benchmark_figures import moves_by_segment
from portfolio.figures.movement import Moves
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


def paces_of(accounts: AccountQuerySet, until: date, editions: tuple[int, ...] | None) -> dict[str, Moves]:
    """What a forecast for `accounts` stands on: account-years and moves of each segment up to a day."""
    return moves_by_segment(members_of(accounts), results_of(accounts), until, editions)
