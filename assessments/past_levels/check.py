"""Compare past levels in a file with the stored results: what each row would record. Nothing is written."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils import formats

from accounts.models import Account
from assessments.measurement.result import Result, recorded_result
from assessments.models import Assessment
from assessments.past_levels.rows import FIELDS, PastRow, PastRowReader, find_columns
from core.cached_translations import gettext as _
from core.text_values import shortened
from hierarchy.models import Edition
from importing.account_lookup import KnownAccounts
from importing.bounded import PairsOfNumbers, Shelf
from importing.owner_lookup import Options
from importing.plan import Difference, Outcome
from importing.reading.table import Table
from importing.row_plan import NONE, RowPlan, by_account, shelved
from importing.rows import Problem

LONGEST_NAME: int = Account._meta.get_field("name").max_length  # type: ignore[assignment]

#: The part of a result that a file gives: the customer's position, ours, the number of respondents.
type Facts = tuple[float | None, float | None, int | None]


class NoEdition(Exception):
    """No edition of the catalogue is published: a level would mean nothing."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Options of an import of past levels.

    `source`: the system whose external ids these are; `owner` and `team`: of accounts that are made, when
    `create_accounts`; `day_first`: how dates such as 3/4/2024 are meant, None where the file itself tells. Whoever imports
    (`options.by`) records only for accounts that they may change; None is the operator.
    """

    source: str = ""
    create_accounts: bool = False
    options: Options = field(default_factory=lambda: Options(by=None))
    day_first: bool | None = None


@dataclass(slots=True)
class PlannedResult:
    """One row of the file, and the result that it would record."""

    past: PastRow
    account: int = NONE  # the id of a stored one; below zero one to make
    account_name: str = ""
    stored: int | None = None  # the id of the recorded result of that day, and what it says
    before: Facts | None = None
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
        return Outcome.UNCHANGED if self.before == _facts(self.result) else Outcome.UPDATED

    @property
    def heading(self) -> str:
        return f"{self.account_name} · {formats.date_format(self.past.held_on)}" if self.past.held_on else self.account_name

    @property
    def makes_account(self) -> bool:
        return self.account < NONE

    @property
    def differences(self) -> list[Difference]:
        """The fields that the row changes, for the preview."""
        if self.before is None or self.result is None:
            return []
        pairs = zip(("customer_level", "team_level", "respondents"), self.before, _facts(self.result), strict=True)
        return [Difference(str(FIELDS[name].label), _shown(old), _shown(new)) for name, old, new in pairs if old != new]


class HistoryPlan(RowPlan):
    """`edition` is the one that what is recorded counts as, `ambiguous` the number of dates that can be read in two ways."""

    def __init__(self, table: Table, edition: Edition, ambiguous: int) -> None:
        super().__init__(table)
        self.edition, self.ambiguous = edition, ambiguous
        self._makes: dict[int, int] = {}  # of each account to make the first row that records something for it
        self._changes = PairsOfNumbers()

    def put(self, number: int, row: PlannedResult) -> None:
        super().put(number, row)
        outcome = row.outcome
        if outcome is Outcome.CREATED and row.makes_account:
            self._makes.setdefault(row.account, number)
        elif outcome is Outcome.UPDATED and row.stored:
            self._changes.extend([(row.stored, number)])

    @property
    def accounts_to_make(self) -> list[int]:
        """The (negative) numbers of the accounts that rows are going to make, in the order of the file."""
        return sorted(self._makes, key=self._makes.__getitem__)

    def name_to_make(self, account: int) -> str:
        """The name of an account to make, as the first row writes it."""
        return self.row(self._makes[account]).past.account

    def changes(self) -> list[tuple[int, int]]:
        """The ids of the results that change, ascending, each with the number of its row."""
        return sorted(self._changes)


@dataclass(frozen=True, slots=True)
class ReadRows:
    """The rows of a file, the texts that name accounts, and the number of dates that can be read in two ways."""

    rows: Shelf[PastRow]
    texts: set[str]
    ambiguous: int


def check(
    table: Table, choices: Choices, *, columns: dict[str, int] | None = None, tick: Callable[[int], None] = lambda rows: None
) -> HistoryPlan:
    """What importing these levels would do; `columns` says which column holds what, else their names do.

    `tick` is called now and then with the number of rows done. Raises WrongColumns, NoEdition. Statements: a fixed number, and one for
    each 500 accounts or 2 000 rows.
    """
    edition = Edition.objects.published()
    if edition is None:
        raise NoEdition
    reader = PastRowReader(table, find_columns(table.headers) if columns is None else columns, choices.day_first)
    learned = table.once(("past", choices.day_first, *reader.columns.items()), lambda: _read_rows(reader))
    known = KnownAccounts(learned.texts, choices.options.by)
    accounts = _accounts(learned.rows, known, choices)
    plan = HistoryPlan(table, edition, learned.ambiguous)
    for numbers in by_account(accounts, tick):
        rows = [PlannedResult(learned.rows[number], accounts[number]) for number in numbers]
        _set_accounts(rows, known, choices, reader)
        _reject_doubles(rows, reader)
        _compare(rows, reader)
        for number, row in zip(numbers, rows, strict=True):
            plan.put(number, row)
    return plan


def _read_rows(reader: PastRowReader) -> ReadRows:
    texts: set[str] = set()

    def rows() -> Iterator[PastRow]:
        for past in reader.rows():
            texts.add(past.account)
            yield past

    shelf = shelved(rows(), len(reader.table.rows))
    return ReadRows(shelf, texts - {""}, reader.ambiguous)


def _accounts(rows: Iterable[PastRow], known: KnownAccounts, choices: Choices) -> array:
    """The account of each row: the id of a stored one; −1, −2 … those to make, by their folded names; NONE if there is a problem."""
    to_make: dict[str, int] = {}
    found = array("q")
    for past in rows:
        try:
            account = _find_account(past.account, known, choices)
        except ValueError:
            account = NONE
        found.append(account if isinstance(account, int) else to_make.setdefault(account, -1 - len(to_make)))
    return found


def _find_account(text: str, known: KnownAccounts, choices: Choices) -> int | str:
    """The id of the stored account that is called so, or the folded name of one to make. ValueError with a sentence."""
    if not text:
        return NONE
    found = known.find(text, choices.source)
    return _name_to_make(text, choices) if found is None else found


def _set_accounts(rows: list[PlannedResult], known: KnownAccounts, choices: Choices, reader: PastRowReader) -> None:
    for row in rows:
        row.account_name = known.names.get(row.account, row.past.account)
        if row.account == NONE:
            try:
                _find_account(row.past.account, known, choices)
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


def _reject_doubles(rows: list[PlannedResult], reader: PastRowReader) -> None:
    """The first row of an account and a day counts, whatever it is called; a later one is rejected."""
    lines: dict[tuple[int, date], int] = {}
    for row in rows:
        past = row.past
        if row.account == NONE or past.held_on is None:
            continue
        first = lines.setdefault((row.account, past.held_on), past.line)
        if first != past.line:
            reason = _("This account and day stand in row %(row)s already. Keep one of the two, with both levels in it.")
            past.problems.append(reader.problem(past.line, "held_on", reason % {"row": first}))


def _compare(rows: list[PlannedResult], reader: PastRowReader) -> None:
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
        stored = of_that_day[-1] if of_that_day else None
        if stored:
            row.stored, row.before = stored.pk, _facts(stored)
        customer, team, respondents = _row_over_stored(past, stored)
        if customer is None and respondents:
            reason = _("Respondents are people of the customer: give the customer's level, too, or leave this empty.")
            past.problems.append(reader.problem(past.line, "respondents", reason))
        elif customer is not None and past.respondents == 0:
            reason = _("A level of the customer comes from at least one person. Leave this empty if the number is not known.")
            past.problems.append(reader.problem(past.line, "respondents", reason))
        else:
            row.result = recorded_result(customer, team, respondents)


def _stored_results(rows: list[PlannedResult]) -> dict[tuple[int, date | None], list[Assessment]]:
    """The closed assessments of these accounts, by account and day, in time. At most one statement."""
    found: dict[tuple[int, date | None], list[Assessment]] = defaultdict(list)
    days = {row.past.held_on for row in rows if row.past.held_on}
    accounts = sorted({row.account for row in rows if row.account > NONE})
    if accounts:
        results = Assessment.objects.closed().filter(account__in=accounts, held_on__range=(min(days), max(days))).in_time()
        for result in results.defer("confidence_reasons"):
            found[result.account_id, result.held_on].append(result)
    return found


def _row_over_stored(past: PastRow, stored: Assessment | None) -> tuple[float | None, float | None, int | None]:
    """The customer's position, ours, and the number of respondents: the row's, else those that are stored."""
    if stored is None:
        return past.customer, past.team, past.respondents
    return (
        stored.customer_position if past.customer is None else past.customer,
        stored.team_position if past.team is None else past.team,
        (stored.respondents or None) if past.respondents is None else past.respondents,
    )


def _facts(one: Assessment | Result) -> Facts:
    """The values of a result that the others follow from."""
    return one.customer_position, one.team_position, one.respondents


def _shown(figure: float | None) -> str:
    return "" if figure is None else formats.number_format(f"{figure:g}")
