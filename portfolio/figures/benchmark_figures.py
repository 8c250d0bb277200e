"""The figures of the benchmarks page, from arrays of accounts and results. Pure, with NumPy."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.choice_order import Offered, offered
from portfolio.figures.benchmarks import FEWEST, Completed, PlayEffect, effects_of
from portfolio.figures.gaps import NO_GAP, GapRows, TeamGaps, gaps_by_team
from portfolio.figures.histories import LEVELS, Histories
from portfolio.figures.movement import Migration, migration
from portfolio.figures.survival import time_to_climb

NOBODY, OURS, THEIRS = range(3)  # whose view of an account there is today; with the customer's ours may be there, too
LATELY = 365  # days: who was heard within them was heard within a year, as in `accounts.querysets.a_year_before`
FOLLOWED = 60  # months that the curves show


@dataclass(frozen=True, slots=True)
class MemberGroup:
    """Segment, team and country of a group of accounts."""

    segment: str
    team: int | None
    team_name: str
    country: str


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """Accounts by id, ascending, each with the place of its group in `groups`.

    `targets` are packed as `plans.forecast.expected` packs them. `views` (NOBODY, OURS, THEIRS) and `gaps` (ours minus theirs, or
    NO_GAP) are those of today.
    """

    ids: np.ndarray
    group: np.ndarray
    groups: tuple[MemberGroup, ...]
    targets: np.ndarray
    views: np.ndarray
    gaps: np.ndarray

    def within(self, *, segment: str = "", team: int | None = None, country: str = "") -> "Members":
        """Those of one segment, team and country, where one is given."""
        if not (segment or team is not None or country):
            return self
        fits = [
            (not segment or group.segment == segment)
            and (team is None or group.team == team)
            and (not country or group.country == country)
            for group in self.groups
        ]
        kept = np.array(fits, bool)[self.group] if fits else np.zeros(0, bool)
        return Members(self.ids[kept], self.group[kept], self.groups, self.targets[kept], self.views[kept], self.gaps[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """Closed results with the customer's level, by account and then in time; of two on one day the later closed stands last."""

    accounts: np.ndarray
    days: np.ndarray  # ordinals
    levels: np.ndarray
    gaps: np.ndarray  # ours minus theirs; NO_GAP without our view
    editions: np.ndarray

    def of(self, accounts: np.ndarray) -> "Results":
        """Those of these accounts (ids, ascending)."""
        return self._where(_among(self.accounts, accounts))

    def measured_with(self, editions: Collection[int] | None) -> "Results":
        """Those of the editions of one measure; of all for None."""
        return self if editions is None else self._where(np.isin(self.editions, list(editions)))

    def until(self, day: date) -> "Results":
        return self._where(self.days <= day.toordinal())

    def with_both_views(self) -> "Results":
        return self._where(self.gaps != NO_GAP)

    def histories(self) -> Histories:
        return Histories.of_arrays(self.accounts, self.days, self.levels)

    def _where(self, chosen: np.ndarray) -> "Results":
        if chosen.all():
            return self
        return Results(self.accounts[chosen], self.days[chosen], self.levels[chosen], self.gaps[chosen], self.editions[chosen])


