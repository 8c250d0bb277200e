"""Lists as people and their programs write them, through the pages: what is stored, what is asked and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Account, Contact, User
from importing.models import ImportJob
from tests.factories import make_account, make_administrator, make_team, make_user, make_viewer
from tests.import_pages import choose, columns, send_file, upload

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer", email="mila@example.com")
    client.force_login(user)
    return user


def checked(client, text, **fields):
    """The page that says what would change, of a list whose columns mean what is guessed but for `fields`."""
    job = upload(client, text)
    assert choose(client, job, **fields).status_code == 302
    return client.get(reverse("importing:check", args=[job.pk]))


def import_list(client, text, **fields):
    """The report of a list that is imported whole."""
    page = checked(client, text, **fields)
    return client.post(page.request["PATH_INFO"], follow=True)


def reasons(page):
    return [problem.reason for problem in page.context["problems"]]


def stored(*names):
    return list(Account.objects.order_by("name").values_list(*names, flat=len(names) == 1))


class TestDates:
    AMBIGUOUS = "Account Name,Customer Since\nAdler,12/03/2021\nBosman,04/05/2021\n"

    def test_where_all_can_be_read_two_ways_the_page_asks_and_nothing_is_guessed(self, client, manager):
        answer = choose(client, upload(client, self.AMBIGUOUS))
        assert answer.status_code == 422
        (told,) = answer.context["form"].errors["dates"]
        assert told == "“12/03/2021” can be read as two dates. Say what stands first in this file: the day or the month."

    @pytest.mark.parametrize(
        ("order", "expected"),
        [("dmy", [date(2021, 3, 12), date(2021, 5, 4)]), ("mdy", [date(2021, 12, 3), date(2021, 4, 5)])],
    )
    def test_they_are_read_as_it_is_answered(self, client, manager, order, expected):
        import_list(client, self.AMBIGUOUS, dates=order)
        assert stored("customer_since") == expected

    def test_a_date_that_shows_the_order_answers_for_the_whole_column(self, client, manager):
        import_list(client, self.AMBIGUOUS + "Cornelis,25/12/2021\n")
        assert stored("customer_since") == [date(2021, 3, 12), date(2021, 5, 4), date(2021, 12, 25)]

    def test_of_two_orders_in_one_file_none_is_stored_as_another_day(self, client, manager):
        page = checked(client, "Account Name,Customer Since\nCornelis,07/30/2023\nDekker,30/07/2023\n")
        assert page.context["review"].counts["rejected"] >= 1
        assert client.post(page.request["PATH_INFO"]).status_code == 422
        assert not Account.objects.exists()

    @pytest.mark.parametrize("cell", ["2021-03-12", "12-03-2021", "12.03.2021", "12 March 2021", "2021/03/12"])
    def test_other_ways_to_write_a_day(self, client, manager, cell):
        import_list(client, f"Account Name,Customer Since\nAdler,{cell}\n", dates="dmy")
        assert stored("customer_since") == [date(2021, 3, 12)]

    @pytest.mark.parametrize("cell", ["2021-02-29", "31-04-2021", "00-01-2021", "2021-13-01", "soon"])
    def test_a_day_that_is_none_is_refused_with_its_column(self, client, manager, cell):
        page = checked(client, f"Account Name,Customer Since\nAdler,{cell}\n", dates="dmy")
        (problem,) = page.context["problems"]
        assert (problem.line, problem.column) == (2, "Customer Since") and cell in problem.reason


class TestAmounts:
    def test_with_decimal_commas_and_points_each_is_read_as_it_is_meant(self, client, manager):
        rows = "Eendracht;1,12;EUR\nFokker;1.355,90;EUR\nGouda;512.77;EUR\nHoorn;1.234.567,89;EUR\n"
        import_list(client, f"Name;Annual Revenue;Currency\n{rows}", column_1="revenue")
        assert stored("revenue") == [Decimal("1.12"), Decimal("1355.90"), Decimal("512.77"), Decimal("1234567.89")]

    @pytest.mark.parametrize(
        ("cell", "amount"),
        [("€ 2.500,00", "2500"), ("2 500", "2500"), ("2'500.50", "2500.50"), ("EUR 12", "12"), ("0", "0")],
    )
    def test_as_people_write_them(self, client, manager, cell, amount):
        import_list(client, f"Name;Annual Revenue\nIJssel;{cell}\n", column_1="revenue")
        assert stored("revenue", "currency") == [(Decimal(amount), "EUR")]

    @pytest.mark.parametrize("cell", ["much", "1.2.3", "-1", "1,2,3", "12 apples"])
    def test_what_is_none_is_refused_and_named(self, client, manager, cell):
        page = checked(client, f"Name;Annual Revenue\nIJssel;{cell}\n", column_1="revenue")
        assert page.context["review"].counts["rejected"] == 1 and cell.split(" ")[0] in reasons(page)[0]

    def test_a_sign_that_the_column_of_currencies_contradicts_is_refused(self, client, manager):
        page = checked(client, "Name,Annual Revenue,Currency\nZwolle,€ 100,USD\n", column_1="revenue")
        assert page.context["review"].counts["rejected"] == 1
        assert "EUR" in reasons(page)[0] or "€" in reasons(page)[0]

    def test_the_currency_of_the_page_holds_where_the_file_names_none(self, client, manager):
        import_list(client, "Name;Annual Revenue\nA;100\nB;$ 5\n", column_1="revenue", currency=" gbp ")
        assert stored("currency") == ["GBP", "USD"]

    @pytest.mark.parametrize("code", ["EU", "XXY", "12"])
    def test_a_currency_that_is_none_is_refused_beside_its_field(self, client, manager, code):
        answer = choose(client, upload(client, "Name;Annual Revenue\nA;100\n"), column_1="revenue", currency=code)
        assert answer.status_code == 422 and code in answer.context["form"].errors["currency"][0]


class TestParents:
    def test_one_further_down_the_file_is_found(self, client, manager):
        import_list(client, "Account Name,Parent Account\nChild,Mother\nMother,\n")
        assert stored("name", "parent__name") == [("Child", "Mother"), ("Mother", None)]

    def test_in_a_circle_all_are_refused_and_nothing_is_stored(self, client, manager):
        page = checked(client, "Name,Parent\nA,B\nB,C\nC,A\n")
        assert page.context["review"].counts["rejected"] == 3
        assert {problem.line for problem in page.context["problems"]} == {2, 3, 4}

    def test_one_that_is_nowhere_is_refused(self, client, manager):
        page = checked(client, "Name,Parent\nA,Nowhere\n")
        assert "Nowhere" in reasons(page)[0]

    def test_one_that_one_does_not_see_is_nowhere(self, client, manager):
        make_account(name="Secret Holding", external_id="S-1")
        for text in ("Secret Holding", "S-1"):
            assert checked(client, f"Name,Parent\nA,{text}\n").context["review"].counts["rejected"] == 1


class TestTheSameListAgain:
    @pytest.mark.parametrize(
        "row",
        [
            "Henk & Zoon",
            "Ümläut Ångström Œuvre",
            '"Acme, Inc. ""the best"""',
            "’s-Hertogenbosch Glas",
            "  Spaces  around ",
            "'=1+1",
            "株式会社",
            "x" * 200,
        ],
    )
    def test_changes_nothing(self, client, manager, row):
        text = f"Account Name\n{row}\n"
        assert import_list(client, text).context["report"]["created"] == 1
        page = checked(client, text)
        assert page.context["review"].counts == {"created": 0, "updated": 0, "unchanged": 1, "rejected": 0, "passed_over": 0}
        assert "Everything in this list is here already" in page.text
        assert Account.objects.count() == 1

    def test_an_empty_cell_erases_nothing(self, client, manager):
        make_account(name="Acme", owner=manager, city="Oslo", phone="1", employees=7)
        import_list(client, "Name,City,Phone,Employees\nAcme,,,8\n")
        assert stored("city", "phone", "employees") == [("Oslo", "1", 8)]


