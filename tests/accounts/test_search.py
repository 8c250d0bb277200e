"""What a search finds, the same on SQLite and PostgreSQL."""

import csv

import pytest
from django.db import connection
from django.urls import reverse

from accounts.acts.erasure import erase_contact
from accounts.acts.merging import merge_accounts
from accounts.models import Account, Contact
from accounts.search import called, matching, people_called, people_found
from core import days
from tests.api.conftest import Caller
from tests.core.test_folding import CASES, FOUND, NOT_FOUND
from tests.factories import make_account, make_contact, make_team, make_user, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(db):
    owner = make_user()
    for name, external_id, city in (
        ("Stockholm Steel", "SE-1", "Uppsala"),
        ("Holm & Sons", "C100", "Gouda"),
        ("50% Off_Season", "", "Delft"),
        ("Vander Holst", "77", "Den Haag"),
    ):
        make_account(name=name, external_id=external_id, city=city, owner=owner)


def found(text):
    names = sorted(Account.objects.filter(matching(text)).values_list("name", flat=True))
    assert sorted(Account.objects.filter(matching(text, many=True)).values_list("name", flat=True)) == names
    return names


@pytest.mark.usefixtures("accounts")
class TestAccounts:
    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("holm", ["Holm & Sons", "Stockholm Steel"]),  # anywhere
            ("HOLM", ["Holm & Sons", "Stockholm Steel"]),
            ("olm", ["Holm & Sons", "Stockholm Steel"]),
            ("ho", ["Holm & Sons", "Vander Holst"]),  # of fewer than three letters: the beginning of a word
            ("h", ["Holm & Sons", "Vander Holst"]),
            ("ol", []),
            ("der", ["Vander Holst"]),
            ("den haag", ["Vander Holst"]),
            ("  den   haag ", ["Vander Holst"]),
            ("haag holst", ["Vander Holst"]),  # in any order, over several fields
            ("gouda c100 sons", ["Holm & Sons"]),
            ("gouda c100 uppsala", []),
            ("ha", ["Vander Holst"]),
            ("aa", []),
            ("de", ["50% Off_Season", "Vander Holst"]),
            ("c1", ["Holm & Sons"]),
            ("100", ["Holm & Sons"]),
            ("se-1", ["Stockholm Steel"]),
            ("77", ["Vander Holst"]),
            ("50%", ["50% Off_Season"]),
            ("%", []),  # a wildcard means nothing
            ("_", []),
            ("off_season", ["50% Off_Season"]),
            ("s%n", []),
            ("sto%eel", []),
            ("\\", []),
            ("zzz", []),
        ],
    )
    def test_finds(self, text, names):
        assert found(text) == names

    def test_white_space_is_no_search(self):
        assert len(found("  ")) == 4

    def test_as_one_types_the_rows_come(self, client):
        client.force_login(Account.objects.first().owner)
        rows = client.get(reverse("accounts:list"), {"q": "holm"}, headers={"HX-Request": "true"}).text
        assert "Stockholm Steel" in rows and "Vander Holst" not in rows and "<html" not in rows

    def test_a_text_of_thousands_of_words_is_answered(self, client):
        client.force_login(Account.objects.first().owner)
        for text in ("ab " * 2000, " ".join(f"wörd{n}" for n in range(600)), "-".join("äb" * 900)):
            assert client.get(reverse("accounts:list"), {"q": text}).status_code == 200
            assert client.get(reverse("accounts:find"), {"q": text}, headers={"HX-Request": "true"}).status_code == 200


def test_of_many_accounts_each_is_on_one_page(client, manager, monkeypatch):
    monkeypatch.setattr("accounts.filters.FEW", 3)
    monkeypatch.setattr("core.paging.FEW", 3)
    for n in range(30):
        make_account(name=f"Havenwerk {n:02}", owner=manager)
        make_account(name=f"Other {n:02}", owner=manager)
    make_contact(Account.objects.get(name="Other 07"), name="Ida Haven")
    pages, address = [], f"{reverse('accounts:list')}?q=haven"
    while address:
        page = client.get(address).context["page"]
        pages += [account.name for account in page]
        address = page.after and f"{reverse('accounts:list')}?q=haven&after={page.after}"
    assert pages == [*(f"Havenwerk {n:02}" for n in range(30)), "Other 07"]


@pytest.mark.parametrize(("name", "queries"), FOUND, ids=lambda value: value if isinstance(value, str) else "")
def test_the_database_compares_as_python_does(name, queries):
    make_account(name=name)
    make_contact(make_account(name="Another"), name=name)
    for text in queries:
        assert found(text) == sorted([name, "Another"]), text


@pytest.mark.parametrize(("name", "text"), NOT_FOUND)
def test_the_database_leaves_out_what_python_does(name, text):
    make_account(name=name)
    make_contact(make_account(name="Another"), name=name)
    assert found(text) == []


@pytest.fixture
def manager(client):
    manager = make_user(name="Mila")
    client.force_login(manager)
    return manager