def _among(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    if not chosen.size:
        return np.zeros(values.shape, bool)
    place = np.minimum(np.searchsorted(chosen, values), chosen.size - 1)
    return chosen[place] == values


@dataclass(frozen=True, slots=True)
class BenchmarkQuestion:
    """The choices of the page. None or an empty text: all of them."""

    since: date
    at: date
    segment: str = ""
    team: int | None = None
    country: str = ""
    editions: tuple[int, ...] | None = None  # of one measure
    is_now: bool = False  # whether `at` is today: only then it is known whose view there is where the customer's is missing


@dataclass(frozen=True, slots=True)
class Unheard:
    """Accounts without the customer's level: those of which only we have a view, and those without any.

    `otherwise` were heard with other editions than those asked for.
    """

    only_our_view: int
    not_assessed: int
    otherwise: int


@dataclass(frozen=True, slots=True)
class Spread:
    """The accounts of one segment, team or country by the customer's level."""

    key: Hashable
    counts: tuple[int, ...]  # on level 1 to 5
    silent: int  # without the customer's voice by that day, with the editions asked for
    unheard: Unheard | None  # the same accounts; None for a day in the past

    @property
    def heard(self) -> int:
        return sum(self.counts)

    @property
    def middle(self) -> int | None:
        """The lower median of the levels; None without any."""
        below = np.cumsum(self.counts)
        return int(np.searchsorted(below, self.heard / 2)) + 1 if self.heard else None


@dataclass(frozen=True, slots=True)
class Climb:
    """How long accounts on a level took to climb above it: of all of them, by months."""

    level: int
    of: int
    climbed: int
    median: float | None  # months; None where more than half still wait
    waiting: tuple[float, ...]  # the share that still waits after month 0, 1, …
    at_risk: tuple[int, ...]  # at month 0, 12, 24, …: still waiting, and followed so far


@dataclass(frozen=True, slots=True)
class HeardAccounts:
    """How many of `of` accounts have a customer result within a year, and how many have none at all."""

    team: int | None
    of: int
    lately: int
    never: int

    @property
    def quiet(self) -> int:
        """Not heard within a year, or never."""
        return self.of - self.lately

    @property
    def quiet_share(self) -> float:
        return self.quiet / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Benchmarks:
    choices: Offered
    accounts: int  # that fit
    heard: int  # of them with the customer's level by the day, with the editions asked for
    heard_otherwise: int  # heard, but with other editions only
    heard_again: bool  # somebody was heard more than once: without that nothing moves
    results_by_edition: tuple[tuple[int, int], ...]
    editions: tuple[int, ...] | None  # those asked for
    whole: Spread  # all that fit
    by_segment: tuple[Spread, ...]
    by_team: tuple[Spread, ...]
    by_country: tuple[Spread, ...]
    migration: Migration
    climbs: tuple[Climb, ...]  # levels 1 to 4
    effects: tuple[tuple[str, PlayEffect], ...]  # by the code of the play
    years: tuple[int, ...]  # of the gaps, oldest first
    gaps: TeamGaps | None  # of all that fit
    team_gaps: tuple[TeamGaps, ...]
    voice: HeardAccounts
    team_voices: tuple[HeardAccounts, ...]


def figures_of(
    everyone: Members, results: Results, completed: Mapping[str, Completed], question: BenchmarkQuestion
) -> Benchmarks:
    """`everyone` are all accounts that the person may see; `results` may be those of more accounts than fit."""
    members = everyone.within(segment=question.segment, team=question.team, country=question.country)
    known = results.of(members.ids).until(question.at)
    counted = known.measured_with(question.editions)
    histories = counted.histories()
    places = histories.place_of(members.ids)
    levels = _levels(histories, places, question.at)
    then = _levels(histories, places, question.since)
    voice, team_voices = _voices(members, known, question.at)
    years, gaps, team_gaps = _gaps(members, counted, now=question.is_now)
    editions, counts = np.unique(known.editions, return_counts=True)
    heard = int(np.count_nonzero(levels))
    standing = levels if not question.is_now else np.where(levels > 0, levels, -members.views)
    return Benchmarks(
        choices=choices_of(everyone),
        accounts=members.ids.size,
        heard=heard,
        heard_otherwise=voice.of - voice.never - heard,
        heard_again=counted.levels.size > histories.accounts.size,
        results_by_edition=tuple(zip(editions.tolist(), counts.tolist(), strict=True)),
        editions=question.editions,
        whole=_spread_of(None, _stands(standing), question.is_now),
        by_segment=_spreads(members, standing, question.is_now, lambda group: group.segment),
        by_team=_spreads(members, standing, question.is_now, lambda group: group.team),
        by_country=_spreads(members, standing, question.is_now, lambda group: group.country),
        migration=migration(_pairs(then, levels)),
        climbs=tuple(_climb(histories, level, question.at) for level in range(1, LEVELS)),
        effects=tuple(sorted(effects_of(completed, histories, question.at).items())),
        years=years,
        gaps=gaps,
        team_gaps=team_gaps,
        voice=voice,
        team_voices=team_voices,
    )


def newest_with_enough(results: Results, measures: Sequence[tuple[int, ...]]) -> tuple[int, ...] | None:
    """The editions of the newest measure that figures can be made of; None without measures.

    `measures` are the editions of each, the newest first. A level shows from five accounts that were heard on, a move from five that
    were heard twice: the newest measure with the latter, else with the former, else the newest one.
    """
    if len(measures) < 2:
        return measures[0] if measures else None
    heard = [np.unique(results.measured_with(one).accounts, return_counts=True)[1] for one in measures]
    for least in (2, 1):
        for measure, times in zip(measures, heard, strict=True):
            if np.count_nonzero(times >= least) >= FEWEST:
                return measure
    return measures[0]


def migration_of(results: Results, question: BenchmarkQuestion) -> Migration:
    """The matrix alone, of accounts that had a level on both days."""
    histories = results.measured_with(question.editions).until(question.at).histories()
    places = np.arange(histories.accounts.size)
    return migration(_pairs(_levels(histories, places, question.since), _levels(histories, places, question.at)))


def _levels(histories: Histories, places: np.ndarray, day: date) -> np.ndarray:
    """The level on the day of the accounts at these places; 0 for none."""
    if not histories.days.size:
        return np.zeros(places.shape, np.int64)
    found = histories.all_as_of(day.toordinal())
    standing = np.where(found >= 0, histories.levels[found], 0)
    return np.where(places >= 0, standing[places], 0)


def _pairs(then: np.ndarray, now: np.ndarray) -> list[list[int]]:
    both = (then > 0) & (now > 0)
    cells = np.bincount((then[both] - 1) * LEVELS + now[both] - 1, minlength=LEVELS * LEVELS)
    return cells.reshape(LEVELS, LEVELS).tolist()


def choices_of(everyone: Members) -> Offered:
    """The choices of the filters, as `accounts.filter_choices.choices_for` gives them for active accounts; without owners."""
    return offered(
        segments=(group.segment for group in everyone.groups),
        teams=((group.team, group.team_name) for group in everyone.groups),
        countries=(group.country for group in everyone.groups),
    )


def _codes[K: Hashable](members: Members, by: Callable[[MemberGroup], K]) -> tuple[list[K], np.ndarray]:
    """The keys that there are, and for each account the place of its own."""
    keys = list(dict.fromkeys(by(group) for group in members.groups))
    of_group = np.array([keys.index(by(group)) for group in members.groups], np.int64)
    return keys, of_group[members.group] if members.ids.size else np.zeros(0, np.int64)


def _spreads(members: Members, standing: np.ndarray, is_now: bool, by: Callable[[MemberGroup], Hashable]) -> tuple[Spread, ...]:
    """The largest first; what has no segment, team or country comes last.

    `standing` is the level, or minus the view there is today where the level is missing.
    """
    keys, codes = _codes(members, by)
    width = LEVELS + THEIRS + 1
    cells = np.bincount(codes * width + standing + THEIRS, minlength=len(keys) * width).reshape(-1, width).tolist()
    found = [_spread_of(key, row, is_now) for key, row in zip(keys, cells, strict=True) if sum(row)]
    return tuple(sorted(found, key=lambda one: (not one.key, -one.heard - one.silent, str(one.key))))


def _stands(standing: np.ndarray) -> list[int]:
    return np.bincount(standing + THEIRS, minlength=LEVELS + THEIRS + 1).tolist()


def _spread_of(key: Hashable, counts: list[int], is_now: bool) -> Spread:
    """`counts` are heard otherwise, only our view, not assessed or not heard, and on level 1 to 5."""
    otherwise, ours, nobody, *levels = counts
    return Spread(key, tuple(levels), otherwise + ours + nobody, Unheard(ours, nobody, otherwise) if is_now else None)


def _climb(histories: Histories, level: int, until: date) -> Climb:
    curve = time_to_climb(histories, level, until)
    return Climb(
        level=level,
        of=curve.of,
        climbed=curve.happened,
        median=curve.median,
        waiting=tuple(curve.at(month) for month in range(FOLLOWED + 1)),
        at_risk=tuple(curve.at_risk_at(month) for month in range(0, FOLLOWED + 1, 12)),
    )


def _gaps(members: Members, results: Results, *, now: bool) -> tuple[tuple[int, ...], TeamGaps | None, tuple[TeamGaps, ...]]:
    """The years with gaps, those of all accounts, and those of each team; `now` takes the gaps of today as the accounts hold them."""
    keys, team_of = _codes(members, lambda group: group.team)
    both = results.with_both_views()
    rows = GapRows(both.accounts, team_of[np.searchsorted(members.ids, both.accounts)], both.days, both.gaps)
    have = members.gaps != NO_GAP
    return gaps_by_team(keys, rows, (team_of[have], members.gaps[have]) if now else None)


def _voices(members: Members, known: Results, at: date) -> tuple[HeardAccounts, tuple[HeardAccounts, ...]]:
    """Whether they were heard at all and lately, with whatever edition."""
    latest = np.zeros(members.ids.shape, np.int64)
    latest[np.searchsorted(members.ids, known.accounts)] = known.days  # they stand in time: the last one stays
    keys, codes = _codes(members, lambda group: group.team)

    def voice_of(team: int | None, mine: np.ndarray) -> HeardAccounts:
        return HeardAccounts(
            team,
            int(np.count_nonzero(mine)),
            int(np.count_nonzero(mine & (latest >= at.toordinal() - LATELY))),
            int(np.count_nonzero(mine & (latest == 0))),
        )

    teams = [voice_of(key, codes == place) for place, key in enumerate(keys) if key is not None]
    return voice_of(None, np.ones(codes.shape, bool)), tuple(voice for voice in teams if voice.of >= FEWEST)