class TestWhoGetsThem:
    def test_the_one_who_imports_and_no_team_where_one_has_none(self, client, manager):
        import_list(client, "Name\nAcme\n")
        assert stored("owner", "team") == [(manager.pk, None)]

    def test_the_owner_and_the_team_that_are_chosen(self, client, manager):
        mate = make_user()
        team = make_team(leads=[manager], members=[mate])
        import_list(client, "Name\nAcme\n", owner=mate.pk, team=team.pk)
        assert stored("owner", "team") == [(mate.pk, team.pk)]

    def test_the_owner_whom_a_row_names_goes_before_the_chosen_one(self, client):
        admin, named = make_administrator(), make_user(name="Anna de Wit", email="anna@example.com")
        client.force_login(admin)
        import_list(client, "Name,Owner\nA,ANNA@example.com\nB,Anna de Wit\nC,\n")
        assert stored("owner") == [named.pk, named.pk, admin.pk]

    def test_what_is_stored_keeps_its_owner_where_the_file_names_none(self, client):
        client.force_login(make_administrator())
        account = make_account(name="Acme", external_id="A-1")
        import_list(client, "Account ID,Name,City\nA-1,Acme,Oslo\n")
        assert stored("owner", "city") == [(account.owner_id, "Oslo")]

    def test_only_people_and_teams_within_reach_are_offered(self, client, manager):
        mate = make_user(name="Mate")
        make_team(name="Led", leads=[manager], members=[mate, make_viewer(), make_user(is_active=False)])
        make_team(name="Other")
        make_user(name="Stranger")
        form = columns(client, upload(client, "Name\nAcme\n")).context["form"]
        assert {str(one) for one in form.fields["owner"].queryset} == {"Mate", "Mila Vermeer"}
        assert {str(one) for one in form.fields["team"].queryset} == {"Led"}

    def test_a_team_of_others_is_refused(self, client, manager):
        answer = choose(client, upload(client, "Name\nAcme\n"), team=make_team().pk)
        assert answer.status_code == 422 and "team" in answer.context["form"].errors


