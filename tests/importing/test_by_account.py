"""A list of people of whom those of one account lie far apart, in small batches: the same outcome as all at once."""

import gc
import tracemalloc

import pytest

from accounts.acts.erasure import erase_contact
from accounts.models import Account, Contact
from audit import trail
from audit.models import Event
from importing import apply as applying
from importing import check as checking
from importing import list_work
from importing.check import check
from importing.lists.contacts import work as contact_work
from tests.factories import make_account, make_contact, make_user
from tests.importing.contact_lists import apply, plan
from tests.importing.running import counts_of, problems_of, read_in_small_pieces

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(monkeypatch):
    """Few rows at a time are read and compared, and one or two are stored."""
    monkeypatch.setattr(checking, "CHUNK", 2)
    monkeypatch.setattr(list_work, "BATCH", 1)
    monkeypatch.setattr(applying, "LARGEST", 8)
    monkeypatch.setattr(applying, "SMALLEST", 1)
    monkeypatch.setattr(applying, "SECONDS", 0.0)


@pytest.fixture
def manager(db):
    manager = make_user()
    for name in ("Zeta", "Acme", "Miro"):
        make_account(name=name, owner=manager)
    return manager


def test_doubles_and_superiors_far_away_in_the_file_are_found(manager, small):
    text = (
        "account,name,email,reports to\n"
        "Zeta,Jo,jo@zeta.example,Chief\n"  # who stands below in the file
        "Acme,Jo,jo@acme.example,\n"
        "Miro,Jo,,\n"
        "Zeta,Bo,,jo@zeta.example\n"
        "Acme,jo,JO@acme.example,\n"  # a double of row 3
        "Zeta,Chief,,\n"
        "Miro,Bo,,Jo\n"
    )
    report = apply(manager, text, skip_rejected=True)
    assert report.summary == "created 6, updated 0, unchanged 0, rejected 1"
    (problem,) = report.problems
    assert problem.startswith("Row 6, email: This is the same person as in row 3.")
    people = Contact.objects.order_by("pk").values_list("account__name", "name", "reports_to__name")
    assert list(people) == [  # superiors come first
        ("Acme", "Jo", None), ("Miro", "Jo", None), ("Zeta", "Chief", None), ("Zeta", "Jo", "Chief"), ("Miro", "Bo", "Jo"),
        ("Zeta", "Bo", "Jo"),
    ]  # fmt: skip
    assert report.job.batches.count() > 3
    assert all(person.reports_to.account_id == person.account_id for person in Contact.objects.exclude(reports_to=None))
    assert apply(manager, text, skip_rejected=True).summary == "created 0, updated 0, unchanged 6, rejected 1"


def test_the_trail_tells_each_person_once_with_their_superior(manager, small):
    for account in Account.objects.all():
        make_contact(account, name="Kim", title="Clerk")
    apply(
        manager,
        "account,name,title,reports to\nZeta,Kim,Chief,Bo\nMiro,Jo,,\nAcme,Kim,Chief,\nZeta,Bo,,\nAcme,Jo,,Kim\nMiro,Kim,Chief,\n",
    )
    told = sorted((one.act, Account.objects.get(pk=one.account_id).name) for one in Event.objects.all())
    assert told == [(act, name) for act in ("contact.changed", "contact.created") for name in ("Acme", "Miro", "Zeta")]
    bo = Contact.objects.get(name="Bo")
    changed = Event.objects.get(act="contact.changed", account_id=bo.account_id)
    assert (changed.after["reports_to"], changed.before["reports_to"]) == (bo.pk, None)
    assert Event.objects.get(act="contact.created", object_id=bo.pk).pk < changed.pk
    made = Event.objects.get(act="contact.created", account_id=Account.objects.get(name="Acme").pk)
    assert made.after["reports_to"] == Contact.objects.get(account__name="Acme", name="Kim").pk
    assert list(trail.broken_links()) == []


def test_rows_below_a_rejected_one_are_rejected_whatever_lies_between(manager, small):
    job, _work = plan(
        manager,
        "account,name,reports to\nZeta,A,B\nAcme,A,\nZeta,B,C\nMiro,A,\nZeta,C,Ghost\nAcme,B,A\n",
    )
    assert [(one[:5], "is rejected" in one) for one in problems_of(job)] == [("Row 2", True), ("Row 4", True), ("Row 6", False)]
    assert counts_of(job) == {"created": 3, "updated": 0, "unchanged": 0, "rejected": 3}


def test_where_someone_was_erased_is_told_in_the_order_of_the_file_of_many_accounts_the_first(manager, small, monkeypatch):
    monkeypatch.setattr(contact_work, "NAMED", 2)
    for name in ("Zeta", "Acme", "Miro"):
        erase_contact(make_contact(Account.objects.get(name=name)), by=manager)
    assert "Miro, Zeta … Make" in plan(manager, "account,name\nMiro,A\nZeta,A\nMiro,B\nAcme,A\n")[1].notes()[0].replace(".", "")
    assert "people: Zeta, Acme." in plan(manager, "account,name\nZeta,A\nAcme,A\nZeta,B\n")[1].notes()[0]


@pytest.mark.one_database
@pytest.mark.parametrize("again", [False, True])
def test_a_contact_takes_little_memory(manager, again, monkeypatch):
    read_in_small_pieces(monkeypatch)
    Account.objects.bulk_create(Account(name=f"Account {n}", owner=manager, currency="EUR") for n in range(50))

    def peak(rows):
        people = "".join(f"Account {n % 50},Person {n},p{n}@example.com,{'Buyer ' * 10}\n" for n in range(rows))
        text = f"account,name,email,title\n{people}"
        if again:
            apply(manager, text)
        job, _work = plan(manager, text)
        gc.collect()
        tracemalloc.start()
        try:
            check(job, lambda done: gc.collect())
            assert counts_of(job)["unchanged" if again else "created"] == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(250), peak(550)
    assert (many - few) / 300 < 800  # bytes; a row as an object, with its values and its person, takes some thousands
