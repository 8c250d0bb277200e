"""Level history: the closed results of an account in order of time, and the account's columns derived from them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from accounts.derived import AccountBatch
from accounts.models import Account
from assessments import words
from assessments.chart.geometry import HistoryPoint
from assessments.measurement.agreement import months_after
from assessments.models import Assessment, AssessmentQuerySet


def results_of(account: Account) -> AssessmentQuerySet:
    """The closed assessments of `account`, oldest first, each with its edition; one statement."""
    return account.assessments.closed().select_related("edition").in_time()


def deciding(results: Sequence[Assessment]) -> Assessment | None:
    """The result that the account's level comes from: the latest with the customer's level, else with ours, else the latest.

    `results` are closed, the oldest first. Confidence, age and explanation of the level are those of this result.
    """
    heard = next((result for result in reversed(results) if result.customer_level is not None), None)
    ours = next((result for result in reversed(results) if result.team_level is not None), None)
    return heard or ours or (results[-1] if results else None)


def results_with(editions: Collection[int]) -> int:
    """How many results with the customer's level were measured with these editions, for the back-office. One statement."""
    return Assessment.objects.closed().filter(edition__in=editions, customer_level__isnull=False).count()


def history_points(assessments: Iterable[Assessment]) -> list[HistoryPoint]:
    """The points of the chart, oldest first. Editions that are one measure have one name, since the chart marks where it changes."""
    names: dict[int, str] = {}
    return [
        HistoryPoint(
            held_on=assessment.held_on,
            customer_level=assessment.customer_level,
            customer_position=assessment.customer_position,
            team_level=assessment.team_level,
            team_position=assessment.team_position,
            edition=names.setdefault(assessment.edition.measure, str(assessment.edition)),
            recorded=assessment.origin == Assessment.Origin.RECORDED,
            url=assessment.get_absolute_url(),
            told=words.heard_words(assessment),
        )
        for assessment in assessments
    ]


def closed_until(account_ids: list[int], today: date) -> dict[int, list[Any]]:
    """The closed results of each account held until `today`, oldest first, as named tuples of their levels and positions.

    One statement.
    """
    rows: dict[int, list[Any]] = {pk: [] for pk in account_ids}
    names = ("account_id", "held_on", "customer_position", "customer_level", "team_position", "team_level", "told")
    closed = Assessment.objects.closed().filter(account__in=account_ids, held_on__lte=today).in_time()
    for row in closed.values_list(*names, named=True):
        rows[row.account_id].append(row)
    return rows


def level_columns(batch: AccountBatch) -> dict[int, dict[str, Any]]:
    """The derived columns that assessments give: for each side its latest closed result at or before `today`.

    One statement where nobody read the results before. `last_heard_on` is the day of the latest result with a customer level.
    `customer_level_year_ago` is the customer's level as it was known twelve months before. In confidence there is no position:
    there it is that of the level.
    """
    year_ago = months_after(batch.today, -12)
    columns: dict[int, dict[str, Any]] = {
        pk: {
            "customer_position": None,
            "customer_level": None,
            "team_position": None,
            "team_level": None,
            "told_to_us": False,
            "last_heard_on": None,
            "customer_level_year_ago": None,
        }
        for pk in batch.ids
    }
    for result in chain.from_iterable(batch.once(closed_until).values()):
        pk, held_on, their_position, theirs, our_position, ours, told = result
        found = columns[pk]
        if theirs is not None:
            stands_at = theirs if their_position is None else their_position
            found |= {"customer_position": stands_at, "customer_level": theirs, "last_heard_on": held_on, "told_to_us": told > 0}
            if held_on <= year_ago:
                found["customer_level_year_ago"] = theirs
        if ours is not None:
            found |= {"team_position": our_position, "team_level": ours}
    return columns


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One row of the table of closed results."""

    held_on: date
    url: str
    customer_level: int | None
    customer_position: float | None
    team_level: int | None
    team_position: float | None
    gap: int | None
    agreement: float | None
    agreement_word: str
    confidence_label: str
    respondents: int
    edition_name: str
    edition_changed: bool
    recorded: bool
    former_rule: bool
    told: str  # in words
    band: str  # 3, or 2–4


def history_rows(results: list[Assessment]) -> list[HistoryRow]:
    """The results (given oldest first), newest first. No statement when the editions are loaded."""
    rows, measure_before = [], None
    confidence = {value: str(label) for value, label in Assessment.Confidence.choices}
    for result in results:
        rows.append(
            HistoryRow(
                held_on=result.held_on,
                url=result.get_absolute_url(),
                customer_level=result.customer_level,
                customer_position=result.customer_position,
                team_level=result.team_level,
                team_position=result.team_position,
                gap=result.gap,
                agreement=result.agreement,
                agreement_word=words.agreement_label(result.agreement_word),
                confidence_label=confidence.get(result.confidence, result.confidence),
                respondents=result.respondents_shown or 0,
                edition_name=str(result.edition),
                edition_changed=measure_before not in {None, result.edition.measure},
                recorded=result.origin == Assessment.Origin.RECORDED,
                former_rule=result.former_rule,
                told=words.told_words(result),
                band=words.band_label(result),
            )
        )
        measure_before = result.edition.measure
    return rows[::-1]
