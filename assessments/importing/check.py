"""Past levels against the store: what each row would record. Nothing is written."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import batched

from django.utils import formats
from django.utils.translation import gettext as _

from accounts.importing.apply import BATCH
from accounts.importing.kinds import RowPlan
from accounts.importing.known import KnownAccounts
from accounts.importing.people import Options
from accounts.importing.plan import Difference, Outcome
from accounts.importing.read import Table
from accounts.importing.rows import Problem
from accounts.importing.values import shortened
from accounts.models import Account
from assessments.importing.rows import FIELDS, PastRow, PastRowReader, find_columns
from assessments.measurement import Result, recorded_result
from assessments.models import Assessment
from hierarchy.models import Edition

TICK = 500  # rows
LONGEST_NAME: int = Account._meta.get_field("name").max_length  # type: ignore[assignment]


class NoEdition(Exception):
    """No edition of the catalogue is published: a level would mean nothing."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What is said beside the file.

    `source`: the system whose external ids these are; `owner` and `team`: of accounts that are made, when
    `create_accounts`; `day_first`: how dates such as 3/4/2024 are meant, None where the file itself tells. Whoever imports
    (`options.by`) records only for accounts that they may change; None is the operator.
    """

    source: str = ""
    create_accounts: bool = False
    options: Options = field(default_factory=lambda: Options(by=None))
    day_first: bool | None = None


@dataclass(slots=True)
class Planned:
    """One row and what it does: `account` is the id of a stored one, or the folded name of one to make."""

    past: PastRow
    account: int | str | None = None
    account_name: str = ""
    stored: Assessment | None = None  # the recorded result of that day
    result: Result | None = None

    @property
    def problems(self) -> list[Problem]:
        return self.past.problems

    @property
    def outcome(self) -> Outcome:
        if self.past.problems or self.result is None:
            return Outcome.REJECTED
        if self.stored is None:
            return Outcome.CREATED
        return Outcome.UNCHANGED if _facts(self.stored) == _facts(self.result) else Outcome.UPDATED

    @property
    def heading(self) -> str:
        return f"{self.account_name} · {formats.date_format(self.past.held_on)}" if self.past.held_on else self.account_name

    @property
    def makes_account(self) -> bool:
        return isinstance(self.account, str)

    @property
    def differences(self) -> list[Difference]:
        """Field by field, for whoever looks at it before it is stored."""
        if self.stored is None or self.result is None:
            return []
        pairs = zip(("customer_level", "team_level", "respondents"), _facts(self.stored), _facts(self.result), strict=True)
        return [Difference(str(FIELDS[name].label), _shown(old), _shown(new)) for name, old, new in pairs if old != new]


@dataclass(frozen=True, slots=True)
class HistoryPlan(RowPlan):
    edition: Edition | None = None  # the one that what is recorded counts as
    ambiguous: int = 0  # dates that can be read in two ways

    def names_to_make(self) -> dict[str, str]:
        """The accounts to make, by their folded names, each as the file first writes it."""
        names: dict[str, str] = {}
        for row in self.all_of(Outcome.CREATED):
            if isinstance(row.account, str):
                names.setdefault(row.account, row.past.account)
        return names


def check(
    table: Table, choices: Choices, *, columns: dict[str, int] | None = None, tick: Callable[[int], None] = lambda rows: None
) -> HistoryPlan:
    """What importing these levels would do; `columns` says which column holds what, else their names do.

    `tick` is told every 500 rows how many are read. Raises WrongColumns, NoEdition. Statements: a fixed number, and one for
    each 500 accounts.
    """
    edition = Edition.objects.published()
    if edition is None:
        raise NoEdition
    reader = PastRowReader(table, find_columns(table.headers) if columns is None else columns, choices.day_first)
    rows = []
    for number, past in enumerate(reader.rows(), start=1):
        rows.append(Planned(past))
        if number % TICK == 0:
            tick(number)
    _find_accounts(rows, choices, reader)
    _reject_doubles(rows, reader)
    _compare(rows, reader)
    return HistoryPlan(table, rows, edition=edition, ambiguous=reader.ambiguous)


def _find_accounts(rows: list[Planned], choices: Choices, reader: PastRowReader) -> None:
    known = KnownAccounts((row.past.account for row in rows if row.past.account), choices.options.by)
    for row in rows:
        text = row.account_name = row.past.account
        try:
            row.account = known.find(text, choices.source) if text else None
            if isinstance(row.account, int):
                row.account_name = known.names[row.account]
            elif text:
                row.account = _name_to_make(text, choices)
        except ValueError as error:
            row.past.problems.append(reader.problem(row.past.line, "account", str(error)))


def _name_to_make(text: str, choices: Choices) -> str:
    if not choices.create_accounts:
        raise ValueError(
            (
                _("No account here is called “%(text)s”. Correct it, or have such accounts made with --create-accounts.")
                if choices.options.by is None
                else _("No account here is called “%(text)s”. Correct it, or have such accounts made: say so beside the columns.")
            )
            % {"text": shortened(text)}
        )
    if len(text) > LONGEST_NAME:
        raise ValueError(_("“%(text)s” is longer than %(limit)s characters.") % {"text": shortened(text), "limit": LONGEST_NAME})
    return text.casefold()


def _reject_doubles(rows: list[Planned], reader: PastRowReader) -> None:
    """The first row of an account and a day counts, whatever it is called; a later one is rejected."""
    lines: dict[tuple[int | str, date], int] = {}
    for row in rows:
        past = row.past
        if row.account is None or past.held_on is None:
            continue
        first = lines.setdefault((row.account, past.held_on), past.line)
        if first != past.line:
            reason = _("This account and day stand in row %(row)s already. Keep one of the two, with both levels in it.")
            past.problems.append(reader.problem(past.line, "held_on", reason % {"row": first}))


def _compare(rows: list[Planned], reader: PastRowReader) -> None:
    """Set each row's `result`: what it says, over what is recorded of that day; reject what was measured then."""
    wanted = [row for row in rows if not row.past.problems]
    results = _stored_results(wanted)
    for row in wanted:
        past = row.past
        of_that_day = results.get((row.account, past.held_on), [])
        if any(one.origin == Assessment.Origin.MEASURED for one in of_that_day):
            reason = _("This account was assessed here on that day. What was measured is not replaced by what was recorded.")
            past.problems.append(reader.problem(past.line, "held_on", reason))
            continue
        row.stored = of_that_day[-1] if of_that_day else None
        customer, team, respondents = _over(past, row.stored)
        if customer is None and respondents:
            reason = _("Respondents are people of the customer: give the customer's level, too, or leave this empty.")
            past.problems.append(reader.problem(past.line, "respondents", reason))
        elif customer is not None and past.respondents == 0:
            reason = _("A level of the customer comes from at least one person. Leave this empty if the number is not known.")
            past.problems.append(reader.problem(past.line, "respondents", reason))
        else:
            row.result = recorded_result(customer, team, respondents)


