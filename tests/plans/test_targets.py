"""Setting and revising a target: the verb."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit.models import Event
from core.versions import StaleEdit
from plans.models import Target
from plans.targets.acts import set_target
from plans.trajectory import three_years_after
from tests.factories import make_account, make_user, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return place(make_account(), customer=2.4, team=3.5)


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def wish(account, **fields):
    """Ask for level 4 in two years."""
    defaults = {"by": account.owner, "level": 4, "due_on": in_days(730), "rationale": "They grow."}
    return set_target(account, **defaults | fields)


def test_a_target_starts_from_the_customers_position(account):
    target = wish(account)
    assert (target.baseline, target.basis, target.set_on) == (2.4, "customer", timezone.localdate())


def test_a_target_starts_from_ours_where_the_customer_was_never_heard():
    account = place(make_account(), team=3.5)
    target = wish(account)
    assert (target.baseline, target.basis) == (3.5, "team")


def test_setting_one_fills_the_accounts_target_columns(account):
    wish(account)
    account.refresh_from_db()
    assert (account.target_level, account.target_due_on, account.target_status) == (
        4,
        in_days(730),
        "too_early",
    )


def test_a_level_that_is_there_already_is_to_be_held_not_reached(account):
    target = wish(account, level=2)
    account.refresh_from_db()
    assert (target.kind, account.target_kind, account.target_status) == ("hold", "hold", "too_early")


def test_setting_one_is_in_the_trail(account):
    target = wish(account)
    event = Event.objects.get(act="target.set")
    assert (event.actor, event.account_id, event.object_id) == (account.owner, account.pk, target.pk)
    assert event.before is None
    assert event.after["level"] == 4


def test_revising_keeps_the_old_one_in_history_with_its_reason(account):
    first = wish(account)
    second = wish(account, level=3, revision_reason=" Their plant closes. ")
    first.refresh_from_db()
    assert (first.level, first.superseded_on, first.superseded_why) == (
        4,
        timezone.localdate(),
        "Their plant closes.",
    )
    assert list(account.targets.active()) == [second]


def test_revising_is_in_the_trail_with_both_and_the_reason(account):
    wish(account)
    wish(account, level=3, revision_reason="Their plant closes.")
    event = Event.objects.get(act="target.revised")
    assert (event.before["level"], event.after["level"], event.note) == (4, 3, "Their plant closes.")


def test_a_revision_starts_anew_from_where_the_account_stands_now(account):
    wish(account)
    place(account, customer=3.1)
    assert wish(account, revision_reason="New measurement.").baseline == 3.1


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_revision_without_a_reason_changes_nothing(account, reason):
    first = wish(account)
    with pytest.raises(ValidationError) as refusal:
        wish(account, level=3, revision_reason=reason)
    assert "revision_reason" in refusal.value.error_dict
    assert list(account.targets.all()) == [first]
    assert not Event.objects.filter(act="target.revised").exists()


def test_without_a_level_there_is_nothing_to_start_from():
    with pytest.raises(ValidationError, match="Assess it first"):
        wish(make_account())


def test_the_target_of_an_archived_account_rests(account):
    account.status = "archived"
    account.save()
    with pytest.raises(ValidationError, match="archived"):
        wish(account)


@pytest.mark.parametrize("level", [0, 6, -1])
def test_a_level_out_of_range_is_refused(account, level):
    with pytest.raises(ValidationError) as refusal:
        wish(account, level=level)
    assert "level" in refusal.value.error_dict
    assert not Target.objects.exists()


@pytest.mark.parametrize("days", [0, -1, -700_000])
def test_a_date_that_is_not_after_today_is_refused(account, days):
    with pytest.raises(ValidationError, match="after the day it is set"):
        wish(account, due_on=in_days(days))


def test_three_years_to_the_day_is_the_last_date(account):
    latest = three_years_after(timezone.localdate())
    with pytest.raises(ValidationError, match="at most three years"):
        wish(account, due_on=latest + timedelta(days=1))
    assert wish(account, due_on=latest).due_on == latest


def test_a_refused_revision_leaves_the_old_target_active(account):
    first = wish(account)
    with pytest.raises(ValidationError):
        wish(account, level=6, revision_reason="Why not.")
    assert list(account.targets.active()) == [first]


def test_the_same_wish_sent_twice_sets_one_target(account):
    first = wish(account, seen=0)
    assert wish(account, seen=0) == first
    assert Target.objects.count() == 1


def test_the_same_revision_sent_twice_is_one_revision(account):
    wish(account, seen=0)
    second = wish(account, level=3, seen=1, revision_reason="Their plant closes.")
    assert wish(account, level=3, seen=1, revision_reason="Their plant closes.") == second
    assert Target.objects.count() == 2


def test_a_colleagues_target_in_the_meantime_is_not_overwritten(account):
    theirs = wish(account, by=make_user(), seen=0)
    with pytest.raises(StaleEdit) as stale:
        wish(account, seen=0)
    assert stale.value.current == theirs
    assert list(account.targets.all()) == [theirs]


def test_the_same_content_two_revisions_later_is_not_a_second_click(account):
    wish(account, seen=0)
    wish(account, level=3, seen=1, revision_reason="Down.")
    wish(account, level=4, seen=2, revision_reason="And up.")
    with pytest.raises(StaleEdit):
        wish(account, level=4, seen=1, revision_reason="And up.")
