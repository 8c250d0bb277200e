"""What the list shows as a file, safe to open, and the same when it is imported again."""

import csv
import io
from datetime import date
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.exporting import COLUMNS, SHOWN, contact_rows, contacts_of, rows
from accounts.models import Account, ExchangeRate, Tag
from accounts.standing_ids import standing_id
from audit.models import Event
from core.paging import Sort
from core.tables import csv_lines
from core.text_values import guarded, unguarded
from importing.jobs import guessed
from importing.mapping import FIELDS
from importing.reading.table import read_table
from tests.factories import make_account, make_administrator, make_contact, make_team, make_user, make_viewer

pytestmark = pytest.mark.django_db

FORMULAS = ["=1+1", "+31 20", "-5 degrees", "@SUM(A1)", "'=x", "''-x", "=cmd|' /C calc'!A0"]
PLAIN = ["Acme", "'s-Hertogenbosch", "a=b", "1-2", "’t Hof", "'", "''"]
SAYING_NOTHING = ["NULL", "n/a", "#N/A", "'null", "\u200b", " "]


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer", email="mila@example.com")
    client.force_login(user)
    return user


def content(answer) -> bytes:
    return b"".join(answer.streaming_content)


def table_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(answer).decode("utf-8-sig"), newline="")))


def csv_of(client, **query):
    return table_of(client.get(reverse("accounts:export", args=["csv"]), query))


def sheet_of(client, **query):
    answer = client.get(reverse("accounts:export", args=["xlsx"]), query)
    return [list(row) for row in load_workbook(io.BytesIO(content(answer))).active.iter_rows()]


def rows_of_sheet(client):
    header, *rows = ([cell.value for cell in row] for row in sheet_of(client))
    return [dict(zip(header, row, strict=True)) for row in rows]


class TestGuard:
    @pytest.mark.parametrize("text", [*FORMULAS, *SAYING_NOTHING, "\tx", "\rx", "\nx", "'\t=1", " =1", "＝1"])
    def test_no_cell_begins_a_formula_or_says_nothing_and_the_text_comes_back(self, text):
        assert guarded(text) == f"'{text}"
        assert unguarded(guarded(text)) == text

    @pytest.mark.parametrize("text", ["", *PLAIN])
    def test_other_texts_stay_as_they_are(self, text):
        assert guarded(text) == unguarded(text) == text


