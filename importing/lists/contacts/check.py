"""A list of contacts against the store: whom each row speaks of, and what would change. Nothing is written."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from accounts.field_kinds import SUPERIOR
from accounts.fields import CONTACT
from accounts.models import Account, Contact
from accounts.models.contact import CIRCLE, NO_REASON
from core.cached_translations import gettext as _
from core.cycles import nodes_on_cycles
from core.text_values import shortened
from importing.account_lookup import KnownAccounts
from importing.bounded import Shelf
from importing.lists.contacts.rows import ContactReader, ContactRow, Someone
from importing.mapping import Mapping
from importing.owner_lookup import Options
from importing.plan import Outcome
from importing.reading.table import Table
from importing.row_plan import NONE, RowPlan, by_account, shelved

NAMED = 5  # accounts in a sentence
TURNS = 10  # in which circles are looked for, after what was rejected for one
COLUMNS = tuple(field.name for field in CONTACT if field.column and field.kind is not SUPERIOR)
#: What a file leaves open of someone new: the model's most modest assumption, to be corrected by hand.
NEW = {"buying_role": Contact.BuyingRole.USER}
OF_ACCOUNTS = ("external_id", "account")  # what tells the account of a row, the surer first


class NoAccount(Exception):
    """The account of a row is not known, for a reason that is told of one of its fields; of none where it names no account."""

    def __init__(self, name: str = "", reason: str = "") -> None:
        super().__init__(reason)
        self.name = name


class People:
    """The contacts of some accounts, erased ones apart."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self.erased: set[int] = set()  # accounts
        self.above: dict[Someone, Someone] = {}  # whom each reports to
        self._by_email: dict[tuple[int, str], list[Contact]] = defaultdict(list)
        self._by_name: dict[tuple[int, str], list[Contact]] = defaultdict(list)
        for person in contacts:
            if person.erased_on:
                self.erased.add(person.account_id)
                continue
            self._by_name[person.account_id, person.name.casefold()].append(person)
            if person.email:
                self._by_email[person.account_id, person.email.casefold()].append(person)
            if person.reports_to_id:
                self.above["stored", person.pk] = "stored", person.reports_to_id

    def called(self, account_id: int, *, email: str = "", name: str = "") -> list[Contact]:
        """By the address; else by the name, who may be several."""
        found = self._by_email.get((account_id, email.casefold()), []) if email else []
        return found or self._by_name.get((account_id, name.casefold()), [])


@dataclass(frozen=True, slots=True)
class Learned:
    """The rows of a file as they were read, and what they call accounts."""

    rows: Shelf[ContactRow]
    texts: set[str]


def check(
    table: Table, mapping: Mapping, options: Options, *, lock: bool = False,
    tick: Callable[[int], None] = lambda rows: None,
) -> RowPlan:  # fmt: skip
    """What importing these people would do. `lock` holds the accounts and their contacts until the transaction ends.

    `tick` is told now and then how many rows are done. Statements: three, and one (with `lock` two) for each 500 accounts or
    2 000 rows.
    """
    reader = ContactReader(table, mapping, options.day_first)
    learned = table.once(("contacts", options.day_first, *mapping.items()), lambda: _learn(reader))
    known = KnownAccounts(learned.texts, options.by)
    accounts = array("q", (_account_of(row, known) for row in learned.rows))
    plan, notes = RowPlan(table), ErasedHere()
    for numbers in by_account(accounts, tick):
        rows = [learned.rows[number] for number in numbers]
        _set_accounts(rows, accounts, known, reader)
        people = People(_contacts({row.account_id for row in rows if row.account_id}, lock=lock))
        _find_people(rows, people, reader)
        _check_reasons(rows, reader)
        _find_bosses(rows, people, reader)
        for row in rows:
            if not row.problems:
                _compare(row)
            notes.meet(row)
            plan.put(row.number, row)
    plan.notes = notes.told()
    return plan


def _learn(reader: ContactReader) -> Learned:
    texts: set[str] = set()

    def rows() -> Iterator[ContactRow]:
        for row in reader.rows():
            texts.update(row.values[name] for name in OF_ACCOUNTS if name in row.values)
            yield row

    return Learned(shelved(rows(), len(reader.table.rows)), texts)