@pytest.fixture
def vera(manager):
    account = make_account(name="Havenbedrijf Vlaardingen", external_id="H-7", city="Vlaardingen", owner=manager)
    return make_contact(account, name="Vera van Gogh", email="vera.gogh@haven.example")


class TestPeople:
    @pytest.mark.parametrize(
        "text",
        [
            "vera",
            "VÉRA",
            "gogh",
            "van gogh",
            "gogh vera",
            "vera.gogh@haven.example",
            "vera.gogh@",
            "@haven.example",
            "gogh vlaardingen",
        ],
    )
    def test_lead_to_the_account_and_are_named_in_its_row(self, client, vera, text):
        make_contact(make_account(name="Elsewhere", owner=vera.account.owner), name="Someone Else", email="else@other.example")
        assert found(text) == ["Havenbedrijf Vlaardingen"]
        page = client.get(reverse("accounts:list"), {"q": text}).text
        assert (
            f'<a href="/accounts/{vera.account_id}/people/#person-{vera.pk}">Vera van Gogh, vera.gogh@haven.example</a>' in page
        )
        assert "Elsewhere" not in page

    def test_words_of_two_people_find_neither(self, vera):
        make_contact(vera.account, name="Bram Bos")
        assert found("vera bos") == []

    def test_are_not_named_where_the_account_has_all_words(self, vera):
        make_contact(vera.account, name="Haven Meester")
        assert people_found("haven", Account.objects.all()) == {}
        assert people_found("", Account.objects.all()) == {}

    def test_the_first_three_are_named_and_the_others_counted(self, client, vera):
        for n in range(4):
            make_contact(vera.account, name=f"Vera {n}", influence=1)
        page = client.get(reverse("accounts:list"), {"q": "vera"}).text
        assert page.count('class="found-person"') == 4 and "and 2 more people" in page

    def test_who_left_is_found_and_marked(self, client, vera):
        Contact.objects.filter(pk=vera.pk).update(active=False, left_on=days.today())
        page = client.get(reverse("accounts:list"), {"q": "vera"}).text
        assert 'Vera van Gogh, vera.gogh@haven.example</a> <span class="tag plain">left</span>' in page

    def test_an_erased_one_is_never_found(self, client, manager, vera):
        erase_contact(vera, by=manager)
        assert Contact.objects.get().search_key == ""
        for text in ("vera", "gogh vlaardingen", "erased", "haven.example", "person"):
            assert found(text) == []
            assert not people_called(text, Account.objects.all())

    def test_names_are_escaped(self, client, manager):
        make_contact(make_account(name="Quiet", owner=manager), name="<b>Vera</b>", email="v@example.com")
        for address in ("accounts:list", "accounts:find"):
            page = client.get(reverse(address), {"q": "vera"}, headers={"HX-Request": "true"}).text
            assert "&lt;b&gt;Vera&lt;/b&gt;" in page and "<b>Vera" not in page

    def test_have_their_place_on_the_page_of_the_account(self, client, vera, edition):
        assert f'id="person-{vera.pk}"' in client.get(vera.account.people_url).text

    def test_cost_one_statement_whatever_the_rows(self, client, vera, django_assert_num_queries):
        client.get(reverse("accounts:list"), {"q": "vera"})
        with django_assert_num_queries(8):  # one more than the list without a search
            client.get(reverse("accounts:list"), {"q": "vera"})
        for n in range(20):
            make_contact(make_account(name=f"Other {n}", owner=vera.account.owner), name=f"Vera {n}")
        with django_assert_num_queries(8):
            assert client.get(reverse("accounts:list"), {"q": "vera"}).text.count("found-person") == 21


class TestFinder:
    def found(self, client, text):
        return client.get(reverse("accounts:find"), {"q": text}, headers={"HX-Request": "true"}).text

    def test_has_accounts_and_people(self, client, vera):
        make_account(name="Veranda Bouw", owner=vera.account.owner)
        page = self.found(client, "vera")
        assert f'href="/accounts/{vera.account_id}/people/#person-{vera.pk}"><b>Vera van Gogh</b>' in page
        assert "vera.gogh@haven.example · Havenbedrijf Vlaardingen" in page
        assert "<b>Veranda Bouw</b>" in page and "<b>Havenbedrijf" not in page

    def test_marks_who_left_and_what_is_archived(self, client, vera):
        Contact.objects.update(active=False)
        make_account(name="Verandaberg", owner=vera.account.owner, status="archived")
        page = self.found(client, "vera")
        assert page.count('<span class="tag plain">left</span>') == page.count('<span class="tag plain">archived</span>') == 1

    def test_begins_with_two_letters(self, client, vera):
        assert self.found(client, "v") == self.found(client, " ") == self.found(client, "") == ""
        assert "Vera van Gogh" in self.found(client, "ve")

    def test_says_that_nothing_was_found(self, client, vera):
        assert "Nothing found for “zzz”." in self.found(client, "zzz")

    def test_without_javascript_leads_to_the_list(self, client, vera):
        response = client.get(reverse("accounts:find"), {"q": "vera"})
        assert (response.status_code, response.url) == (302, "/accounts/?q=vera")

    def test_shows_six_of_each_in_as_many_statements(self, client, vera, django_assert_num_queries):
        with django_assert_num_queries(5):
            self.found(client, "vera")
        for n in range(9):
            make_contact(make_account(name=f"Vera {n}", owner=vera.account.owner), name=f"Vera {n}")
        with django_assert_num_queries(5):
            assert self.found(client, "vera").count("<li>") == 12


