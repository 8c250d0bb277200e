"""Lists of accounts that went wrong in other programs, in names of our own: what is stored, what is asked, what is refused."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Account
from tests.factories import make_account, make_administrator, make_user
from tests.import_pages import answer, asked, check, choose, columns, send_file, upload
from tests.jobs import work_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer", email="mila@example.com")
    client.force_login(user)
    return user


def to_check(client, content, **fields):
    """The page after the columns: the questions, or what would change."""
    job = upload(client, content)
    assert choose(client, job, **fields).status_code == 302
    return job, check(client, job)


def finish(client, job, **data):
    return client.post(reverse("importing:check", args=[job.pk]), data, follow=True)


def import_list(client, content, said=None, **fields):
    """The report of a list whose questions are answered as the page has them, but for what is `said`."""
    job, page = to_check(client, content, **fields)
    if page.request["PATH_INFO"] == reverse("importing:questions", args=[job.pk]):
        assert answer(client, job, said).status_code == 302
    return finish(client, job)


def stored(*names):
    return list(Account.objects.order_by("pk").values_list(*names, flat=len(names) == 1))


def reasons(page):
    return [(problem.line, problem.reason) for problem in page.context["review"].problems]


class TestAmounts:
    def test_decimal_commas(self, client, manager):
        rows = "Eend;1,12;EUR\nFuut;1.355,90;EUR\nGans;512.77;EUR\nHop;1.234.567,89;EUR\n"
        import_list(client, f"Name;Annual Revenue;Currency\n{rows}", column_1="turnover")
        assert stored("turnover") == [Decimal(text) for text in ("1.12", "1355.90", "512.77", "1234567.89")]

    @pytest.mark.parametrize("field", ["revenue", "turnover"])
    def test_as_people_write_them(self, client, manager, field):
        rows = "Eend;€ 2.500,-\nFuut;€1,5 mln\nGans;1E+06\nHop;750 k€\nIbis;5M\n"
        import_list(client, f"Name;Annual Revenue\n{rows}", column_1=field, currency="EUR")
        assert stored(field) == [2500, 1500000, 1000000, 750000, 5000000]
        assert set(stored({"revenue": "currency", "turnover": "turnover_currency"}[field])) == {"EUR"}

    @pytest.mark.parametrize("field", ["revenue", "turnover"])
    def test_one_currency_beside_another_is_refused_with_the_reason(self, client, manager, field):
        _job, page = to_check(client, "Name,Annual Revenue,Currency\nZwaan,€ 100,USD\n", column_1=field)
        assert reasons(page) == [(2, "The amount is in EUR and the currency column says USD.")]


class TestDates:
    def test_of_two_orders_in_one_file_the_other_one_is_refused_with_that_reason(self, client, manager):
        _job, page = to_check(client, "Account Name,Customer Since\nAdelaar,07/30/2023\nBuizerd,30/07/2023\n")
        assert reasons(page) == [(3, "“30/07/2023” has the day first, and this file writes the month first. Write 2024-03-31.")]

    @pytest.mark.parametrize(("header", "kind"), [("Customer Since", "accounts"), ("Renewal on", "accounts")])
    def test_where_each_can_be_read_two_ways_it_is_asked(self, client, manager, header, kind):
        job = upload(client, f"Account Name,{header}\nAdelaar,12/03/2021\nBuizerd,04/05/2021\n")
        assert "day or the month" in choose(client, job, kind=kind).context["form"].errors["dates"][0]


class TestNames:
    def test_codes_of_html_are_mended_and_the_clean_list_makes_nothing_twice(self, client, manager):
        import_list(
            client, "Name,City\nO&#039;Brien &amp; Zn,&#039;s-Graveland\nCaf&eacute; &quot;De Maan&quot;,Ede\nAT&T,R&D;\n"
        )
        assert stored("name", "city") == [("O'Brien & Zn", "'s-Graveland"), ('Café "De Maan"', "Ede"), ("AT&T", "R&D;")]
        _job, page = to_check(client, 'Name,City\nO\'Brien & Zn,\'s-Graveland\n"Café ""De Maan""",Ede\nAT&T,R&D;\n')
        assert page.context["review"].counts == {"created": 0, "updated": 0, "unchanged": 3, "rejected": 0, "passed_over": 0}

    def test_countries_in_their_own_language_need_no_question(self, client, manager):
        names = [
            "Deutschland",
            "Österreich",
            "Schweiz",
            "España",
            "Belgique",
            "Sverige",
            "Italia",
            "Nederland",
            "Brasil",
            "Polska",
        ]
        import_list(client, "Name,Country\n" + "".join(f"Land {number},{name}\n" for number, name in enumerate(names)))
        assert stored("country") == ["DE", "AT", "CH", "ES", "BE", "SE", "IT", "NL", "BR", "PL"]

    @pytest.mark.parametrize("header", ["Record ID", "Parent Account"])
    def test_a_number_that_a_spreadsheet_wrote_short_is_refused(self, client, manager, header):
        _job, page = to_check(client, f"{header},Company name\n1.23457E+11,Maas\n1.234567E+17,Niers\n")
        found = reasons(page)
        assert [line for line, _reason in found] == [2, 3] and "Export the column as text" in found[0][1]
        assert not Account.objects.exists()

    def test_a_website_that_is_only_a_beginning_costs_nothing(self, client, manager):
        import_list(client, "Name,ID,Website\nTjalk,t-1,http://\nUiver,u-1,https://\n")
        assert stored("name", "website") == [("Tjalk", ""), ("Uiver", "")]

    def test_two_encodings_in_one_file_are_read_line_by_line(self, client, manager):
        import_list(client, "Naam;Plaats\nCafé;Görlitz\n".encode() + "Bär;Köln\n".encode("latin-1"))
        assert stored("name", "city") == [("Café", "Görlitz"), ("Bär", "Köln")]

    def test_a_line_of_both_is_refused_with_its_number(self, client, manager):
        page = send_file(client, "Naam;Plaats\nCafé;Ede\nBär;".encode() + "Köln\n".encode("latin-1"))
        assert "Line 3 mixes two encodings" in page.context["form"].errors["file"][0]


