"""The figures of the benchmarks page, from arrays of accounts and results. Pure, with NumPy."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.choice_order import Offered, offered
from portfolio.figures.benchmarks import FEWEST, Completed, PlayEffect, effects_of
from portfolio.figures.histories import LEVELS, Histories
from portfolio.figures.movement import NO_MOVES, Migration, Moves, exposure, exposure_of, migration
from portfolio.figures.survival import time_to_climb

NO_GAP = 15  # what stands for a gap where there is none
LATELY = 365  # days: who was heard within them was heard within a year, as in `accounts.querysets.a_year_before`
FOLLOWED = 60  # months that the curves show
YEARS = 5
_EPOCH = date(1970, 1, 1).toordinal()  # NumPy counts days from here


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

    `aims` are their targets: the day it is due (an ordinal) × 64 + the level now × 8 + the level aimed at; 0 for an account
    without a target or a level.
    """

    ids: np.ndarray
    group: np.ndarray
    groups: tuple[MemberGroup, ...]
    aims: np.ndarray

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
        return Members(self.ids[kept], self.group[kept], self.groups, self.aims[kept])


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


@dataclass(frozen=True, slots=True)
class Spread:
    """The accounts of one segment, team or country by the customer's level."""

    key: Hashable
    counts: tuple[int, ...]  # on level 1 to 5
    silent: int  # without the customer's voice by that day, with the editions asked for

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
class Gap:
    """The mean perception gap of so many accounts, in levels: positive where we see it rosier."""

    mean: float
    accounts: int


@dataclass(frozen=True, slots=True)
class TeamGaps:
    team: int | None
    now: Gap | None  # each account by its latest result
    by_year: tuple[Gap | None, ...]  # each account by its last result of the year; None below five accounts


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
    by_segment: tuple[Spread, ...]
    by_team: tuple[Spread, ...]
    by_country: tuple[Spread, ...]
    migration: Migration
    climbs: tuple[Climb, ...]  # levels 1 to 4
    effects: tuple[tuple[str, PlayEffect], ...]  # by the code of the play
    moves: Moves
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
    years, gaps, team_gaps = _gaps(members, counted)
    editions, counts = np.unique(known.editions, return_counts=True)
    heard = int(np.count_nonzero(levels))
    return Benchmarks(
        choices=choices_of(everyone),
        accounts=members.ids.size,
        heard=heard,
        heard_otherwise=voice.of - voice.never - heard,
        heard_again=counted.levels.size > histories.accounts.size,
        results_by_edition=tuple(zip(editions.tolist(), counts.tolist(), strict=True)),
        editions=question.editions,
        by_segment=_spreads(members, levels, lambda group: group.segment),
        by_team=_spreads(members, levels, lambda group: group.team),
        by_country=_spreads(members, levels, lambda group: group.country),
        migration=migration(_pairs(then, levels)),
        climbs=tuple(_climb(histories, level, question.at) for level in range(1, LEVELS)),
        effects=tuple(sorted(effects_of(completed, histories, question.at).items())),
        moves=exposure(histories, question.at) if histories.accounts.size else NO_MOVES,
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


def moves_by_segment(members: Members, results: Results, until: date, editions: Collection[int] | None) -> dict[str, Moves]:
    """The pace of each segment, for forecasts (`portfolio.figures.forecast`); all together they are everyone's. `results` are theirs.

    Accounts without a segment are under the empty text.
    """
    histories = results.measured_with(editions).until(until).histories()
    segments, codes = _codes(members, lambda group: group.segment)
    groups = codes[np.searchsorted(members.ids, histories.accounts)] if histories.accounts.size else codes
    pooled = exposure_of(histories, groups, len(segments), until)
    return {segment: moves for segment, moves in zip(segments, pooled, strict=True) if moves.exposure or moves.total}


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


def _spreads(members: Members, levels: np.ndarray, by: Callable[[MemberGroup], Hashable]) -> tuple[Spread, ...]:
    """The largest first; what has no segment, team or country comes last."""
    keys, codes = _codes(members, by)
    cells = np.bincount(codes * (LEVELS + 1) + levels, minlength=len(keys) * (LEVELS + 1)).reshape(-1, LEVELS + 1).tolist()
    found = [Spread(key, tuple(row[1:]), row[0]) for key, row in zip(keys, cells, strict=True) if sum(row)]
    return tuple(sorted(found, key=lambda one: (not one.key, -one.heard - one.silent, str(one.key))))


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


def _gaps(members: Members, results: Results) -> tuple[tuple[int, ...], TeamGaps | None, tuple[TeamGaps, ...]]:
    """The years with gaps, those of all accounts, and those of each team that has any."""
    both = np.flatnonzero(results.gaps != NO_GAP)
    if not both.size:
        return (), None, ()
    accounts, gaps = results.accounts[both], results.gaps[both]
    years = _years(results.days[both])
    keys, team_of = _codes(members, lambda group: group.team)
    teams = team_of[np.searchsorted(members.ids, accounts)]
    latest = np.append(accounts[1:] != accounts[:-1], True)
    of_year = latest | np.append(years[1:] != years[:-1], True)
    shown = tuple(np.flatnonzero(np.bincount(years))[-YEARS:].tolist())

    place_of_year = np.searchsorted(shown, years)
    recent = of_year & (years >= shown[0])
    by_year = _means(gaps[recent], teams[recent] * len(shown) + place_of_year[recent], (len(keys), len(shown)))
    now = _means(gaps[latest], teams[latest], (len(keys), 1))
    everyone = TeamGaps(None, _mean(*now.sum(axis=0)[0]), tuple(_mean(*one) for one in by_year.sum(axis=0)))
    found = [
        TeamGaps(team, _mean(*now[place, 0]), tuple(_mean(*one) for one in by_year[place]))
        for place, team in enumerate(keys)
        if team is not None
    ]
    return shown, everyone, tuple(one for one in found if one.now or any(one.by_year))


def _years(days: np.ndarray) -> np.ndarray:
    """The calendar year of each day; there are few days and many results."""
    first = days.min()
    known = (np.arange(first, days.max() + 1) - _EPOCH).astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    return known[days - first]


def _means(gaps: np.ndarray, cells: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """For each cell the sum of the gaps and how many there are."""
    size = shape[0] * shape[1]
    sums, counts = np.bincount(cells, weights=gaps, minlength=size), np.bincount(cells, minlength=size)
    return np.stack([sums, counts], axis=1).reshape(*shape, 2)


def _mean(total: float, accounts: float) -> Gap | None:
    return Gap(float(total / accounts), int(accounts)) if accounts >= FEWEST else None


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