def _account_of(row: ContactRow, known: KnownAccounts) -> int:
    try:
        return _find_account(row, known)
    except NoAccount:
        return NONE


def _find_account(row: ContactRow, known: KnownAccounts) -> int:
    """The id of the stored account of which it speaks. Raises NoAccount."""
    given = [name for name in OF_ACCOUNTS if name in row.values]
    if not given:
        raise NoAccount
    for name in given:
        try:
            found = known.find(row.values[name], row.values.get("source", ""))
        except ValueError as error:
            raise NoAccount(name, str(error)) from error
        # An account with a number of its own is another one than that of the number in the row.
        if found and (name == given[0] or found not in known.numbered):
            return found
    reason = _("No account here is called “%(text)s”. Write its external id or exact name, or import the account first.")
    raise NoAccount(given[0], reason % {"text": shortened(row.values[given[0]])})


def _set_accounts(rows: Sequence[ContactRow], accounts: Sequence[int], known: KnownAccounts, reader: ContactReader) -> None:
    for row in rows:
        if found := accounts[row.number]:
            row.account_id, row.account_name = found, known.names[found]
            continue
        try:
            _find_account(row, known)
        except NoAccount as error:
            if error.name:
                row.problems.append(reader.problem(row.line, error.name, str(error)))


def _contacts(account_ids: Collection[int], *, lock: bool) -> Iterable[Contact]:
    people = Contact.objects.filter(account__in=account_ids).order_by("pk").select_related("reports_to")
    if lock:
        # The account first, as erasing does; then nobody adds a person while we look.
        list(Account.objects.filter(pk__in=account_ids).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
        people = people.select_for_update(of=("self",))
    return people


def _find_people(rows: Sequence[ContactRow], people: People, reader: ContactReader) -> None:
    """Match each row to a stored person; a second row of the same person is rejected, the first one counts."""
    taken: dict[Any, int] = {}
    addresses = {(row.account_id, row.email.casefold()) for row in rows if row.email}
    for row in rows:
        if not row.account_id or not row.name:
            continue
        found = people.called(row.account_id, email=row.email, name=row.name)
        if len(found) > 1:
            reason = _("More than one contact of this account is called “%(text)s”. Give the e-mail address.")
            row.problems.append(reader.problem(row.line, "name", reason % {"text": shortened(row.name)}))
            continue
        row.contact = found[0] if found else None
        if row.contact and row.email and row.contact.email.casefold() != row.email.casefold():
            # Found by name alone. Who has an address that stands in another row is someone else of that name.
            row.contact = None if (row.account_id, row.contact.email.casefold()) in addresses else row.contact
        if row.problems:
            continue
        marks: list[Any] = [row.contact.pk] if row.contact else []
        marks += [(row.account_id, row.email.casefold())] if row.email else []
        # Two of one name are two people if both have an address of their own.
        marks += [] if row.email else [(row.account_id, "name", row.name.casefold())]
        first = next((taken[mark] for mark in marks if mark in taken), None)
        if first:
            reason = _("This is the same person as in row %(row)s. Keep one of the two.")
            row.problems.append(reader.problem(row.line, "email" if row.email else "name", reason % {"row": first}))
            continue
        marks += [(row.account_id, "name", row.name.casefold())]
        for mark in marks:
            taken.setdefault(mark, row.line)
        row.erased_here = row.account_id in people.erased


def _check_reasons(rows: Sequence[ContactRow], reader: ContactReader) -> None:
    """Reject who would be left out of the decision without a reason, before somebody comes to report to them."""
    for row in rows:
        person = row.contact or Contact()
        part = row.values.get("part_of_decision", person.part_of_decision)
        if Contact.lacks_reason(part, row.values.get("not_part_because", person.not_part_because)):
            row.problems.append(reader.problem(row.line, "not_part_because", str(NO_REASON)))


def _find_bosses(rows: Sequence[ContactRow], people: People, reader: ContactReader) -> None:
    """Whom each row reports to: someone of the file at the same account, else someone stored there."""
    in_file: dict[tuple[int, str], list[ContactRow]] = defaultdict(list)
    for row in rows:
        if row.account_id and not row.problems:
            for word in {row.name.casefold(), row.email.casefold()} - {""}:
                in_file[row.account_id, word].append(row)
    for row in rows:
        text = row.values.get("reports_to", "")
        if not text or not row.account_id or row.problems:
            continue
        here = in_file.get((row.account_id, text.casefold()), [])
        stored = people.called(row.account_id, email=text, name=text)
        if len(here) + (not here and len(stored)) > 1:
            reason = _("More than one contact of this account is called “%(text)s”. Give the e-mail address.")
        elif not here and not stored:
            reason = _("No contact of this account is called “%(text)s”. Write an e-mail address or full name.")
        elif here == [row] or (not here and stored[0] is row.contact):
            reason = _("Nobody reports to oneself.")
        else:
            boss = here[0].contact if here else stored[0]
            row.boss = ("stored", boss.pk) if boss else here[0].someone
            continue
        row.problems.append(reader.problem(row.line, "reports_to", reason % {"text": shortened(text)}))
    _reject_below_rejected(rows, reader)
    _reject_circles(rows, people, reader)


def _reject_below_rejected(rows: Sequence[ContactRow], reader: ContactReader) -> None:
    """Who reports to someone new whose row is rejected cannot be stored as the row says."""
    below: dict[Someone, list[ContactRow]] = defaultdict(list)
    for row in rows:
        if row.boss:
            below[row.boss].append(row)
    rejected = [row for row in rows if row.problems and row.contact is None]
    while rejected:
        above = rejected.pop()
        for row in below.get(above.someone, []):
            if not row.problems:
                reason = _("This person reports to the one in row %(row)s, which is rejected.")
                row.problems.append(reader.problem(row.line, "reports_to", reason % {"row": above.line}))
                if row.contact is None:
                    rejected.append(row)


def _reject_circles(rows: Sequence[ContactRow], people: People, reader: ContactReader) -> None:
    """Reject what makes someone report to themselves by way of others.

    Of a rejected row holds what is stored, which can close another circle. At some point all that moves someone at that account
    is rejected: one wrong row in a list that turns a long line of people round would bring out the others one by one.
    """
    for turn in count(1):
        led = [row for row in rows if row.boss and not row.problems]
        moved = [row for row in led if people.above.get(row.someone) != row.boss]
        circles = nodes_on_cycles(people.above | {row.someone: row.boss for row in led if row.boss}) if moved else set()
        closing = [row for row in moved if row.someone in circles]
        if not closing:
            return
        for row in closing:
            row.problems.append(reader.problem(row.line, "reports_to", str(CIRCLE)))
        if turn >= TURNS:
            caught = {row.account_id for row in closing}
            for row in moved:
                if row.contact and row.account_id in caught and not row.problems:
                    reason = _("Another row makes a circle of people at this account. Correct that one first.")
                    row.problems.append(reader.problem(row.line, "reports_to", reason))
        _reject_below_rejected(rows, reader)


def _compare(row: ContactRow) -> None:
    """What of the row differs from what is stored: `columns` and `boss`."""
    given = {name: row.values[name] for name in COLUMNS if name in row.values}
    person = row.contact
    if person is None:
        row.columns = NEW | given
        return
    if given["name"] == row.email:  # the file gave only the address: the name that is stored says more
        del given["name"]
    if given.get("do_not_ask") is False:  # what someone asked of us is not undone by a list
        del given["do_not_ask"]
    row.columns = {name: value for name, value in given.items() if getattr(person, name) != value}
    if row.boss == ("stored", person.reports_to_id):
        row.boss = None


class ErasedHere:
    """Of an erased person nothing is left to know them by: who imports is told where one was, and looks."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}  # of some accounts the first row with someone new, as many as can be told

    def meet(self, row: ContactRow) -> None:
        if not row.erased_here or row.outcome is not Outcome.CREATED:
            return
        self._first[row.account_name] = min(row.number, self._first.get(row.account_name, row.number))
        if len(self._first) > NAMED + 1:
            del self._first[max(self._first, key=self._first.__getitem__)]

    def told(self) -> list[str]:
        """One sentence, with accounts in the order of the file; none if there are none."""
        if not self._first:
            return []
        names = sorted(self._first, key=self._first.__getitem__)
        told = ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
        return [
            _(
                "A contact was erased at accounts for which this file has new people: %(accounts)s. Make sure that it does "
                "not bring them back; leave out their rows if it does."
            )
            % {"accounts": told}
        ]
