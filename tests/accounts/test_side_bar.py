"""What the side bar tells, to whom, and what it costs."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from accounts.side_bar import ACTS, RECENT
from core import days
from plans.action_plans.acts import start_plan
from plans.actions.acts import add_action
from portfolio.models import SavedView
from portfolio.saved_views.side_bar import MOST
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db
ADDRESS = reverse("accounts:side_bar")
PAGE = reverse("accounts:settings")  # a page without figures of its own


@pytest.fixture(autouse=True)
def nothing_kept():
    caches["figures"].clear()


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


def fetch(client, of=PAGE):
    return client.get(ADDRESS, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{of}"})


def bar(client, page=PAGE):
    """The side bar as a page shows it: what there is, and whether it fetches the present one."""
    shown = client.get(page)
    return shown.context["side_bar"], bool(shown.context["side_bar_is_stale"])


class TestWhatItTells:
    def test_counts_the_accounts_and_the_overdue_actions_of_the_person(self, client, manager, edition):
        account = make_account(owner=manager, customer_level=2)
        make_account(owner=make_user())  # another's
        plan = start_plan(account, by=manager, from_rank=2, owner=manager)
        add_action(plan, by=manager, title="Map the journey", owner=manager, due_on=plan.started_on)
        plan.actions.update(due_on=days.today() - timedelta(days=1))
        assert fetch(client).context["side_bar"].counts == {"accounts": 1, "own_accounts": 1, "actions": 1}

    def test_lists_the_first_views_with_what_they_leave(self, client, manager):
        make_account(owner=manager, customer_level=3)
        for n in range(MOST + 2):
            SavedView.objects.create(user=manager, name=f"View {n}", page="accounts:list", query="level=3")
        SavedView.objects.create(user=manager, name="A dashboard", page="portfolio:dashboard")
        SavedView.objects.create(user=make_user(), name="Another's", page="accounts:list")
        views = fetch(client).context["side_bar"].views
        assert [(view.name, view.count) for view in views] == [
            ("A dashboard", None),
            *((f"View {n}", 1) for n in range(MOST - 1)),
        ]

    def test_marks_the_view_that_is_open(self, client, manager):
        view = SavedView.objects.create(user=manager, name="Three", page="accounts:list", query="level=3")
        here = f"{reverse('accounts:list')}?level=3"
        assert f'id="rail-view-{view.pk}" href="{here}" aria-current="page"' in fetch(client, of=here).content.decode()
        assert "aria-current" not in fetch(client).content.decode()

    def test_opened_by_itself_leads_to_the_list(self, client, manager):
        assert client.get(ADDRESS).url == reverse("accounts:list")


class TestRecent:
    def names(self, client):
        return [line.name for line in fetch(client).context["side_bar"].recent]

    def test_the_last_one_opened_stands_first_and_once(self, client, manager, edition):
        first, second = make_account(name="Northwind", owner=manager), make_account(name="Contoso", owner=manager)
        for account in (first, second, first):
            client.get(account.get_absolute_url())
        assert self.names(client) == ["Northwind", "Contoso"]

    def test_names_only_what_the_person_may_still_see(self, client, manager, edition):
        account = make_account(owner=manager)
        client.get(account.get_absolute_url())
        type(account).objects.update(owner=make_user(), team=None)
        assert self.names(client) == []

    def test_another_person_in_the_same_browser_has_none(self, client, manager, edition):
        account = make_account(owner=manager)
        client.get(account.get_absolute_url())
        kept = client.cookies[RECENT].value
        other = Client()
        other.force_login(type(manager).objects.create(email="other@example.com", name="Other", role="administrator"))
        other.cookies[RECENT] = kept
        assert self.names(other) == []

    @pytest.mark.parametrize("text", ["", "x", "WzFd:forged:forged"])
    def test_a_cookie_that_is_not_ours_counts_for_nothing(self, client, manager, text):
        client.cookies[RECENT] = text
        assert fetch(client).status_code == 200 and self.names(client) == []


class TestWhatItCosts:
    def test_a_page_takes_it_without_a_statement(self, client, manager, django_assert_num_queries):
        client.get(PAGE)
        with django_assert_num_queries(2):  # session, person
            client.get(ADDRESS)
        SavedView.objects.create(user=manager, name="Three", page="accounts:list", query="level=3")
        cold = client.get(reverse("portfolio:views"))
        fetch(client)
        with django_assert_num_queries(3):  # session, person, the views of the page
            warm = client.get(reverse("portfolio:views"))
        assert "rail-view-" not in cold.content.decode() and "rail-view-" in warm.content.decode()

    @pytest.mark.parametrize("views", [MOST, 50])
    def test_the_request_itself_takes_twelve_at_most(self, client, manager, edition, views, django_assert_max_num_queries):
        account = make_account(owner=manager)
        for n in range(views):
            SavedView.objects.create(user=manager, name=f"View {n}", page="accounts:list", query=f"level={n % 5 + 1}")
        client.get(account.get_absolute_url())
        with django_assert_max_num_queries(12):
            fetch(client)


class TestHowOldItIs:
    def test_a_page_fetches_it_first_and_again_after_a_minute(self, client, manager):
        with time_machine.travel("2026-03-02 12:00:00", tick=False) as clock:
            assert bar(client)[1]
            fetch(client)
            assert not bar(client)[1]
            clock.shift(61)
            shown, stale = bar(client)
            assert stale and shown.counts == {"accounts": 0, "own_accounts": 0, "actions": 0}  # the old one meanwhile

    def test_after_an_act_it_is_fetched_at_once(self, client, manager):
        fetch(client)
        typed = {"name": "Three", "page": "accounts:list", "query": "level=3"}
        client.post(reverse("portfolio:save_view"), typed)
        assert client.cookies[ACTS].value and client.cookies[ACTS]["httponly"]
        assert bar(client)[1]
        fetch(client)
        shown, stale = bar(client)
        assert (stale, [view.name for view in shown.views]) == (False, ["Three"])

    def test_a_part_of_a_page_does_not_fetch_it(self, client, manager):
        part = client.get(reverse("accounts:list"), headers={"HX-Request": "true"}).content.decode()
        assert "rail" not in part