class TestOwners:
    LIST = (
        "Record ID,Company name,Company owner,Parent Company\n1,Oude Maas,Weg Collega,\n2,Piet Hein,w.collega,\n"
        "3,Rijn,,Oude Maas\n4,Schelde,Mila Vermeer (mila@example.com),\n"
    )

    def test_who_is_not_here_costs_no_row_and_is_asked_with_one_owner_for_all(self, client, manager):
        job, page = to_check(client, self.LIST)
        assert asked(page) == {("owner", "Weg Collega"): 1, ("owner", "w.collega"): 1}
        assert page.context["form"].groups[0].rows == 2 and page.context["form"]["owner-all"].value() == ""
        assert answer(client, job).status_code == 302
        assert finish(client, job).context["report"]["created"] == 4
        assert sorted(stored("name", "owner", "parent__name")) == [
            ("Oude Maas", manager.pk, None), ("Piet Hein", manager.pk, None), ("Rijn", manager.pk, "Oude Maas"), ("Schelde", manager.pk, None),
        ]  # fmt: skip

    def test_each_can_be_said_and_an_account_that_is_here_keeps_its_owner_otherwise(self, client):
        admin, anna = make_administrator(), make_user(name="Anna Smit")
        client.force_login(admin)
        kept = make_account(name="Oude Maas", external_id="1", owner=anna)
        import_list(client, self.LIST, {"w.collega": str(anna.pk)})
        assert dict(Account.objects.values_list("name", "owner")) == {
            "Oude Maas": kept.owner_id, "Piet Hein": anna.pk, "Rijn": admin.pk, "Schelde": admin.pk,
        }  # fmt: skip

    def test_the_next_file_of_the_shape_asks_only_for_new_ones(self, client, manager):
        import_list(client, self.LIST)
        job, page = to_check(client, self.LIST + "5,Tiber,Nog Iemand,\n")
        assert asked(page) == {("owner", "Nog Iemand"): 1}
        answer(client, job)
        assert finish(client, job).context["report"]["created"] == 1

    def test_a_team_that_is_not_here_is_asked_too(self, client, manager):
        _job, page = to_check(client, "Name,Teams\nAdige,West\nBrenta,West\n")
        assert asked(page) == {("team", "West"): 2}


