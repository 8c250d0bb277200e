"""A list whose rows are planned account by account: whatever lies between the rows of one account, the outcome is the same."""

import csv
import tracemalloc
from array import array

import pytest
from importing.bounded import Shelf
from importing.plan import Outcome
from importing.row_plan import by_account

from accounts.acts.erasure import erase_contact
from accounts.models import Account, Contact
from audit import trail
from audit.models import Event
from importing import row_plan
from importing.lists.contacts import apply as applying
from importing.lists.contacts import check as checking
from importing.lists.contacts.fields import guess
from importing.owner_lookup import Options
from importing.reading.table import read_table
from importing.rejected import rejected_csv
from tests.factories import make_account, make_contact, make_user
from tests.importing.contact_lists import apply, plan

CREATED, UPDATED, REJECTED = Outcome.CREATED, Outcome.UPDATED, Outcome.REJECTED


@pytest.fixture
def small(monkeypatch):
    """One account at a time is planned, and two rows are stored."""
    monkeypatch.setattr(row_plan, "ACCOUNTS", 1)
    monkeypatch.setattr(applying, "BATCH", 2)


@pytest.fixture
def manager(db):
    manager = make_user()
    for name in ("Zeta", "Acme", "Miro"):
        make_account(name=name, owner=manager)
    return manager


# --- The shelf


def test_what_is_put_on_a_shelf_is_found_by_its_number_in_whatever_order():
    shelf = Shelf(4)
    for number in (2, 0, 3):
        shelf.put(number, {"number": number})
    assert [shelf[number]["number"] for number in (3, 0, 2, 0)] == [3, 0, 2, 0]
    shelf.put(1, {"number": 1})
    assert [thing["number"] for thing in shelf] == [0, 1, 2, 3]
    assert len(shelf) == 4


def test_where_nothing_was_put_nothing_is_found():
    shelf = Shelf(2)
    shelf.put(0, None)
    assert shelf[0] is None
    with pytest.raises(KeyError):
        shelf[1]


def test_what_comes_from_a_shelf_is_a_copy_until_it_is_put_back():
    shelf = Shelf(2)
    shelf.put(0, ["a"])
    shelf[0].append("b")
    assert shelf[0] == ["a"]
    shelf.put(0, ["a", "b"])
    shelf.put(1, ["c"])
    assert list(shelf) == [["a", "b"], ["c"]]


def test_two_may_go_along_a_shelf_at_once():
    shelf = Shelf(3)
    for number in range(3):
        shelf.put(number, number)
    assert list(zip(shelf, shelf, strict=True)) == [(0, 0), (1, 1), (2, 2)]


# --- Which rows are planned together


@pytest.mark.parametrize(
    ("accounts", "most_accounts", "most_rows", "expected"),
    [
        ([7, 5, 7, 5], 500, 2000, [[1, 3, 0, 2]]),
        ([7, 5, 7, 5], 1, 2000, [[1, 3], [0, 2]]),
        ([7, 5, 7, 5], 500, 3, [[1, 3], [0, 2]]),
        ([7, 7, 7, 5], 500, 2, [[3], [0, 1, 2]]),  # those of one account stay together
        ([0, 0, 0, 5], 500, 2, [[0, 1], [2, 3]]),  # nothing holds together those whose account is not known
        ([5, 0, -1, 0, -2, -1], 500, 2, [[4], [2, 5], [1, 3], [0]]),
        ([], 500, 2000, []),
    ],
)
def test_rows_of_one_account_are_planned_together_and_accounts_ascend(monkeypatch, accounts, most_accounts, most_rows, expected):
    monkeypatch.setattr(row_plan, "ACCOUNTS", most_accounts)
    monkeypatch.setattr(row_plan, "ROWS", most_rows)
    assert list(by_account(array("q", accounts))) == expected


def test_how_far_the_plan_is_is_told_when_rows_are_done(monkeypatch):
    monkeypatch.setattr(row_plan, "ROWS", 2)
    told = []
    for numbers in by_account([1, 1, 2, 3, 4], told.append):
        told.append(numbers)
    assert told == [[0, 1], 2, [2, 3], 4, [4], 5]


# --- Contacts


def test_doubles_and_superiors_far_away_in_the_file_are_found(manager, small):
    text = (
        "account,name,email,reports to\n"
        "Zeta,Jo,jo@zeta.example,Chief\n"  # who stands below in the file
        "Acme,Jo,jo@acme.example,\n"
        "Miro,Jo,,\n"
        "Zeta,Bo,,jo@zeta.example\n"
        "Acme,J.,JO@acme.example,\n"  # a double of row 3
        "Zeta,Chief,,\n"
        "Miro,Bo,,Jo\n"
    )
    report = apply(manager, text, skip_rejected=True)
    assert report.summary == "created 6, updated 0, unchanged 0, rejected 1"
    (problem,) = report.problems
    assert (problem.line, "same person as in row 3" in problem.reason) == (6, True)
    people = Contact.objects.order_by("pk").values_list("account__name", "name", "reports_to__name")
    assert list(people) == [
        ("Zeta", "Jo", "Chief"), ("Acme", "Jo", None), ("Miro", "Jo", None), ("Zeta", "Bo", "Jo"), ("Zeta", "Chief", None),
        ("Miro", "Bo", "Jo"),
    ]  # fmt: skip
    assert all(person.reports_to.account_id == person.account_id for person in Contact.objects.exclude(reports_to=None))
    assert apply(manager, text, skip_rejected=True).summary == "created 0, updated 0, unchanged 6, rejected 1"


