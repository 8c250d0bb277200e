import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Contact, Tag
from audit.models import Event
from core.text_values import is_blank
from importing import apply as applying
from importing.check import check
from importing.lists.accounts import work as account_work
from importing.work import begin
from tests.factories import make_account, make_administrator, make_contact, make_team, make_user
from tests.importing.running import checked, counts_of, import_list
from tests.inputs import naughty_strings

pytestmark = pytest.mark.django_db


def run(text, by, **how):
    return import_list(text, by, **how)


def reasons(report):
    return report.problems


def test_every_field_is_stored():
    admin, owner = make_administrator(), make_user(name="Anna Smit")
    team = make_team(name="Benelux")
    run(
        "name,external id,source,segment,country,city,website,employees,our revenue,currency,customer since,"
        "owner,team,parent account,status,tags,notes,contact name,contact title,contact email\n"
        "Acme Group,G1,crm,,,,,,,,,,,,,,,,,\n"
        'Acme,A1,crm,Steel,Netherlands,Breda,acme.example,"1,200","1.234,50",USD,2020-02-29,anna smit,'
        'benelux,G1,active,"gold, north",Note,Jo Bos,Buyer,jo@acme.example\n',
        admin,
    )
    account = Account.objects.get(external_id="A1")
    assert (account.name, account.source, account.segment, account.country) == ("Acme", "crm", "Steel", "NL")
    assert (account.city, account.website, account.employees) == ("Breda", "https://acme.example", 1200)
    assert (account.revenue, account.currency) == (Decimal("1234.50"), "USD")
    assert (account.customer_since, account.notes) == (date(2020, 2, 29), "Note")
    assert (account.owner, account.team, account.parent.name) == (owner, team, "Acme Group")
    assert {tag.name for tag in account.tags.all()} == {"gold", "north"}
    contact = account.contacts.get()
    assert (contact.name, contact.title, contact.email) == ("Jo Bos", "Buyer", "jo@acme.example")


def test_hostile_text_comes_back_as_it_went_in(input_folder):
    strings = [text for text in naughty_strings(input_folder) if not is_blank(text) and "\0" not in text]
    strings = list({text.strip().casefold(): text for text in strings}.values())
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["external id", "name", "segment", "city", "notes", "contact name", "contact title"])
    for number, text in enumerate(strings):
        writer.writerow([number, text[:200], text[:120], text[:120], text, text[:120], text[:120]])
    admin = make_administrator()
    assert run(file.getvalue(), admin).created == len(strings)
    for number, text in enumerate(strings):
        account = Account.objects.get(external_id=str(number))
        assert (account.name, account.segment) == (text[:200].strip(), text[:120].strip())
        assert (account.city, account.notes) == (text[:120].strip(), text.strip())
        contact = account.contacts.get()
        assert (contact.name, contact.title) == (text[:120].strip(), text[:120].strip())
    assert run(file.getvalue(), admin).unchanged == len(strings)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("\u3000,1,,,,", "Row 3, name: An account needs a name."),
        ("NULL,1,,,,", "Row 3, name: An account needs a name."),
        ("B,1.2.3,,,,", "Row 3, Our revenue: “1.2.3” is not an amount. Write 1234.50 or 1.234,50."),
        (
            "B,1,ZZZ,,,",
            "Row 3, Currency: “ZZZ” is not a currency.",
        ),
        ("B,€ 1,USD,,,", "Row 3, Our revenue: The amount is in EUR and the currency column says USD."),
        ("B,1,,Atlantis,,", "Row 3, Country: “Atlantis” is not a country."),
        ("B,1,,,some,", "Row 3, Employees: “some” is not a whole number. Write 1200."),
        ("B,1,,,,nobody@example.com", "Row 3, Owner: “nobody@example.com” cannot be made owner by you."),
        ("B,1,,,,,7", "Row 3: It has 7 cells where the header has 6."),
        ("a,1,,,,", "Row 3, name: “a” stands in row 2 already."),
        ("B" * 201 + ",1,,,,", "longer than 200 characters"),
    ],
)
def test_a_rejected_row_is_named_and_nothing_is_written(row, reason):
    """At the command line, where nobody can be asked what a value is."""
    owner = make_administrator().pk
    report = run(f"name,Our revenue,Currency,Country,Employees,Owner\nA,1,,,,\n{row}\n", None, options={"owner": owner})
    assert not report.written
    assert (report.created, report.rejected) == (0, 1)
    assert reason in reasons(report)[0]
    assert not Account.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("column", "field", "text"),
    [("Country", "country", "Atlantis"), ("Currency", "currency", "ZZZ"), ("Owner", "owner", "nobody@example.com")],
)
def test_on_the_page_what_nobody_knows_is_asked_and_nothing_is_written(column, field, text):
    report = run(f"name,{column}\nA,\nB,{text}\n", make_administrator())
    assert (report.written, report.questions) == (False, [(field, text)])
    assert not Account.objects.exists()