def _stored_results(rows: list[Planned]) -> dict[tuple[int | str | None, date | None], list[Assessment]]:
    """The closed assessments of these accounts, by account and day, in time; one statement for each 500 accounts."""
    found: dict[tuple[int | str | None, date | None], list[Assessment]] = defaultdict(list)
    days = {row.past.held_on for row in rows if row.past.held_on}
    for batch in batched(sorted({row.account for row in rows if isinstance(row.account, int)}), BATCH):
        results = Assessment.objects.closed().filter(account__in=batch, held_on__range=(min(days), max(days))).in_time()
        for result in results.defer("confidence_reasons"):
            found[result.account_id, result.held_on].append(result)
    return found


def _over(past: PastRow, stored: Assessment | None) -> tuple[float | None, float | None, int | None]:
    """The customer's position, ours, and the number of respondents: the row's, else those that are stored."""
    if stored is None:
        return past.customer, past.team, past.respondents
    return (
        stored.customer_position if past.customer is None else past.customer,
        stored.team_position if past.team is None else past.team,
        (stored.respondents or None) if past.respondents is None else past.respondents,
    )


def _facts(one: Assessment | Result) -> tuple[float | None, float | None, int | None]:
    """What a file can say of a result; the rest follows from it."""
    return one.customer_position, one.team_position, one.respondents


def _shown(figure: float | None) -> str:
    return "" if figure is None else formats.number_format(f"{figure:g}")