def test_the_trail_tells_people_in_the_order_of_the_file_those_made_first(manager, small):
    for account in Account.objects.all():
        make_contact(account, name="Kim", title="Clerk")
    apply(
        manager,
        "account,name,title,reports to\nZeta,Kim,Chief,Bo\nMiro,Jo,,\nAcme,Kim,Chief,\nZeta,Bo,,\nAcme,Jo,,Kim\nMiro,Kim,Chief,\n",
    )
    told = [(one.act, Account.objects.get(pk=one.account_id).name) for one in Event.objects.order_by("pk")]
    assert told == [("contact.created", name) for name in ("Miro", "Zeta", "Acme")] + [
        ("contact.changed", name) for name in ("Zeta", "Acme", "Miro")
    ]
    bo = Contact.objects.get(name="Bo")
    first = Event.objects.filter(act="contact.changed").order_by("pk")[0]
    assert (first.after["reports_to"], first.before["reports_to"]) == (bo.pk, None)
    made = Event.objects.get(act="contact.created", account_id=Account.objects.get(name="Acme").pk)
    assert made.after["reports_to"] == Contact.objects.get(account__name="Acme", name="Kim").pk
    assert list(trail.broken_links()) == []


def test_rows_below_a_rejected_one_are_rejected_whatever_lies_between(manager, small):
    found = plan(
        manager,
        "account,name,reports to\nZeta,A,B\nAcme,A,\nZeta,B,C\nMiro,A,\nZeta,C,Ghost\nAcme,B,A\n",
    )
    assert [(one.line, "is rejected" in one.reason) for one in found.problems] == [(2, True), (4, True), (6, False)]
    assert found.counts == {"created": 3, "updated": 0, "unchanged": 0, "rejected": 3}


def test_problems_first_rows_and_rejected_rows_stand_in_the_order_of_the_file(manager, small, monkeypatch):
    monkeypatch.setattr(row_plan, "MOST_PROBLEMS", 3)
    monkeypatch.setattr(row_plan, "FIRST_ROWS", 2)
    make_contact(Account.objects.get(name="Acme"), name="Kim")
    make_contact(Account.objects.get(name="Zeta"), name="Kim")
    text = (
        "account,name,influence\nZeta,Jo,low\nNobody,A,low\nMiro,Jo,huge\nZeta,Kim,low\nAcme,Jo,low\nAcme,Bo,huge\n"
        "Zeta,Bo,huge\nAcme,Kim,low\nMiro,Bo,low\n"
    )
    found = plan(manager, text)
    assert found.counts == {"created": 3, "updated": 2, "unchanged": 0, "rejected": 4}
    assert ([problem.line for problem in found.problems], found.more_problems) == ([3, 4, 7], 1)
    assert [(row.account_name, row.name) for row in found.of(CREATED)] == [("Zeta", "Jo"), ("Acme", "Jo")]
    assert [row.line for row in found.all_of(CREATED)] == [2, 6, 10]
    assert [row.account_name for row in found.of(UPDATED)] == ["Zeta", "Acme"]
    assert [row.line for row in found.all_of(REJECTED)] == [3, 4, 7, 8]
    _names, *lines = csv.reader(rejected_csv(found.table, found).decode("utf-8-sig").splitlines())
    assert [cells[1:3] for cells in lines] == [["Nobody", "A"], ["Miro", "Jo"], ["Acme", "Bo"], ["Zeta", "Bo"]]


def test_rows_that_change_nothing_are_counted_and_not_kept(manager, small):
    make_contact(Account.objects.get(name="Acme"), name="Kim")
    found = plan(manager, "account,name\nAcme,Kim\nZeta,Kim\n")
    assert (found.counts["unchanged"], found.of(Outcome.UNCHANGED)) == (1, [])
    with pytest.raises(KeyError):
        found.row(0)
    assert found.row(1).account_name == "Zeta"


def test_where_someone_was_erased_is_told_in_the_order_of_the_file_of_many_accounts_the_first(manager, small, monkeypatch):
    monkeypatch.setattr(checking, "NAMED", 2)
    for name in ("Zeta", "Acme", "Miro"):
        erase_contact(make_contact(Account.objects.get(name=name)), by=manager)
    assert "Miro, Zeta … Make" in plan(manager, "account,name\nMiro,A\nZeta,A\nMiro,B\nAcme,A\n").notes[0].replace(".", "")
    assert "people: Zeta, Acme." in plan(manager, "account,name\nZeta,A\nAcme,A\nZeta,B\n").notes[0]


def test_one_file_is_checked_and_stored_from_one_reading(manager, small, monkeypatch):
    table = read_table(b"account,name\nAcme,Jo\nZeta,Bo\n")
    mapping = guess(table)
    read, number = checking.ContactReader.read, []
    monkeypatch.setattr(checking.ContactReader, "read", lambda *args: number.append(1) or read(*args))
    assert checking.check(table, mapping, Options(manager)).counts["created"] == 2
    assert applying.apply(table, mapping, Options(manager)).created == 2
    assert applying.apply(table, mapping, Options(manager)).unchanged == 2
    assert len(number) == 2


@pytest.mark.parametrize("again", [False, True])
def test_a_contact_takes_little_memory(manager, monkeypatch, again):
    monkeypatch.setattr(row_plan, "ROWS", 100)
    Account.objects.bulk_create(Account(name=f"Account {n}", owner=manager, currency="EUR") for n in range(50))

    def peak(rows):
        people = "".join(f"Account {n % 50},Person {n},p{n}@example.com,{'Buyer ' * 10}\n" for n in range(rows))
        table = read_table(f"account,name,email,title\n{people}".encode())
        if again:
            applying.apply(table, guess(table), Options(manager))
        tracemalloc.start()
        try:
            found = checking.check(table, guess(table), Options(manager)).counts
            assert found["unchanged" if again else "created"] == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(500), peak(2500)
    assert (many - few) / 2000 < 400  # bytes; a row as an object, with its values and its person, takes some thousands