class TestWhoSees:
    @pytest.fixture
    def hidden(self, vera):
        other = make_user()
        theirs = make_account(name="Verborgen NV", owner=other, team=make_team(members=[other]))
        return make_contact(theirs, name="Vera Verborgen", email="vera@verborgen.example")

    def test_accounts_and_people_of_other_teams_stay_hidden_and_uncounted(self, client, hidden):
        for text in ("verborgen", "vera"):
            page = client.get(reverse("accounts:list"), {"q": text}).text
            part = client.get(reverse("accounts:find"), {"q": text}, headers={"HX-Request": "true"}).text
            assert "Verborgen" not in page + part and "verborgen.example" not in page + part
        assert '<b data-figure="accounts">1 account</b>' in page

    def test_a_word_of_a_hidden_account_does_not_help_to_find_a_person(self, client, manager, vera, hidden):
        visible = Account.objects.visible_to(manager)
        assert list(people_called("verborgen vera", visible)) == []
        assert list(people_called("vera", visible)) == [vera]

    def test_who_reads_everything_finds_everything(self, hidden):
        visible = Account.objects.visible_to(make_viewer())
        assert people_called("vera", visible).count() == 2
        assert visible.filter(called("verborgen")).count() == 1


@pytest.fixture
def api(manager, fresh_cache):
    return Caller(manager)


class TestApi:
    def test_finds_accounts_by_their_people(self, api, vera):
        make_account(name="Elsewhere", owner=vera.account.owner)
        for text in ("gogh vera", "vera.gogh@haven.example", "vlaardingen gogh"):
            assert [one["name"] for one in api.get(f"/accounts?q={text}").json()["items"]] == ["Havenbedrijf Vlaardingen"]

    def test_finds_among_the_people_of_an_account(self, api, vera):
        make_contact(vera.account, name="Bram Bos")
        where = f"/accounts/{vera.account_id}/contacts"
        assert [one["name"] for one in api.get(f"{where}?q=GÓGH").json()["items"]] == ["Vera van Gogh"]
        assert api.get(f"{where}?q=vlaardingen").json()["items"] == []
        assert len(api.get(where).json()["items"]) == 2

    def test_tells_no_key(self, api, vera):
        for where in ("/accounts", f"/accounts/{vera.account_id}", f"/accounts/{vera.account_id}/contacts"):
            assert "_key" not in api.get(where).text


def _cases_of_people():
    if not CASES.is_dir():
        return ["noor"]
    with (CASES / "03-a-person.csv").open(encoding="utf-8") as file:
        return [row["query"] for row in csv.DictReader(file)]


@pytest.mark.parametrize("text", _cases_of_people())
def test_every_case_of_practice_finds_the_person(client, manager, text):
    account = make_account(name="Zeevaart Voorbeeld BV", owner=manager)
    noor = make_contact(account, name="Noor de Wit", email="noor@voorbeeld.example")
    assert found(text) == ["Zeevaart Voorbeeld BV"]
    assert noor.get_absolute_url() in client.get(reverse("accounts:find"), {"q": text}, headers={"HX-Request": "true"}).text


@pytest.mark.on_postgres
def test_on_postgres_indexes_answer_it_where_the_extension_is_there():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
        (there,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname IN ('account_search_key', 'contact_search_key')")
        assert cursor.fetchone() == (2 * there,)
        if there:
            cursor.execute("SET LOCAL enable_seqscan = off")
    for text in ("holm", "ho"):
        plan = Account.objects.filter(matching(text)).order_by().explain()
        assert ("account_search_key" in plan) == ("contact_search_key" in plan) == bool(there)


def test_a_search_reads_no_rows_on_sqlite():
    """The two indexes hold all that it looks at; what PostgreSQL does is tested above."""
    plan = Account.objects.filter(matching("holm")).order_by().explain()
    covering = [f"USING COVERING INDEX {name}" in plan for name in ("account_search_key", "contact_search_key")]
    assert covering == [connection.vendor == "sqlite"] * 2


@pytest.mark.parametrize("many", [False, True])
def test_what_a_merged_account_was_called_finds_the_one_that_is_kept(many):
    owner = make_user()
    kept = make_account(owner=owner, name="Adler Voorbeeld", external_id="1")
    merged = make_account(owner=owner, name="Havik Voorbeeld", external_id="OUD-7")
    merge_accounts(kept, merged, by=owner, seen=(0, 0), choices={})
    for text in ("havik", "oud-7"):
        assert list(Account.objects.unmerged().filter(matching(text, many=many))) == [kept]
