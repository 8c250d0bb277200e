"""The context of the benchmarks page, made of its figures: names, links, drawings and sentences."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.filters import list_address
from accounts.models import Account
from core.countries import country_name
from hierarchy.measures import Measure
from hierarchy.models import Play
from plans.forecast.chain import ENOUGH_MOVES, ENOUGH_YEARS
from plans.forecast.climbs import ClimbOutlook
from plans.forecast.outlook import factor_sentence
from portfolio.benchmark_queries import Among
from portfolio.figures import benchmark_drawing as drawing
from portfolio.figures.benchmark_figures import FOLLOWED, Benchmarks, Climb, HeardAccounts, Spread
from portfolio.figures.benchmarks import FEWEST, Climbs
from portfolio.figures.gaps import TeamGaps
from portfolio.figures.histories import LEVELS
from portfolio.filters import ALL
from portfolio.pages.findings import chance_finding, climb_finding, gap_finding, moves_finding, spread_finding, voice_finding

ROWS = 20  # of a table of segments, teams or countries


@dataclass(frozen=True, slots=True)
class SpreadCell:
    level: int | str  # 1 to 5, or what the filter of the list calls those without the customer's level
    accounts: int
    url: str  # to these accounts; empty where the list cannot be narrowed to them


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """A segment, team or country."""

    name: str
    bar: tuple[drawing.Piece, ...]
    cells: tuple[SpreadCell, ...]
    heard: int
    silent: int
    unheard: tuple[SpreadCell, ...]  # only our view, and not assessed; empty for a day in the past
    otherwise: int  # heard with another edition
    middle: int | None
    url: str


@dataclass(frozen=True, slots=True)
class SpreadTable:
    """Accounts by level for each segment, team or country; `few` more have too few accounts, `smaller` more too many rows."""

    title: str
    head: str
    rows: tuple[SpreadRow, ...]
    whole: SpreadRow  # all accounts, those of rows that are not shown too
    few: int
    smaller: int


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A cell of the migration matrix."""

    accounts: int
    share: float
    shade: int
    stayed: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    level: int
    accounts: int
    cells: tuple[MatrixCell, ...]  # empty below five accounts


@dataclass(frozen=True, slots=True)
class ClimbRow:
    climb: Climb
    steps: drawing.Steps | None  # None below five accounts

    @property
    def marks(self) -> list[tuple[float, int]]:
        """Every twelve months: the share that still waits, and how many are followed so far."""
        return [(self.climb.waiting[12 * year], count) for year, count in enumerate(self.climb.at_risk) if year]


@dataclass(frozen=True, slots=True)
class EffectSide:
    climbs: Climbs
    whisker: drawing.Whisker


@dataclass(frozen=True, slots=True)
class Worked:
    """A play with the accounts that climbed after it and without it; None below five accounts."""

    title: str
    from_rank: int
    to_rank: int
    done: EffectSide | None
    without: EffectSide | None


def page_context(figures: Benchmarks, stated: Mapping[str, Any] | None, climbs: ClimbOutlook | None) -> dict[str, Any]:
    """The context of `portfolio/benchmarks.html` for accounts that were heard. One statement.

    `climbs` are the forecasts of climbs; None where the later day is not today. `stated` are the filters of the page; None when the figures are not today's: the list of accounts holds those of today, so
    only today's figures have links to it.
    """
    teams: dict[Hashable, str] = dict(figures.choices.teams)
    worked = worked_of(figures)
    whole = _row(figures.whole, _("All of these"), partial(_listed, stated))
    climbed = sum(figures.migration.counts[a][b] for a in range(LEVELS) for b in range(a + 1, LEVELS))
    slid = sum(figures.migration.counts[a][b] for a in range(LEVELS) for b in range(a))
    matrix = tuple(_move_row(level, figures) for level in range(1, LEVELS + 1))
    return {
        "climbed": climbed,
        "slid": slid,
        "title": spread_finding(figures.whole),
        "moves_finding": moves_finding(figures.migration.accounts, climbed, slid),
        "chance_finding": chance_finding(climbs),
        "climb_finding": climb_finding(figures.climbs),
        "gap_finding": gap_finding(figures.gaps),
        "voice_finding": voice_finding(figures.voice),
        "tables": [
            _table(
                _("By segment"),
                _("Segment"),
                figures.by_segment,
                lambda key: str(key) or _("no segment"),
                "segment",
                whole,
                stated,
            ),
            _table(_("By team"), _("Team"), figures.by_team, lambda key: teams.get(key, _("no team")), "team", whole, stated),
            _table(_("By country"), _("Country"), figures.by_country, _country, "country", whole, stated),
        ],
        "matrix": matrix,
        "ticks": range(12, FOLLOWED + 1, 12),
        "climbs": [ClimbRow(one, _steps(one)) for one in figures.climbs],
        "worked": [one for one in worked if one.done],
        "worked_few": [one.title for one in worked if not one.done],
        "forecast": climbs,
        "pace_of_segment": factor_sentence(climbs.segment, climbs.factor) if climbs else "",
        "enough": {"years": ENOUGH_YEARS, "moves": ENOUGH_MOVES},
        "team_gaps": [(teams.get(one.team, ""), one) for one in _by_name(figures.team_gaps, teams)],
        "team_voices": [
            (teams.get(one.team, ""), one, _listed(stated, heard="not", team=one.team))
            for one in _by_name(figures.team_voices, teams)
        ],
        "quiet_url": _listed(stated, heard="not"),
    }