class TestTitle:
    LIST = "Klantenlijst 2026;;\n;;\nNaam;Plaats;Omzet\nVecht BV;Gouda;1.000\nTotaal;;1.000\n"

    def test_the_row_of_the_names_is_seen_and_the_total_is_no_account(self, client, manager):
        page = columns(client, upload(client, self.LIST))
        assert "Row 3 holds the column names" in page.text
        job, page = to_check(client, self.LIST, column_2="revenue")
        assert asked(page) == {("total", "Totaal"): 1}
        answer(client, job)
        assert finish(client, job).context["report"]["created"] == 1
        assert stored("name", "city", "revenue") == [("Vecht BV", "Gouda", 1000)]

    def test_a_total_that_is_a_customer_can_be_kept(self, client, manager):
        import_list(client, self.LIST, {"Totaal": "keep"}, column_2="revenue")
        assert stored("name") == ["Vecht BV", "Totaal"]

    def test_the_row_can_be_chosen_and_the_columns_are_guessed_anew(self, client, manager):
        job = upload(client, "Lijst\n\nWie;Waar\nVecht;Gouda\n")
        assert columns(client, job).context["table"].names_in_row == 1
        client.post(reverse("importing:names", args=[job.pk]), {"row": "3"})
        page = columns(client, job)
        assert page.context["table"].headers == ("Wie", "Waar")
        choose(client, job, column_0="name", column_1="city")
        check(client, job)
        finish(client, job)
        assert stored("name", "city") == [("Vecht", "Gouda")]

    @pytest.mark.parametrize("row", ["2", "99", "x", ""])
    def test_a_row_that_is_none_is_refused_and_nothing_changes(self, client, manager, row):
        job = upload(client, "Lijst\n\nWie;Waar\nVecht;Gouda\n")
        page = client.post(reverse("importing:names", args=[job.pk]), {"row": row}, follow=True)
        assert page.context["table"].names_in_row == 1 and "column names" in page.text
        job.refresh_from_db()
        assert job.names_in_row is None


class TestSegments:
    def test_new_ones_are_asked_once_where_there_are_some_already(self, client, manager):
        make_account(owner=manager, name="Old", segment="Food & Drink")
        text = "Name,Segment\nA,FOOD & drink\nB,Steel\nC,steel\nD,Fod\n"
        job, page = to_check(client, text)
        assert asked(page) == {("segment", "Steel"): 2, ("segment", "Fod"): 1}
        answer(client, job, {"Fod": "=Food & Drink"})
        finish(client, job)
        assert set(stored("name", "segment")) == {
            ("Old", "Food & Drink"), ("A", "Food & Drink"), ("B", "Steel"), ("C", "Steel"), ("D", "Food & Drink"),
        }  # fmt: skip

    def test_the_first_list_asks_for_none(self, client, manager):
        _job, page = to_check(client, "Name,Segment\nA,Steel\nB,Food\n")
        assert page.context["review"].counts["created"] == 2


class TestGerman:
    LIST = (
        "Kundennummer;Firma;Strasse;PLZ;Ort;Land;E-Mail;Telefon;Ansprechpartner;Umsatz;Branche;Betreuer\n"
        "KD-7;Möller GmbH & Co. KG;Hauptstr. 1;20095;Hamburg;Deutschland;info@moeller.example;040-1;Jörg Kurz;1.250.000,00;Maschinenbau;"
        "Mila Vermeer\n"
    )
    FRENCH = (
        "N° client;Raison sociale;Ville;Pays;Courriel;Téléphone;Interlocuteur;Chiffre d'affaires;Secteur;Responsable\n"
        "C-7;Éts Lefèvre;Lyon;Suisse;info@lefevre.example;04-1;Zoé Petit;1 250 000,00;Chimie;Mila Vermeer\n"
    )

    @pytest.mark.parametrize(("text", "column"), [(LIST, "column_9"), (FRENCH, "column_7")])
    def test_the_columns_are_found_and_only_the_money_is_asked(self, client, manager, text, column):
        assert choose(client, upload(client, text)).status_code == 422
        assert import_list(client, text, **{column: "revenue"}).context["report"]["created"] == 1
        account = Account.objects.get()
        assert (account.revenue, account.owner, account.contacts.count()) == (1250000, manager, 1)
        assert (
            account.external_id[-1] == "7"
            and account.city
            and account.country in {"DE", "CH"}
            and account.phone
            and account.segment
        )


