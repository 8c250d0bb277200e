"""The list of accounts: how they stand together, its columns, its views, an account at a glance."""

import re
from datetime import date, timedelta

import pytest
from django.core.cache import caches
from django.urls import reverse

from accounts import derived
from accounts.fields import ACCOUNT
from accounts.list_columns import layout_of, list_columns
from accounts.models import Account, Tag, User
from accounts.spread import LevelSpread, spread_of
from assessments.step_lines import LevelStep, steps_of
from audit.models import Event
from core import days
from plans.action_plans.acts import start_plan
from plans.actions.acts import add_action
from portfolio.models import SavedView
from tests.factories import make_account, make_result, make_team, make_user, make_viewer

pytestmark = pytest.mark.django_db
LIST, COLUMNS = reverse("accounts:list"), reverse("accounts:list_columns")
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def nothing_kept():
    caches["figures"].clear()


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


class TestSpread:
    def test_counts_each_account_once_by_the_customers_word(self, manager):
        today = days.today()
        make_account(owner=manager, customer_level=3, team_level=5, last_heard_on=today - timedelta(days=365))
        make_account(owner=manager, customer_level=3, team_level=2, last_heard_on=today - timedelta(days=366))
        make_account(owner=manager, customer_level=1)
        make_account(owner=manager, team_level=4)
        make_account(owner=manager)
        found = spread_of(Account.objects.all(), today)
        assert found.counts == {"1": 1, "2": 0, "3": 2, "4": 0, "5": 0, "ours": 1, "none": 1}
        assert (found.accounts, found.gaps, found.mean_gap, found.heard) == (5, 2, 0.5, 1)

    def test_the_parts_of_the_bar_fill_it(self):
        parts = list(LevelSpread({"1": 1, "2": 0, "3": 3}, 0, 0, 0).parts())
        assert [(part.x, part.width) for part in parts] == [(0, 80), (80, 0), (80, 240)]

    def test_each_level_filters_and_keeps_the_other_filters(self, client, manager):
        make_account(owner=manager, customer_level=3, segment="Energy")
        page = client.get(LIST, {"segment": "Energy", "sort": "-gap", "after": "x"}).text
        assert 'id="level-3" href="?segment=Energy&amp;sort=-gap&amp;level=3"' in page
        assert 'id="level-none"' not in page  # nobody stands there

    def test_is_of_what_the_filters_leave(self, client, manager):
        make_account(owner=manager, customer_level=3, segment="Energy")
        make_account(owner=manager, customer_level=2)
        answer = client.get(LIST, {"segment": "Energy"})
        assert answer.context["spread"].accounts == answer.context["count"] == 1

    def test_of_many_accounts_it_follows_the_page(self, client, manager, monkeypatch):
        monkeypatch.setattr("accounts.pages.account_list.FEW", 1)
        for level in (2, 3):
            make_account(owner=manager, customer_level=level)
        client.get(reverse("accounts:side_bar"), headers=HTMX | {"HX-Current-URL": f"http://testserver{LIST}"})
        page = client.get(LIST, {"gap": ""})
        assert page.context["spread"] is None and page.context["count"] == 2
        assert re.search(r'id="spread" hx-get="/accounts/" hx-trigger="load"', page.text)
        part = client.get(LIST, headers=HTMX | {"HX-Target": "spread"}).text
        assert 'id="level-3"' in part and "<table" not in part and "HX-Target" in client.get(LIST).headers["Vary"]


class TestStatements:
    def test_a_search_within_a_group_costs_twelve(self, client, manager, django_assert_max_num_queries):
        parent = make_account(name="Adler", owner=manager)
        make_account(name="Adler Zwolle", owner=manager, parent=parent)
        with django_assert_max_num_queries(12):
            client.get(LIST, {"q": "adler", "family": parent.pk, "level": "none"})

    @pytest.mark.parametrize("rows", [1, 24])
    def test_the_step_lines_of_all_rows_cost_one(self, client, manager, rows, django_assert_num_queries, edition):
        for n in range(rows):
            make_result(make_account(owner=manager, name=f"A{n}"), days.today() - timedelta(days=30), customer=3.2)
        User.objects.update(list_layout={"columns": ["steps"]})
        client.get(LIST)
        with django_assert_num_queries(7):
            assert client.get(LIST).text.count('class="steps flat"') == rows


