"""The import of past levels: one transaction that checks every row and writes, or writes nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import batched, chain
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import derived
from accounts.changing import account_snapshot
from accounts.importing.apply import BATCH, Report, one_at_a_time
from accounts.importing.people import Directory, Options
from accounts.importing.plan import Outcome
from accounts.importing.read import Table
from accounts.importing.values import shortened
from accounts.models import Account
from assessments.closing import RESULT_FIELDS, fill
from assessments.importing.matching import KnownAccounts
from assessments.importing.rows import PastRow, PastRowReader, find_columns
from assessments.measurement import Result, recorded_result
from assessments.models import Assessment
from audit import trail
from hierarchy.models import Edition

LONGEST_NAME: int = Account._meta.get_field("name").max_length  # type: ignore[assignment]


class NoEdition(Exception):
    """No edition of the catalogue is published: a level would mean nothing."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator says beside the file.

    `source`: the system whose external ids these are; `owner` and `team`: of accounts that are made, when
    `create_accounts`; `day_first`: how dates such as 3/4/2024 are meant, None where the file itself tells.
    """

    source: str = ""
    create_accounts: bool = False
    options: Options = field(default_factory=lambda: Options(by=None))
    day_first: bool | None = None


@dataclass(frozen=True, slots=True)
class HistoryReport(Report):
    accounts_made: int = 0
    ambiguous_dates: int = 0


@dataclass(slots=True)
class Planned:
    """One row and what it does: `account` is the id of a stored one, or the folded name of one to make."""

    past: PastRow
    account: int | str | None = None
    stored: Assessment | None = None  # the recorded result of that day
    result: Result | None = None

    @property
    def outcome(self) -> Outcome:
        if self.past.problems or self.result is None:
            return Outcome.REJECTED
        if self.stored is None:
            return Outcome.CREATED
        return Outcome.UNCHANGED if _facts(self.stored) == _facts(self.result) else Outcome.UPDATED


@transaction.atomic
def import_history(
    table: Table, choices: Choices, *, skip_rejected: bool = False, dry_run: bool = False, note: str = ""
) -> HistoryReport:
    """Make a closed, *recorded* assessment of each row, or bring the one of that day up to what the row says.

    All rows or, when one is rejected, none; with `skip_rejected` the other ones. `note` says in the trail where they come
    from. What a row leaves empty stays as it is stored. Raises WrongColumns, NoEdition. Statements: a fixed number, and a
    fixed number for each 500 rows.
    """
    edition = Edition.objects.published()
    if edition is None:
        raise NoEdition
    one_at_a_time()
    reader = PastRowReader(table, find_columns(table.headers), choices.day_first)
    rows = [Planned(past) for past in reader.rows()]
    _find_accounts(rows, choices, reader)
    _reject_doubles(rows, reader)
    _compare(rows, reader)
    found = Counter(row.outcome for row in rows)
    counts: dict[str, Any] = {outcome.value: found[outcome] for outcome in Outcome}
    report = HistoryReport(
        **counts,
        problems=[problem for row in rows for problem in row.past.problems],
        written=not dry_run,
        accounts_made=len(_names_to_make(rows)),
        ambiguous_dates=reader.ambiguous,
    )
    if report.problems and not skip_rejected:
        return replace(report, created=0, updated=0, written=False, accounts_made=0)
    if not dry_run:
        _write(rows, edition, choices, note)
    return report


def _find_accounts(rows: list[Planned], choices: Choices, reader: PastRowReader) -> None:
    known = KnownAccounts((row.past.account for row in rows if row.past.account), choices.source)
    for row in rows:
        text = row.past.account
        try:
            row.account = known.find(text) if text else None
            if text and row.account is None:
                row.account = _name_to_make(text, choices)
        except ValueError as error:
            row.past.problems.append(reader.problem(row.past.line, "account", str(error)))


def _name_to_make(text: str, choices: Choices) -> str:
    if not choices.create_accounts:
        raise ValueError(
            _("No account here is called “%(text)s”. Correct it, or have such accounts made with --create-accounts.")
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


def _names_to_make(rows: list[Planned]) -> dict[str, str]:
    """The accounts to make, by their folded names, each as the file first writes it."""
    names: dict[str, str] = {}
    for row in rows:
        if isinstance(row.account, str) and row.outcome is Outcome.CREATED:
            names.setdefault(row.account, row.past.account)
    return names


def _write(rows: list[Planned], edition: Edition, choices: Choices, note: str) -> None:
    made = _make_accounts(_names_to_make(rows), choices)
    fresh = list(_fresh(rows, made, edition))
    Assessment.objects.bulk_create(fresh, batch_size=BATCH)
    before, changed = _change([row for row in rows if row.outcome is Outcome.UPDATED])
    # Rows are locked before the trail is, everywhere: the other way round two acts could wait for each other.
    derived.refresh(one.account_id for one in chain(fresh, changed))
    changes = chain(
        (trail.Change("account.created", account, after=account_snapshot(account), note=note) for account in made.values()),
        (trail.Change("assessment.recorded", one, after=_told(one), note=note) for one in fresh),
        _changes(before, changed, note),
    )
    for batch in batched(changes, BATCH):  # the events of a long list would fill the memory
        trail.record_many(batch, by=choices.options.by)


def _make_accounts(names: dict[str, str], choices: Choices) -> dict[str, Account]:
    if not names:
        return {}
    owner, directory = choices.options.owner, Directory(choices.options)
    if owner is None:
        raise ValueError("accounts are made for an owner")
    team = directory.team_for(owner)
    made = {folded: Account(name=name, source=choices.source, owner=owner, team=team) for folded, name in names.items()}
    Account.objects.bulk_create(made.values(), batch_size=BATCH)
    return made


def _fresh(rows: list[Planned], made: dict[str, Account], edition: Edition) -> Iterator[Assessment]:
    """The closed assessments to store, all of one moment."""
    now = timezone.now()
    for row in rows:
        held_on, result = row.past.held_on, row.result
        if row.outcome is Outcome.CREATED and row.account is not None and held_on and result:
            assessment = Assessment(
                account_id=made[row.account].pk if isinstance(row.account, str) else row.account,
                edition=edition,
                held_on=held_on,
                state=Assessment.State.CLOSED,
                origin=Assessment.Origin.RECORDED,
                opened_at=now,
                closed_at=now,
            )
            yield fill(assessment, result)


def _change(rows: list[Planned]) -> tuple[dict[int, dict], list[Assessment]]:
    """Store what differs, each with its version raised; what was stored by id, and the changed results."""
    results = {row.stored.pk: row.result for row in rows if row.stored and row.result}
    before: dict[int, dict] = {}
    changed: list[Assessment] = []
    for batch in batched(sorted(results), BATCH):
        for stored in Assessment.objects.select_for_update().filter(pk__in=batch).order_by("pk"):
            before[stored.pk] = _told(stored)
            fill(stored, results[stored.pk])
            stored.version += 1
            changed.append(stored)
    Assessment.objects.bulk_update(changed, [*RESULT_FIELDS, "version"], batch_size=BATCH)
    return before, changed


def _changes(before: dict[int, dict], changed: list[Assessment], note: str) -> Iterator[trail.Change]:
    for one in changed:
        yield trail.Change("assessment.record_changed", one, before[one.pk], _told(one), note)


def _told(assessment: Assessment) -> dict:
    return trail.snapshot(assessment, "held_on", *RESULT_FIELDS)