class TestFile:
    def test_holds_the_accounts_of_the_list_in_its_order(self, client, manager):
        for name, revenue, segment in (("A", 5, "Food"), ("B", 9, "Food"), ("C", 7, "Steel")):
            make_account(name=name, revenue=revenue, segment=segment, owner=manager)
        make_account(name="Not seen", segment="Food")
        found = csv_of(client, segment="Food", sort="-revenue")
        assert [row["Account name"] for row in found] == ["B", "A"]

    def test_of_ticked_accounts_and_of_archived_ones_too(self, client, manager):
        make_account(name="A", owner=manager)
        gone = make_account(name="B", owner=manager, status="archived")
        assert [row["Account name"] for row in csv_of(client, account=gone.pk, state="archived")] == ["B"]

    def test_says_all_that_the_list_says(self, client, manager):
        make_account(
            name="Acme", external_id="C1", segment="Food", country="NL", revenue="1234.5", currency="USD", owner=manager,
            customer_level=4, team_level=3, last_heard_on=date(2026, 3, 1), target_level=5, target_due_on=date(2028, 1, 31),
            target_status="at_risk", target_chance=0.1404, told_to_us=True, team=make_team(name="Benelux", members=[manager]),
        ).tags.create(name="key")  # fmt: skip
        (row,) = csv_of(client)
        expected = {
            "Account name": "Acme", "External id": "C1", "Source": "", "Standing id": standing_id(Account.objects.get().pk),
            "Segment": "Food", "Country": "NL", "Phone": "",
            "Their turnover": "", "Turnover currency": "EUR", "Their level": "4",
            "Our level": "3", "Gap": "'-1", "Told to us": "yes", "Last heard": "2026-03-01", "Target level": "5",
            "Target date": "2028-01-31",
            "Target status": "at risk", "Target chance": "0.1404", "Revenue a year": "1234.50", "Currency": "USD",
            "Revenue in EUR": "", "Without exchange rate": "USD", "Renewal on": "",
            "Owner": "Mila Vermeer",
            "Owner e-mail": "mila@example.com", "Team": "Benelux", "State": "active", "Tags": "key",
        }  # fmt: skip
        assert row == expected

    @pytest.mark.parametrize("read", [csv_of, lambda client: rows_of_sheet(client)], ids=["CSV", "workbook"])
    def test_one_column_of_revenue_adds_up_and_names_what_it_lacks(self, client, manager, read):
        ExchangeRate.objects.create(currency="USD", rate="0.5", as_of="2026-01-01")
        for revenue, currency in ((100, "EUR"), (100, "USD"), (100, "JPY"), (0, "SEK"), (None, "NOK")):
            make_account(name=currency, revenue=revenue, currency=currency, owner=manager)
        rows = {row["Account name"]: (row["Revenue in EUR"], row["Without exchange rate"]) for row in read(client)}
        assert sum(float(amount) for amount, _code in rows.values() if amount) == 150
        assert {name for name, (_amount, code) in rows.items() if code} == {"JPY"}
        assert rows["JPY"] in {("", "JPY"), (None, "JPY")}

    def test_a_workbook_has_numbers_and_dates_as_such(self, client, manager):
        make_account(name="Acme", revenue="1234.5", owner=manager, customer_level=4, team_level=3, last_heard_on=date(2026, 3, 1))
        header, row = sheet_of(client)
        found = {name.value: cell for name, cell in zip(header, row, strict=True)}
        assert found["Revenue a year"].value == 1234.5 and found["Revenue a year"].data_type == "n"
        assert found["Gap"].value == -1 and found["Their level"].value == 4
        assert found["Last heard"].is_date and found["Last heard"].value.date() == date(2026, 3, 1)
        assert found["Target status"].value is None

    @pytest.mark.parametrize("text", FORMULAS)
    def test_nothing_in_it_is_a_formula(self, client, manager, text):
        make_account(name=text, segment=text, owner=manager, external_id=text).tags.create(name=text)
        for cell in csv_of(client)[0].values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        for cell in sheet_of(client)[1]:
            assert cell.data_type != "f" and not str(cell.value).startswith(("=", "+", "-", "@"))

    def test_control_characters_do_not_break_a_workbook(self, client, manager):
        make_account(name="A\x0bB", owner=manager)
        assert sheet_of(client)[1][0].value == "A_x000B_B"  # as workbooks write it, and the importer reads it

    def test_a_workbook_of_very_many_is_refused_in_words_and_the_csv_is_not(self, client, manager, monkeypatch):
        monkeypatch.setattr("accounts.pages.export.MAX_WORKBOOK_ROWS", 1)
        for _ in range(2):
            make_account(owner=manager, segment="Food")
        answer = client.get(reverse("accounts:export", args=["xlsx"]), {"segment": "Food"}, follow=True)
        assert answer.redirect_chain == [(reverse("accounts:list") + "?segment=Food", 302)]
        assert "These are 2 rows, and a workbook is made of at most 1. Take the CSV file, or fewer accounts." in answer.text
        assert len(csv_of(client)) == 2

    def test_filters_that_are_too_long_for_a_redirect_are_left_behind(self, client, manager, monkeypatch):
        monkeypatch.setattr("accounts.pages.export.MAX_WORKBOOK_ROWS", 0)
        make_account(owner=manager)
        ticked = [("account", pk) for pk in Account.objects.values_list("pk", flat=True)] * 250
        answer = client.get(f"{reverse('accounts:export', args=['xlsx'])}?{urlencode(ticked)}")
        assert answer.url == reverse("accounts:list")

    def test_is_named_with_the_day_and_kept_by_nobody(self, client, manager):
        for kind in ("csv", "xlsx"):
            answer = client.get(reverse("accounts:export", args=[kind]))
            assert f'filename="accounts-{timezone.localdate():%Y-%m-%d}.{kind}"' in answer["Content-Disposition"]
            assert "no-store" in answer["Cache-Control"]
            content(answer)

    def test_who_sees_everything_exports_everything_and_a_stranger_nothing(self, client):
        make_account(name="Acme")
        client.force_login(make_viewer())
        assert len(csv_of(client)) == 1
        client.force_login(make_user())
        assert csv_of(client) == [] and len(sheet_of(client)) == 1

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_the_trail_tells_who_took_how_many_of_what(self, client, manager, kind):
        for segment in ("Food", "Food", "Steel"):
            make_account(owner=manager, segment=segment)
        content(client.get(reverse("accounts:export", args=[kind]), {"segment": "Food", "sort": "-gap"}))
        event = Event.objects.get()
        assert (event.act, event.actor, event.account_id) == ("export.made", manager, None)
        assert event.after == {"what": "accounts", "as": kind, "rows": 2, "of": {"segment": "Food"}}

    def test_the_trail_counts_ticked_accounts_and_hears_nothing_of_a_question_for_the_head(self, client, manager):
        accounts = [make_account(owner=manager) for _ in range(3)]
        address = reverse("accounts:export", args=["csv"])
        client.head(address)
        assert not Event.objects.exists()
        content(client.get(address, {"account": [one.pk for one in accounts[:2]], "revenue": ""}))
        assert Event.objects.get().after["of"] == {"ticked": 2}

    def test_the_trail_hears_of_it_before_the_first_row_leaves(self, client, manager):
        make_account(owner=manager)
        answer = client.get(reverse("accounts:export", args=["csv"]))
        assert Event.objects.count() == 1
        content(answer)

    def test_a_workbook_that_is_refused_leaves_no_trace(self, client, manager, monkeypatch):
        monkeypatch.setattr("accounts.pages.export.MAX_WORKBOOK_ROWS", 0)
        make_account(owner=manager)
        client.get(reverse("accounts:export", args=["xlsx"]))
        assert not Event.objects.exists()

    def test_the_list_leads_there_with_its_filters_and_order(self, client, manager):
        make_account(owner=manager, segment="Food")
        page = client.get(reverse("accounts:list"), {"segment": "Food", "sort": "-gap", "after": "x"}).text
        assert f'href="{reverse("accounts:export", args=["csv"])}?segment=Food&amp;sort=-gap"' in page

    @pytest.mark.parametrize("accounts", [1, 150])
    def test_statements_do_not_grow_with_the_rows(self, client, manager, accounts, django_assert_max_num_queries):
        Account.objects.bulk_create(Account(name=f"A{n}", owner=manager) for n in range(accounts))
        with django_assert_max_num_queries(12):  # session, user, teams, state, count, accounts, tags; the trail's five
            csv_of(client)

    def test_rows_come_one_by_one(self, manager, monkeypatch, django_assert_num_queries):
        monkeypatch.setattr("accounts.exporting.BATCH", 2)
        Account.objects.bulk_create(Account(name=f"A{n}", owner=manager) for n in range(6))
        with django_assert_num_queries(2):  # accounts, and the tags of the first two
            lines = csv_lines(rows(Account.objects.all(), Sort("name", "name"), SHOWN, Account.objects.all()))
            assert [next(lines) for _ in range(4)][3].startswith(b"A1")


