"""A whole import taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.acts.erasure import erase_contact
from accounts.models import Account, Contact, User
from accounts.models.bulk_change import BulkBatch
from audit import trail
from audit.models import Event
from core.job_runner import undo
from importing import undo as undoing
from importing.models import UNDO, ImportJob
from tests.factories import (
    answer,
    make_account,
    make_assessment,
    make_contact,
    make_plan,
    make_target,
    make_team,
    make_user,
)
from tests.importing.running import import_list
from tests.jobs import work_on

pytestmark = pytest.mark.django_db

Why = BulkBatch.Why
UNTOUCHED = ("version", "created_at")


@pytest.fixture
def manager(client):
    manager = make_user()
    client.force_login(manager)
    return manager


def run(user, text, **how) -> ImportJob:
    return import_list(text, user, skip_rejected=True, **how).job


def back(job) -> ImportJob:
    job = undo(job, by=User.objects.get(pk=job.user_id))
    assert job.undone_at
    assert list(trail.broken_links()) == []
    return job


def figures(job):
    return {name: job.undo_report[name] for name in ("restored", "removed", "kept")}


def left(job):
    return {Account.objects.get(pk=pk).name: why for pk, why in job.undo_report["left"]}


def state():
    """All that an import writes, without the marks of having been written."""
    accounts = [{k: v for k, v in row.items() if k not in UNTOUCHED} for row in Account.objects.order_by("pk").values()]
    contacts = [{k: v for k, v in row.items() if k not in UNTOUCHED} for row in Contact.objects.order_by("pk").values()]
    tags = list(Account.tags.through.objects.order_by("account", "tag__name").values_list("account", "tag__name"))
    return accounts, contacts, tags


def test_what_it_changed_is_as_before_and_what_it_made_is_gone(manager):
    team = make_team(members=[manager])
    make_account(name="Group", owner=manager)
    acme = make_account(
        name="Acme", owner=manager, city="Oslo", revenue=Decimal("10.50"), employees=3, external_id="1", source="crm",
        customer_since=timezone.localdate() - timedelta(days=400), worth=Decimal("10.50"),
    )  # fmt: skip
    acme.tags.create(name="gold")
    make_contact(acme, name="Jo Bos", email="jo@acme.example", title="Buyer")
    before = state()
    job = run(
        manager,
        "id,source,name,city,revenue,employees,customer since,parent account,team,tags,contact name,contact title,contact email\n"
        f'1,crm,Acme Ltd,Rome,99,4,2020-01-02,Group,{team.name},"Gold, new",Jo Bos,Chief,jo@acme.example\n'
        "2,crm,Bravo,Rome,5,,,Group,,gold,Bo Vos,,bo@bravo.example\n"
        "3,crm,Charlie,Rome,5,,,Bravo,,,,,\n",
    )
    assert job.report["created"] == 2 and job.report["updated"] == 1
    assert state() != before
    job = back(job)
    assert state() == before
    assert figures(job) == {"restored": 2, "removed": 3, "kept": 0}
    acme.refresh_from_db()
    assert (acme.version, acme.contacts.get().version, acme.parent) == (3, 3, None)


def test_the_trail_says_it_of_each_and_of_the_whole_and_keeps_no_one_who_is_gone(manager):
    make_account(name="Acme", owner=manager, city="Oslo")
    job = back(run(manager, "name,city,contact name,contact email\nAcme,Rome,,\nBravo,Rome,Bo Vos,bo@bravo.example\n"))
    note = "Import of list.csv taken back"
    events = Event.objects.filter(note=note).exclude(act=trail.REDACTED).order_by("act")
    assert [(event.act, event.actor_id) for event in events] == [
        (act, manager.pk) for act in ("account.changed", "account.removed", "contact.removed", "import.taken_back")
    ]
    assert (events[0].before, events[0].after) == ({"city": "Rome"}, {"city": "Oslo"})
    assert events[3].after == {"restored": 1, "removed": 2, "kept": 0}
    assert "Vos" not in str(list(Event.objects.values_list("before", "after", "note")))
    assert job.undone_at


def test_what_someone_changed_since_stays_and_is_named(manager):
    make_account(name="Acme", owner=manager, city="Oslo")
    make_account(name="Delta", owner=manager, city="Oslo")
    job = run(manager, "name,city\nAcme,Rome\nBravo,Rome\nDelta,Rome\n")
    for account in Account.objects.filter(name__in=["Acme", "Bravo"]):
        account.notes = "mine"
        account.save_version(account.version, ["notes"])
    job = back(job)
    assert set(Account.objects.values_list("name", "city")) == {("Acme", "Rome"), ("Bravo", "Rome"), ("Delta", "Oslo")}
    assert left(job) == {"Acme": Why.CHANGED, "Bravo": Why.CHANGED}
    assert figures(job) == {"restored": 1, "removed": 0, "kept": 2}


def hang_a_round(account, user):
    make_assessment(account)


def hang_a_target(account, user):
    make_target(account, set_on=timezone.localdate())


def hang_a_plan(account, user):
    make_plan(account)


def hang_a_contact(account, user):
    make_contact(account)


def hang_an_account(account, user):
    make_account(parent=account, owner=user)


def hang_an_answer(account, user):
    answer(make_assessment(account), account.contacts.get(), "5555 5554 3333 2222 1111")


@pytest.mark.parametrize("hang", [hang_a_round, hang_a_target, hang_a_plan, hang_a_contact, hang_an_account, hang_an_answer])
def test_a_new_account_on_which_something_hangs_stays_with_its_people(manager, edition, hang):
    job = run(manager, "name,contact name\nAcme,Jo Bos\nBravo,\n")
    hang(Account.objects.get(name="Acme"), manager)
    job = back(job)
    assert Account.objects.filter(name="Acme", contacts__name="Jo Bos").exists()
    assert not Account.objects.filter(name="Bravo").exists()
    assert left(job) == {"Acme": Why.IN_USE}


def test_a_new_parent_stays_above_what_stays(manager):
    job = run(manager, "name,parent account\nTop,\nMiddle,Top\nBottom,Middle\nOther,Top\n")
    make_plan(Account.objects.get(name="Bottom"))
    assert left(back(job)) == dict.fromkeys(("Top", "Middle", "Bottom"), Why.IN_USE)
    assert not Account.objects.filter(name="Other").exists()


def test_a_new_parent_goes_when_those_below_go_back_where_they_were(manager):
    make_account(name="Acme", owner=manager)
    back(run(manager, "name,parent account\nTop,\nAcme,Top\n"))
    assert list(Account.objects.values_list("name", "parent")) == [("Acme", None)]


def test_parents_that_changed_places_change_back_and_never_close_a_circle(manager):
    above = make_account(name="Above", owner=manager)
    below = make_account(name="Below", owner=manager, parent=above)
    third = make_account(name="Third", owner=manager)
    run(manager, "name,parent account\nThird,Below\n")
    before = state()
    job = run(manager, "name,parent account\nBelow,Third\nThird,Above\n")
    back(job)
    assert state() == before
    job = run(manager, "name,parent account\nThird,Above\n")
    Account.objects.filter(pk=below.pk).update(parent=third)  # meanwhile; to go back would close a circle
    assert left(back(job)) == {"Third": Why.GONE}


def test_a_contact_made_on_an_account_that_was_there_goes_unless_it_is_used(manager, edition):
    acme, bravo = make_account(name="Acme", owner=manager), make_account(name="Bravo", owner=manager)
    job = run(manager, "name,contact name\nAcme,Jo Bos\nBravo,Bo Vos\n")
    answer(make_assessment(bravo), bravo.contacts.get(), "5555 5554 3333 2222 1111")
    job = back(job)
    assert not acme.contacts.exists() and bravo.contacts.exists()
    assert left(job) == {"Bravo": Why.IN_USE}


def test_a_person_who_was_erased_does_not_come_back(manager):
    acme = make_account(name="Acme", owner=manager)
    person = make_contact(acme, name="Jo Bos", email="jo@acme.example", title="Buyer")
    job = run(manager, "name,contact name,contact title,contact email\nAcme,Jo Bos,Chief,jo@acme.example\n")
    erase_contact(person, by=manager)
    assert left(back(job)) == {"Acme": Why.CHANGED}
    person.refresh_from_db()
    assert (person.name, person.title) == ("", "")


def test_what_an_account_had_and_another_has_now_is_not_taken_from_it(manager):
    make_account(name="Acme", owner=manager, source="crm", external_id="1")
    bravo_contact = make_contact(make_account(name="Bravo", owner=manager), name="Bo Vos", email="bo@bravo.example")
    job = run(manager, "name,source\nAcme,erp\n")
    make_account(name="New", owner=manager, source="crm", external_id="1")
    assert left(back(job)) == {"Acme": Why.GONE}
    job = run(manager, "name,contact name,contact email\nBravo,Bo Vos,new@bravo.example\n")
    make_contact(bravo_contact.account, name="Other", email="BO@bravo.example")
    assert left(back(job)) == {"Bravo": Why.GONE}


def test_an_account_that_is_no_longer_theirs_to_change_is_left(manager):
    make_account(name="Acme", owner=manager, city="Oslo")
    job = run(manager, "name,city\nAcme,Rome\nBravo,Rome\n")
    Account.objects.update(owner=make_user())
    assert set(left(back(job)).values()) == {Why.OUT_OF_REACH}
    assert set(Account.objects.values_list("name", "city")) == {("Acme", "Rome"), ("Bravo", "Rome")}


def test_what_it_gave_to_someone_else_comes_back(manager):
    mate = make_user(email="mate@example.com")
    make_team(members=[manager, mate], leads=[manager])
    make_account(name="Acme", owner=manager)
    manager = User.objects.get(pk=manager.pk)
    back(run(manager, "name,owner\nAcme,mate@example.com\n"))
    assert Account.objects.get().owner == manager


def test_it_fails_whole_or_not_at_all(manager, monkeypatch):
    make_account(name="Acme", owner=manager, city="Oslo")
    job = run(manager, "name,city\nAcme,Rome\nBravo,Rome\n")
    before, events = state(), Event.objects.count()

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(undoing, "redact", broken)
    with pytest.raises(RuntimeError):
        undo(job, by=manager)
    job.refresh_from_db()
    assert (state(), Event.objects.count(), job.state) == (before, events, "done")


def test_a_second_time_does_nothing(manager):
    job = back(run(manager, "name\nAcme\n"))
    make_account(name="Acme", owner=manager)
    undo(job, by=manager)
    assert Account.objects.count() == 1


def test_it_can_be_taken_back_for_thirty_days(manager, client):
    job = run(manager, "name\nAcme\n")
    with time_machine.travel(timezone.now() + UNDO + timedelta(minutes=1)):
        client.force_login(manager)
        page = client.post(reverse("importing:undo", args=[job.pk]), follow=True)
        assert "can no longer be taken back" in page.text
    assert Account.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_large_one_is_left_to_the_worker(manager, client, monkeypatch):
    monkeypatch.setattr("importing.work.AT_ONCE", 1)
    job = run(manager, "name\nAcme\nBravo\n")
    page = client.post(reverse("importing:undo", args=[job.pk]), follow=True)
    assert "It is being taken back" in page.text
    assert Account.objects.count() == 2
    work_on(job)
    assert not Account.objects.exists()
    assert "deleted" in client.get(reverse("importing:report", args=[job.pk])).text


def test_a_fault_of_ours_in_the_worker_is_told_and_it_can_be_tried_again(manager, client, monkeypatch):
    monkeypatch.setattr("importing.work.AT_ONCE", 0)
    job = undo(run(manager, "name\nAcme\n"), by=manager)

    def broken(*args, **kwargs):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(undoing, "redact", broken)
        work_on(job)
    page = client.get(reverse("importing:report", args=[job.pk])).text
    assert "Something went wrong on our side" in page and reverse("importing:undo", args=[job.pk]) in page
    undo(job, by=manager)
    work_on(job)
    assert not Account.objects.exists()


def test_the_pages_offer_it_and_say_what_was_left(manager, client):
    job = run(manager, "name\nAcme\nBravo\n")
    make_plan(Account.objects.get(name="Acme"))
    address = reverse("importing:undo", args=[job.pk])
    assert address in client.get(reverse("importing:list")).text
    assert address in client.get(reverse("importing:report", args=[job.pk])).text
    page = client.post(address, follow=True).text
    assert "1 account, contact or result was deleted." in page
    assert "Something hangs on it since" in page and "Acme" in page
    listing = client.get(reverse("importing:list")).text
    assert "taken back" in listing and address not in listing


def test_the_list_shows_ones_own_imports_and_asks_for_one_when_there_is_none(manager, client):
    run(make_user(), "name\nAcme\n")
    page = client.get(reverse("importing:list")).text
    assert "list.csv" not in page and "No imports yet" in page


def test_the_list_takes_as_many_statements_for_many_as_for_one(manager, client, django_assert_num_queries):
    run(manager, "name\nAcme\n")
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("importing:list"))
    for n in range(3):
        run(manager, f"name\nAcme {n}\n")
    assert len(one) <= 12
    with django_assert_num_queries(len(one)):
        client.get(reverse("importing:list"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "undoing"},
        {"state": "nowhere"},
        {"undone_at": timezone.now()},
        {"state": "done", "finished_at": timezone.now()},
        {"state": "done", "report": {}},
        {"finished_at": timezone.now()},
    ],
)
def test_the_database_refuses_a_state_that_cannot_be(manager, wrong):
    job = ImportJob.objects.create(user=manager, filename="list.csv")
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportJob.objects.filter(pk=job.pk).update(**wrong)
