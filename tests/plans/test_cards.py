"""Target and plan as the account page shows them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from plans.targets.acts import set_target
from tests.factories import make_account, make_action, make_plan, make_team, make_user, make_viewer, place

pytestmark = [pytest.mark.one_database, pytest.mark.django_db, pytest.mark.usefixtures("edition")]


@pytest.fixture
def account(client):
    user = make_user()
    client.force_login(user)
    return place(make_account(owner=user), customer=2.4)


def page_of(client, account, tab=""):
    return client.get(account.get_absolute_url() + tab).content.decode()


def test_without_a_target_the_card_offers_one(client, account):
    page = page_of(client, account, "history/")
    assert "no target" in page
    assert reverse("plans:target", args=[account.pk]) in page


def test_the_card_tells_the_target_its_status_and_milestones(client, account):
    due_on = timezone.localdate() + timedelta(days=1000)
    set_target(account, by=account.owner, level=4, due_on=due_on)
    response = client.get(account.get_absolute_url() + "history/")
    page = response.content.decode()
    for words in ("too early to tell", response.context["status_sentence"], "Revise the target"):
        assert words in page
    assert page.count('<li><span class="lv goal') == len(response.context["milestones"]) == 2


def test_the_plan_card_shows_progress_and_the_next_open_actions(client, account):
    plan = make_plan(account, goal="Be first.")
    make_action(plan, state="done")
    for n in range(7):
        make_action(plan, title=f"Open {n}", due_in=n)
    page = page_of(client, account)
    assert "1 of 8 done" in page
    assert "Open 2" in page
    assert "Open 3" not in page
    assert "Whole plan: 4 more to do" in page


def test_an_action_is_ticked_from_the_card_and_leads_back(client, account):
    action = make_action(make_plan(account))
    page = page_of(client, account)
    assert reverse("plans:action_move", args=[action.pk]) in page
    assert f'name="next" value="{account.get_absolute_url()}"' in page


def test_whoever_only_reads_gets_no_button(client, account):
    set_target(account, by=account.owner, level=4, due_on=timezone.localdate() + timedelta(days=1000))
    make_action(make_plan(account))
    client.force_login(make_viewer())
    page = page_of(client, account) + page_of(client, account, "history/")
    assert "/move/" not in page
    assert "Revise the target" not in page


def test_of_an_archived_account_nothing_is_ticked_or_revised(client, account):
    set_target(account, by=account.owner, level=4, due_on=timezone.localdate() + timedelta(days=1000))
    make_action(make_plan(account))
    Account.objects.filter(pk=account.pk).update(status="archived")
    page = page_of(client, account) + page_of(client, account, "history/")
    assert "/move/" not in page
    assert "Revise the target" not in page


def test_the_cards_cost_the_same_whatever_the_actions(client, account, django_assert_max_num_queries):
    Account.objects.filter(pk=account.pk).update(owner=make_user(), team=make_team(members=[account.owner]))

    def statements():
        with django_assert_max_num_queries(30) as seen:
            page_of(client, account)
        return len(seen)

    plan = make_plan(account)
    make_action(plan)
    page_of(client, account)  # what is kept of the catalogue is at hand from now on
    few = statements()
    for _n in range(60):
        make_action(plan, owner=make_user())
    assert statements() == few
