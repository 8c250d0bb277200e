"""What must always hold of targets, plans and actions, whoever writes: the database refuses the rest."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from plans.models import Action, ActionPlan
from tests.factories import make_account, make_action, make_plan, make_target

pytestmark = pytest.mark.django_db

SET_ON = date(2026, 1, 15)


def refused(make, *args, **fields) -> str:
    """What the database says when it refuses."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        make(*args, **fields)
    return str(refusal.value)


class TestTarget:
    def test_an_account_has_one_active_target(self):
        account = make_account()
        make_target(account, set_on=SET_ON)
        refused(make_target, account, set_on=SET_ON)

    def test_superseded_targets_stay_beside_the_active_one(self):
        account = make_account()
        make_target(account, set_on=SET_ON, superseded_on=SET_ON)
        make_target(account, set_on=SET_ON, superseded_on=SET_ON)
        make_target(account, set_on=SET_ON)
        assert account.targets.count() == 3

    @pytest.mark.parametrize("due_on", [SET_ON, date(2026, 1, 14), date(1, 1, 1)])
    def test_the_date_lies_after_the_day_it_is_set(self, due_on):
        assert "target_due_after_set" in refused(make_target, make_account(), set_on=SET_ON, due_on=due_on)

    @pytest.mark.parametrize(
        ("set_on", "last", "too_far"),
        [
            (SET_ON, date(2029, 1, 15), date(2029, 1, 16)),
            (date(2024, 2, 29), date(2027, 2, 28), date(2027, 3, 1)),
            (date(2025, 2, 28), date(2028, 2, 28), date(2028, 2, 29)),
            (date(2025, 12, 31), date(2028, 12, 31), date(2029, 1, 1)),
        ],
    )
    def test_the_date_lies_at_most_three_years_ahead(self, set_on, last, too_far):
        make_target(make_account(), set_on=set_on, due_on=last)
        message = refused(make_target, make_account(), set_on=set_on, due_on=too_far)
        assert "target_within_three_years" in message

    @pytest.mark.parametrize("level", [0, 6])
    def test_the_level_is_1_to_5(self, level):
        assert "target_level_1_to_5" in refused(make_target, make_account(), set_on=SET_ON, level=level)

    @pytest.mark.parametrize("baseline", [-0.1, 5.1])
    def test_the_baseline_is_a_position(self, baseline):
        message = refused(make_target, make_account(), set_on=SET_ON, baseline=baseline)
        assert "target_baseline_0_to_5" in message


class TestPlan:
    def test_a_step_has_one_open_plan(self):
        plan = make_plan()
        refused(make_plan, plan.account)

    def test_other_steps_and_ended_plans_of_the_step_do_not_count(self):
        account = make_account()
        make_plan(account, state="achieved")
        make_plan(account, state="dropped")
        make_plan(account, from_rank=3)
        make_plan(account)
        assert account.plans.open().count() == 2

    @pytest.mark.parametrize(("low", "high"), [(1, 3), (2, 2), (3, 2), (0, 1), (5, 6)])
    def test_a_plan_climbs_one_step(self, low, high):
        plan = make_plan()
        message = refused(ActionPlan.objects.filter(pk=plan.pk).update, from_rank=low, to_rank=high)
        assert "plan_climbs_one_step" in message

    @pytest.mark.parametrize(("state", "ended_on"), [("open", SET_ON), ("achieved", None), ("dropped", None), ("odd", None)])
    def test_a_plan_has_an_end_exactly_when_it_is_not_open(self, state, ended_on):
        plan = make_plan()
        message = refused(ActionPlan.objects.filter(pk=plan.pk).update, state=state, ended_on=ended_on)
        assert "plan_ended_exactly_when_not_open" in message


class TestAction:
    @pytest.mark.parametrize(("state", "done_on"), [("done", None), ("todo", SET_ON), ("doing", SET_ON), ("dropped", SET_ON)])
    def test_done_on_is_there_exactly_when_done(self, state, done_on):
        action = make_action()
        message = refused(Action.objects.filter(pk=action.pk).update, state=state, done_on=done_on)
        assert "action_done_on_exactly_when_done" in message

    def test_an_action_has_a_title(self):
        assert "action_has_a_title" in refused(make_action, title="")

    def test_an_unknown_state_is_refused(self):
        assert "action_state_known" in refused(make_action, state="odd")

    def test_a_person_with_actions_is_not_deleted(self):
        action = make_action()
        with pytest.raises(ProtectedError):
            action.owner.delete()
