"""Rows of the movement and groups pages, made of their figures: names, links, drawings and words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.filters import list_address, query_of
from accounts.models import Account, Contact
from accounts.querysets import AccountQuerySet
from core.countries import alphabetical, country_name
from portfolio.figures import benchmark_drawing as drawing
from portfolio.figures.benchmarks import FEWEST
from portfolio.figures.ladder import LadderCount
from portfolio.figures.two_days import Between
from portfolio.lead_queries import Coverage, GroupFigures
from portfolio.pages.ladder import LadderRow, rows_of
from portfolio.words import stake

MOVERS = 25  # a page
GROUPS = 50


@dataclass(frozen=True, slots=True)
class BesideLadder:
    """The accounts without the customer's level on both days, and the address of those of today."""

    code: str
    words: str
    ago: LadderCount
    now: LadderCount
    url: str


@dataclass(frozen=True, slots=True)
class Mover:
    account: Account
    start: int
    end: int
    held_on: date
    stake: str

    @property
    def direction(self) -> str:
        return "climbed" if self.end > self.start else "slid" if self.end < self.start else "stayed"


@dataclass(frozen=True, slots=True)
class KindOfMove:
    """So many accounts climbed, slid, stayed, were heard for the first time, or have no level of their customer."""

    code: str
    words: str
    stand: LadderCount
    url: str


