"""A list of contacts: whom a row speaks of, what it changes, and what is refused."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.acts.erasure import erase_contact
from accounts.exporting import contact_rows, contacts_of
from accounts.models import Account, Contact
from audit import trail
from audit.models import Event
from core.job_runner import undo
from core.tables import csv_lines
from importing.kinds import kind_of
from importing.list_work import Outcome
from importing.lists.contacts.fields import guess, likely
from importing.reading.table import read_table
from tests.factories import answer, make_account, make_assessment, make_contact, make_team, make_user
from tests.import_pages import choose, upload
from tests.importing.contact_lists import apply, plan
from tests.importing.running import counts_of
from tests.jobs import work_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    manager = make_user()
    client.force_login(manager)
    return manager


@pytest.fixture
def acme(manager):
    return make_account(name="Acme", owner=manager, external_id="A1", source="crm")


def problems(user, text):
    """Line, column and reason of each."""
    job, _work = plan(user, text)
    rows = job.rows.filter(outcome=Outcome.REJECTED).order_by("line").values_list("line", "problems")
    return [(line, column, reason) for line, found in rows for column, reason in found]


def reasons(user, text):
    return [reason for _line, _column, reason in problems(user, text)]


def counts(user, text):
    return tuple(counts_of(plan(user, text)[0]).values())


# --- Whom a row speaks of


@pytest.mark.parametrize("account", ["A1", "Acme", "ACME"])
def test_the_account_is_known_by_external_id_or_name(manager, acme, account):
    assert apply(manager, f"account,name,email\n{account},Jo Bos,jo@acme.example\n").created == 1
    person = Contact.objects.get()
    assert (person.account, person.name, person.email) == (acme, "Jo Bos", "jo@acme.example")
    assert (person.buying_role, person.influence, person.active) == ("user", 2, True)


def test_a_column_of_the_source_tells_two_accounts_of_one_external_id_apart(manager, acme):
    other = make_account(name="Other", owner=manager, external_id="A1", source="erp")
    assert "Say which source is meant." in reasons(manager, "account,name\nA1,Jo Bos\n")[0]
    apply(manager, "account,source,name\nA1,erp,Jo Bos\n")
    assert Contact.objects.get().account == other


def test_an_external_id_beside_the_name_is_surer_than_that(manager, acme):
    twin = make_account(name="Acme", owner=manager, external_id="A2", source="crm")
    plain = make_account(name="Plain", owner=manager)
    text = "account,account id,name\nAcme,A2,Jo\nAcme,A1,Bo\nPlain,X9,Kim\n"
    apply(manager, text)
    assert dict(Contact.objects.values_list("name", "account")) == {"Jo": twin.pk, "Bo": acme.pk, "Kim": plain.pk}


def test_a_name_does_not_stand_in_for_another_external_id(manager, acme):
    assert "No account here is called “X9”" in reasons(manager, "account,account id,name\nAcme,X9,Jo\n")[0]


def test_exported_contacts_come_back_unchanged(manager, acme):
    make_contact(acme, name="Chief", email="chief@acme.example", buying_role="economic", influence=3, language="nl")
    make_contact(make_account(name="Other", owner=manager), name="=Jo Bos", title="-1", active=False, do_not_ask=True)
    content = b"".join(csv_lines(contact_rows(contacts_of(Account.objects.all()), Account.objects.all())))
    assert likely(read_table(content).headers)
    assert counts(manager, content.decode()) == (0, 0, 2, 0)


def test_everything_that_the_form_asks_can_stand_in_a_file(manager, acme):
    apply(
        manager,
        "Klant;Voornaam;Tussenvoegsel;Achternaam;E-mailadres;Functie;Inkooprol;Invloed;Taal;Rapporteert aan;Nog in dienst;Niet vragen\n"
        "Acme;Jo;van der;Bos;jo@acme.example;Inkoper;Technische koper;hoog;Nederlands;bo@acme.example;nee;ja\n"
        "Acme;Bo;;Vos;bo@acme.example;;;;;;;\n",
    )
    jo = Contact.objects.get(email="jo@acme.example")
    assert (jo.name, jo.title, jo.buying_role, jo.influence, jo.language) == ("Jo van der Bos", "Inkoper", "technical", 3, "nl")
    assert (jo.reports_to.name, jo.active, jo.do_not_ask) == ("Bo Vos", False, True)


@pytest.mark.parametrize(
    ("column", "text", "stored"),
    [
        ("buying role", "Decision maker", "economic"),
        ("buying role", "coach", "coach"),
        ("buying role", "GEBRUIKER", "user"),
        ("influence", "1", 1),
        ("influence", "gemiddeld", 2),
        ("language", "English", "en"),
        ("language", "nl-BE", "nl"),
        ("do not ask", "x", True),
    ],
)
def test_words_of_both_languages_are_understood(manager, acme, column, text, stored):
    apply(manager, f"account,name,{column}\nAcme,Jo Bos,{text}\n")
    assert getattr(Contact.objects.get(), column.replace(" ", "_")) == stored


@pytest.mark.parametrize(
    ("column", "text", "told"),
    [
        ("buying role", "boss", "is not a buying role"),
        ("influence", "4", "is not an influence"),
        ("language", "Klingon", "is not a language"),
        ("email", "jo", "is not an e-mail address"),
        ("still there", "maybe", "is neither yes nor no"),
        ("job title", "x" * 121, "is longer than 120 characters"),
    ],
)
def test_what_cannot_be_read_is_told_with_the_row_and_the_column(manager, acme, column, text, told):
    ((line, name, reason),) = problems(None, f"account,name,{column}\nAcme,Jo Bos,{text}\n")
    assert (line, name) == (2, column)
    assert told in reason


def test_the_address_finds_a_person_before_the_name_does(manager, acme):
    jo = make_contact(acme, name="Jo Bos", email="jo@acme.example")
    make_contact(acme, name="J. Bos")
    job, work = plan(manager, "account,name,email\nAcme,J. Bos,JO@acme.example\n")
    row = job.rows.get(outcome=Outcome.UPDATED)
    assert row.object == jo.pk
    (changed,) = work.changed([row])
    assert ("Full name", "Jo Bos", "J. Bos") in [(one.label, one.before, one.after) for one in changed.differences]


def test_without_a_known_address_the_name_finds_the_person(manager, acme):
    jo = make_contact(acme, name="Jo Bos", email="old@acme.example")
    apply(manager, "account,name,email\nAcme,jo bos,new@acme.example\n")
    jo.refresh_from_db()
    assert (Contact.objects.count(), jo.email, jo.version) == (1, "new@acme.example", 2)


def test_a_namesake_whose_address_stands_in_another_row_is_someone_else(manager, acme):
    make_contact(acme, name="Jo Bos", email="one@acme.example")
    text = "account,name,email\nAcme,Jo Bos,two@acme.example\nAcme,Jo Bos,one@acme.example\n"
    assert counts(manager, text) == (1, 0, 1, 0)


def test_a_name_of_two_people_needs_the_address(manager, acme):
    make_contact(acme, name="Jo Bos")
    make_contact(acme, name="jo bos")
    assert "Give the e-mail address" in reasons(manager, "account,name\nAcme,Jo Bos\n")[0]


def test_the_same_person_of_another_account_is_another_contact(manager, acme):
    other = make_account(name="Other", owner=manager)
    make_contact(other, name="Jo Bos", email="jo@acme.example")
    assert counts(manager, "account,name,email\nAcme,Jo Bos,jo@acme.example\n") == (1, 0, 0, 0)


@pytest.mark.parametrize(
    "rows",
    ["Acme,Jo Bos,jo@acme.example\nAcme,jo bos,JO@acme.example\n", "Acme,Jo Bos,\nA1,jo bos,\n", "Acme,Jo Bos,jo@acme.example\nAcme,Jo Bos,\n"],
)  # fmt: skip
def test_a_person_who_stands_twice_is_rejected_the_second_time(manager, acme, rows):
    ((line, _column, reason),) = problems(manager, "account,name,email\n" + rows)
    assert line == 3
    assert "same person as in row 2" in reason


def test_a_row_without_account_or_person_is_rejected(manager, acme):
    found = reasons(manager, "account,name,email\n,Jo Bos,\nAcme,,\nNobody,Jo,\n")
    assert "Say which account" in found[0]
    assert "needs a name or an e-mail address" in found[1]
    assert "No account here is called “Nobody”" in found[2]


def test_an_address_alone_names_the_person_until_a_name_is_known(manager, acme):
    apply(manager, "account,email\nAcme,jo@acme.example\n")
    assert Contact.objects.get().name == "jo@acme.example"
    Contact.objects.update(name="Jo Bos")
    assert counts(manager, "account,email\nAcme,jo@acme.example\n") == (0, 0, 1, 0)


# --- What may not be


def test_accounts_that_one_does_not_see_are_not_there(manager):
    make_account(name="Hidden", external_id="H1")
    for text in ("Hidden", "H1", "Nobody"):
        assert "No account here is called" in reasons(manager, f"account,name\n{text},Jo\n")[0]


def test_contacts_of_an_account_that_one_only_reads_are_refused_as_accounts_are(manager):
    make_account(name="Mate's", team=make_team(members=[manager]))
    assert reasons(manager, "account,name\nMate's,Jo\n") == ["You may read this account but not change it."]


def test_the_wish_not_to_be_asked_is_not_undone_by_a_list(manager, acme):
    jo = make_contact(acme, name="Jo Bos", do_not_ask=True)
    assert counts(manager, "account,name,do not ask\nAcme,Jo Bos,no\n") == (0, 0, 1, 0)
    Contact.objects.filter(pk=jo.pk).update(do_not_ask=False)
    apply(manager, "account,name,do not ask\nAcme,Jo Bos,yes\n")
    jo.refresh_from_db()
    assert jo.do_not_ask


def test_an_empty_cell_erases_nothing(manager, acme):
    jo = make_contact(acme, name="Jo Bos", email="jo@acme.example", title="Buyer", influence=3)
    assert counts(manager, "account,name,email,title,influence\nAcme,Jo Bos,,,-\n") == (0, 0, 1, 0)
    jo.refresh_from_db()
    assert jo.title == "Buyer"


def test_an_erased_person_is_not_matched_and_whoever_imports_is_told_where_one_was(manager, acme, client):
    erase_contact(make_contact(acme, name="Jo Bos", email="jo@acme.example"), by=manager)
    other = make_account(name="Other", owner=manager)
    job, work = plan(manager, "account,name,email\nAcme,Jo Bos,jo@acme.example\nOther,Bo Vos,\n")
    shown = work.created(list(job.rows.filter(outcome=Outcome.CREATED).order_by("line")))
    assert [(row["account"], row["erased_here"]) for row in shown] == [("Acme", True), (other.name, False)]
    (note,) = work.notes()
    assert "Acme" in note and "Other" not in note
    assert plan(manager, "account,name\nOther,Bo Vos\n")[1].notes() == []


# --- Who reports to whom


def test_who_one_reports_to_stands_in_the_file_or_is_here(manager, acme):
    chief = make_contact(acme, name="Chief", email="chief@acme.example")
    apply(manager, "account,name,reports to\nAcme,A,B\nAcme,B,chief@acme.example\n")
    a, b = Contact.objects.get(name="A"), Contact.objects.get(name="B")
    assert (a.reports_to, b.reports_to) == (b, chief)
    assert counts(manager, "account,name,reports to\nAcme,A,B\nAcme,B,Chief\n") == (0, 0, 2, 0)


@pytest.mark.parametrize(("boss", "told"), [("Jo Bos", "Nobody reports to oneself"), ("Ghost", "No contact of this account")])
def test_who_cannot_be_reported_to(manager, acme, boss, told):
    make_contact(make_account(name="Other", owner=manager), name="Ghost")
    assert told in reasons(manager, f"account,name,reports to\nAcme,Jo Bos,{boss}\n")[0]


def test_who_reports_to_a_rejected_row_is_rejected_too(manager, acme):
    found = problems(manager, "account,name,reports to\nAcme,A,B\nAcme,B,C\nAcme,C,Ghost\nAcme,D,\n")
    assert [line for line, _column, _reason in found] == [2, 3, 4]
    assert apply(manager, "account,name,reports to\nAcme,A,B\nAcme,B,C\nAcme,C,Ghost\nAcme,D,\n", skip_rejected=True).created == 1


# --- Storing


def test_a_rejected_row_keeps_all_from_being_stored_until_it_is_skipped(manager, acme):
    text = "account,name\nAcme,Jo Bos\nNobody,Bo Vos\n"
    assert not apply(manager, text).written
    assert not Contact.objects.exists()
    assert apply(manager, text, skip_rejected=True).created == 1


def test_the_second_time_nothing_changes(manager, acme):
    text = "account,name,email,title,buying role,influence,language\nAcme,Jo Bos,jo@acme.example,Buyer,coach,high,nl\n"
    apply(manager, text)
    before, events = list(Contact.objects.values()), Event.objects.count()
    report = apply(manager, text)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)
    assert (list(Contact.objects.values()), Event.objects.count()) == (before, events)


def test_each_person_leaves_the_event_that_an_edit_by_hand_leaves(manager, acme):
    make_contact(acme, name="Bo Vos", title="Clerk")
    apply(manager, "account,name,title\nAcme,Jo Bos,Buyer\nAcme,Bo Vos,Chief\n")
    made, changed = Event.objects.order_by("pk")
    assert (made.act, made.account_id, made.actor, made.after["name"]) == ("contact.created", acme.pk, manager, "Jo Bos")
    assert (changed.act, changed.before, changed.after) == ("contact.changed", {"title": "Clerk"}, {"title": "Chief"})
    assert made.note == changed.note == "Import of list.csv"
    assert list(trail.broken_links()) == []


def test_statements_do_not_grow_with_the_rows(manager, acme):
    counted = []
    for rows in (2, 120):
        for n in range(0, rows, 2):
            make_contact(acme, name=f"Person {rows} {n}")
        text = "account,name,title\n" + "".join(f"Acme,Person {rows} {n},Buyer\n" for n in range(rows))
        with CaptureQueriesContext(connection) as queries:
            apply(manager, text)
        counted.append(len(queries))
    assert counted[1] <= counted[0] + 8, counted


# --- From file to report, and back


def test_a_list_of_people_goes_from_file_to_report(client, manager, acme):
    make_contact(acme, name="Bo Vos", title="Clerk")
    job = upload(client, "Account,First name,Last name,Job title\nAcme,Jo,Bos,Buyer\nAcme,Bo,Vos,Chief\n")
    assert kind_of(job).name == "contacts"
    page = client.get(choose(client, job).url)
    assert (page.context["review"].counts["created"], page.context["review"].counts["updated"]) == (1, 1)
    assert "Jo Bos" in page.text and "Clerk" in page.text and "Import 2 rows" in page.text
    page = client.post(reverse("importing:check", args=[job.pk]), follow=True)
    assert page.context["report"]["created"] == 1
    assert set(acme.contacts.values_list("name", "title")) == {("Jo Bos", "Buyer"), ("Bo Vos", "Chief")}
    assert "Contacts" in client.get(reverse("importing:list")).text


def test_rejected_people_can_be_downloaded_corrected_and_imported_alone(client, manager, acme):
    job = upload(client, "Account,First name,Last name,Influence,Still there\nAcme,Jo,Bos,high,huge\nAcme,Bo,Vos,low,yes\n")
    choose(client, job)
    client.post(reverse("importing:check", args=[job.pk]), {"skip": "yes"})
    text = client.get(reverse("importing:rejected", args=[job.pk])).getvalue().decode("utf-8-sig")
    assert "huge" in text and "Vos" not in text
    again = upload(client, text.replace(",huge", ",yes"))
    assert again.kind == "contacts"
    choose(client, again)
    client.post(reverse("importing:check", args=[again.pk]))
    assert set(acme.contacts.values_list("name", "influence")) == {("Bo Vos", 1), ("Jo Bos", 3)}


def test_many_people_are_left_to_the_worker(client, manager, acme):
    job = upload(client, "Account,First name,Last name\n" + "".join(f"Acme,Jo,Bos {n}\n" for n in range(2001)))
    choose(client, job)
    work_on(job)
    assert "2,001" in client.get(reverse("importing:check", args=[job.pk])).text
    client.post(reverse("importing:check", args=[job.pk]))
    job.refresh_from_db()
    assert (job.state, Contact.objects.count()) == ("waiting", 0)
    work_on(job)
    job.refresh_from_db()
    assert (job.state, job.report["created"], Contact.objects.count()) == ("done", 2001, 2001)


def run(client, text):
    job = upload(client, text, kind="contacts")
    choose(client, job)
    client.post(reverse("importing:check", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == "done"
    return job


def back(job, user):
    job = undo(job, by=user)
    assert job.undone_at
    assert list(trail.broken_links()) == []
    return {name: job.undo_report[name] for name in ("restored", "removed", "kept")}


def test_taken_back_everyone_is_as_before(client, manager, acme):
    chief = make_contact(acme, name="Chief")
    make_contact(acme, name="Bo Vos", email="bo@acme.example", title="Clerk", reports_to=chief, language="en")
    before = list(acme.contacts.order_by("pk").values())
    job = run(
        client,
        "Account,Name,E-mail,Job title,Buying role,Influence,Language,Reports to,Still there,Do not ask\n"
        "Acme,Bo Vos,new@acme.example,Boss,economic,high,nl,Jo Bos,no,yes\nAcme,Jo Bos,,,,,,Kim,,\nAcme,Kim,,,,,,,,\n",
    )
    assert acme.contacts.count() == 4
    assert back(job, manager) == {"restored": 1, "removed": 2, "kept": 0}
    after = list(acme.contacts.order_by("pk").values())
    # The address that came back is theirs from now on.
    assert [row | {"version": 1, "address_mark": was["address_mark"]} for row, was in zip(after, before, strict=True)] == before


def test_someone_who_answered_or_is_reported_to_since_stays(client, manager, acme, edition):
    job = run(client, "Account,Name,Reports to\nAcme,Jo Bos,\nAcme,Bo Vos,\nAcme,Kim,\n")
    jo, bo = (Contact.objects.get(name=name) for name in ("Jo Bos", "Bo Vos"))
    answer(make_assessment(acme), jo, "5" * 20)
    make_contact(acme, name="Late", reports_to=bo)
    assert back(job, manager) == {"restored": 0, "removed": 1, "kept": 2}
    assert set(acme.contacts.values_list("name", flat=True)) == {"Jo Bos", "Bo Vos", "Late"}


def test_whose_former_superior_is_gone_stays_as_the_list_says(client, manager, acme):
    chief = make_contact(acme, name="Chief")
    make_contact(acme, name="Kim")
    make_contact(acme, name="Bo Vos", reports_to=chief)
    job = run(client, "Account,Name,Reports to\nAcme,Bo Vos,Kim\n")
    erase_contact(chief, by=manager)
    assert back(job, manager) == {"restored": 0, "removed": 0, "kept": 1}
    assert Contact.objects.get(name="Bo Vos").reports_to.name == "Kim"


@pytest.mark.parametrize("rows", [1, 200])
def test_the_pages_cost_the_same_whatever_the_rows(client, manager, acme, rows, django_assert_max_num_queries):
    job = upload(client, "Account,First name,Last name\n" + "".join(f"Acme,Jo,Bos {n}\n" for n in range(rows)))
    choose(client, job)
    for name in ("columns", "check"):
        with django_assert_max_num_queries(14):
            client.get(reverse(f"importing:{name}", args=[job.pk]))


# --- Which files these are


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Account Name,First Name,Last Name,Title,Email,Mailing City,Mailing Country", True),  # Salesforce
        ("Record ID,First Name,Last Name,Email,Phone Number,Associated Company", True),  # HubSpot
        ("Full Name,Email,Company Name,Business Phone,Job Title", True),  # Dynamics
        ("Person - Name,Person - Organization,Person - Email - Work", True),  # Pipedrive
        ("Klant,Voornaam,Achternaam,E-mail", True),
        ("Account,Name,Buying role", True),
        ("Account name,Contact name,Contact e-mail", False),
        ("Account name,First name,Last name,Annual revenue", False),
        ("Company,City,Website", False),
        ("First name,Last name,Email", False),  # of nobody that we know
    ],
)
def test_a_list_of_people_is_told_from_a_list_of_accounts(headers, expected):
    assert likely(headers.split(",")) is expected


def test_a_column_called_role_is_a_buying_role_only_if_it_holds_some(manager, acme):
    text = "Account,First name,Role\nAcme,Jo,{}\n"
    assert guess(read_table(text.format("Plant manager").encode())) == {0: "account", 1: "first_name"}
    assert guess(read_table(text.format("Coach").encode()))[2] == "buying_role"


def test_no_list_makes_an_account(manager, acme):
    apply(manager, "account,name\nNobody,Jo\n", skip_rejected=True)
    assert Account.objects.count() == 1
