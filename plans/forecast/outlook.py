"""The forecast of one target as pages and the API tell it: the stored chance, how sure it is, and what it is made from."""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.templatetags.standing import likelihood
from audit.figure_cache import cached_figures
from plans.forecast.aims import aim_of, time_left
from plans.forecast.basis import basis_of
from plans.forecast.chain import ENOUGH_MOVES, ENOUGH_YEARS
from plans.forecast.fan import FanPoint, fan_of
from plans.forecast.uncertainty import interval, seed_of
from plans.models import Target
from plans.trajectory import HOLD, LatestResult


@dataclass(frozen=True, slots=True)
class Outlook:
    """The chance 0..1, its 90 % interval, and the history behind it."""

    chance: float
    low: float
    high: float
    years: float  # account-years
    segment: str  # empty for none
    factor: float  # how many times as fast as everybody the segment moves
    fan: tuple[FanPoint, ...]


def outlook_of(account: Account, target: Target, heard: LatestResult | None, today: date) -> Outlook | None:
    """None where the account has no chance, or nothing is left to forecast. `heard` is the customer's latest result.

    The chance is that of the account's row, so that every place tells the same. One statement where interval and fan are not
    cached; their draws take a tenth of a second the first time that a process makes them on a day.
    """
    aim = aim_of(target.trajectory, heard, account.segment, today)
    chance = account.target_chance
    if aim is None or heard is None or not aim.is_open or chance is None:
        return None

    def make() -> Outlook:
        basis = basis_of(today)
        factors = basis.factors
        years = time_left(aim, factors)
        low, high = interval(basis.pace, seed_of(today.toordinal()), aim.state, aim.first, years, hold=aim.hold)
        factor = factors.get(aim.segment, 1.0)
        fan = fan_of(basis.pace, factor, heard.position, today, target.due_on)
        return Outlook(chance, min(low, chance), max(high, chance), basis.pace.exposure, aim.segment, factor, fan)

    # Not keyed by the newest event: whatever the forecast is made from shows in the chance.
    return cached_figures("outlook", f"account {account.pk}", today, aim, heard, target.due_on, chance, make=make, state=0)


def outlook_sentence(outlook: Outlook, target: Target) -> str:
    text = (
        _(
            "%(chance)s likely to stand on level %(level)s in %(due)s, if accounts go on moving as they did; "
            "nine times out of ten the chance lies between %(low)s and %(high)s."
        )
        if target.kind == HOLD
        else _(
            "%(chance)s likely to reach level %(level)s by %(due)s, if accounts go on moving as they did; "
            "nine times out of ten the chance lies between %(low)s and %(high)s."
        )
    )
    return text % {
        "chance": likelihood(outlook.chance),
        "level": target.level,
        "due": date_format(target.due_on, "F Y"),
        "low": likelihood(outlook.low),
        "high": likelihood(outlook.high),
    }


def basis_sentence(outlook: Outlook) -> str:
    """The history that the forecast is made from, and how fast the segment is."""
    years = round(outlook.years)
    whole = ngettext("From %(years)s account-year.", "From %(years)s account-years.", years) % {"years": number_format(years)}
    return f"{whole} {factor_sentence(outlook.segment, outlook.factor)}".strip()


def factor_sentence(segment: str, factor: float) -> str:
    """How fast a segment moves beside all; empty without a segment."""
    if not segment:
        return ""
    times = number_format(round(factor, 1), 1)
    if round(factor, 1) == 1:
        return _("%(segment)s moves as fast as all others.") % {"segment": segment}
    return _("%(segment)s moves %(times)s times as fast as all together.") % {"segment": segment, "times": times}


def without_outlook(account: Account, heard: LatestResult | None, target: Target, today: date) -> str:
    """Why there is no forecast, in words; empty where nothing is left to forecast."""
    if heard is None:
        return _("No forecast yet: it is made of the customer's word, and they were not heard.")
    aim = aim_of(target.trajectory, heard, account.segment, today)
    if aim is None or not aim.is_open:
        return ""
    told = _(
        "Not enough history yet for a forecast: it takes %(years)s account-years of levels as customers saw them, with %(moves)s moves among them."
    )
    return told % {"years": ENOUGH_YEARS, "moves": ENOUGH_MOVES}


def fan_sentence(fan: tuple[FanPoint, ...]) -> str:
    """The last day of the fan in words; empty without one."""
    if not fan:
        return ""
    last = fan[-1]
    told = _(
        "Of accounts that stood there, half stand between %(low)s and %(high)s in %(due)s and nine of ten between %(lowest)s and %(highest)s."
    )
    figures = {name: number_format(getattr(last, name), 1) for name in ("lowest", "low", "high", "highest")}
    return told % ({"due": date_format(last.day, "F Y")} | figures)