class TestStepLine:
    today = date(2026, 11, 30)

    def test_begins_with_what_was_known_four_years_ago(self):
        results = [(date(2020, 1, 1), 2), (date(2022, 11, 30), 4), (date(2024, 11, 29), 3), (date(2026, 11, 30), 3)]
        assert steps_of(results, self.today) == [LevelStep(0, 4), LevelStep(36, 3)]

    def test_of_one_day_the_later_counts_and_the_same_level_is_no_step(self):
        results = [(date(2024, 11, 29), 3), (date(2024, 11, 29), 2), (date(2025, 5, 1), 2)]
        assert steps_of(results, self.today) == [LevelStep(36, 2)]

    def test_without_the_customers_word_there_is_none(self, client, manager, edition):
        make_result(make_account(owner=manager), days.today() - timedelta(days=30), team=3.2)
        assert '<svg class="steps' not in client.get(LIST).text

    def test_a_slide_is_told_in_words_too(self, client, manager, edition):
        account = make_account(owner=manager)
        for ago, level in ((900, 3.2), (30, 2.1)):
            make_result(account, days.today() - timedelta(days=ago), customer=level)
        assert re.search(r'class="steps down"[^>]*aria-label="level over four years: 3, 2"', client.get(LIST).text)


class TestColumns:
    def test_every_field_in_tables_has_a_column_or_a_reason(self):
        there = {column.key for column in list_columns()}
        beside = {"name", "source", "parent", "status", "revenue", "owner"}
        sheet = {"charter", "strengths", "vulnerabilities", "trends", "opportunities", "notes"}
        money = {field.name for field in ACCOUNT if field.of}
        assert {field.name for field in ACCOUNT if field.column} - there - beside - sheet - money == set()

    def test_are_kept_for_the_person_in_the_order_of_the_list(self, client, manager):
        make_account(owner=manager, city="Delft").tags.add(Tag.objects.create(name="key"))
        answer = client.post(
            COLUMNS, {"column": ["tags", "city", "level", "no such"], "density": "compact", "query": "level=none"}
        )
        assert answer.url == f"{LIST}?level=none"
        page = client.get(LIST)
        assert [column.key for column in page.context["layout"].columns] == ["level", "city", "tags"]
        assert ">Delft</td>" in page.text and ">key</td>" in page.text and "Revenue a year</a>" not in page.text
        assert 'class="accounts num compact"' in page.text
        assert Event.objects.filter(act="user.changed", actor=manager).count() == 1
        assert layout_of(make_user()).columns != page.context["layout"].columns

    def test_come_back_as_usual(self, client, manager):
        client.post(COLUMNS, {"column": ["city"], "density": "compact"})
        client.post(COLUMNS, {"column": ["city"], "density": "compact", "usual": "yes"})
        manager.refresh_from_db()
        assert manager.list_layout == {} and not layout_of(manager).compact

    def test_none_at_all_leaves_the_name(self, client, manager):
        make_account(name="Northwind", owner=manager)
        client.post(COLUMNS, {"query": ""})
        assert layout_of(User.objects.get()).columns == () and ">Northwind</a>" in client.get(LIST).text

    def test_lead_nowhere_else(self, client, manager):
        assert client.post(COLUMNS, {"query": "//example.com"}).url.startswith(LIST)

    @pytest.mark.parametrize("column", [column.key for column in list_columns()])
    def test_each_is_escaped_and_shown(self, client, manager, column):
        team = make_team(name="<b>team", members=[manager])
        account = make_account(
            name="<b>x", owner=manager, team=team, city="<b>", segment="<b>", external_id="<b>", phone="<b>", employees=1200,
            turnover=5_000_000, customer_since=date(2020, 1, 1), renewal_on=date(2027, 1, 1), website="https://example.com", country="NL",
        )  # fmt: skip
        account.tags.add(Tag.objects.create(name="<b>tag"))
        User.objects.update(list_layout={"columns": [column]})
        page = client.get(LIST).text
        assert "<b>tag" not in page and "<b>team" not in page and '<td class="more"><b>' not in page


