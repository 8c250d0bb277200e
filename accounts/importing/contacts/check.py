"""A list of contacts against the store: whom each row speaks of, and what would change. Nothing is written."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import batched
from typing import Any

from django.utils.translation import gettext as _

from accounts.importing.contacts.rows import ContactReader, ContactRow
from accounts.importing.kinds import RowPlan
from accounts.importing.known import KnownAccounts
from accounts.importing.mapping import Mapping
from accounts.importing.people import Options
from accounts.importing.plan import Outcome
from accounts.importing.read import Table
from accounts.importing.values import shortened
from accounts.models import Account, Contact

BATCH = 500
TICK = 500  # rows
NAMED = 5  # accounts in a sentence
COLUMNS = ("name", "email", "title", "buying_role", "influence", "language", "active", "do_not_ask")
#: What a file leaves open of someone new: the model's most modest assumption, to be corrected by hand.
NEW = {"buying_role": Contact.BuyingRole.USER}


class People:
    """The contacts of some accounts, erased ones apart."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self.erased: set[int] = set()  # accounts
        self._by_email: dict[tuple[int, str], list[Contact]] = defaultdict(list)
        self._by_name: dict[tuple[int, str], list[Contact]] = defaultdict(list)
        for person in contacts:
            if person.erased_on:
                self.erased.add(person.account_id)
                continue
            self._by_name[person.account_id, person.name.casefold()].append(person)
            if person.email:
                self._by_email[person.account_id, person.email.casefold()].append(person)

    def called(self, account_id: int, *, email: str = "", name: str = "") -> list[Contact]:
        """By the address; else by the name, who may be several."""
        found = self._by_email.get((account_id, email.casefold()), []) if email else []
        return found or self._by_name.get((account_id, name.casefold()), [])


def check(
    table: Table, mapping: Mapping, options: Options, *, lock: bool = False,
    tick: Callable[[int], None] = lambda rows: None,
) -> RowPlan:  # fmt: skip
    """What importing these people would do. `lock` holds the accounts and their contacts until the transaction ends.

    `tick` is told every 500 rows how many are read. Statements: three, and one (with `lock` two) for each 500 accounts.
    """
    reader = ContactReader(table, mapping)
    rows = []
    for number, row in enumerate(reader.rows(), start=1):
        rows.append(row)
        if number % TICK == 0:
            tick(number)
    _find_accounts(rows, options, reader)
    ids = {row.account_id for row in rows if row.account_id}
    people = People(_contacts(ids, lock=lock))
    _find_people(rows, people, reader)
    _find_bosses(rows, people, reader)
    for row in rows:
        if not row.problems:
            _compare(row)
    return RowPlan(table, rows, _notes(rows, people))


def _find_accounts(rows: Sequence[ContactRow], options: Options, reader: ContactReader) -> None:
    names = ("external_id", "account")
    known = KnownAccounts((row.values[name] for row in rows for name in names if name in row.values), options.by)
    for row in rows:
        given = [name for name in names if name in row.values]
        for name in given:
            try:
                found = known.find(row.values[name], row.values.get("source", ""))
            except ValueError as error:
                row.problems.append(reader.problem(row.line, name, str(error)))
                break
            # An account with a number of its own is another one than that of the number in the row.
            if found and (name == given[0] or found not in known.numbered):
                row.account_id, row.account_name = found, known.names[found]
                break
        else:
            if given:
                reason = _(
                    "No account here is called “%(text)s”. Write its external id or exact name, or import the account first."
                )
                row.problems.append(reader.problem(row.line, given[0], reason % {"text": shortened(row.values[given[0]])}))


def _contacts(account_ids: Iterable[int], *, lock: bool) -> Iterable[Contact]:
    for batch in batched(sorted(account_ids), BATCH):
        people = Contact.objects.filter(account__in=batch).order_by("pk").select_related("reports_to")
        if lock:
            # The account first, as erasing does; then nobody adds a person while we look.
            list(Account.objects.filter(pk__in=batch).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
            people = people.select_for_update(of=("self",))
        yield from people


def _find_people(rows: Sequence[ContactRow], people: People, reader: ContactReader) -> None:
    """Match each row to a stored person; a second row of the same person is rejected, the first one counts."""
    taken: dict[Any, int] = {}
    addresses = {(row.account_id, row.email.casefold()) for row in rows if row.email}
    for row in rows:
        if row.account_id is None or not row.name:
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


def _find_bosses(rows: Sequence[ContactRow], people: People, reader: ContactReader) -> None:
    """Whom each row reports to: someone of the file at the same account, else someone stored there."""
    in_file: dict[tuple[int, str], list[ContactRow]] = defaultdict(list)
    for row in rows:
        if row.account_id and not row.problems:
            for word in {row.name.casefold(), row.email.casefold()} - {""}:
                in_file[row.account_id, word].append(row)
    for row in rows:
        text = row.values.get("reports_to", "")
        if not text or row.account_id is None or row.problems:
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
            row.boss = ("stored", boss.pk) if boss else ("row", here[0].line)
            continue
        row.problems.append(reader.problem(row.line, "reports_to", reason % {"text": shortened(text)}))
    _reject_below_rejected(rows, reader)


def _reject_below_rejected(rows: Sequence[ContactRow], reader: ContactReader) -> None:
    """Who reports to someone new whose row is rejected cannot be stored as the row says."""
    below: dict[int, list[ContactRow]] = defaultdict(list)
    for row in rows:
        if row.boss and row.boss[0] == "row":
            below[row.boss[1]].append(row)
    rejected = [row.line for row in rows if row.problems]
    while rejected:
        line = rejected.pop()
        for row in below.get(line, []):
            if not row.problems:
                reason = _("This person reports to the one in row %(row)s, which is rejected.")
                row.problems.append(reader.problem(row.line, "reports_to", reason % {"row": line}))
                rejected.append(row.line)


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
    if row.outcome is Outcome.UNCHANGED:  # most rows of a list that comes again: nobody asks what they say
        row.values = {}


def _notes(rows: Sequence[ContactRow], people: People) -> list[str]:
    """Of an erased person nothing is left to know them by: who imports is told where one was, and looks."""
    names = dict.fromkeys(row.account_name for row in rows if row.erased_here and row.outcome is Outcome.CREATED)
    if not names:
        return []
    told = ", ".join(list(names)[:NAMED]) + (" …" if len(names) > NAMED else "")
    return [
        _(
            "A contact was erased at accounts for which this file has new people: %(accounts)s. Make sure that it does "
            "not bring them back; leave out their rows if it does."
        )
        % {"accounts": told}
    ]