class TestTheColumns:
    def test_a_column_that_is_left_out_is_not_read(self, client, manager):
        import_list(client, "Name,City\nAcme,Oslo\n", column_1="")
        assert stored("city") == [""]

    def test_one_without_a_name_is_called_by_its_number_and_one_without_anything_is_not_shown(self, client, manager):
        form = columns(client, upload(client, "Name,,\nAcme,Oslo,\n")).context["form"]
        labels = [str(field.label) for field, _samples in form.columns()]
        assert labels == ["Name", "Column 2"]

    def test_the_second_of_two_columns_for_one_field_names_the_first(self, client, manager):
        answer = choose(client, upload(client, "A,B\n1,2\n"), column_0="name", column_1="name")
        assert answer.context["form"].errors["column_1"] == ["“A” holds this already. Choose one of the two."]

    def test_a_field_that_is_none_is_refused(self, client, manager):
        answer = choose(client, upload(client, "Name,B\n1,2\n"), column_1="level")
        assert answer.status_code == 422 and "column_1" in answer.context["form"].errors

    def test_what_was_corrected_is_known_of_the_next_file_and_the_guess_can_be_had(self, client, manager):
        import_list(client, "Name,Colour\nAcme,Red\n", column_1="segment")
        job = upload(client, "NAME,colour\nBravo,Blue\n")
        page = columns(client, job)
        assert page.context["form"]["column_1"].value() == "segment"
        assert "You imported a file with these columns before" in page.text
        guess = columns(client, job, "?kind=accounts&guess=1")
        assert guess.context["form"]["column_1"].value() != "segment" and "This is our guess." in guess.text

    def test_what_another_person_corrected_is_theirs(self, client, manager):
        import_list(client, "Name,Colour\nAcme,Red\n", column_1="segment")
        client.force_login(make_user())
        form = columns(client, upload(client, "Name,Colour\nBravo,Blue\n")).context["form"]
        assert form["column_1"].value() != "segment"

    def test_the_number_of_rows_and_some_cells_are_shown(self, client, manager):
        page = columns(client, upload(client, "Name,City\nAcme,Oslo\nBravo,\n\nCharly,Rome\n")).text
        assert "3 rows" in page and "Oslo" in page and "Rome" in page


class TestContacts:
    @pytest.fixture
    def account(self, manager):
        return make_account(name="Zilverberg", owner=manager)

    @pytest.mark.parametrize(
        ("word", "role"),
        [("economic", "economic"), ("Decision maker", "economic"), ("eindgebruiker", "user"), ("END USER", "user"),
         ("technisch", "technical"), ("Champion", "coach")],
    )  # fmt: skip
    def test_roles_are_read_in_the_words_of_lists(self, client, account, word, role):
        import_list(client, f"Account,Full name,E-mail,Buying role\nZilverberg,Ines,ines@example.com,{word}\n", kind="contacts")
        assert list(Contact.objects.values_list("name", "buying_role", "account")) == [("Ines", role, account.pk)]

    def test_a_contact_of_an_account_out_of_reach_is_refused(self, client, account):
        make_account(name="Secret")
        rows = "Secret,Jo,jo@example.com,user\nNowhere,Al,al@example.com,user\n"
        page = checked(client, f"Account,Full name,E-mail,Buying role\n{rows}", kind="contacts")
        assert page.context["review"].counts["rejected"] == 2 and not Contact.objects.exists()

    def test_the_same_list_again_changes_nothing(self, client, account):
        text = "Account,Full name,E-mail,Buying role\nZilverberg,Ines,ines@example.com,user\n"
        for created in (1, 0):
            assert checked(client, text, kind="contacts").context["review"].counts["created"] == created
            job = ImportJob.objects.latest("pk")
            client.post(reverse("importing:check", args=[job.pk]))
        assert Contact.objects.count() == 1


class TestTheFile:
    @pytest.mark.parametrize("name", ["list.csv", "LIST.CSV", "no extension", "lïst (1).txt", "x" * 300 + ".csv"])
    def test_any_name_will_do(self, client, manager, name):
        assert upload(client, "Name\nAcme\n", name).filename.endswith(name[-50:])

    @pytest.mark.parametrize(("content", "told"), [(b"", "The file is empty."), (b"\n\n\n", ""), (b"Name\n", "")])
    def test_without_rows_it_is_refused(self, client, manager, content, told):
        answer = send_file(client, content)
        assert answer.status_code == 422 and told in answer.context["form"].errors["file"][0]
        assert not ImportJob.objects.exists()

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_accents_are_read_right_in_the_encodings_of_spreadsheets(self, client, manager, encoding):
        import_list(client, "Naam;Plaats\nCafé Müller;Görlitz\n".encode(encoding))
        assert stored("name", "city") == [("Café Müller", "Görlitz")]

    def test_a_kind_that_is_none_is_refused(self, client, manager):
        assert "kind" in send_file(client, "Name\nAcme\n", kind="prices").context["form"].errors

    def test_in_dutch_the_refusal_is_dutch(self, client, manager):
        User.objects.filter(pk=manager.pk).update(language="nl")
        (told,) = send_file(client, b"").context["form"].errors["file"]
        assert told.startswith("Het bestand is leeg.")