class TestRows:
    def test_an_owner_is_led_to_what_is_missing(self, client, manager):
        new, assessed = make_account(owner=manager), make_account(owner=manager, customer_level=2)
        page = client.get(LIST).text
        assert f'href="{reverse("assessments:assess", args=[new.pk])}"' in page
        assert f'href="{reverse("plans:target", args=[assessed.pk])}"' in page

    def test_who_may_not_reads_that_there_is_no_target(self, client):
        make_account(customer_level=2)
        client.force_login(make_viewer())
        page = client.get(LIST).text
        assert 'class="missing"' not in page and "no target" in page and 'name="account"' not in page

    def test_the_words_of_the_bar_are_those_of_a_person(self, client, manager):
        make_account(owner=manager)
        page = client.get(LIST).text
        for words in ("Assign owner", "Add tag", "Ask", "Archive"):
            assert re.search(rf"<button[^>]*>{words}</button>", page)
        assert not re.search(r"Tick all|ticked ones|>Show</button>", page)


class TestBulkFromTheList:
    def test_the_act_of_the_button_is_chosen_already(self, client, manager):
        account = make_account(owner=manager)
        page = client.get(reverse("accounts:bulk"), {"account": account.pk, "act": "archive"}).text
        assert re.search(r'<input[^>]*value="archive"[^>]* checked', page)

    def test_an_unknown_act_chooses_nothing(self, client, manager):
        page = client.get(reverse("accounts:bulk"), {"account": make_account(owner=manager).pk, "act": "x"})
        assert page.status_code == 200 and " checked" not in page.text


class TestTabs:
    def test_tell_what_is_shown_and_how_many(self, client, manager):
        for level in (2, 3):
            make_account(owner=manager, customer_level=level)
        view = SavedView.objects.create(user=manager, name="Level three", page="accounts:list", query="level=3")
        SavedView.objects.create(user=manager, name="A dashboard", page="portfolio:dashboard")
        SavedView.objects.create(user=make_user(), name="Another's", page="accounts:list")
        first = client.get(LIST).text
        assert re.search(
            r'<a href="/accounts/" data-query="" aria-current="page">All <span class="count num" id="tab-all"></span>', first
        )
        fresh = client.get(
            reverse("accounts:side_bar"), headers=HTMX | {"HX-Current-URL": f"http://testserver{LIST}?sort=gap"}
        ).text
        assert f'id="tab-view-{view.pk}" hx-swap-oob="true">1<' in fresh and 'id="tab-mine" hx-swap-oob="true">2<' in fresh
        page = client.get(LIST, {"level": 3}).text
        nav = page[page.index('class="view-tabs"') :]
        nav = nav[: nav.index("</ul>")]
        assert re.findall(r">([^<>]+) <span[^>]*>(\d*)<", nav) == [("All", "2"), ("Mine", "2"), ("Level three", "1")]
        assert re.findall(r'aria-current="page">(\w+)', nav) == ["Level"]

    def test_another_page_is_sent_no_counts_of_tabs(self, client, manager):
        fresh = client.get(reverse("accounts:side_bar"), headers=HTMX | {"HX-Current-URL": "http://testserver/settings/"}).text
        assert "tab-all" not in fresh


class TestPeek:
    def peek(self, client, account):
        return client.get(reverse("portfolio:peek", args=[account.pk]), headers=HTMX)

    def test_tells_where_it_stands_and_what_comes_next(self, client, manager, edition):
        account = make_account(name="Northwind", owner=manager)
        make_result(account, days.today() - timedelta(days=30), customer=2.4, team=4.2)
        derived.refresh([account.pk])
        plan = start_plan(account, by=manager, from_rank=2, owner=manager)
        add_action(plan, by=manager, title="Map the journey", owner=manager, due_on=plan.started_on)
        page = self.peek(client, account).text
        assert "<h2" in page and "They see us as" in page and "Map the journey" in page and "<b>+2</b>" in page
        assert "<html" not in page

    def test_without_a_script_it_is_the_page_of_the_account(self, client, manager):
        account = make_account(owner=manager)
        assert client.get(reverse("portfolio:peek", args=[account.pk])).url == account.get_absolute_url()

    def test_a_viewer_is_offered_no_act(self, client, edition):
        client.force_login(make_viewer())
        assert "Ask the customer" not in self.peek(client, make_account()).text

    def test_costs_twelve_statements_at_most(self, client, manager, edition, django_assert_max_num_queries):
        account = make_account(owner=manager)
        for ago in range(30, 600, 60):
            make_result(account, days.today() - timedelta(days=ago), customer=2.4, team=4.2)
        with django_assert_max_num_queries(12):
            self.peek(client, account)
