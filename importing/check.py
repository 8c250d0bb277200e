"""The third step of an import: every row is checked against the rules and the store. Nothing is written."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings

from accounts import field_kinds as kinds
from accounts import owned_fields
from accounts.fields import ACCOUNT_FIELDS, CURRENCY_OF, in_tables
from accounts.models import Account, Contact
from core.cached_translations import gettext as _
from core.text_values import shortened
from importing.bounded import chunks
from importing.look_alikes import Seeker, as_chosen, chosen_accounts, keep_ids_together
from importing.mapping import FIELDS, Mapping
from importing.matching import Unmatched, hold_contacts, load, match, stored_accounts
from importing.owner_lookup import Directory, Options
from importing.parents import Node, resolve_parents
from importing.plan import Difference, Outcome, Plan, PlannedRow
from importing.reading.table import Table
from importing.rejected import RejectedRows
from importing.rows import MAX_TAGS, MOST_REASONS, CleanRow, Problem, RowReader
from importing.whole_file import Key, learn

TICK = 500  # rows
CHUNK = 500  # rows that are in the memory at a time
#: What a file says of columns of the account itself that need no lookup.
OWN_COLUMNS = tuple(field.name for field in in_tables() if field.kind not in {kinds.OWNER, kinds.TEAM, kinds.PARENT, kinds.TAGS})


def check(
    table: Table, mapping: Mapping, options: Options, *, lock: bool = False, alike: bool = False, keep_rejected: bool = False,
    tick: Callable[[int], None] = lambda rows: None,
) -> Plan:  # fmt: skip
    """What importing this table would do. `lock` holds what is stored and is changed until the transaction ends.

    `alike` asks, too, which new rows look like what is here, for three statements more; `keep_rejected` asks for the rejected
    rows as a file, without another pass over all. `tick` is told every 500 rows how many are read.

    Statements: a fixed number and a few for each 500 rows of accounts that are stored already, or fewer rows if these are long.
    """
    checking = Checking(table, mapping, options)
    plan, rejected, outcomes = Plan(checking.rows, passed_over=checking.whole.passed_over), set[int](), dict[int, Outcome]()
    seeker = Seeker(options) if alike else None
    left_out = RejectedRows(table) if keep_rejected else None
    for chunk in checking.rows(lock=lock, tick=tick):
        if left_out:
            left_out.add(chunk)
        for row in chunk:
            plan.add(row)
            if seeker:
                seeker.add(row)
            if row.line in checking.family:
                outcomes[row.line] = row.outcome
                if row.rejected:
                    rejected.add(row.line)
    orphans = sorted(checking.parents.settle(rejected))
    for line in orphans:
        plan.reject(line, checking.orphan_problem(line), outcomes[line])
    if left_out and not orphans:  # these would stand between the others
        plan.left_out = left_out.content()
    plan.made_parents = [
        line for line in checking.parents.names if outcomes[line] is Outcome.CREATED and line not in checking.parents.orphans
    ]
    plan.problems.sort(key=lambda problem: problem.line)
    _describe(plan.of(Outcome.UPDATED), checking)
    if seeker:
        plan.alike = seeker.found(checking.whole, rejected=checking.parents.orphans)
    return plan


class Checking:
    """What is known of the whole file and of the store before rows are looked at, some hundreds at a time."""

    def __init__(self, table: Table, mapping: Mapping, options: Options) -> None:
        self.table, self.options = table, options
        self.reader = RowReader(table, mapping, options.day_first)
        self.whole = learn(table, mapping, self.reader, options.passed_over)
        self.stored = stored_accounts(self.whole, options)
        self.chosen = chosen_accounts(options)
        self.named = self._named() if options.same else {}
        self.directory = Directory(options)
        self.owned = owned_fields.rules()
        self.parents = resolve_parents(self.whole, self.stored, self._account_of)
        #: The lines of rows that have a parent or are one.
        self.family = self.parents.of.keys() | self.parents.names.keys()

    def rows(self, *, lock: bool = False, tick: Callable[[int], None] = lambda rows: None) -> Iterator[list[PlannedRow]]:
        """Each row as it would be done, in order; those of one chunk share their statements."""
        taken = dict(self.named)
        number = 0
        pairs = zip(self.table.rows, self.whole.clean_rows(), strict=True)
        for some in chunks(pairs, CHUNK, lambda pair: pair[0].length()):
            chunk = []
            for row, clean in some:
                if row.line not in self.options.passed_over:
                    chunk.append(PlannedRow(clean, row.cells))
                number += 1
                if number % TICK == 0:
                    tick(number)
            self._plan(chunk, taken, lock=lock)
            yield chunk

    def orphan_problem(self, line: int) -> Problem:
        reason = _("Its parent, row %(row)s, is rejected.") % {"row": self.parents.orphans[line]}
        return self.reader.problem(line, "parent", reason)

    def _plan(self, chunk: list[PlannedRow], taken: dict[int, int], *, lock: bool) -> None:
        for row in chunk:
            if double := self.whole.problem(row.line, self.reader):
                row.clean.problems.append(double)
            self._match(row, taken)
        accounts = load({row.account_id for row in chunk if row.account_id}, lock=lock)
        for row in chunk:
            if row.account_id:
                row.account = accounts[row.account_id]
                if (row.clean.values.get("external_id", ""), row.account_id) in self.stored.former:
                    _leave_own_id(row.clean, row.account, self.reader)
            if len(row.problems) < MOST_REASONS:
                _resolve_people(row, self.directory, self.reader)
            self._set_parent(row)
            if not row.rejected:
                _plan_contact(row)
                _plan_account(row, self.options, self.reader, self.owned)
            if row.line in self.parents.orphans and not row.rejected:
                row.clean.problems.append(self.orphan_problem(row.line))
        if lock:
            hold_contacts([row.contact.pk for row in chunk if row.contact and row.contact_columns])

    def _match(self, row: PlannedRow, taken: dict[int, int]) -> None:
        clean = row.clean
        try:
            found = self._found(clean)
            if found is None:
                if not clean.name and not clean.problems:
                    raise Unmatched("name", _("An account needs a name."))
                return
            row.account_id = found
            if row.line in self.options.same:
                keep_ids_together(clean, self.chosen[found])
            if taken.get(found, row.line) != row.line and not clean.problems:
                raise Unmatched("name", _("It is the same account as row %(row)s.") % {"row": taken[found]})
            if self.stored.changeable is not None and found not in self.stored.changeable:
                raise Unmatched("name", _("You may read this account but not change it."))
        except Unmatched as error:
            clean.problems.append(self.reader.problem(clean.line, error.column, str(error)))
            return
        taken.setdefault(found, row.line)

    def _found(self, row: CleanRow | Key) -> int | None:
        found = match(row, self.stored, name_is_unique=row.name.casefold() not in self.whole.repeated)
        return as_chosen(row.line, found, self.options, self.chosen)

    def _named(self) -> dict[int, int]:
        """Of the accounts that were chosen for rows those of which another row speaks by itself: it goes before the choice."""
        named: dict[int, int] = {}
        for clean in self.whole.clean_rows():
            if clean.line not in self.options.same and clean.line not in self.options.passed_over:
                found = self._account_of(clean)
                if found in self.chosen:
                    named.setdefault(found, clean.line)
        return named

    def _account_of(self, row: CleanRow | Key) -> int | None:
        try:
            return self._found(row)
        except Unmatched:
            return None

    def _set_parent(self, row: PlannedRow) -> None:
        row.parent = self.parents.of.get(row.line)
        if reason := self.parents.problems.get(row.line):
            row.clean.problems.append(self.reader.problem(row.line, "parent", reason))


def _leave_own_id(clean: CleanRow, account: Account, reader: RowReader) -> None:
    """A row that names the id of a merged account changes the one that it was merged into, but not its id, nor archives it."""
    del clean.values["external_id"]
    if clean.values.get("status") == Account.Status.ARCHIVED:
        reason = _("This id is a former one: its account was merged into %(account)s. Archive that one by its own id.")
        clean.problems.append(reader.problem(clean.line, "status", reason % {"account": account}))
    if clean.values.get("source", "").casefold() != account.source.casefold():
        clean.values.pop("source", None)


def _resolve_people(row: PlannedRow, directory: Directory, reader: RowReader) -> None:
    given, options = row.clean.values, directory.options
    for name, resolve in (("owner", directory.owner), ("team", directory.team)):
        if name in given:
            try:
                row.columns[name] = resolve(given[name], row.account)
            except ValueError as error:
                row.clean.problems.append(reader.problem(row.line, name, str(error)))
    if row.account_id or row.rejected:
        return
    owner = row.columns.get("owner") or options.owner
    if owner is None:
        row.clean.problems.append(reader.problem(row.line, "owner", _("Nobody is named to own this account.")))
        return
    row.columns["owner"] = owner
    if "team" not in row.columns:
        row.columns["team"] = directory.team_for(owner)


def _plan_account(row: PlannedRow, options: Options, reader: RowReader, owned: owned_fields.Rules) -> None:
    """What of the row differs from what is stored: `columns`, `parent` and `new_tags`."""
    given, account = row.clean.values, row.account
    for amount, currency in CURRENCY_OF.items():
        if amount in given and currency not in given and options.currency:
            given[currency] = options.currency
    stated = {name: given[name] for name in OWN_COLUMNS if name in given} | row.columns
    if account is None:
        row.columns = dict.fromkeys(CURRENCY_OF.values(), settings.REPORTING_CURRENCY) | stated
        row.new_tags = given.get("tags", [])
        return
    row.columns = {name: value for name, value in stated.items() if not _same(name, getattr(account, name), value)}
    if row.parent == account.parent_id:
        row.parent = None
    present = {tag.name.casefold(): tag.name for tag in account.tags.all()}
    row.new_tags = [name for name in given.get("tags", []) if name.casefold() not in present]
    if len(present) + len(row.new_tags) > MAX_TAGS:
        row.clean.problems.append(reader.problem(row.line, "tags", _("At most %(most)s tags.") % {"most": MAX_TAGS}))
    changes = {*row.columns, *(["parent"] if row.parent else []), *(["tags"] if row.new_tags else [])}
    for name in owned_fields.out_of_bounds(account, changes, given.get("source", ""), owned):
        reason = _("%(source)s owns this field. Change it there, or name %(source)s as the source in this row.")
        row.clean.problems.append(reader.problem(row.line, name, reason % {"source": account.source}))


def _plan_contact(row: PlannedRow) -> None:
    """Find the person whom the row names, by e-mail address, else by name; or plan to make them."""
    given = row.clean.values
    name, email = given.get("contact_name"), given.get("contact_email", "")
    if not name:
        return
    people = list(row.account.contacts.all()) if row.account else []
    same_email = [person for person in people if email and person.email.casefold() == email.casefold()]
    same_name = [person for person in people if person.name.casefold() == name.casefold()]
    row.contact = next(iter(same_email or same_name), None)
    stated = {"name": name, "email": email, "title": given.get("contact_title", "")}
    if row.contact is None:
        row.contact_columns = stated
        return
    if name == email:  # the file gave only the address: the name that is stored says more
        del stated["name"]
    row.contact_columns = {column: value for column, value in stated.items() if value and getattr(row.contact, column) != value}


def _describe(rows: list[PlannedRow], checking: Checking) -> None:
    """Say for people what the import changes of these accounts. At most one statement."""
    names = _names_of_parents(rows, checking)
    for row in rows:
        account = row.account
        if account is None:
            continue
        row.differences = [
            Difference(_label(name), _shown(account, name), _shown(Account(**{name: value}), name))
            for name, value in row.columns.items()
        ]
        if row.parent:
            row.differences.append(Difference(_label("parent"), names.get(account.parent_id or 0, ""), names.get(row.parent, "")))
        if row.new_tags:
            before = [tag.name for tag in account.tags.all()]
            row.differences.append(Difference(_label("tags"), ", ".join(before), ", ".join([*before, *row.new_tags])))
        row.differences += [
            Difference(_label(f"contact_{name}"), getattr(row.contact, name) if row.contact else "", value)
            for name, value in row.contact_columns.items()
            if value
        ]


def _names_of_parents(rows: list[PlannedRow], checking: Checking) -> dict[Node, str]:
    """The names of parents as they are and as they become; not of those that the importer does not see."""
    changing = [row for row in rows if row.parent]
    wanted = {row.parent for row in changing if row.parent and row.parent > 0}
    wanted |= {row.account.parent_id for row in changing if row.account and row.account.parent_id}
    by = checking.options.by
    accounts = Account.objects.visible_to(by) if by else Account.objects.all()
    return dict(accounts.filter(pk__in=wanted).values_list("pk", "name")) | {
        -line: name for line, name in checking.parents.names.items()
    }


def _same(name: str, stored: Any, given: Any) -> bool:
    if ACCOUNT_FIELDS[name].kind is kinds.WEBSITE:  # a file without http:// or https:// says nothing about which
        return stored == given or stored == given.replace("https://", "http://", 1)
    return stored == given


def _label(name: str) -> str:
    return str(FIELDS[name].label)


def _shown(account: Account, name: str) -> str:
    if name == "status":
        return str(account.get_status_display())
    value = getattr(account, name)
    return "" if value is None or value == "" else shortened(ACCOUNT_FIELDS[name].kind.shown(value), 120)


# A file says nothing of the role in buying: the model's most modest assumption, to be corrected by hand.
NEW_CONTACT = {"buying_role": Contact.BuyingRole.USER}
