"""A list of contacts, from its rows to what is stored."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from accounts.acts.changing import contact_snapshot
from accounts.field_kinds import DAY, SUPERIOR
from accounts.fields import CONTACT, CONTACT_FIELDS
from accounts.models import Account, Contact
from audit import trail
from core.bulk_insert import insert_many, new_row, reserved_ids
from core.bulk_update import update_many
from core.text_values import shortened
from importing.list_work import Changed, Difference, ListWork, Outcome, StoredRows, Tick, by_account, staged_outcome
from importing.lists.accounts.matching import StoredAccounts, changeable_of
from importing.lists.contacts.fields import FIELDS
from importing.lists.contacts.people import (
    People,
    PlannedContact,
    StoredPerson,
    check_reasons,
    find_bosses,
    find_people,
)
from importing.lists.contacts.row_questions import ContactQuestions
from importing.lists.contacts.rows import ContactReader
from importing.models import ImportRow
from importing.reading.table import Row, Table

NAMED = 5  # accounts in a sentence
COLUMNS = tuple(field.name for field in CONTACT if field.column and field.kind is not SUPERIOR)
#: What a file leaves open of someone new: the model's most modest assumption, to be corrected by hand.
NEW = {"buying_role": Contact.BuyingRole.USER}
OF_ACCOUNTS = ("external_id", "account")  # what tells the account of a row, the surer first
STAGED = ["object", "above", "above_stored", "is_above", "turn", "ask", "candidates", "earlier", "outcome", "problems"]


class ContactsWork(ListWork):
    decoders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        field.name: date.fromisoformat for field in CONTACT if field.kind is DAY
    }

    def reader(self, table: Table) -> ContactReader:
        return ContactReader.of(table, self.mapping, self.options)

    # --- reading

    def stage(self, reader: ContactReader, rows: Sequence[Row]) -> list[ImportRow]:
        staged = [self._staged(reader, row) for row in rows]
        self._find_accounts([row for row in staged if row.outcome != Outcome.PASSED_OVER])
        return staged

    def _staged(self, reader: ContactReader, row: Row) -> ImportRow:
        clean = reader.read(row)
        choice = self.choices.get(row.line, "")
        self.unknown.add(clean.unknown)
        return new_row(
            ImportRow, job_id=self.job.pk, line=row.line, cells=list(row.cells), values=clean.values, choice=choice,
            problems=[[problem.column, problem.reason] for problem in clean.problems],
            outcome=staged_outcome(clean, choice),
            identity=clean.values.get("email", "").casefold()[:200], name=clean.values.get("name", "").casefold()[:250],
        )  # fmt: skip

    def _find_accounts(self, rows: Sequence[ImportRow]) -> None:
        texts = {row.values[name] for row in rows for name in OF_ACCOUNTS if name in row.values}
        stored = StoredAccounts(texts, texts, self.options.by)
        found: list[ImportRow] = []
        for row in rows:
            try:
                row.account = self._account_of(row, stored)
            except _NoAccount as error:
                if error.field:
                    self.reject(row, error.field, str(error))
            else:
                found.append(row)
        changeable = changeable_of({row.account for row in found if row.account}, self.options.by)
        for row in found:
            if row.account not in changeable:
                name = next(name for name in OF_ACCOUNTS if name in row.values)
                self.reject(row, name, _("You may read this account but not change it."))
                row.account = None

    def _account_of(self, row: ImportRow, stored: StoredAccounts) -> int:
        """The id of the stored account of which it speaks. Raises _NoAccount."""
        given = [name for name in OF_ACCOUNTS if name in row.values]
        if not given:
            raise _NoAccount
        for name in given:
            try:
                found = stored.find(row.values[name], row.values.get("source", ""), self.options.by)
            except ValueError as error:
                raise _NoAccount(name, str(error)) from error
            # An account with a number of its own is another one than that of the number in the row.
            if found and (name == given[0] or found not in stored.numbered):
                return found
        reason = _("No account here is called “%(text)s”. Write its external id or exact name, or import the account first.")
        raise _NoAccount(given[0], reason % {"text": shortened(row.values[given[0]])})

    # --- comparing

    def settle(self, tick: Tick) -> None:
        done = 0
        for some in by_account(self.rows.exclude(outcome=Outcome.PASSED_OVER), 2 * self.most):
            before = [_staged_state(row) for row in some]
            self.plan(some)
            update_many([row for row, was in zip(some, before, strict=True) if _staged_state(row) != was], STAGED)
            done += len(some)
            tick(done)

    def plan(self, rows: Sequence[ImportRow]) -> list[PlannedContact]:
        """What these rows change, all rows of whole accounts; sets the outcome of each. At most two statements."""
        planned = [PlannedContact(row, self.read_values(row)) for row in rows]
        people = People(_contacts({row.account for row in rows if row.account}, lock=False))
        addresses = {(one.account, one.email.casefold()) for one in planned if one.email}
        find_people(planned, people, lambda: addresses, self.reject)
        check_reasons(planned, self.reject)
        find_bosses(planned, people, self.reject)
        self._compare(planned)
        return planned

    def _compare(self, planned: Sequence[PlannedContact]) -> None:
        for one in planned:
            if not one.problems:
                _compare(one)
            one.row.object = one.contact.pk if one.contact else None
            one.row.outcome = one.outcome

    # --- storing

    def store(self, rows: Sequence[ImportRow], note: str) -> StoredRows:
        planned = self._plan_stored(rows)
        created = [one for one in planned if one.row.outcome == Outcome.CREATED]
        ids = reserved_ids(Contact, len(created)) if created else []
        made = {one.row.line: pk for one, pk in zip(created, ids, strict=True)}
        self._set_bosses(planned, made)
        changes = _free_addresses([one.replaced for one in planned if one.replaced and not one.problems], note)
        changes += _create([one for one in created if one.row.outcome == Outcome.CREATED], made, note)
        changes += _update([one for one in planned if one.row.outcome == Outcome.UPDATED], note)
        for one in created:
            one.row.object = made[one.row.line]
        # Those who report to them are stored later; some were found only now, since others made them meanwhile.
        update_many([one.row for one in planned if one.row.is_above and not one.row.problems], ["object"])
        return StoredRows(changes)

    def _plan_stored(self, rows: Sequence[ImportRow]) -> list[PlannedContact]:
        """Whom each row speaks of now, locked, and what it changes."""
        planned = [PlannedContact(row, self.read_values(row)) for row in rows]
        ids = {row.account for row in rows if row.account}
        there = _lock_accounts(ids)
        people = People(_contacts(there, lock=True))
        changeable = changeable_of(there, self.options.by)
        for one in planned:
            if one.account not in changeable:
                self.reject(one.row, "account", _("This account is no longer there, or no longer yours to change."))
        find_people(planned, people, cache(lambda: self._addresses(ids)), self.reject)
        for one in planned:
            if one.row.above_stored and not one.problems:
                one.boss = ("stored", one.row.above_stored)
            elif one.row.above and not one.problems:
                one.boss = ("row", one.row.above)
        self._compare(planned)
        return planned

    def _addresses(self, accounts: set[int]) -> set[tuple[int, str]]:
        """The addresses that the file has at these accounts. One statement."""
        counted = self.rows.filter(account__in=accounts).exclude(identity="").exclude(outcome=Outcome.PASSED_OVER)
        return {(account or 0, email) for account, email in counted.values_list("account", "identity")}

    def _set_bosses(self, planned: Sequence[PlannedContact], made: Mapping[int, int]) -> None:
        """The id of each superior, of whom the file makes some."""
        lines = {one.boss[1] for one in planned if one.boss and one.boss[0] == "row"}
        above = dict(made)
        if lines:
            stored = self.rows.filter(line__in=lines).exclude(object=None).values_list("line", "object")
            above |= {line: pk or 0 for line, pk in stored}
        wanted = {one.boss[1] for one in planned if one.boss and one.boss[0] == "stored"} | set(above.values())
        there = dict(Contact.objects.filter(pk__in=wanted, erased_on=None).values_list("pk", "account_id")) if wanted else {}
        fresh = set(made.values())
        for one in planned:
            if one.boss is None or one.problems:
                continue
            where, number = one.boss
            boss = above.get(number) if where == "row" else number
            if boss is None or (there.get(boss) != one.account and boss not in fresh):
                self.reject(one.row, "reports_to", _("The one they report to is no longer there."))
            elif one.contact and one.contact.reports_to_id == boss:
                one.row.outcome = Outcome.UPDATED if one.columns else Outcome.UNCHANGED
            else:
                one.columns["reports_to_id"] = boss

    # --- showing

    def offers(self) -> ContactQuestions:
        return ContactQuestions(self)

    def notes(self) -> list[str]:
        """Of an erased person nothing is left to know them by: who imports is told where one was, and looks."""
        rows = self.rows.filter(outcome=Outcome.CREATED, account__in=_with_erased(self.rows.values("account")))
        accounts: dict[int | None, None] = dict.fromkeys(rows.order_by("line").values_list("account", flat=True)[:1000])
        if not accounts:
            return []
        first = [pk for pk in accounts if pk][: NAMED + 1]
        names = dict(Account.objects.filter(pk__in=first).values_list("pk", "name"))
        told = ", ".join(names[pk] for pk in first[:NAMED]) + (" …" if len(first) > NAMED else "")
        return [
            _(
                "A contact was erased at accounts for which this file has new people: %(accounts)s. Make sure that it does "
                "not bring them back; leave out their rows if it does."
            )
            % {"accounts": told}
        ]

    def created(self, rows: Sequence[ImportRow]) -> list[dict[str, Any]]:
        accounts = {row.account for row in rows if row.account}
        names = dict(Account.objects.filter(pk__in=accounts).values_list("pk", "name"))
        erased = set(_with_erased(accounts).values_list("account", flat=True))
        shown = []
        for row in rows:
            values = self.read_values(row)
            texts = {name: values.get(name, "") for name in ("name", "title", "email")}
            role = str(Contact.BuyingRole((NEW | values)["buying_role"]).label)
            shown.append(texts | {"account": names.get(row.account or 0, ""), "erased_here": row.account in erased, "role": role})
        return shown

    def changed(self, rows: Sequence[ImportRow]) -> list[Changed]:
        people = Contact.objects.select_related("account", "reports_to").in_bulk([row.object for row in rows if row.object])
        found = []
        for row in rows:
            person = people.get(row.object or 0)
            if person is None:
                continue
            one = PlannedContact(row, self.read_values(row), person)
            _compare(one)
            found.append(Changed(f"{person.name} · {person.account.name}", _differences(one, person)))
        return found


def _staged_state(row: ImportRow) -> list[Any]:
    return [list(value) if isinstance(value := getattr(row, name), list) else value for name in STAGED]


class _NoAccount(Exception):
    """The account of a row is not known, for a reason that is told of one of its fields; of none where it names no account."""

    def __init__(self, field: str = "", reason: str = "") -> None:
        super().__init__(reason)
        self.field = field


def _with_erased(accounts: Any) -> Any:
    return Contact.objects.filter(account__in=accounts).exclude(erased_on=None).order_by().values("account")


def _lock_accounts(ids: Collection[int]) -> set[int]:
    """Those that are there, locked: nobody adds a person to them until the transaction ends."""
    accounts = Account.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    return set(accounts.values_list("pk", flat=True))


def _contacts(accounts: Collection[int], *, lock: bool) -> Iterable[StoredPerson]:
    people = Contact.objects.filter(account__in=accounts).order_by("pk")
    people = people.select_for_update(of=("self",)) if lock else people
    return people.values_list("pk", "account_id", "reports_to_id", "erased_on", *COLUMNS, named=True)


def _compare(one: PlannedContact) -> None:
    """What of the row differs from what is stored: `columns` and `boss`."""
    given = {name: one.given[name] for name in COLUMNS if name in one.given}
    person = one.contact
    if person is None:
        one.columns = NEW | given
        return
    if given.get("name") == one.email:  # the file gave only the address: the name that is stored says more
        del given["name"]
    if given.get("do_not_ask") is False:  # what someone asked of us is not undone by a list
        del given["do_not_ask"]
    one.columns = {name: value for name, value in given.items() if getattr(person, name) != value}
    if one.boss == ("stored", person.reports_to_id):
        one.boss = None


def _create(rows: Sequence[PlannedContact], made: Mapping[int, int], note: str) -> list[trail.Change]:
    people = [new_row(Contact, id=made[one.row.line], account_id=one.account, **one.columns) for one in rows]
    insert_many(people)
    return [trail.Change("contact.created", person, after=contact_snapshot(person), note=note) for person in people]


def _update(rows: Sequence[PlannedContact], note: str) -> list[trail.Change]:
    """Store what differs, each with its version raised, so that a form opened before is stale."""
    changes, people, names = [], [], {"version"}
    stored = _whole([one.contact for one in rows])
    for one in rows:
        if one.contact is None:
            continue
        person = stored[one.contact.pk]
        before = contact_snapshot(person)
        for name, value in one.columns.items():
            setattr(person, name, value)
        names |= {name.removesuffix("_id") for name in one.columns}
        person.version += 1
        people.append(person)
        changes.append(trail.Change("contact.changed", person, *trail.difference(before, contact_snapshot(person)), note))
    update_many(people, sorted(names))
    return changes


def _whole(people: Iterable[StoredPerson | None]) -> dict[int, Contact]:
    """These people with all their columns, by id; they are locked already. At most one statement."""
    return Contact.objects.in_bulk([person.pk for person in people if person])


def _free_addresses(replaced: Sequence[StoredPerson], note: str) -> list[trail.Change]:
    """Take the address from those whose mailbox somebody else has now."""
    stored = _whole(replaced)
    changes, people = [], [stored[person.pk] for person in replaced]
    for person in people:
        before = contact_snapshot(person)
        person.email, person.version = "", person.version + 1
        changes.append(trail.Change("contact.changed", person, *trail.difference(before, contact_snapshot(person)), note))
    update_many(people, ["email", "version"])
    return changes


def _differences(one: PlannedContact, person: Contact) -> list[Difference]:
    """Field by field, for whoever looks at it before it is stored."""
    found = [
        Difference(str(FIELDS[name].label), _shown(person, name), _shown(Contact(**{name: value}), name))
        for name, value in one.columns.items()
    ]
    if one.row.above or (one.row.above_stored and one.row.above_stored != person.reports_to_id):
        before = person.reports_to.name if person.reports_to else ""
        found.append(Difference(str(FIELDS["reports_to"].label), before, one.given.get("reports_to", "")))
    return found


def _shown(person: Contact, name: str) -> str:
    value = getattr(person, name)
    if value is None or value == "":
        return ""
    display = getattr(person, f"get_{name}_display", None)
    return str(display()) if display else CONTACT_FIELDS[name].kind.shown(value)
