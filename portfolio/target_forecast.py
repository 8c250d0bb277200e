"""The probability that targets are reached, from the moves of the accounts that a reader may see: of one target, and of all."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, User
from accounts.permissions import scope_of
from accounts.templatetags.standing import percent
from audit.figure_cache import cached_figures
from plans.models import Target
from portfolio.benchmark_queries import results_of
from portfolio.figures.benchmark_figures import Members
from portfolio.figures.forecast import (
    Aim,
    Expected,
    Forecast,
    ForecastBasis,
    basis_for,
    enough,
    expected_reached,
    forecast,
    months_left,
    seed_for,
    years_left,
)
from portfolio.figures.movement import NO_MOVES, Moves, exposure


@dataclass(frozen=True, slots=True)
class TargetForecast:
    """The forecast of one target and the history that it is based on; both None without enough history."""

    forecast: Forecast | None
    basis: ForecastBasis | None


def basis_of(user: User, segment: str, today: date, *, state: int | None = None) -> ForecastBasis | None:
    """The pace of the accounts in `segment` that `user` may see, else of all that `user` may see; None with too little history.

    No statement when both are cached and `state` is known, else one for each that has to be made.
    """

    def pace(segment: str) -> Moves:
        accounts = Account.objects.visible_to(user).active()
        among = accounts.filter(segment=segment) if segment else accounts
        return cached_figures(
            "pace", scope_of(user), today, segment, state=state, make=lambda: exposure(results_of(among).histories(), today)
        )

    own = pace(segment) if segment else NO_MOVES
    return basis_for(segment, own, own if enough(own) else pace(""))


def outlook_of(account: Account, target: Target, user: User, today: date, *, state: int | None = None) -> TargetForecast | None:
    """The forecast of `target` from the level of today; None when it is reached or due, or the account has no level."""
    if account.level is None or account.level >= target.level or target.due_on <= today:
        return None
    basis = basis_of(user, account.segment, today, state=state)
    if basis is None:
        return TargetForecast(None, None)
    seed = seed_for(account.pk, today)
    return TargetForecast(forecast(basis.moves, account.level, target.level, years_left(today, target.due_on), seed), basis)


def expected_of(members: Members, paces: Mapping[str, Moves], today: date) -> Expected:
    """How many of the targets of `members` will be reached, each by the pace of its segment, else of everyone.

    `paces` are those of all segments that one sees, as `benchmark_figures.moves_by_segment` gives them.
    """
    everyone = sum(paces.values(), NO_MOVES)
    bases: dict[Hashable, Moves] = {segment: pace for segment, pace in paces.items() if segment and enough(pace)} | {
        None: everyone
    }
    keys = list(bases)
    basis_of = np.array([keys.index(group.segment if group.segment in bases else None) for group in members.groups], np.int64)
    aimed = members.aims > 0
    aims = members.aims[aimed]
    months, basis = months_left(today, aims >> 6), basis_of[members.group[aimed]]
    kinds, numbers = np.unique((basis << 32) + (months << 6) + (aims & 63), return_counts=True)
    counted = {
        Aim(kind >> 3 & 7, kind & 7, kind >> 6 & 0x3FFFFFF, keys[kind >> 32]): number
        for kind, number in zip(kinds.tolist(), numbers.tolist(), strict=True)
    }
    return expected_reached(counted, bases, seed_for(0, today))


def outlook_sentence(outlook: TargetForecast, target: Target) -> str:
    if outlook.forecast is None:
        return _("Not enough history yet for a forecast.")
    text = _(
        "%(chance)s likely to reach level %(level)s by %(due)s (90%% interval %(low)s to %(high)s), if accounts go on moving "
        "as they did."
    )
    return text % {
        "chance": percent(outlook.forecast.probability),
        "level": target.level,
        "due": date_format(target.due_on, "F Y"),
        "low": percent(outlook.forecast.low),
        "high": percent(outlook.forecast.high),
    }


def basis_sentence(outlook: TargetForecast) -> str:
    """The history that the forecast is based on, or what is missing for one."""
    if outlook.basis is None:
        return _("It takes 20 account-years of levels as customers saw them, with 10 moves among them.")
    years = round(outlook.basis.moves.exposure)
    if outlook.basis.segment:
        text = ngettext("From %(years)s account-year in %(segment)s.", "From %(years)s account-years in %(segment)s.", years)
        return text % {"years": years, "segment": outlook.basis.segment}
    text = ngettext(
        "From %(years)s account-year of all that you see.", "From %(years)s account-years of all that you see.", years
    )
    return text % {"years": years}


def expected_sentence(expected: Expected) -> str:
    """Empty without a target that has a forecast."""
    if not expected.of:
        return ""
    text = ngettext(
        "Of %(of)s target, %(expected)s is expected to be reached; 90%% interval %(low)s to %(high)s.",
        "Of %(of)s targets, %(expected)s are expected to be reached; 90%% interval %(low)s to %(high)s.",
        expected.of,
    )
    return text % {"of": expected.of, "expected": round(expected.expected), "low": expected.low, "high": expected.high}
