"""A list of past levels, from its rows to closed assessments that are marked as recorded."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts import derived
from accounts.acts.changing import account_snapshot
from accounts.models import Account
from accounts.name_keys import name_key
from assessments.measurement.result import Result, recorded_result
from assessments.models import Assessment
from assessments.past_levels.rows import FIELDS, PastRowReader
from assessments.rounds.closing import RESULT_FIELDS, fill
from audit import trail
from core.bulk_insert import insert_many, new_row
from core.bulk_update import update_many
from core.text_values import shortened
from hierarchy.models import Edition
from importing.kinds import NotNow
from importing.list_work import Changed, Difference, ListWork, Outcome, StoredRows, Tick, Values, by_account, by_line
from importing.lists.accounts.matching import StoredAccounts, changeable_of
from importing.models import ImportJob, ImportRow
from importing.owner_lookup import Directory, Options
from importing.reading.table import Row, Table

LONGEST_NAME: int = Account._meta.get_field("name").max_length  # type: ignore[assignment]
ACCOUNTS = 200  # to make, whose rows are stored together
LEVELS = ("customer_level", "team_level", "respondents")

#: The part of a result that a file gives: the customer's position, ours, the number of respondents.
type Facts = tuple[float | None, float | None, int | None]


@dataclass(frozen=True, slots=True)
class Choices:
    """Options of an import of past levels.

    `source`: the system whose external ids these are; `options`: whoever imports, and owner and team of accounts that are made,
    when `create_accounts`; `day_first`: how dates such as 3/4/2024 are meant, None where the file itself tells.
    """

    source: str = ""
    create_accounts: bool = False
    options: Options = field(default_factory=lambda: Options(by=None))
    day_first: bool | None = None


@dataclass(slots=True)
class PlannedResult:
    """A row, and the result that it would record."""

    row: ImportRow
    given: Values
    stored: Assessment | None = None  # the recorded result of that day
    result: Result | None = None

    @property
    def held_on(self) -> date:
        return self.given["held_on"]

    @property
    def outcome(self) -> Outcome:
        if self.row.problems or self.result is None:
            return Outcome.REJECTED
        if self.stored is None:
            return Outcome.CREATED
        return Outcome.UNCHANGED if _facts(self.stored) == _facts(self.result) else Outcome.UPDATED


class PastLevelsWork(ListWork):
    decoders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {"held_on": date.fromisoformat}

    def __init__(self, job: ImportJob) -> None:
        super().__init__(job)
        self.by = self.options.options.by
        edition = Edition.objects.published()
        if edition is None:
            raise NotNow(
                _("No edition of the levels is published, so a level means nothing yet. Ask an administrator to publish one.")
            )
        self.edition = edition
        self.ambiguous = 0  # dates that can be read in two ways

    def reader(self, table: Table) -> PastRowReader:
        columns = {name: index for index, name in self.mapping.items()}
        return PastRowReader(table, columns, self.options.day_first)

    # --- reading

    def stage(self, reader: PastRowReader, rows: Sequence[Row]) -> list[ImportRow]:
        staged = [self._staged(reader, row) for row in rows]
        self.ambiguous = reader.ambiguous
        self._find_accounts(staged)
        return staged

    def _staged(self, reader: PastRowReader, row: Row) -> ImportRow:
        past = reader.read(row)
        given = zip(
            ("account", "held_on", *LEVELS), (past.account, past.held_on, past.customer, past.team, past.respondents), strict=True
        )
        values = {name: value for name, value in given if value is not None and value != ""}
        return new_row(
            ImportRow, job_id=self.job.pk, line=row.line, cells=list(row.cells), values=values,
            problems=[[problem.column, problem.reason] for problem in past.problems],
            outcome=Outcome.REJECTED if past.problems else Outcome.CREATED,
            identity=str(past.held_on or ""), name=past.account.casefold()[:250], name_key=name_key(past.account)[:250],
        )  # fmt: skip

    def _find_accounts(self, rows: Sequence[ImportRow]) -> None:
        texts = {row.values["account"] for row in rows if "account" in row.values}
        stored = StoredAccounts(texts, texts, self.by)
        for row in rows:
            text = row.values.get("account", "")
            if not text:
                continue
            try:
                row.account = stored.find(text, self.options.source, self.by)
                if row.account is None:
                    self._check_name(text)
            except ValueError as error:
                self.reject(row, "account", str(error))
        changeable = changeable_of({row.account for row in rows if row.account}, self.by)
        for row in rows:
            if row.account and row.account not in changeable:
                self.reject(row, "account", _("You may read this account but not change it."))
                row.account = None

    def _check_name(self, text: str) -> None:
        """Whether an account can be made that is called so. ValueError with a sentence."""
        if not self.options.create_accounts:
            raise ValueError(
                (
                    _("No account here is called “%(text)s”. Correct it, or have such accounts made with --create-accounts.")
                    if self.by is None
                    else _(
                        "No account here is called “%(text)s”. Correct it, or have such accounts made: say so beside the columns."
                    )
                )
                % {"text": shortened(text)}
            )
        if len(text) > LONGEST_NAME:
            raise ValueError(
                _("“%(text)s” is longer than %(limit)s characters.") % {"text": shortened(text), "limit": LONGEST_NAME}
            )

    # --- comparing

    def settle(self, tick: Tick) -> None:
        done = turn = 0
        for some in by_account(self.rows, self.most):
            self._plan(some)
            turn += 1  # the derived columns of an account are computed once if its rows are stored together
            for row in some:
                row.turn = turn
            update_many(some, ["object", "turn", "outcome", "problems"])
            done += len(some)
            tick(done)
        turns: dict[str, int] = {}
        first: dict[tuple[str, str], int] = {}
        for some in by_line(self.rows.filter(account=None), self.most):
            self._reject_doubles(some, first)
            self._compare([PlannedResult(row, self.read_values(row)) for row in some])
            for row in some:
                row.turn = turn + 1 + turns.setdefault(row.name, len(turns)) // ACCOUNTS
            update_many(some, ["turn", "outcome", "problems"])

    def _plan(self, rows: Sequence[ImportRow], *, lock: bool = False) -> list[PlannedResult]:
        """What these rows record; sets the outcome of each. One statement."""
        planned = [PlannedResult(row, self.read_values(row)) for row in rows]
        self._reject_doubles(rows, {})
        self._compare(planned, lock=lock)
        return planned

    def _reject_doubles(self, rows: Sequence[ImportRow], first: dict[tuple[str, str], int]) -> None:
        """The first row of an account and a day counts, whatever it is called; a later one is rejected."""
        for row in rows:
            if not row.identity or (row.account is None and row.problems):
                continue
            line = first.setdefault((str(row.account or row.name), row.identity), row.line)
            if line != row.line:
                reason = _("This account and day stand in row %(row)s already. Keep one of the two, with both levels in it.")
                self.reject(row, "held_on", reason % {"row": line})

    def _compare(self, planned: Sequence[PlannedResult], *, lock: bool = False) -> None:
        """Set each row's `result`: what it says, over what is recorded of that day; reject what was measured then."""
        wanted = [one for one in planned if not one.row.problems]
        results = _stored_results(wanted, lock=lock)
        for one in wanted:
            of_that_day = results.get((one.row.account or 0, one.held_on), [])
            if any(found.origin == Assessment.Origin.MEASURED for found in of_that_day):
                reason = _("This account was assessed here on that day. What was measured is not replaced by what was recorded.")
                self.reject(one.row, "held_on", reason)
                continue
            one.stored = of_that_day[-1] if of_that_day else None
            customer, team, respondents = _row_over_stored(one)
            if customer is None and respondents:
                reason = _("Respondents are people of the customer: give the customer's level, too, or leave this empty.")
                self.reject(one.row, "respondents", reason)
            elif customer is not None and one.given.get("respondents") == 0:
                reason = _("A level of the customer comes from at least one person. Leave this empty if the number is not known.")
                self.reject(one.row, "respondents", reason)
            else:
                one.result = recorded_result(customer, team, respondents)
        for one in planned:
            one.row.object = one.stored.pk if one.stored else None
            one.row.outcome = one.outcome

    # --- storing

    def store(self, rows: Sequence[ImportRow], note: str) -> StoredRows:
        changes = self._make_accounts([row for row in rows if row.account is None], note)
        made = len(changes)
        ids = {row.account for row in rows if row.account}
        # Accounts are locked before what they have, everywhere: the other way round two acts could wait for each other.
        there = set(Account.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
        changeable = changeable_of(there, self.by)
        for row in rows:
            if row.account not in changeable:
                self.reject(row, "account", _("This account is no longer there, or no longer yours to change."))
        planned = self._plan(rows, lock=True)
        created = [one for one in planned if one.row.outcome == Outcome.CREATED]
        now = timezone.now()
        fresh = [self._fresh(one, now) for one in created]
        insert_many(fresh)
        changes += [trail.Change("assessment.recorded", one, after=result_snapshot(one), note=note) for one in fresh]
        changes += _change([one for one in planned if one.row.outcome == Outcome.UPDATED], note)
        touched = {one.row.account for one in planned if one.row.outcome in {Outcome.CREATED, Outcome.UPDATED}}
        derived.refresh(pk for pk in touched if pk)
        return StoredRows(changes, made)

    def _make_accounts(self, rows: Sequence[ImportRow], note: str) -> list[trail.Change]:
        """Make the accounts that are not here yet, and set the account of each of these rows."""
        self._find_accounts(rows)
        wanted: dict[str, str] = {}
        for row in rows:
            if row.account is None and not row.problems:
                wanted.setdefault(row.name, row.values["account"])
        options = self.options.options
        if not wanted or options.owner is None:
            return []
        team = Directory(options).team_for(options.owner)
        fresh = [Account(name=name, source=self.options.source, owner=options.owner, team=team) for name in wanted.values()]
        derived.set_initial_columns(fresh)
        insert_many(fresh)
        made = {name: account.pk for name, account in zip(wanted, fresh, strict=True)}
        for row in rows:
            row.account = row.account or made.get(row.name)
        return [trail.Change("account.created", account, after=account_snapshot(account), note=note) for account in fresh]

    def _fresh(self, one: PlannedResult, now: Any) -> Assessment:
        """The closed assessment to store."""
        if one.result is None:
            raise ValueError("a row without a result records nothing")
        assessment = new_row(
            Assessment,
            account_id=one.row.account or 0,
            edition_id=self.edition.pk,
            held_on=one.held_on,
            state=Assessment.State.CLOSED,
            origin=Assessment.Origin.RECORDED,
            opened_at=now,
            closed_at=now,
        )
        return fill(assessment, one.result)

    # --- showing

    @property
    def accounts_to_make(self) -> int:
        """How many accounts the rows are going to make."""
        rows = self.rows.filter(account=None, outcome=Outcome.CREATED).order_by()
        return rows.values("name").distinct().count()

    def created(self, rows: Sequence[ImportRow]) -> list[dict[str, Any]]:
        names = _names_of(rows)
        shown = []
        for row in rows:
            given = self.read_values(row)
            shown.append(
                {
                    "account": names.get(row.account or 0, given["account"]),
                    "makes_account": row.account is None,
                    "held_on": formats.date_format(given["held_on"]),
                    "customer": given.get("customer_level"),
                    "team": given.get("team_level"),
                    "respondents": given.get("respondents"),
                }
            )
        return shown

    def changed(self, rows: Sequence[ImportRow]) -> list[Changed]:
        names = _names_of(rows)
        return [
            Changed(f"{names.get(one.row.account or 0, '')} · {formats.date_format(one.held_on)}", _differences(one))
            for one in self._plan(rows)
        ]


def _names_of(rows: Sequence[ImportRow]) -> dict[int, str]:
    return dict(Account.objects.filter(pk__in={row.account for row in rows if row.account}).values_list("pk", "name"))


def result_snapshot(assessment: Assessment) -> dict[str, Any]:
    """The values of a recorded result for the trail."""
    return trail.snapshot(assessment, "held_on", *RESULT_FIELDS)


def _change(planned: Sequence[PlannedResult], note: str) -> list[trail.Change]:
    """Store what differs in these recorded results, each with its version raised."""
    changed, changes, names = [], [], {"version"}
    for one in planned:
        if one.stored is None or one.result is None:
            continue
        before = result_snapshot(one.stored)
        fill(one.stored, one.result)
        one.stored.version += 1
        after = result_snapshot(one.stored)
        names |= {name for name in RESULT_FIELDS if before[name] != after[name]}
        changed.append(one.stored)
        changes.append(trail.Change("assessment.record_changed", one.stored, before, after, note))
    update_many(changed, sorted(names))
    return changes


def _stored_results(planned: Sequence[PlannedResult], *, lock: bool) -> dict[tuple[int, date], list[Assessment]]:
    """The closed assessments of these accounts, by account and day, in time. At most one statement."""
    found: dict[tuple[int, date], list[Assessment]] = defaultdict(list)
    days = {one.held_on for one in planned}
    accounts = {one.row.account for one in planned if one.row.account}
    if accounts:
        results = Assessment.objects.closed().filter(Q(account__in=accounts), held_on__range=(min(days), max(days))).in_time()
        if lock:
            results = results.select_for_update(of=("self",))
        for result in results:
            found[result.account_id, result.held_on].append(result)
    return found


def _row_over_stored(one: PlannedResult) -> Facts:
    """The customer's position, ours, and the number of respondents: the row's, else those that are stored."""
    customer, team, respondents = (one.given.get(name) for name in LEVELS)
    stored = one.stored
    if stored is None:
        return customer, team, respondents
    return (
        stored.customer_position if customer is None else customer,
        stored.team_position if team is None else team,
        (stored.respondents or None) if respondents is None else respondents,
    )


def _facts(one: Assessment | Result) -> Facts:
    """The values of a result that the others follow from."""
    return one.customer_position, one.team_position, one.respondents


def _differences(one: PlannedResult) -> list[Difference]:
    """The fields that the row changes, for people."""
    if one.stored is None or one.result is None:
        return []
    pairs = zip(LEVELS, _facts(one.stored), _facts(one.result), strict=True)
    return [Difference(str(FIELDS[name].label), _shown(old), _shown(new)) for name, old, new in pairs if old != new]


def _shown(figure: float | None) -> str:
    return "" if figure is None else formats.number_format(f"{figure:g}")