def measured_with(figures: Benchmarks, known: Sequence[Measure]) -> str:
    """The name of the measure that the figures are of; empty when they are of all editions together."""
    return next((str(one) for one in known if one.edition_ids == figures.editions), "")


def newer_edition(figures: Benchmarks, known: Sequence[Measure]) -> tuple[str, int] | None:
    """The newest measure (name, results so far) while the figures are of another one, for it has too few results."""
    if not known or figures.editions in {None, known[0].edition_ids}:
        return None
    counts = dict(figures.results_by_edition)
    return str(known[0]), sum(counts.get(pk, 0) for pk in known[0].edition_ids)


def other_editions(figures: Benchmarks, known: Sequence[Measure], query: QueryDict) -> list[tuple[str, int, str]]:
    """The other measures (name, results, address), offered while no account has two results of this one."""
    if figures.editions is None or figures.heard_again:
        return []
    counts = dict(figures.results_by_edition)
    others = [(one, sum(counts.get(pk, 0) for pk in one.edition_ids)) for one in known if one.edition_ids != figures.editions]
    found = [(str(one), n, _with(query, one.pk)) for one, n in others if n]
    return [*found, (_("all editions together"), sum(counts.values()), _with(query, ALL))] if found else []


def beside_sentence(account: Account, among: Among | None) -> str:
    """The rank of the account in its segment, in words."""
    if among is None:
        return _("Nothing to compare: this takes an active account with a segment and with the customer's level.")
    if among.percentile is None:
        return _("Hidden: fewer than %(fewest)s accounts of this segment have the customer's level.") % {"fewest": FEWEST}
    others, alike = among.of - 1, among.equal - 1
    values = {
        "below": intcomma(among.below),
        "others": intcomma(others),
        "segment": account.segment,
    }
    told = _(
        "By the customer's latest word it stands higher than %(below)s of the %(others)s other accounts in %(segment)s whose "
        "customer was heard."
    ) % values  # fmt: skip
    if not alike:
        return told
    return told + " " + ngettext("%(n)s stands as high.", "%(n)s stand as high.", alike) % {"n": intcomma(alike)}


def worked_of(figures: Benchmarks) -> list[Worked]:
    """The plays in the order of their steps, by their newest title. One statement."""
    codes = [code for code, _effect in figures.effects]
    plays = {play.code: play for play in Play.objects.filter(code__in=codes).order_by("edition_id")}
    found = [
        Worked(str(plays[code]), plays[code].from_rank, plays[code].to_rank, _side(effect.done), _side(effect.without))
        for code, effect in figures.effects
        if code in plays
    ]
    return sorted(found, key=lambda one: (one.from_rank, one.title))


def _listed(stated: Mapping[str, Any] | None, **further: Any) -> str:
    return "" if stated is None else list_address(stated, **further)


def _with(query: QueryDict, edition: int | str) -> str:
    changed = query.copy()
    changed["edition"] = str(edition)
    return f"?{changed.urlencode()}"


def _table(
    title: str,
    head: str,
    spreads: Sequence[Spread],
    name_of: Callable[[Hashable], str],
    field: str,
    whole: SpreadRow,
    stated: Mapping[str, Any] | None,
) -> SpreadTable:
    def url(spread: Spread, **further: Any) -> str:
        return _listed(stated, **{field: spread.key} | further) if spread.key else ""

    enough_heard = [spread for spread in spreads if spread.heard >= FEWEST]
    rows = tuple(_row(spread, name_of(spread.key), partial(url, spread)) for spread in enough_heard[:ROWS])
    return SpreadTable(title, head, rows, whole, len(spreads) - len(enough_heard), len(enough_heard) - len(rows))


def _row(spread: Spread, name: str, url: Callable[..., str]) -> SpreadRow:
    """`url` gives the address of its accounts, and of those on one level."""

    def cell(level: int | str, n: int) -> SpreadCell:
        return SpreadCell(level, n, url(level=level) if n else "")

    beside = spread.unheard
    unheard = (cell("ours", beside.only_our_view), cell("none", beside.not_assessed)) if beside else ()
    parts = [*spread.counts, beside.only_our_view, beside.not_assessed] if beside else spread.counts
    return SpreadRow(
        name=name,
        bar=drawing.stacked(parts),
        cells=tuple(cell(level, n) for level, n in enumerate(spread.counts, start=1)),
        heard=spread.heard,
        silent=spread.silent,
        unheard=unheard,
        otherwise=beside.otherwise if beside else 0,
        middle=spread.middle,
        url=url(),
    )


def _country(code: Hashable) -> str:
    return country_name(str(code)) if code else _("no country")


def _move_row(level: int, figures: Benchmarks) -> MatrixRow:
    counts, shares = figures.migration.counts[level - 1], figures.migration.shares[level - 1]
    accounts = sum(counts)
    if accounts < FEWEST:
        return MatrixRow(level, accounts, ())
    pairs = enumerate(zip(counts, shares, strict=True), start=1)
    return MatrixRow(level, accounts, tuple(MatrixCell(n, share, drawing.shade(share), to == level) for to, (n, share) in pairs))


def _steps(climb: Climb) -> drawing.Steps | None:
    return drawing.steps(climb.waiting, climb.at_risk, climb.median) if climb.of >= FEWEST else None


def _side(climbs: Climbs | None) -> EffectSide | None:
    return EffectSide(climbs, drawing.whisker(climbs)) if climbs else None


def _by_name[T: (TeamGaps, HeardAccounts)](rows: Sequence[T], teams: Mapping[Hashable, str]) -> list[T]:
    return sorted(rows, key=lambda row: teams.get(row.team, ""))
