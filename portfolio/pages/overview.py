"""What the dashboard says: its sentence, the key figures with their year, the ladder, the reasons to narrow by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import apnumber, intcomma
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.filters import list_address, query_of
from accounts.templatetags.standing import signed
from portfolio.figures import benchmark_drawing as drawing
from portfolio.figures.ladder import HIGH, KeyFigures, Ladder
from portfolio.figures.year import YearOfFigures, line_of
from portfolio.pages.flow import flow_chart, moves_title
from portfolio.pages.ladder import rows_of
from portfolio.queries import WHY, Overview

LEAST_SHARE, LEAST_GAP = 0.1, 0.5  # what fills the height of a line at least


@dataclass(frozen=True, slots=True)
class Chip:
    """A reason by which the accounts that need attention can be narrowed."""

    code: str
    words: str
    n: int


@dataclass(frozen=True, slots=True)
class YearChange:
    """How a figure changed in a year: an arrow, the amount in words, and whether that is good."""

    arrow: str
    words: str
    tone: str


def why_of(typed: str | None) -> str:
    """The reason that an address asks for; empty for none, or one that there is not."""
    return typed if typed in WHY else ""


def overview_context(overview: Overview, year: YearOfFigures, *, by: str, why: str, stated: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the dashboard's context that is made of its figures. `stated` are the filters that its lists need."""
    ladder, figures, shares = overview.ladder, overview.figures, overview.ladder.shares
    expected = None if figures.targets_expected is None else round(figures.targets_expected)

    def listed(**further: Any) -> str:
        return list_address(stated, **further)

    return {
        "figures": figures,
        "shares": shares,
        "no_rate": figures.no_rate,
        "expected": expected,
        "sentence": sentence_of(overview, expected),
        "share_line": line_of(year.high_share, least=LEAST_SHARE),
        "gap_line": line_of(year.mean_gap, least=LEAST_GAP),
        "heard_line": line_of(year.heard_share, least=LEAST_SHARE),
        "share_change": _share_change(ladder),
        "gap_change": _gap_change(figures, year),
        "gap_apart": None if figures.mean_gap is None else round(abs(figures.mean_gap), 1),
        "targets_bar": _targets_bar(figures),
        "by": by,
        "rows": rows_of(ladder, by, lambda rung: listed(level=rung.level)),
        "ours_url": listed(level="ours"),
        "none_url": listed(level="none"),
        "all_url": listed().removesuffix("?"),
        "gap_url": listed(gap="rosier" if (figures.mean_gap or 0) >= 0 else "gloomier"),
        "unheard": ladder.accounts - figures.heard,
        "unheard_url": listed(heard="not"),
        "targets_url": listed(status="off_track") if figures.targets_off_track else listed(sort="due"),
        "flow": flow_chart(ladder, lambda kind: f"{reverse('portfolio:movement')}?{query_of(stated, moved=kind)}#movers"),
        "moves_title": moves_title(ladder),
        "movement_url": f"{reverse('portfolio:movement')}?{query_of(stated)}".removesuffix("?"),
        "why": why,
        "chips": chips_of(ladder, figures),
    }


def sentence_of(overview: Overview, expected: int | None) -> str:
    """The page in one line: how much is safe, beside a year ago, and how many targets will be met."""
    told = [_safe(overview.ladder), _met(overview.figures, expected)]
    return " ".join(one for one in told if one)


def _safe(ladder: Ladder) -> str:
    shares = ladder.shares
    if shares is None:
        high = sum(rung.now.accounts for rung in ladder.rungs if rung.level >= HIGH)
        text = ngettext(
            "%(high)s of %(all)s customer sees us on level 4 or 5.", "%(high)s of %(all)s customers see us on level 4 or 5.", ladder.accounts
        )  # fmt: skip
        return text % {"high": intcomma(high), "all": intcomma(ladder.accounts)}
    values = {"share": shares.high, "points": apnumber(shares.points)}
    if shares.high_points is None:
        return _("%(share)s %% of our revenue is on level 4 or 5.") % values
    if not shares.high_points:
        return _("%(share)s %% of our revenue is on level 4 or 5, as much as a year ago.") % values
    if shares.high_points > 0:
        text = ngettext(
            "%(share)s %% of our revenue is on level 4 or 5, %(points)s point more than a year ago.",
            "%(share)s %% of our revenue is on level 4 or 5, %(points)s points more than a year ago.",
            shares.points,
        )
    else:
        text = ngettext(
            "%(share)s %% of our revenue is on level 4 or 5, %(points)s point less than a year ago.",
            "%(share)s %% of our revenue is on level 4 or 5, %(points)s points less than a year ago.",
            shares.points,
        )
    return text % values


def _met(figures: KeyFigures, expected: int | None) -> str:
    if not figures.targets:
        return _("No target is set yet.")
    if expected is None:
        return ""
    text = ngettext(
        "Of %(all)s target %(n)s will probably be met.", "Of %(all)s targets %(n)s will probably be met.", figures.targets_foreseen
    )  # fmt: skip
    return text % {"all": intcomma(figures.targets_foreseen), "n": intcomma(expected)}


def _share_change(ladder: Ladder) -> YearChange | None:
    shares = ladder.shares
    if shares is None or not shares.high_points:
        return None
    words = ngettext("%(n)s point", "%(n)s points", shares.points) % {"n": shares.points}
    return YearChange("▲", words, "good") if shares.high_points > 0 else YearChange("▼", words, "bad")


def _gap_change(figures: KeyFigures, year: YearOfFigures) -> YearChange | None:
    """Between the two figures as they are shown; nearer to zero is good."""
    then, now = year.mean_gap[0], figures.mean_gap
    if then is None or now is None or not (change := round(round(now, 1) - round(then, 1), 1)):
        return None
    nearer = abs(round(now, 1)) < abs(round(then, 1))
    return YearChange("▲" if change > 0 else "▼", signed(abs(change)).lstrip("+"), "good" if nearer else "bad")


def _targets_bar(figures: KeyFigures) -> tuple[drawing.Piece, ...]:
    """On track, reached, at risk, off track, and the others: in the order and colours of the groups page."""
    counts = [figures.targets_on_track, figures.reached, figures.targets_at_risk, figures.targets_off_track]
    return drawing.stacked([*counts, figures.targets - sum(counts)])


def chips_of(ladder: Ladder, figures: KeyFigures) -> list[Chip]:
    """Only reasons that there are. Each counts all the accounts that have it, as the other figures do; one account can have several."""
    found = [
        ("slid", pgettext("accounts", "Slid"), ladder.slid),
        ("off_track", _("Off track"), figures.targets_off_track),
        ("rosy", _("Gap of 2 or more"), figures.rosy),
        ("not_assessed", _("Not assessed"), ladder.not_assessed.accounts),
        ("not_heard", _("Not heard"), ladder.accounts - figures.heard),
        ("at_risk", _("At risk"), figures.targets_at_risk),
    ]
    return [Chip(code, words, n) for code, words, n in found if n]
