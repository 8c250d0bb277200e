"""The page where data is taken out: which tables, of which accounts; and the files as people get them."""

import csv
import io
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Account
from audit.models import Event
from portfolio.exports import EXPORTS
from tests.factories import (
    make_account,
    make_action,
    make_administrator,
    make_contact,
    make_plan,
    make_result,
    make_target,
    make_team,
    make_user,
    make_viewer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer", email="mila@example.com")
    client.force_login(user)
    return user


def whole_account(**fields) -> Account:
    """One row in each table."""
    account = make_account(**fields)
    make_contact(account)
    make_result(account, date(2026, 1, 2), customer=2.5)
    make_target(account, set_on=date(2026, 1, 2))
    make_action(make_plan(account))
    return account


def page_of(client, **query) -> str:
    return client.get(reverse("portfolio:export"), query).text


def content(answer) -> bytes:
    return b"".join(answer.streaming_content)


def csv_of(client, table, **query) -> list[dict[str, str]]:
    answer = client.get(reverse("portfolio:export_file", args=[table, "csv"]), query)
    return list(csv.DictReader(io.StringIO(content(answer).decode("utf-8-sig"), newline="")))


class TestPage:
    def test_offers_every_table_both_ways_and_says_what_a_row_is(self, client, manager):
        make_account(owner=manager)
        page = page_of(client)
        for export in EXPORTS.values():
            assert str(export.a_row) in page
            for kind in ("csv", "xlsx"):
                assert f'href="{reverse("portfolio:export_file", args=[export.name, kind])}"' in page

    def test_without_a_filter_it_is_of_all_that_one_sees_archived_ones_too(self, client, manager):
        make_account(owner=manager)
        make_account(owner=manager, status="archived")
        make_account()
        assert "All 2 accounts that you see, archived ones too" in page_of(client)
        assert len(csv_of(client, "accounts")) == 2

    def test_carries_the_filters_of_the_list_and_says_them(self, client, manager):
        team = make_team(name="Benelux", members=[manager])
        tagged = make_account(name="Acme", owner=manager, team=team, segment="Food", country="NL", customer_level=3)
        tagged.tags.create(name="key")
        make_account(owner=manager, segment="Steel")
        query = {
            "team": team.pk,
            "level": 3,
            "segment": "Food",
            "country": "NL",
            "owner": manager.pk,
            "tag": tagged.tags.get().pk,
        }
        page = page_of(client, **query)
        assert "1 account<" in page
        for words in (
            "Their level: 3",
            "Owner: Mila Vermeer",
            "Team: Benelux",
            "Segment: Food",
            "Country: Netherlands",
            "Tag: key",
        ):
            assert words in page
        assert f"contacts.csv?team={team.pk}&amp;level=3&amp;segment=Food" in page
        assert [row["Account name"] for row in csv_of(client, "accounts", **query)] == ["Acme"]

    def test_names_nobody_whom_one_does_not_see(self, client, manager):
        other = make_account(name="Hidden", owner=make_user(name="Otto Hidden"), team=make_team(name="Hidden team"))
        make_account(owner=manager)
        for query in ({"owner": other.owner_id}, {"team": other.team_id}, {"family": other.pk}):
            page = page_of(client, **query)
            assert "Hidden" not in page and "unknown" in page
            assert csv_of(client, "contacts", **query) == []

    def test_says_how_many_are_ticked(self, client, manager):
        accounts = [make_account(owner=manager, status="archived") for _ in range(3)]
        query = {"account": [one.pk for one in accounts[:2]], "state": "archived"}
        assert "2 ticked ones" in page_of(client, **query)
        assert len(csv_of(client, "accounts", **query)) == 2

    def test_an_address_that_names_no_account_that_could_be_is_of_none(self, client, manager):
        make_account(owner=manager)
        assert csv_of(client, "accounts", account="x") == []
        assert "No account fits" in page_of(client, account="x")

    def test_says_so_where_there_is_nothing_yet(self, client, manager):
        assert "Nothing to export yet" in page_of(client)

    def test_the_list_and_the_settings_lead_there(self, client, manager):
        make_account(owner=manager, segment="Food")
        address = reverse("portfolio:export")
        assert f'href="{address}?state=active"' in client.get(reverse("accounts:list")).text
        assert f'href="{address}?segment=Food"' in client.get(reverse("accounts:list"), {"segment": "Food", "sort": "-gap"}).text
        assert f'href="{address}"' in client.get(reverse("accounts:settings")).text

    @pytest.mark.parametrize("accounts", [1, 150])
    def test_statements_do_not_grow_with_the_accounts(self, client, manager, accounts, django_assert_max_num_queries):
        team = make_team(members=[manager])
        Account.objects.bulk_create(Account(name=f"A{n}", owner=manager, team=team) for n in range(accounts))
        with django_assert_max_num_queries(12):
            page_of(client, owner=manager.pk, team=team.pk, tag=1)


@pytest.mark.parametrize("table", EXPORTS)
class TestFile:
    def test_holds_what_lies_on_accounts_that_one_sees(self, client, manager, table):
        whole_account(name="Mine", owner=manager)
        whole_account(name="Not mine")
        (row,) = csv_of(client, table)
        assert "Mine" in row.values()

    def test_whoever_only_reads_takes_out_what_they_read(self, client, table):
        whole_account()
        client.force_login(make_viewer())
        assert len(csv_of(client, table)) == 1

    def test_of_the_accounts_of_a_filter_alone(self, client, manager, table):
        whole_account(name="Bakery", owner=manager, segment="Food")
        whole_account(name="Mill", owner=manager, segment="Steel")
        (row,) = csv_of(client, table, segment="Food")
        assert "Bakery" in row.values()

    def test_a_workbook_has_the_same_rows(self, client, manager, table):
        whole_account(name="Mine", owner=manager)
        answer = client.get(reverse("portfolio:export_file", args=[table, "xlsx"]))
        sheet = load_workbook(io.BytesIO(content(answer))).active
        header, row = sheet.iter_rows(values_only=True)
        (as_csv,) = csv_of(client, table)
        assert list(header) == list(as_csv) and "Mine" in row
        assert sheet.title == table.capitalize()

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_is_noted_in_the_trail(self, client, manager, table, kind):
        whole_account(owner=manager, segment="Food")
        whole_account(owner=manager)
        content(client.get(reverse("portfolio:export_file", args=[table, kind]), {"segment": "Food"}))
        event = Event.objects.get()
        assert (event.act, event.actor) == ("export.made", manager)
        assert event.after == {"what": table, "as": kind, "rows": 1, "of": {"segment": "Food"}}

    def test_a_workbook_of_too_many_rows_is_refused_in_words_and_the_csv_is_not(self, client, manager, table, monkeypatch):
        monkeypatch.setattr("accounts.pages.export.MAX_WORKBOOK_ROWS", 1)
        for _ in range(2):
            whole_account(owner=manager, segment="Food")
        answer = client.get(reverse("portfolio:export_file", args=[table, "xlsx"]), {"segment": "Food"}, follow=True)
        assert answer.redirect_chain == [(reverse("portfolio:export") + "?segment=Food", 302)]
        assert "These are 2 rows, and a workbook is made of at most 1. Take the CSV file, or fewer accounts." in answer.text
        assert not Event.objects.exists()
        assert len(csv_of(client, table)) == 2

    @pytest.mark.parametrize("accounts", [1, 60])
    def test_statements_do_not_grow_with_the_rows(self, client, table, accounts, django_assert_max_num_queries):
        client.force_login(make_administrator())
        for _ in range(accounts):
            whole_account()
        with django_assert_max_num_queries(12):  # five of them for the trail
            assert len(csv_of(client, table)) == accounts


def test_filters_that_are_too_long_for_a_redirect_are_left_behind(client, manager, monkeypatch):
    monkeypatch.setattr("accounts.pages.export.MAX_WORKBOOK_ROWS", 0)
    account = make_account(owner=manager)
    answer = client.get(f"{reverse('portfolio:export_file', args=['accounts', 'xlsx'])}?{f'account={account.pk}&' * 250}")
    assert answer.url == reverse("portfolio:export")


def test_there_is_no_other_table(client, manager):
    assert client.get(reverse("portfolio:export_file", args=["users", "csv"])).status_code == 404
