"""What a page or a chart found, in one sentence: their titles."""

from collections.abc import Iterable, Sequence

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.standing import percent
from plans.forecast.climbs import ClimbOutlook
from portfolio.figures.benchmark_figures import Climb, HeardAccounts, Spread
from portfolio.figures.benchmarks import FEWEST
from portfolio.figures.gaps import TeamGaps
from portfolio.lead_queries import GroupFigures
from portfolio.pages.lead_pages import GroupLine


def moves_finding(known: int, climbed: int, slid: int) -> str:
    """Of customers heard by both days: 7 of 35 customers climbed, 6 slid."""
    if not known:
        return _("No move is known yet")
    values = {"n": intcomma(known), "climbed": intcomma(climbed), "slid": intcomma(slid)}
    if not climbed and not slid:
        return ngettext("%(n)s customer is known, and did not move", "None of %(n)s customers moved", known) % values
    text = ngettext(
        "%(climbed)s of %(n)s customer climbed, %(slid)s slid", "%(climbed)s of %(n)s customers climbed, %(slid)s slid", known
    )
    return text % values


def spread_finding(whole: Spread) -> str:
    """Half of the customers that were heard stand on the middle level or lower."""
    if whole.middle is None or whole.heard < FEWEST:
        return _("How customers see us")
    return _("Half of our customers see us on level %(level)s or lower") % {"level": whole.middle}


def gap_finding(gaps: TeamGaps | None) -> str:
    mean = gaps.now.mean if gaps and gaps.now else None
    if mean is None:
        return _("Our view beside the customers'")
    levels = number_format(round(abs(mean), 1), 1)
    if not round(mean, 1):
        return _("We rate ourselves as customers do")
    if mean > 0:
        return _("We rate ourselves %(levels)s levels higher than customers do") % {"levels": levels}
    return _("Customers rate us %(levels)s levels higher than we do") % {"levels": levels}


def climb_finding(climbs: Iterable[Climb]) -> str:
    """The level from which half of the accounts climbed soonest."""
    known = [(one.median, one.level) for one in climbs if one.median is not None and one.of >= FEWEST]
    if not known:
        return _("How long a climb takes")
    median, level = min(known)
    text = ngettext(
        "Half of those on level %(level)s climbed within %(n)s month", "Half of those on level %(level)s climbed within %(n)s months",
        round(median),
    )  # fmt: skip
    return text % {"level": level, "n": round(median)}


def chance_finding(outlook: ClimbOutlook | None) -> str:
    if outlook is None or not outlook.levels:
        return _("How likely is a climb?")
    best = max(outlook.levels, key=lambda one: one.within_a_year)
    return _("A climb is most likely from level %(level)s: %(share)s within a year") % {
        "level": best.level,
        "share": percent(best.within_a_year),
    }


def voice_finding(voice: HeardAccounts) -> str:
    if voice.of < FEWEST:
        return _("Whose voice is missing")
    if not voice.quiet:
        return _("Every customer was heard within a year")
    text = ngettext(
        "%(quiet)s of %(n)s customer was not heard within a year", "%(quiet)s of %(n)s customers were not heard within a year", voice.of
    )  # fmt: skip
    return text % {"quiet": intcomma(voice.quiet), "n": intcomma(voice.of)}


def groups_finding(total: GroupFigures, pressing: int) -> str:
    """`pressing` targets are off track or at risk."""
    heard = ngettext(
        "%(heard)s of %(n)s customer was heard within a year", "%(heard)s of %(n)s customers were heard within a year", total.accounts
    ) % {"heard": intcomma(total.heard), "n": intcomma(total.accounts)}  # fmt: skip
    targets = ngettext("%(n)s target is off track or at risk", "%(n)s targets are off track or at risk", pressing)
    return _("%(heard)s, %(targets)s") % {"heard": heard, "targets": targets % {"n": intcomma(pressing)}}


def apart_finding(lines: Sequence[GroupLine]) -> str:
    """The group where most slid, and the one of five accounts or more that was heard least; empty for one group alone."""
    if len(lines) < 2:
        return ""
    told = []
    slid = max(lines, key=lambda line: line.row.slid)
    if slid.row.slid:
        told.append(_("Most slid: %(group)s (%(n)s).") % {"group": slid.name, "n": intcomma(slid.row.slid)})
    large = [line for line in lines if line.row.accounts >= FEWEST]
    if large:
        quiet = min(large, key=lambda line: line.row.heard_share or 0)
        told.append(_("Heard least: %(group)s (%(share)s).") % {"group": quiet.name, "share": percent(quiet.row.heard_share)})
    return " ".join(told)