def test_lines_in_a_cell_end_as_they_do_in_a_form():
    owner = make_user()
    make_account(name="Acme", owner=owner, notes="One\nTwo")
    assert run(b'name,notes\r\nAcme,"One\r\nTwo"\r\n', owner).unchanged == 1


def test_with_skipping_the_other_rows_come_in():
    report = run("name,employees\nA,5\nB,some\n", make_administrator(), skip_rejected=True)
    assert report.summary == "created 1, updated 0, unchanged 0, rejected 1"
    assert [account.name for account in Account.objects.all()] == ["A"]


def test_a_dry_run_counts_and_writes_nothing():
    report = run("name\nA\n", make_administrator(), dry_run=True)
    assert (report.created, report.written, Account.objects.count()) == (1, False, 0)


def test_an_update_raises_the_version_and_leaves_a_trail_of_what_changed():
    admin = make_administrator()
    account = make_account(name="Acme", city="Oslo", external_id="A1")
    report = run("external id,name,city\nA1,Acme,Rome\n", admin)
    account.refresh_from_db()
    event = Event.objects.get()
    assert (report.updated, account.city, account.version) == (1, "Rome", 2)
    assert (event.act, event.actor, event.before, event.after) == (
        "account.changed", admin, {"city": "Oslo"}, {"city": "Rome"},
    )  # fmt: skip


def test_empty_cells_never_erase():
    admin = make_administrator()
    make_account(name="Acme", city="Oslo", country="NO", revenue=5, notes="Keep")
    report = run("name,city,country,our revenue,notes\nACME,,n/a,-,NULL\n", admin)
    account = Account.objects.get()
    assert (report.updated, account.name, account.city, account.country) == (1, "ACME", "Oslo", "NO")
    assert (account.revenue, account.notes) == (5, "Keep")


def test_an_external_id_finds_the_account_after_its_name_has_changed():
    make_account(name="Old name", external_id="A1")
    assert run("id,name\nA1,New name\n", make_administrator()).updated == 1
    assert Account.objects.get().name == "New name"


def test_an_account_made_by_hand_gets_its_external_id_from_the_file():
    make_account(name="Acme")
    assert run("id,name\nA1,acme\n", make_administrator()).updated == 1
    assert Account.objects.get().external_id == "A1"


def test_two_accounts_of_one_name_are_told_apart_by_external_id():
    text = "id,name\nA1,Acme\nA2,Acme\n"
    admin = make_administrator()
    assert run(text, admin).created == 2
    assert run(text, admin).unchanged == 2
    assert "More than one account has this name" in reasons(run("name\nAcme\n", admin))[0]


def test_an_external_id_that_occurs_twice_is_rejected():
    report = run("id,name\nA1,Acme\nA1,Bravo\n", make_administrator())
    assert reasons(report) == ["Row 3, id: “A1” stands in row 2 already."]


def test_a_strangers_account_is_neither_changed_nor_told_of():
    manager = make_user()
    secret = make_account(name="Secret Ltd", city="Oslo", external_id="S1")
    by_name = run("name,city\nSecret Ltd,Rome\n", manager)
    assert by_name.summary == "created 1, updated 0, unchanged 0, rejected 0"
    by_id = run("id,name\nS1,Guess\n", manager)
    assert by_id.rejected == 1
    assert "Secret" not in reasons(by_id)[0]
    secret.refresh_from_db()
    assert (secret.city, secret.version) == ("Oslo", 1)


def test_a_strangers_account_cannot_be_named_as_parent():
    make_account(name="Secret Ltd")
    report = run("name,parent\nMine,Secret Ltd\n", make_user())
    assert reasons(report) == ["Row 2, parent: No account here or in the file is called “Secret Ltd”."]


def test_a_colleagues_account_is_read_but_not_changed():
    manager, colleague = make_user(), make_user()
    team = make_team(members=[manager, colleague])
    make_account(name="Shared", owner=colleague, team=team, city="Oslo")
    report = run("name,city\nShared,Rome\n", manager)
    assert "read this account but not change it" in reasons(report)[0]


def test_a_lead_imports_into_the_teams_accounts_and_gives_them_to_its_members():
    lead, member, stranger = make_user(), make_user(), make_user()
    team = make_team(members=[member], leads=[lead])
    make_account(name="Shared", owner=member, team=team, city="Oslo")
    assert run(f"name,city,owner\nShared,Rome,{member.email}\nNew,Rome,{member.email}\n", lead).written
    assert Account.objects.get(name="New").team == team
    assert not run(f"name,owner\nOther,{stranger.email}\n", lead).written