@dataclass(frozen=True, slots=True)
class LinkedCount:
    """A count with the words for it and the address of what it counts, if there is any."""

    code: str | int
    words: str
    n: int
    url: str


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A row of the table of groups."""

    row: GroupFigures
    name: str
    url: str
    levels: tuple[LinkedCount, ...]
    levels_bar: tuple[drawing.Piece, ...]
    targets: tuple[LinkedCount, ...]
    targets_bar: tuple[drawing.Piece, ...]
    climbed_url: str
    slid_url: str
    heard_url: str

    @property
    def pressing(self) -> int:
        """Targets that are off track or at risk."""
        return self.row.off_track + self.row.at_risk


def steps_of(figures: Between, by: str, stated: Mapping[str, Any] | None) -> list[LadderRow]:
    """`stated` are the filters of the page; None when the later day is not today."""
    return rows_of(figures.ladder, by, lambda rung: _listed(stated, rung.now, level=rung.level))


def beside_of(figures: Between, stated: Mapping[str, Any] | None) -> list[BesideLadder]:
    """The accounts that stand on no rung; `stated` as for `steps_of`."""
    ladder = figures.ladder
    ours, none = (
        _listed(stated, count, level=level) for count, level in ((ladder.only_our_view, "ours"), (ladder.not_assessed, "none"))
    )
    return [
        BesideLadder("ours", _("only our view"), figures.only_our_view_then, ladder.only_our_view, ours),
        BesideLadder("none", _("not assessed"), figures.not_assessed_then, ladder.not_assessed, none),
    ]


def kinds_of(figures: Between, stated: Mapping[str, Any] | None, movers: Callable[[str], str]) -> list[KindOfMove]:
    """Every account is in one of them. `movers` gives the address of those that climbed or slid; `stated` as for `steps_of`."""
    kinds = figures.kinds
    found = [
        ("climbed", _("climbed"), movers("climbed") if kinds["climbed"].accounts else ""),
        ("slid", _("slid"), movers("slid") if kinds["slid"].accounts else ""),
        ("steady", _("stand where they stood"), ""),
        ("first_heard", _("heard for the first time"), ""),
        ("only_our_view", _("only our view"), _listed(stated, kinds["only_our_view"], level="ours")),
        ("not_assessed", _("not assessed"), _listed(stated, kinds["not_assessed"], level="none")),
    ]
    return [KindOfMove(code, words, kinds[code], url) for code, words, url in found]


def _listed(stated: Mapping[str, Any] | None, count: LadderCount, **further: Any) -> str:
    return list_address(stated, **further) if stated is not None and count.accounts else ""


def movers_page(figures: Between, moved: str, number: str | None, accounts: AccountQuerySet) -> tuple[Page, list[Mover]]:
    """A page of the accounts that moved, or that went from one level to another (`moved` is “4-3”), each as it is now. One statement.

    What is no longer among `accounts` is left out.
    """
    movers = figures.movers_of(moved)
    page = Paginator(range(len(movers.ids)), MOVERS).get_page(number)
    shown = list(page.object_list)
    ids = [int(movers.ids[place]) for place in shown]
    rows = {account.pk: account for account in accounts.filter(pk__in=ids).select_related("owner")}
    return page, [
        Mover(
            account=rows[pk],
            start=int(movers.start[place]),
            end=int(movers.end[place]),
            held_on=date.fromordinal(int(movers.days[place])),
            stake=stake(rows[pk]),
        )
        for place, pk in zip(shown, ids, strict=True)
        if pk in rows
    ]


#: The sort keys of the table of groups; rows without a value stand last either way.
SORTS: dict[str, Callable[[GroupLine], Any]] = {
    "name": lambda line: line.name.casefold(),
    "accounts": lambda line: line.row.accounts,
    "revenue": lambda line: line.row.worth,
    "gap": lambda line: line.row.mean_gap,
    "climbed": lambda line: line.row.climbed,
    "slid": lambda line: line.row.slid,
    "heard": lambda line: line.row.heard_share,
    "targets": lambda line: line.pressing,
}


def sorted_lines(lines: Iterable[GroupLine], sort: str) -> list[GroupLine]:
    """By a key of SORTS, with a minus before it the largest first; equal ones by name."""
    value = SORTS[sort.removeprefix("-")]
    by_name = sorted(lines, key=lambda line: alphabetical(line.name))
    known = sorted((line for line in by_name if value(line) is not None), key=value, reverse=sort.startswith("-"))
    return known + [line for line in by_name if value(line) is None]


def sort_of(typed: str | None) -> str:
    return typed if typed and typed.removeprefix("-") in SORTS else "-revenue"


def lines_of(rows: Iterable[GroupFigures], by: str, stated: Mapping[str, Any]) -> list[GroupLine]:
    return [_line(row, _name_of(row, by), {by: row.key} if row.key else None, stated) for row in rows]


def total_of(row: GroupFigures, stated: Mapping[str, Any]) -> GroupLine:
    return _line(row, _("All of these"), {}, stated)


def _line(row: GroupFigures, name: str, own: dict[str, Any] | None, stated: Mapping[str, Any]) -> GroupLine:
    """`own` are the filters for this row alone; None where no filter can select it."""
    of_row = {**stated, **(own or {})}

    def listed(n: int, **further: Any) -> str:
        return list_address(of_row, **further) if n and own is not None else ""

    def movement(n: int, kind: str) -> str:
        return f"{reverse('portfolio:movement')}?{query_of(of_row, moved=kind)}" if n and own is not None else ""

    levels = [
        *(LinkedCount(level, "", n, listed(n, level=level)) for level, n in enumerate(row.levels, start=1)),
        LinkedCount("ours", _("only our view"), row.only_our_view, listed(row.only_our_view, level="ours")),
        LinkedCount("none", _("not assessed"), row.not_assessed, listed(row.not_assessed, level="none")),
    ]
    return GroupLine(
        row=row,
        name=name,
        url=listed(row.accounts),
        levels=tuple(one for one in levels if one.n),
        levels_bar=drawing.stacked([*row.levels, row.only_our_view, row.not_assessed]),
        targets=tuple(_targets(row, listed)),
        targets_bar=drawing.stacked(list(row.targets.values())),
        climbed_url=movement(row.climbed, "climbed"),
        slid_url=movement(row.slid, "slid"),
        heard_url=listed(row.heard, heard="year"),
    )


def _targets(row: GroupFigures, listed: Callable[..., str]) -> Iterator[LinkedCount]:
    """The statuses that occur; what is reached in two parts, since to hold a level is less than to climb."""
    words = dict(Account.TargetStatus.choices)
    reached = ("climb", _("climb reached"), row.climbs_reached), ("hold", _("level held"), row.holds_reached)
    for code, n in row.targets.items():
        if code != Account.TargetStatus.REACHED and n:
            yield LinkedCount(code, str(words[code]), n, listed(n, status=code))
        elif n:
            yield from (LinkedCount(kind, text, m, listed(m, status=code, kind=kind)) for kind, text, m in reached if m)


def _name_of(row: GroupFigures, by: str) -> str:
    if not row.key:
        return {"team": _("no team"), "segment": _("no segment"), "country": _("no country")}.get(by, "")
    return country_name(str(row.key)) if by == "country" else row.name


@dataclass(frozen=True, slots=True)
class RoleCoverage:
    """A buying role beside all accounts."""

    role: str
    words: str
    known: int
    heard: int
    of: int

    @property
    def missing(self) -> int:
        return self.of - self.heard

    @property
    def share(self) -> float:
        return self.heard / self.of


def voices_of(coverage: Iterable[Coverage], accounts: int) -> list[RoleCoverage]:
    """Empty below five accounts: there the numbers would reveal who answered."""
    if accounts < FEWEST:
        return []
    words = dict(Contact.BuyingRole.choices)
    return [RoleCoverage(one.role, str(words[one.role]), one.known, one.heard, accounts) for one in coverage]