class TestImportedAgain:
    @pytest.fixture
    def portfolio(self, db):
        """Everything that makes a difference between what stands in a cell and what is stored."""
        admin = make_administrator(email="admin@example.com")
        team = make_team(name="-Team", leads=[admin])
        owners = [make_user(name="Twin", email=f"twin{n}@example.com") for n in range(2)]
        parent = make_account(name="=Parent", external_id="P-1", owner=admin)
        for n, text in enumerate([*FORMULAS, *PLAIN[:-2], "\tTab", "n/a", 'Quote "x", y; z', "Ünïcödé 🏢", "x" * 200]):
            account = make_account(
                name=f"{text}"[:190] + (f" {n}" if text != "n/a" else "/a"), external_id=f"E{n}" if n % 2 else text[:100], source="crm" if n % 3 else "", segment=text[:120],
                country=["", "NL", "GB"][n % 3], city=text[:120], website=["", "http://example.com", "https://example.org/a?b=1"][n % 3],
                employees=[None, 0, 1200][n % 3], revenue=[None, "0", "1234.50", "9999999999999.99", "1000"][n % 5], currency=["EUR", "USD"][n % 2],
                customer_since=[None, date(2020, 3, 4), date(1999, 12, 31)][n % 3], owner=owners[n % 2], team=[None, team][n % 2],
                parent=[None, parent][n % 2], status=["active", "archived"][n % 2], notes=["", f"{text}\nand more, with “quotes”"][n % 2].strip(),
                customer_level=n % 5 + 1, team_level=n % 3 + 1, last_heard_on=date(2026, 1, 2), target_level=4, target_due_on=date(2028, 1, 1),
            )  # fmt: skip
            account.tags.set(
                Tag.objects.get_or_create(name=name)[0]
                for name in [["a;b"], ["x y", "a;b"], [], [text[:50].replace(",", "").strip()]][n % 4]
            )
        make_account(name="Child of a name", owner=admin, parent=make_account(name="Only a name", owner=admin))
        return Account.objects.count()

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_changes_nothing(self, portfolio, tmp_path, capsys, kind):
        path = tmp_path / f"all.{kind}"
        call_command("export_accounts", str(path))
        assert capsys.readouterr().out == f"exported {portfolio}\n"
        before = list(Account.objects.order_by("pk").values())
        call_command("import_accounts", str(path))
        printed = capsys.readouterr()
        assert printed.out == f"created 0, updated 0, unchanged {portfolio}, rejected 0\n", printed.err
        assert list(Account.objects.order_by("pk").values()) == before and not Event.objects.exists()

    def test_changes_nothing_as_the_list_gives_it_either(self, client, manager, tmp_path, capsys):
        team = make_team(name="Benelux", members=[manager])
        for n in range(3):
            make_account(name=f"=A{n}", owner=manager, team=team, revenue=n * 1000)
        path = tmp_path / "list.csv"
        path.write_bytes(content(client.get(reverse("accounts:export", args=["csv"]))))
        call_command("import_accounts", str(path))
        assert capsys.readouterr().out == "created 0, updated 0, unchanged 3, rejected 0\n"

    def test_an_empty_store_gets_all_of_it(self, portfolio, tmp_path, capsys):
        path = tmp_path / "all.csv"
        call_command("export_accounts", str(path))
        names = set(Account.objects.values_list("name", "segment", "notes"))
        Account.objects.update(parent=None)
        Account.objects.all().delete()
        call_command("import_accounts", str(path))
        assert f"created {portfolio}, updated 0, unchanged 0, rejected 0" in capsys.readouterr().out
        assert set(Account.objects.values_list("name", "segment", "notes")) == names

    def test_every_field_of_the_importer_has_its_column_and_measured_ones_have_none(self, portfolio):
        table = read_table(b"".join(csv_lines(rows(Account.objects.all(), Sort("name", "name"), COLUMNS, Account.objects.all()))))
        mapping = {table.headers[index]: field for index, field in guessed(table).items()}
        assert set(mapping.values()) == {name for name in FIELDS if not name.startswith("contact_")}
        assert mapping["Owner e-mail"] == "owner"
        assert not {
            "Owner",
            "Their level",
            "Our level",
            "Gap",
            "Last heard",
            "Target level",
            "Target date",
            "Target status",
        } & set(mapping)

    def test_a_parent_that_no_text_names_for_certain_is_left_out(self, tmp_path, capsys):
        owner = make_administrator()
        twin = make_account(name="Twin", external_id="1", source="a", owner=owner)
        make_account(name="Twin", external_id="1", source="b", owner=owner)
        make_account(name="Child", external_id="2", source="a", owner=owner, parent=twin)
        path = tmp_path / "all.csv"
        call_command("export_accounts", str(path))
        call_command("import_accounts", str(path))
        assert capsys.readouterr().out.endswith("created 0, updated 0, unchanged 3, rejected 0\n")


