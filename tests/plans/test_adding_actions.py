"""An action from anywhere, the date that is moved by a week and back, and the next 7 days."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from notes.acts import add_note
from plans.actions.adding import steps_of
from plans.models import Action, ActionPlan
from tests.factories import make_account, make_action, make_plan, make_team, make_user, make_viewer, place

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def account(manager):
    return make_account(name="Northwind", owner=manager)


def new(client, **query):
    return client.get(reverse("plans:action_new"), query)


class TestChoosingAnAccount:
    def test_offers_ones_own_first(self, client, manager, account):
        make_account(name="Elsewhere")
        make_account(name="Archived", owner=manager, status=Account.Status.ARCHIVED)
        assert [one.name for one in new(client).context["accounts"]] == ["Northwind"]

    def test_finds_those_that_one_may_change_by_their_name(self, client, manager, account):
        mate = make_user()
        team = make_team(members=[mate, manager])
        make_account(name="Northpole", owner=mate, team=team)  # seen, not changed
        make_account(name="Northgate", owner=mate, team=make_team(leads=[manager]))
        make_account(name="Northsea")  # not seen
        assert [one.name for one in new(client, q="north").context["accounts"]] == ["Northgate", "Northwind"]
        assert "called “nowhere”" in new(client, q="nowhere").text

    def test_who_only_reads_adds_none(self, client):
        client.force_login(make_viewer())
        assert new(client).status_code == 403

    def test_an_account_that_one_may_not_change_is_refused_and_one_out_of_sight_not_found(self, client, manager):
        team = make_team(members=[manager, mate := make_user()])
        assert new(client, account=make_account(owner=mate, team=team).pk).status_code == 403
        assert new(client, account=make_account().pk).status_code == 404
        assert new(client, account="x").status_code == 404


class TestTheStep:
    @pytest.mark.parametrize(("level", "step"), [(None, 1), (2.5, 2), (4.5, 4), (5, 4)])
    def test_is_that_from_the_level_now(self, account, edition, level, step):
        if level:
            place(account, customer=level, team=None)
            account.refresh_from_db()
        assert steps_of(account).usual == step

    def test_is_that_of_the_open_plan_where_another_is_open(self, account):
        make_plan(account, from_rank=3)
        assert steps_of(account).usual == 3


class TestAdding:
    def typed(self, account, **fields):
        return {
            "account": account.pk, "title": "Call them", "due_on": (TODAY + timedelta(days=9)).isoformat(),
            "owner": account.owner_id, "from_rank": 1,
        } | fields  # fmt: skip

    def test_joins_the_open_plan_of_the_step(self, client, account):
        plan = make_plan(account, from_rank=1)
        assert client.post(reverse("plans:action_new"), self.typed(account)).url == reverse("plans:actions")
        action = Action.objects.get()
        assert (action.plan, action.title, action.due_on) == (plan, "Call them", TODAY + timedelta(days=9))

    def test_starts_a_plan_where_there_is_none(self, client, account):
        client.post(reverse("plans:action_new"), self.typed(account, from_rank=2))
        plan = ActionPlan.objects.get()
        assert (plan.from_rank, plan.owner, plan.actions.count()) == (2, account.owner, 1)

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"title": " "}, "Write what is to be done."),
            ({"due_on": ""}, "an action without one is a wish"),
            ({"due_on": "1999-01-01"}, "Choose a date from"),
            ({"from_rank": "9"}, "9"),
            ({"owner": "999999"}, "owner"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_made(self, client, account, wrong, told):
        answer = client.post(reverse("plans:action_new"), self.typed(account) | wrong)
        assert answer.status_code == 422
        assert told in answer.text
        assert not ActionPlan.objects.exists()

    def test_is_refused_for_an_archived_account(self, client, account):
        Account.objects.update(status=Account.Status.ARCHIVED)
        answer = client.post(reverse("plans:action_new"), self.typed(account))
        assert answer.status_code == 422
        assert "archived" in answer.text

    def test_the_form_begins_with_a_week_from_now_and_oneself(self, client, account, manager):
        form = new(client, account=account.pk).context["form"]
        assert (form.initial["due_on"], form.initial["owner"]) == (TODAY + timedelta(days=7), manager.pk)

    def test_what_was_said_last_stands_below_the_form(self, client, account, django_assert_num_queries):
        for n in range(5):
            add_note(account, by=account.owner, held_on=TODAY - timedelta(days=n), kind="call", text=f"said {n}")
        # session, person, account; open plans; owners: whether oneself is one, and twice by the form; the notes
        with django_assert_num_queries(8):
            found = new(client, account=account.pk).text
        assert "said 2" in found
        assert "said 3" not in found
        assert "All notes: 5" in found


class TestAWeekLater:
    def put_off(self, client, action, **fields):
        return client.post(
            reverse("plans:action_due", args=[action.pk]), {"version": action.version, "next": "/actions/"} | fields
        )

    @pytest.mark.parametrize(("due_in", "then"), [(3, 10), (0, 7), (-20, 7)])
    def test_is_a_week_from_its_date_or_from_today_when_that_has_passed(self, client, account, due_in, then):
        action = make_action(make_plan(account), due_in=due_in)
        assert self.put_off(client, action).url == "/actions/"
        action.refresh_from_db()
        assert action.due_on == TODAY + timedelta(days=then)

    def test_can_be_taken_back(self, client, account):
        action = make_action(make_plan(account, owner=account.owner), due_in=3, title="Call them", owner=account.owner)
        before = action.due_on
        self.put_off(client, action)
        told = client.get(reverse("plans:actions")).text
        assert "Due date moved to" in told and ">Undo<" in told
        action.refresh_from_db()
        self.put_off(client, action, due_on=before.isoformat())
        action.refresh_from_db()
        assert action.due_on == before

    def test_of_a_stale_page_is_409_and_changes_nothing(self, client, account):
        action = make_action(make_plan(account), due_in=3)
        Action.objects.update(version=4)
        assert self.put_off(client, action).status_code == 409
        assert Action.objects.get().due_on == action.due_on

    @pytest.mark.parametrize("odd", ["soon", "1999-01-01"])
    def test_an_odd_date_is_refused(self, client, account, odd):
        action = make_action(make_plan(account), due_in=3)
        assert self.put_off(client, action, due_on=odd).status_code == 422

    def test_is_for_whoever_may_change_the_plan(self, client, account, manager):
        mate = make_user()
        Account.objects.update(team=make_team(members=[mate, manager]))
        action = make_action(make_plan(account), due_in=3, owner=mate)  # who may tick it off
        client.force_login(mate)
        assert self.put_off(client, action).status_code == 403
        assert "+1 week" not in client.get(reverse("plans:actions")).text

    def test_a_row_has_the_button_while_it_is_pending(self, client, account, manager):
        plan = make_plan(account)
        make_action(plan, title="Call them", owner=manager)
        make_action(plan, title="Visit them", owner=manager, state="done")
        assert client.get(reverse("plans:actions")).text.count("+1 week") == 1


def test_the_second_group_is_the_next_7_days(client, account, manager):
    make_action(make_plan(account), due_in=7, owner=manager)
    found = client.get(reverse("plans:actions")).text
    assert "Next 7 days" in found
    assert "nothing overdue, 1 due in the next 7 days" in found
