"""A list of accounts, from its rows to what is stored."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import field_kinds as kinds
from accounts.acts.changing import hold_parents
from accounts.fields import in_tables
from accounts.models import Account
from accounts.name_keys import domain_key, name_key
from core.bulk_insert import new_row, reserved_ids
from core.bulk_update import update_many
from core.cycles import moves_to_refuse
from importing.list_work import Changed, ListWork, Outcome, StoredRows, Tick, by_line, staged_outcome
from importing.lists.accounts import look_alikes, settling
from importing.lists.accounts.matching import StoredAccounts, Unmatched, changeable_of, seen_by
from importing.lists.accounts.parents import Parents, stored_ancestry
from importing.lists.accounts.plan import PlannedAccount, Planner, differences, shown_new, stored_accounts
from importing.lists.accounts.settling import SEPARATOR
from importing.lists.accounts.storing import write
from importing.models import ImportRow
from importing.reading.table import Row, Table
from importing.rows import RowReader
from importing.unknown_values import EACH, REPEATED_NAME, answer_for

LONGEST_NAME = 250


class AccountsWork(ListWork):
    decoders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        field.name: Decimal if field.kind is kinds.AMOUNT else date.fromisoformat
        for field in in_tables()
        if field.kind in {kinds.AMOUNT, kinds.DAY}
    }

    def reader(self, table: Table) -> RowReader:
        return RowReader.of(table, self.mapping, self.options)

    # --- reading

    def stage(self, reader: RowReader, rows: Sequence[Row]) -> list[ImportRow]:
        staged = [self._staged(reader, row) for row in rows]
        matched = [row for row in staged if row.outcome != Outcome.PASSED_OVER]
        self._match(matched, self._stored(matched))
        planner = self._planner()
        for row in matched:
            if row.account is None and not row.candidates:
                planner.plan(PlannedAccount(row, self.read_values(row)))
        self.unknown.add(planner.unknown)
        return staged

    def _staged(self, reader: RowReader, row: Row) -> ImportRow:
        clean = reader.read(row)
        name, identity, choice = clean.name, clean.identity, self.choices.get(row.line, "")
        self.unknown.add(clean.unknown)
        domain = domain_key(clean.values.get("website", "")) or domain_key(clean.values.get("contact_email", ""))
        return new_row(
            ImportRow, job_id=self.job.pk, line=row.line, cells=list(row.cells), values=clean.values, choice=choice,
            problems=[[problem.column, problem.reason] for problem in clean.problems],
            outcome=staged_outcome(clean, choice),
            identity=SEPARATOR.join(identity) if identity else f"#{clean.standing_id}" if clean.standing_id else "", name=name.casefold()[:LONGEST_NAME],
            name_key=name_key(name)[:LONGEST_NAME], domain_key=domain[:LONGEST_NAME],
        )  # fmt: skip

    def _stored(self, rows: Iterable[ImportRow]) -> StoredAccounts:
        ids = {identity[1] for row in rows if (identity := _identity(row))}
        ids |= {row.values["standing_id"] for row in rows if "standing_id" in row.values}
        names = {row.values["name"] for row in rows if "name" in row.values}
        return StoredAccounts(ids, names, self.options.by)

    def _match(self, rows: Sequence[ImportRow], stored: StoredAccounts) -> None:
        """Set the account of each row. One that only its name suggests is a candidate until all rows are known."""
        for row in rows:
            try:
                found = stored.match(row.values.get("name", ""), _identity(row), row.values.get("standing_id", ""))
            except Unmatched as error:
                if row.choice.isdecimal():
                    row.account = int(row.choice)
                else:
                    self.reject(row, error.column, str(error))
                continue
            if row.choice.isdecimal():
                self._choose(row, found.account)
            elif found.by_name:
                row.candidates = [found.account]
            elif found.account is not None:
                row.account = found.account
                if found.former:
                    self._leave_own_id(row, stored)
                if not row.problems:
                    row.outcome = Outcome.UNCHANGED  # most rows of a list that is imported once more
            elif "name" not in row.values and not row.problems:
                self.reject(row, "name", _("An account needs a name."))
        self._check_rights([row for row in rows if row.account])

    def _leave_own_id(self, row: ImportRow, stored: StoredAccounts) -> None:
        """A row with the id of a merged account changes the one that it was merged into, but not its id, nor archives it."""
        account = row.account or 0
        del row.values["external_id"]
        if row.values.get("status") == Account.Status.ARCHIVED:
            reason = _("This id is a former one: its account was merged into %(account)s. Archive that one by its own id.")
            self.reject(row, "status", reason % {"account": stored.names[account]})
        if row.values.get("source", "").casefold() != stored.sources[account].casefold():
            row.values.pop("source", None)

    def _choose(self, row: ImportRow, found: int | None) -> None:
        """The row is the account that was chosen for it."""
        chosen = int(row.choice)
        if found is not None and found != chosen:
            self.reject(row, "name", _("By its external id or name it is another account by now than the one you chose."))
            return
        row.account = chosen

    def _check_rights(self, rows: Sequence[ImportRow]) -> None:
        chosen = {int(row.choice) for row in rows if row.choice.isdecimal()}
        there = dict(seen_by(self.options.by).filter(pk__in=chosen).values_list("pk", "external_id")) if chosen else {}
        changeable = changeable_of({row.account for row in rows if row.account}, self.options.by)
        for row in rows:
            if row.choice.isdecimal() and row.account not in there:
                self.reject(row, "name", _("The account that you chose for it is no longer there. Choose again."))
            elif row.account not in changeable:
                self.reject(row, "name", _("You may read this account but not change it."))
            elif row.choice.isdecimal():
                _keep_ids_together(row, there[int(row.choice)])

    # --- comparing

    def settle(self, tick: Tick) -> None:
        settling.reject_doubles(self)
        self._settle_candidates()
        settling.reject_same_accounts(self)
        parents = settling.set_parents(self) if "parent" in self.mapping.values() else Parents()
        self._compare(tick)
        settling.reject_orphans(self, parents)
        look_alikes.mark(self)

    def _settle_candidates(self) -> None:
        """A row with an external id is the account of its name that has none, if no other row has this name."""
        rows = self.rows.exclude(candidates=[]).exclude(outcome=Outcome.PASSED_OVER)
        if not rows.exists():
            return
        repeated = self._repeated_names(self.rows)
        for some in by_line(rows, self.most):
            planner = self._planner()
            for row in some:
                row.account, row.candidates = (None if row.name in repeated else row.candidates[0]), []
            self._check_rights([row for row in some if row.account])
            for row in some:
                if row.account is None and not row.problems:
                    planner.plan(PlannedAccount(row, self.read_values(row)))
            self.unknown.add(planner.unknown)
            update_many(some, ["account", "candidates", "outcome", "problems"])

    def _repeated_names(self, named: QuerySet[ImportRow]) -> set[str]:
        """The names of these rows that several rows have."""
        named = named.exclude(name="").exclude(outcome=Outcome.PASSED_OVER).order_by()
        return set(named.values("name").annotate(times=Count("pk")).filter(times__gt=1).values_list("name", flat=True))

    def _compare(self, tick: Tick) -> None:
        """Find out what the rows change of which the account is stored."""
        done = 0
        for some in by_line(self.rows.exclude(account=None).exclude(outcome=Outcome.PASSED_OVER), self.most):
            before = [(row.outcome, len(row.problems)) for row in some]
            self.plan(some)
            changed = [row for row, was in zip(some, before, strict=True) if (row.outcome, len(row.problems)) != was]
            update_many(changed, ["outcome", "problems"])
            done += len(some)
            tick(done)

    def plan(self, rows: Sequence[ImportRow], *, lock: bool = False) -> list[PlannedAccount]:
        """What these rows change, compared with what is stored now; sets the outcome of each. `lock` holds what is stored.

        Statements: about ten, whatever the number of rows.
        """
        accounts = stored_accounts({row.account for row in rows if row.account}, lock=lock)
        changeable = changeable_of(accounts.keys(), self.options.by) if lock else accounts.keys()
        planner, planned = self._planner(), []
        for row in rows:
            one = PlannedAccount(row, self.read_values(row), accounts.get(row.account or 0), parent=row.above_stored)
            planned.append(one)
            if row.account and one.account is None:
                self.reject(row, "name", _("This account is no longer there."))
            elif row.account and row.account not in changeable:
                self.reject(row, "name", _("This account is no longer there, or no longer yours to change."))
            elif not row.problems:
                planner.plan(one)
            row.outcome = one.outcome
        self.unknown.add(planner.unknown)
        return planned

    def _planner(self) -> Planner:
        return Planner(self.options, self.reject, restores=bool(self.job.options.get("restore")))

    # --- storing

    def store(self, rows: Sequence[ImportRow], note: str) -> StoredRows:
        self._match_anew([row for row in rows if row.account is None])
        planned = self.plan(rows, lock=True)
        created = [one for one in planned if one.row.outcome == Outcome.CREATED]
        ids = reserved_ids(Account, len(created)) if created else []
        made = {one.row.line: pk for one, pk in zip(created, ids, strict=True)}
        self._set_stored_parents(planned, made)
        created = [one for one in created if one.row.outcome == Outcome.CREATED]
        for one in created:
            one.account = Account(pk=made[one.row.line], parent_id=one.parent, **one.columns)
        updated = [one for one in planned if one.row.outcome == Outcome.UPDATED]
        changes = write(created, updated, note)
        for one in created:
            one.row.account = made[one.row.line]
        # Those below them are stored later, and find them by this; some were found only now, since others made them meanwhile.
        update_many([one.row for one in planned if one.row.is_above and not one.row.problems], ["account"])
        return StoredRows(changes)

    def _match_anew(self, rows: Sequence[ImportRow]) -> None:
        """Somebody may have made the accounts of these rows meanwhile."""
        if answer_for(self.options.answers, REPEATED_NAME, REPEATED_NAME) == EACH:
            # Each row of a name is an account of its own: it is none that the rows before it made.
            without_id = {row.name for row in rows if not row.identity}
            repeated = self._repeated_names(self.rows.filter(name__in=without_id))
            rows = [row for row in rows if row.identity or row.name not in repeated]
        for row in rows:
            row.candidates = []  # those that it looks like: it is none of them
        self._match(rows, self._stored(rows))
        named = [row for row in rows if row.candidates]
        repeated = self._repeated_names(self.rows.filter(name__in={row.name for row in named})) if named else set()
        for row in named:
            if row.name not in repeated:
                row.account = row.candidates[0]
        self._check_rights([row for row in named if row.account])

    def _set_stored_parents(self, planned: Sequence[PlannedAccount], made: Mapping[int, int]) -> None:
        """The id of each parent that the file makes, and what stands against a parent by now."""
        lines = {one.row.above for one in planned if one.row.above}
        if not lines and not any(one.parent for one in planned):
            return
        hold_parents()
        above = dict(self.rows.filter(line__in=lines).exclude(account=None).values_list("line", "account")) | dict(made)
        rejected: set[int] = set()
        for one in planned:
            row = one.row
            if row.above and row.outcome in {Outcome.CREATED, Outcome.UPDATED}:
                one.parent = above.get(row.above) if row.above not in rejected else None
                if one.parent is None:
                    self.reject(row, "parent", _("Its parent, row %(row)s, is rejected.") % {"row": row.above})
                    rejected.add(row.line)
                elif one.account and one.parent == one.account.parent_id:
                    one.parent = None
                    row.outcome = Outcome.UPDATED if one.changes_account or one.contact_columns else Outcome.UNCHANGED
        there = set(Account.objects.filter(pk__in={one.parent for one in planned if one.parent}).values_list("pk", flat=True))
        there |= set(made.values())
        moves = {one.account.pk: one.parent for one in planned if one.account and one.parent}
        circle = moves_to_refuse(moves, stored_ancestry(set(moves) | {pk for pk in moves.values() if pk})) if moves else set()
        for one in planned:
            if one.row.outcome not in {Outcome.CREATED, Outcome.UPDATED}:
                continue
            if one.parent and one.parent not in there:
                self.reject(one.row, "parent", _("Its parent is no longer there."))
            elif one.account and one.account.pk in circle:
                self.reject(one.row, "parent", _("This would make a circle: the parent is this account or one below it."))

    # --- showing

    def offers(self) -> look_alikes.LookAlikes:
        return look_alikes.LookAlikes(self)

    def notes(self) -> list[str]:
        archived = self.archived
        if not archived:
            return []
        return [
            ngettext(
                "%(shown)s row speaks of an account that is in the archive, where no list shows it.",
                "%(shown)s rows speak of accounts that are in the archive, where no list shows them.", archived,
            ) % {"shown": archived}
        ]  # fmt: skip

    @property
    def archived(self) -> int:
        if self.job.options.get("restore") or "status" in self.mapping.values():
            return 0
        rows = self.rows.exclude(account=None).exclude(outcome__in=[Outcome.REJECTED, Outcome.PASSED_OVER])
        archived = Account.objects.exclude(status=Account.Status.ACTIVE).order_by().values("pk")
        return rows.filter(account__in=archived).count()

    def created(self, rows: Sequence[ImportRow]) -> list[dict[str, Any]]:
        return [shown_new(one) for one in self.plan(rows)]

    def changed(self, rows: Sequence[ImportRow]) -> list[Changed]:
        planned = [one for one in self.plan(rows) if one.account]
        wanted = {one.parent for one in planned} | {one.account.parent_id for one in planned if one.account}
        parents = dict(seen_by(self.options.by).filter(pk__in=wanted - {None}).values_list("pk", "name"))
        return [Changed(one.account.name, differences(one, parents)) for one in planned if one.account]


def _identity(row: ImportRow) -> tuple[str, str] | None:
    """Source and external id, as the file states them."""
    if "external_id" not in row.values:
        return None
    return row.values.get("source", ""), row.values["external_id"]


def _keep_ids_together(row: ImportRow, stored: str) -> None:
    """Source and external id of a row go together: a source alone would make the `stored` id that of another system."""
    if "external_id" in row.values:
        row.values.setdefault("source", "")
    elif stored:
        row.values.pop("source", None)
