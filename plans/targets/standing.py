"""How a target stands today: its status, its forecast, and both in words; the same on every page and in the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import Account
from plans.forecast.outlook import Outlook, basis_sentence, outlook_of, outlook_sentence, without_outlook
from plans.models import Target
from plans.targets.status import latest_of, status_of
from plans.trajectory import TrajectoryStatus
from plans.words import status_sentence


@dataclass(frozen=True, slots=True)
class TargetStanding:
    status: TrajectoryStatus
    sentence: str  # why it has the status
    outlook: Outlook | None
    outlook_words: tuple[str, str]  # the forecast, and what it is made from; empty where nothing is left to forecast


def standing_of(account: Account, target: Target | None, results: Iterable[Any], today: date) -> TargetStanding:
    """From closed results given oldest first. One statement where the forecast's interval is not cached."""
    latest = latest_of(results, today)
    status = status_of(target, latest, today, account.target_chance)
    if target is None:
        return TargetStanding(status, status_sentence(status), None, ("", ""))
    outlook = outlook_of(account, target, latest.heard, today)
    words = (
        (outlook_sentence(outlook, target), basis_sentence(outlook))
        if outlook
        else (without_outlook(account, latest.heard, target, today), "")
    )
    return TargetStanding(status, status_sentence(status), outlook, words)
