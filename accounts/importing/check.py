"""The third step of an import: every row is checked against the rules and the store. Nothing is written."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _

from accounts.importing.mapping import FIELDS, Mapping
from accounts.importing.matching import StoredAccounts, Unmatched, load, match, stored_accounts
from accounts.importing.parents import resolve_parents
from accounts.importing.people import Directory, Options
from accounts.importing.plan import Difference, Plan, PlannedRow
from accounts.importing.read import Table
from accounts.importing.rows import MAX_TAGS, CleanRow, RowReader
from accounts.importing.values import shortened
from accounts.models import Account, Contact

TICK = 500  # rows
OWN_COLUMNS = (
    "name", "external_id", "source", "segment", "country", "city", "website", "employees", "revenue",
    "currency", "customer_since", "status", "notes",
)  # fmt: skip


def check(
    table: Table, mapping: Mapping, options: Options, *, lock: bool = False, tick: Callable[[int], None] = lambda rows: None
) -> Plan:
    """What importing this table would do. `lock` holds the stored accounts until the transaction ends.

    `tick` is told every 500 rows how many are read.

    Statements: a fixed number and three for each 500 accounts that are stored already.
    """
    reader = RowReader(table, mapping)
    planned = []
    for number, clean in enumerate(reader.rows(), start=1):
        planned.append(PlannedRow(clean))
        if number % TICK == 0:
            tick(number)
    _reject_doubles([row.clean for row in planned], reader)
    stored = stored_accounts([row.clean for row in planned], options)
    _match_rows(planned, stored, reader)
    accounts = load({row.account_id for row in planned if row.account_id}, lock=lock)
    directory = Directory(options)
    for row in planned:
        if row.account_id:
            row.account = accounts[row.account_id]
        _resolve_people(row, directory, reader)

    def reject_parent(row: PlannedRow, reason: str) -> None:
        row.clean.problems.append(reader.problem(row.line, "parent", reason))

    resolve_parents(planned, stored, reject_parent)
    names_of_parents = _names_of_parents(planned, options)
    for row in planned:
        if not row.rejected:
            _plan_contact(row)
            _plan_account(row, options, names_of_parents, reader)
    return Plan(planned)


def _reject_doubles(rows: list[CleanRow], reader: RowReader) -> None:
    """The first row of an account counts; a later one of the same external id or name is rejected.

    Rows of one name are two accounts when both have an external id.
    """
    ids: dict[tuple[str, str], int] = {}
    names: dict[str, int] = {}
    without_id: dict[str, int] = {}
    for row in rows:
        name = row.name.casefold()
        if row.identity is not None:
            if row.identity in ids:
                reason = _("“%(text)s” stands in row %(row)s already.")
                reason %= {"text": shortened(row.identity[1]), "row": ids[row.identity]}
                row.problems.append(reader.problem(row.line, "external_id", reason))
                continue
            ids[row.identity] = row.line
        other = without_id.get(name) if row.identity else names.get(name)
        if name and other:
            reason = _("“%(text)s” stands in row %(row)s already. Give both an external id if they are two accounts.")
            row.problems.append(reader.problem(row.line, "name", reason % {"text": shortened(row.name), "row": other}))
            continue
        names.setdefault(name, row.line)
        if row.identity is None:
            without_id.setdefault(name, row.line)


def _match_rows(planned: list[PlannedRow], stored: StoredAccounts, reader: RowReader) -> None:
    times = Counter(row.clean.name.casefold() for row in planned)
    taken: dict[int, int] = {}
    for row in planned:
        clean = row.clean
        try:
            found = match(clean, stored, name_is_unique=times[clean.name.casefold()] == 1)
            if found is None:
                if not clean.name and not clean.problems:
                    raise Unmatched("name", _("An account needs a name."))
                continue
            row.account_id = found
            if found in taken and not clean.problems:
                raise Unmatched("name", _("It is the same account as row %(row)s.") % {"row": taken[found]})
            if found not in stored.changeable:
                raise Unmatched("name", _("You may read this account but not change it."))
        except Unmatched as error:
            clean.problems.append(reader.problem(clean.line, error.column, str(error)))
            continue
        taken.setdefault(found, row.line)


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


def _plan_account(row: PlannedRow, options: Options, names_of_parents: dict, reader: RowReader) -> None:
    """What of the row differs from what is stored: `columns`, `new_tags` and, for people, `differences`."""
    given, account = row.clean.values, row.account
    if "revenue" in given and "currency" not in given and options.currency:
        given["currency"] = options.currency
    stated = {name: given[name] for name in OWN_COLUMNS if name in given} | row.columns
    if account is None:
        row.columns = {"currency": settings.REPORTING_CURRENCY} | stated
        row.new_tags = given.get("tags", [])
        return
    row.columns = {name: value for name, value in stated.items() if not _same(name, getattr(account, name), value)}
    row.differences = [
        Difference(_label(name), _shown(account, name), _shown(Account(**{name: value}), name))
        for name, value in row.columns.items()
    ]
    if row.parent == ("stored", account.parent_id):
        row.parent = None
    if row.parent:
        row.differences.append(
            Difference(
                _label("parent"),
                names_of_parents.get(("stored", account.parent_id or 0), ""),
                names_of_parents[row.parent],
            )
        )
    present = {tag.name.casefold(): tag.name for tag in account.tags.all()}
    row.new_tags = [name for name in given.get("tags", []) if name.casefold() not in present]
    if len(present) + len(row.new_tags) > MAX_TAGS:
        row.clean.problems.append(reader.problem(row.line, "tags", _("At most %(most)s tags.") % {"most": MAX_TAGS}))
    if row.new_tags:
        before = list(present.values())
        row.differences.append(Difference(_label("tags"), ", ".join(before), ", ".join([*before, *row.new_tags])))
    row.differences += _contact_differences(row)


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


def _contact_differences(row: PlannedRow) -> list[Difference]:
    return [
        Difference(_label(f"contact_{name}"), getattr(row.contact, name) if row.contact else "", value)
        for name, value in row.contact_columns.items()
        if value
    ]


def _names_of_parents(planned: list[PlannedRow], options: Options) -> dict[tuple[str, int], str]:
    """The names of parents as they are and as they become; not of those that the importer does not see."""
    changing = [row for row in planned if row.parent]
    wanted = {row.parent[1] for row in changing if row.parent and row.parent[0] == "stored"}
    wanted |= {row.account.parent_id for row in changing if row.account and row.account.parent_id}
    accounts = Account.objects.visible_to(options.by) if options.by else Account.objects.all()
    stored = accounts.filter(pk__in=wanted).values_list("pk", "name")
    return {("stored", pk): name for pk, name in stored} | {("row", row.line): row.name for row in planned}


def _same(name: str, stored: Any, given: Any) -> bool:
    if name == "website":  # a file without http:// or https:// says nothing about which
        return stored == given or stored == given.replace("https://", "http://", 1)
    return stored == given


def _label(name: str) -> str:
    return str(FIELDS[name].label)


def _shown(account: Account, name: str) -> str:
    if name == "status":
        return str(account.get_status_display())
    if name == "country":
        return account.country_name
    value = getattr(account, name)
    if value is None or value == "":
        return ""
    if name in {"revenue", "employees"}:
        return formats.number_format(value, force_grouping=True)
    if name == "customer_since":
        return formats.date_format(value)
    return shortened(str(value), 120)


# A file says nothing of the role in buying: the model's most modest assumption, to be corrected by hand.
NEW_CONTACT = {"buying_role": Contact.BuyingRole.USER}