def test_a_manager_may_not_hand_accounts_to_others():
    manager, other = make_user(), make_user()
    report = run(f"name,owner\nMine,{other.email}\n", manager)
    assert (report.written, report.questions) == (False, [("owner", other.email)])


def test_a_new_account_joins_the_only_team_of_its_owner():
    manager = make_user()
    team = make_team(members=[manager])
    run("name\nAcme\n", manager)
    assert Account.objects.get().team == team


def test_the_currency_of_the_header_counts_for_its_amounts():
    run("name,our_revenue_usd\nAcme,100\n", make_administrator())
    assert Account.objects.get().currency == "USD"


def test_tags_are_added_and_none_is_taken_away():
    account = make_account(name="Acme")
    account.tags.add(Tag.objects.create(name="Gold"))
    report = run("name,tags\nAcme,gold; North\n", make_administrator())
    assert report.updated == 1
    assert {tag.name for tag in account.tags.all()} == {"Gold", "North"}


def test_a_known_contact_is_kept_and_completed():
    account = make_account(name="Acme")
    contact = make_contact(account, name="Jo Bos", buying_role=Contact.BuyingRole.COACH)
    admin = make_administrator()
    text = "name,contact name,contact title,contact email\nAcme,jo bos,Buyer,jo@acme.example\n"
    assert run(text, admin).updated == 1
    contact.refresh_from_db()
    assert (contact.title, contact.email, contact.buying_role) == ("Buyer", "jo@acme.example", "coach")
    assert run(text, admin).unchanged == 1
    account.refresh_from_db()
    assert account.version == 1


def test_parents_in_the_file_are_found_in_any_order():
    run("id,name,parent\nC,Child,Middle\nM,Middle,T\nT,Top,\n", make_administrator())
    assert Account.objects.get(name="Child").parent.parent.name == "Top"


def test_a_circle_of_parents_is_rejected():
    report = run("name,parent\nA,B\nB,C\nC,A\nD,D\n", make_administrator())
    assert report.rejected == 4
    assert "circle" in reasons(report)[0]
    assert "not its own parent" in reasons(report)[3]


def test_a_circle_by_way_of_stored_accounts_is_rejected():
    top = make_account(name="Top")
    middle = make_account(name="Middle", parent=top)
    make_account(name="Low", parent=middle)
    assert "circle" in reasons(run("name,parent\nTop,Low\n", make_administrator()))[0]


def test_children_of_a_rejected_parent_are_rejected_too():
    report = run(
        "name,parent,employees\nTop,,some\nChild,Top,\nLow,Child,\n",
        make_administrator(),
        skip_rejected=True,
    )
    assert report.summary == "created 0, updated 0, unchanged 0, rejected 3"


def test_an_import_that_breaks_half_way_writes_nothing(monkeypatch):
    def break_down(*args, **kwargs):
        raise RuntimeError("killed")

    make_account(name="Acme", city="Oslo")
    job, _work = checked("name,city,tags,contact name\nAcme,Rome,x,Jo\nNew,Rome,y,Bo\n", make_administrator())
    monkeypatch.setattr(applying.trail, "record_many", break_down)
    with pytest.raises(RuntimeError):
        begin(job, skip_rejected=False)
    assert Account.objects.get().city == "Oslo"
    assert not Contact.objects.exists()
    assert not Tag.objects.exists()
    job.refresh_from_db()
    assert (job.may_be_started, job.batches.exists(), job.stored) == (True, False, 0)


def test_an_external_id_taken_in_the_same_moment_is_seen_by_a_second_check(monkeypatch):
    write, times = account_work.write, []

    def write_late(*args):
        times.append(1)
        if len(times) == 1:
            raise IntegrityError
        return write(*args)

    monkeypatch.setattr(account_work, "write", write_late)
    assert run("name\nAcme\n", make_administrator()).created == 1
    assert len(times) == 2


def test_checking_costs_the_same_statements_whatever_the_rows():
    admin, counted = make_administrator(), []
    for rows in (1, 200):
        text = "id,name,city\n" + "".join(f"{n},Account {n},Oslo\n" for n in range(rows))
        run(text, admin)
        job, _work = checked(text.replace("Oslo", "Rome"), admin)
        with CaptureQueriesContext(connection) as statements:
            check(job)
        assert counts_of(job)["updated"] == rows
        counted.append(len(statements))
    assert counted[1] <= counted[0] + 5 and counted[0] <= 45, counted  # more rows are inserted by several statements


def test_a_tag_that_comes_with_a_list_makes_a_form_that_was_open_stale():
    admin = make_administrator()
    account = make_account(name="Acme", owner=admin)
    run("name,tags\nAcme,gold\n", admin)
    account.refresh_from_db()
    assert account.version == 2