class TestCommand:
    @pytest.mark.parametrize(("name", "says"), [("list.txt", "neither"), ("no/such/folder.csv", "cannot be written")])
    def test_a_file_that_cannot_be_is_named_in_one_line(self, tmp_path, name, says):
        with pytest.raises(CommandError, match=says):
            call_command("export_accounts", str(tmp_path / name))

    def test_archived_accounts_and_notes_are_in_it(self, tmp_path):
        make_account(name="Gone", status="archived", notes="two\nlines")
        call_command("export_accounts", str(tmp_path / "all.XLSX"))
        header, row = load_workbook(tmp_path / "all.XLSX").active.iter_rows(values_only=True)
        found = dict(zip(header, row, strict=True))
        assert (found["Account name"], found["State"], found["Notes"]) == ("Gone", "archived", "two\nlines")

    def test_a_text_that_fits_no_cell_is_left_out_whole(self, tmp_path, capsys):
        make_account(name="Long", owner=make_administrator(), notes="x" * 40_000)
        path = tmp_path / "all.csv"
        call_command("export_accounts", str(path))
        call_command("import_accounts", str(path))
        assert capsys.readouterr().out.endswith("created 0, updated 0, unchanged 1, rejected 0\n")


class TestContacts:
    def lines(self) -> list[dict[str, str]]:
        table = contact_rows(contacts_of(Account.objects.all()), Account.objects.all())
        return list(csv.DictReader(io.StringIO(b"".join(csv_lines(table)).decode("utf-8-sig"), newline="")))

    def test_a_row_is_a_person(self):
        account = make_account(name="Acme", external_id="C1", source="crm")
        make_contact(
            account, name="=Jo Bos", email="jo@example.com", title="Buyer", buying_role="economic", influence=3, language="nl",
            do_not_ask=True,
        )  # fmt: skip
        expected = {
            "Account": "C1", "Contact name": "'=Jo Bos", "E-mail": "jo@example.com", "Phone": "", "Title": "Buyer",
            "Buying role": "economic", "Influence": "high", "Part of the decision": "yes", "Why no part in the decision": "",
            "Language": "nl", "Reports to": "", "Still there": "yes", "Left on": "", "Do not ask": "yes",
            "Name of the account": "Acme", "Its external id": "C1", "Source": "crm",
        }  # fmt: skip
        assert self.lines() == [expected]

    def test_an_account_is_named_so_that_the_importer_finds_it_and_no_other(self):
        for name, external_id in (("Acme", "C1"), ("C1", "C2"), ("Twin", ""), ("Twin", ""), ("Alone", "")):
            make_contact(make_account(name=name, external_id=external_id))
        twins = [(standing_id(account.pk), "Twin") for account in Account.objects.filter(name="Twin").order_by("pk")]
        found = [(row["Account"], row["Name of the account"]) for row in self.lines()]
        assert found == [("C1", "Acme"), ("Alone", "Alone"), ("C2", "C1"), *twins]

    def test_whom_someone_reports_to_stands_there_by_e_mail_else_by_name(self):
        account = make_account()
        head = make_contact(account, name="A", email="a@example.com")
        make_contact(account, name="C", reports_to=make_contact(account, name="B", reports_to=head))
        found = {row["Contact name"]: row["Reports to"] for row in self.lines()}
        assert found == {"A": "", "B": "a@example.com", "C": "B"}

    def test_who_was_erased_is_not_in_it_and_who_left_says_so(self):
        account = make_account()
        make_contact(account, name="", erased_on=date(2026, 1, 1), active=False)
        make_contact(account, name="Gone", active=False)
        assert [(row["Contact name"], row["Still there"]) for row in self.lines()] == [("Gone", "no")]

    @pytest.mark.parametrize("contacts", [1, 40])
    def test_statements_do_not_grow_with_the_contacts(self, contacts, django_assert_num_queries):
        for number in range(contacts):
            account = make_account(external_id=str(number))
            make_contact(account, reports_to=make_contact(account))
        with django_assert_num_queries(4):  # contacts; of them all the accounts, how often their ids and their names occur
            assert len(self.lines()) == 2 * contacts
