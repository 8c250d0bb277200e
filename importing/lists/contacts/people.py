"""Whom the rows of a list of contacts speak of: the rows of whole accounts, beside the people who are stored there."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Contact
from accounts.models.contact import CIRCLE, NO_REASON
from core.cycles import nodes_on_cycles
from core.text_values import shortened
from importing.list_work import Outcome, Values
from importing.models import ImportRow
from importing.row_choices import RENAMED, TAKEN_OVER, WITHOUT_ADDRESS

TURNS = 10  # in which circles are looked for, after what was rejected for one
MAILBOX, OTHER_NAME = "mailbox", "renamed"  # what a row asks: an address of two rows, and one of somebody of another name

#: A person: (“stored”, id), or (“row”, line) of the row that makes them.
type Someone = tuple[str, int]
#: A contact, or a named tuple of its id and columns: where many are looked at, it takes a tenth of the time to read.
type StoredPerson = Any
type Addresses = Callable[[], set[tuple[int, str]]]
type Reject = Callable[[ImportRow, str, str], None]


@dataclass(slots=True, eq=False)
class PlannedContact:
    """A row with what it does; `given` are the values of the file."""

    row: ImportRow
    given: Values
    contact: StoredPerson | None = None  # of whom the row speaks
    columns: dict[str, Any] = field(default_factory=dict)  # what to store
    boss: Someone | None = None  # who they report to
    replaced: StoredPerson | None = None  # whose address this person has now

    @property
    def name(self) -> str:
        return self.given.get("name", "")

    @property
    def email(self) -> str:
        return self.given.get("email", "")

    @property
    def account(self) -> int:
        return self.row.account or 0

    @property
    def someone(self) -> Someone:
        """The one of whom it speaks, stored or not."""
        return ("stored", self.contact.pk) if self.contact else ("row", self.row.line)

    @property
    def problems(self) -> list:
        return self.row.problems

    @property
    def outcome(self) -> Outcome:
        if self.row.problems:
            return Outcome.REJECTED
        if self.contact is None:
            return Outcome.CREATED
        return Outcome.UPDATED if self.columns or self.boss else Outcome.UNCHANGED


class People:
    """The contacts of some accounts, erased ones apart."""

    def __init__(self, contacts: Iterable[StoredPerson]) -> None:
        self.above: dict[Someone, Someone] = {}  # whom each reports to
        self._by_email: dict[tuple[int, str], list[StoredPerson]] = defaultdict(list)
        self._by_name: dict[tuple[int, str], list[StoredPerson]] = defaultdict(list)
        for person in contacts:
            if person.erased_on:
                continue
            self._by_name[person.account_id, person.name.casefold()].append(person)
            if person.email:
                self._by_email[person.account_id, person.email.casefold()].append(person)
            if person.reports_to_id:
                self.above["stored", person.pk] = "stored", person.reports_to_id

    def called(self, account: int, *, email: str = "", name: str = "") -> list[StoredPerson]:
        """By the address; else by the name, who may be several."""
        found = self._by_email.get((account, email.casefold()), []) if email else []
        return found or self._by_name.get((account, name.casefold()), [])


def find_people(rows: Sequence[PlannedContact], people: People, addresses: Addresses, reject: Reject) -> None:
    """Match each row to a stored person; a second row of the same person is rejected, the first one counts.

    `addresses` returns those of the whole file, each with its account.
    """
    taken: dict[Any, PlannedContact] = {}
    for one in rows:
        row = one.row
        if not one.name:
            continue
        found = people.called(one.account, email=one.email, name=one.name)
        if len(found) > 1:
            reason = _("More than one contact of this account is called “%(text)s”. Give the e-mail address.")
            reject(row, "name", reason % {"text": shortened(one.name)})
            continue
        one.contact = found[0] if found else None
        if one.contact and one.email and one.contact.email.casefold() != one.email.casefold():
            # Found by name alone. Who has an address that stands in another row is someone else of that name.
            one.contact = None if (one.account, one.contact.email.casefold()) in addresses() else one.contact
        if row.problems:
            continue
        if not _is_first(one, people, taken, reject):
            continue
        _settle_other_name(one, people, reject)


def _is_first(one: PlannedContact, people: People, taken: dict[Any, PlannedContact], reject: Reject) -> bool:
    """Whether no row before speaks of the same person or has the same address."""
    row = one.row
    marks: list[Any] = [one.contact.pk] if one.contact else []
    marks += [(one.account, one.email.casefold())] if one.email else []
    # Two of one name are two people if both have an address of their own.
    marks += [] if one.email else [(one.account, "name", one.name.casefold())]
    first = next((taken[mark] for mark in marks if mark in taken), None)
    if first is None:
        for mark in [*marks, (one.account, "name", one.name.casefold())]:
            taken.setdefault(mark, one)
        return True
    if one.email and first.email.casefold() == one.email.casefold() and first.name.casefold() != one.name.casefold():
        if row.choice == WITHOUT_ADDRESS:
            _without_address(one, people)
            return _is_first(one, people, taken, reject)
        row.ask, row.earlier = MAILBOX, first.row.line
        reason = _("The address %(email)s is that of %(name)s in row %(row)s. In one account an address stands once.")
        reject(row, "email", reason % {"email": one.email, "name": first.name, "row": first.row.line})
        return False
    reason = _("This is the same person as in row %(row)s. Keep one of the two.")
    reject(row, "email" if one.email else "name", reason % {"row": first.row.line})
    return False


def _without_address(one: PlannedContact, people: People) -> None:
    """It is known by the name alone."""
    del one.given["email"]
    others = people.called(one.account, name=one.name)
    one.contact = others[0] if len(others) == 1 else None


def _settle_other_name(one: PlannedContact, people: People, reject: Reject) -> None:
    """Somebody is stored with this address and another name: the same person, or one who took over the mailbox."""
    person, row = one.contact, one.row
    if person is None or not one.email or one.name == one.email or person.name == person.email:
        return
    if person.email.casefold() != one.email.casefold() or _same_name(person.name, one.name):
        return
    row.ask, row.candidates = OTHER_NAME, [person.pk]
    if row.choice == RENAMED:
        return
    if row.choice == TAKEN_OVER:
        others = [found for found in people.called(one.account, name=one.name) if found.pk != person.pk]
        one.replaced, one.contact = person, others[0] if len(others) == 1 else None
        return
    if row.choice == WITHOUT_ADDRESS:
        _without_address(one, people)
        return
    reason = _("%(name)s has the address %(email)s here. Say whether this is the same person under another name.")
    reject(row, "email", reason % {"name": person.name, "email": person.email})


def _same_name(stored: str, given: str) -> bool:
    """Whether two names can be those of one person: the words of one are among those of the other, or their initials."""
    one, other = ([word.strip(".,") for word in name.casefold().split()] for name in (stored, given))
    few, many = sorted((one, other), key=len)
    return all(any(word == full or word == full[:1] or full == word[:1] for full in many) for word in few)


def check_reasons(rows: Sequence[PlannedContact], reject: Reject) -> None:
    """Reject who would be left out of the decision without a reason, before somebody comes to report to them."""
    nobody = Contact()
    for one in rows:
        person = one.contact or nobody
        part = one.given.get("part_of_decision", person.part_of_decision)
        if Contact.lacks_reason(part, one.given.get("not_part_because", person.not_part_because)):
            reject(one.row, "not_part_because", str(NO_REASON))


def find_bosses(rows: Sequence[PlannedContact], people: People, reject: Reject) -> None:
    """Whom each row reports to: someone of the file at the same account, else someone stored there."""
    in_file: dict[tuple[int, str], list[PlannedContact]] = defaultdict(list)
    for one in rows:
        if not one.problems:
            for word in {one.name.casefold(), one.email.casefold()} - {""}:
                in_file[one.account, word].append(one)
    for one in rows:
        text = one.given.get("reports_to", "")
        if not text or one.problems:
            continue
        here = in_file.get((one.account, text.casefold()), [])
        stored = people.called(one.account, email=text, name=text)
        if len(here) + (not here and len(stored)) > 1:
            reason = _("More than one contact of this account is called “%(text)s”. Give the e-mail address.")
        elif not here and not stored:
            reason = _("No contact of this account is called “%(text)s”. Write an e-mail address or full name.")
        elif here == [one] or (not here and stored[0] is one.contact):
            reason = _("Nobody reports to oneself.")
        else:
            boss = here[0].contact if here else stored[0]
            one.boss = ("stored", boss.pk) if boss else here[0].someone
            continue
        reject(one.row, "reports_to", reason % {"text": shortened(text)})
    _reject_below_rejected(rows, reject)
    _reject_circles(rows, people, reject)
    _set_turns(rows)


def _reject_below_rejected(rows: Sequence[PlannedContact], reject: Reject) -> None:
    """Who reports to someone new whose row is rejected cannot be stored as the row says."""
    below: dict[Someone, list[PlannedContact]] = defaultdict(list)
    for one in rows:
        if one.boss:
            below[one.boss].append(one)
    rejected = [one for one in rows if one.problems and one.contact is None]
    while rejected:
        above = rejected.pop()
        for one in below.get(above.someone, []):
            if not one.problems:
                reason = _("This person reports to the one in row %(row)s, which is rejected.")
                reject(one.row, "reports_to", reason % {"row": above.row.line})
                if one.contact is None:
                    rejected.append(one)


def _reject_circles(rows: Sequence[PlannedContact], people: People, reject: Reject) -> None:
    """Reject what makes someone report to themselves by way of others.

    Of a rejected row holds what is stored, which can close another circle. At some point all that moves someone at that account
    is rejected.
    """
    for turn in range(1, TURNS + 1):
        led = [one for one in rows if one.boss and not one.problems]
        moved = [one for one in led if people.above.get(one.someone) != one.boss]
        circles = nodes_on_cycles(people.above | {one.someone: one.boss for one in led if one.boss}) if moved else set()
        closing = [one for one in moved if one.someone in circles]
        if not closing:
            return
        for one in closing:
            reject(one.row, "reports_to", str(CIRCLE))
        if turn >= TURNS:
            caught = {one.account for one in closing}
            for one in moved:
                if one.contact and one.account in caught and not one.problems:
                    reason = _("Another row makes a circle of people at this account. Correct that one first.")
                    reject(one.row, "reports_to", reason)
        _reject_below_rejected(rows, reject)


def _set_turns(rows: Sequence[PlannedContact]) -> None:
    """Store with each row whom it reports to; who stands below new people comes after them."""
    by_line = {one.row.line: one for one in rows}
    for one in rows:
        one.row.above = one.row.above_stored = None
        if one.boss and not one.problems:
            where, number = one.boss
            if where == "row":
                one.row.above, by_line[number].row.is_above = number, True
            else:
                one.row.above_stored = number
    for one in rows:
        path, step = [], one.row
        while step.above and step.turn == 0:
            path.append(step)
            step = by_line[step.above].row
        depth = step.turn
        for below in reversed(path):
            depth += 1
            below.turn = depth