@pytest.fixture
def write(tmp_path):
    def written(content: str) -> str:
        path = tmp_path / "list.csv"
        path.write_text(content)
        return str(path)

    return written


class TestCommand:
    @pytest.fixture(autouse=True)
    def administrator(self):
        return make_administrator()

    @pytest.mark.parametrize("header", ["revenue", "Omzet", "Umsatz"])
    def test_refuses_amounts_of_whom_nobody_says_and_takes_them_when_it_is_said(self, write, header):
        path = write(f"Name;{header}\nAcme;5\n")
        with pytest.raises((CommandError, SystemExit), match="revenue-is"):
            call_command("import_accounts", path)
        assert not Account.objects.exists()
        call_command("import_accounts", path, "--revenue-is", "theirs")
        assert Account.objects.values_list("revenue", "turnover").get() == (None, 5)
        call_command("import_accounts", path, "--revenue-is", "ours")
        assert Account.objects.values_list("revenue", "turnover").get() == (5, 5)

    def test_a_written_mapping_says_it_too(self, write, tmp_path):
        (tmp_path / "m.json").write_text('{"Umsatz": null}')
        call_command("import_accounts", write("Name;Umsatz\nAcme;5\n"), "--mapping", str(tmp_path / "m.json"))
        assert Account.objects.values_list("revenue", "turnover").get() == (None, None)

    def test_names_in_a_row_that_is_said(self, write):
        call_command("import_accounts", write("Lijst;\n\nName;Plaats\nAcme;Ede\n"), "--names-in-row", "3")
        assert Account.objects.values_list("name", "city").get() == ("Acme", "Ede")
        with pytest.raises(CommandError, match="Row 2 is empty"):
            call_command("import_accounts", write("Lijst;\n\nName;Plaats\nAcme;Ede\n"), "--names-in-row", "2")

    @pytest.mark.parametrize(
        ("text", "told"),
        [("Name,Owner\nA,Weg Collega\n", "cannot be made owner"), ("Name,Country\nA,Atlantis\n", "is not a country"),
         ("Name,Employees\nA,1\nTotal,1\n", "sum of the rows"), ("name,is_company\nJo,False\n", "is a person")],
    )  # fmt: skip
    def test_where_nobody_can_be_asked_the_row_is_refused_with_the_reason(self, write, text, told, capsys):
        with pytest.raises(SystemExit):
            call_command("import_accounts", write(text))
        assert told in capsys.readouterr().err and not Account.objects.exists()


def banks(names: int = 604, rows: int = 2818) -> str:
    """So many banks and their branches, as a German list has them."""
    lines = ["Bank;Strasse;PLZ;Ort;Land"]
    lines += [
        f"Bank {number % names + 1} AG;Gasse {number};{8000 + number % 900};Ort {number % 97};Schweiz" for number in range(rows)
    ]
    return "\n".join(lines) + "\n"


class TestBanksAndBranches:
    """2 818 rows of 604 names: a long list, which the worker checks and imports."""

    @pytest.mark.parametrize(("choice", "accounts"), [("once", 604), ("each", 2818)])
    def test_a_list_with_names_in_several_rows_comes_in_after_one_question(self, client, manager, choice, accounts):
        job = upload(client, banks())
        assert choose(client, job).status_code == 302
        page = self.checked(client, job)
        assert asked(page) == {("repeated_name", "repeated_name"): 2214}
        assert answer(client, job, {"repeated_name": choice}).status_code == 302
        assert self.checked(client, job).context["review"].counts["created"] == accounts
        finish(client, job)
        work_on(job)
        assert Account.objects.filter(country="CH").count() == Account.objects.count() == accounts

    def checked(self, client, job):
        client.get(reverse("importing:check", args=[job.pk]))
        work_on(job)
        return check(client, job)
