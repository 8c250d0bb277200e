"""The page where a target is set and revised."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from plans.models import Target
from plans.targets import set_target
from plans.trajectory import three_years_after
from tests.factories import make_account, make_team, make_user, make_viewer, place

pytestmark = [pytest.mark.one_database, pytest.mark.django_db, pytest.mark.usefixtures("edition")]


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def account(manager):
    return place(make_account(owner=manager), customer=2.4)


def url(account):
    return reverse("plans:target", args=[account.pk])


def typed(**fields):
    """What a browser sends: level 4 in two years, on a page without a target."""
    due_on = timezone.localdate() + timedelta(days=730)
    return {
        "version": 0,
        "level": 4,
        "due_on": due_on.isoformat(),
        "rationale": "They build a plant.",
    } | fields


def set_one(account, **fields):
    defaults = {"by": account.owner, "level": 4, "due_on": timezone.localdate() + timedelta(days=900)}
    return set_target(account, **defaults | fields)


def test_the_page_says_where_a_target_starts_and_names_the_five_levels(client, account):
    page = client.get(url(account))
    assert b"They place us at 2.4" in page.content
    assert [str(label) for _rank, label in page.context["form"].fields["level"].choices] == [
        level.name for _rank, level in sorted(page.context["levels"].items())
    ]
    assert page.content.count(b'type="radio"') == 5


def test_the_calendar_ends_in_three_years(client, account):
    latest = three_years_after(timezone.localdate())
    assert f'max="{latest.isoformat()}"' in client.get(url(account)).content.decode()


def test_setting_one_leads_to_the_account(client, account, manager):
    response = client.post(url(account), typed())
    assert response.status_code == 302
    assert response.url == account.get_absolute_url()
    target = Target.objects.get()
    assert (target.level, target.set_by, target.rationale) == (4, manager, "They build a plant.")


def test_a_double_click_sets_one_target(client, account):
    client.post(url(account), typed())
    assert client.post(url(account), typed()).status_code == 302
    assert Target.objects.count() == 1


def day(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("level", "", "Choose the level to reach."),
        ("level", "0", "“0” is not a level. Choose one from 1 to 5."),
        ("level", "6", "“6” is not a level."),
        ("level", "x", "“x” is not a level."),
        ("level", "4\x00", "is not a level."),
        ("due_on", "", "Choose the date by which the level is to be reached."),
        ("due_on", "31 nevember", "This is not a date."),
        ("due_on", "2028-02-30", "This is not a date."),
        ("due_on", "0001-01-01", "Choose a date after today"),
        ("due_on", "9999-12-31", "a target lies at most three years ahead"),
        ("due_on", day(0), "Choose a date after today"),
        ("due_on", day(-1), "Choose a date after today"),
        ("due_on", day(1200), "a target lies at most three years ahead"),
        ("rationale", "nul \x00 byte", "Null characters are not allowed."),
        ("rationale", "x" * 4001, "at most 4000 characters"),
    ],
)
def test_bad_input_is_named_beside_its_field_and_nothing_typed_is_lost(client, account, field, value, says):
    response = client.post(url(account), typed(rationale="They build a plant.") | {field: value})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert says in response.context["form"].errors[field][0]
    if field != "rationale":
        assert "They build a plant." in response.content.decode()
    assert not Target.objects.exists()


def test_without_a_level_the_page_offers_to_assess_first(client, manager):
    account = make_account(owner=manager)
    page = client.get(url(account)).content.decode()
    assert reverse("assessments:assess", args=[account.pk]) in page
    assert 'type="radio"' not in page


def test_a_level_that_was_taken_back_meanwhile_keeps_what_was_typed(client, manager):
    response = client.post(url(make_account(owner=manager)), typed())
    assert response.status_code == 422
    assert b"Assess it first" in response.content
    assert b"They build a plant." in response.content


def test_an_archived_account_shows_its_target_without_a_form(client, account):
    set_one(account)
    Account.objects.filter(pk=account.pk).update(status="archived")
    page = client.get(url(account)).content.decode()
    assert "Take it back from the archive" in page
    assert 'type="radio"' not in page
    assert client.post(url(account), typed(version=1, revision_reason="Why")).status_code == 422
    assert Target.objects.count() == 1


class TestRevising:
    def test_the_page_tells_how_the_target_stands_and_its_milestones(self, client, account):
        target = set_one(account, rationale="Because they grow.")
        page = client.get(url(account))
        assert page.context["status"].code == "too_early"
        assert [milestone.level for milestone in page.context["milestones"]] == [3, 4]
        for words in (page.context["status_sentence"], page.context["way"], "Because they grow."):
            assert words in page.content.decode()
        assert page.context["form"].initial["version"] == target.version

    def test_a_reason_is_asked_for(self, client, account):
        set_one(account)
        response = client.post(url(account), typed(version=1, level=3))
        assert response.status_code == 422
        assert response.context["form"].errors.keys() == {"revision_reason"}

    def test_the_old_one_is_listed_with_its_reason(self, client, account):
        set_one(account)
        client.post(url(account), typed(version=1, level=3, revision_reason="Their plant closes."))
        page = client.get(url(account)).content.decode()
        assert "Earlier targets" in page
        assert "Revised because: Their plant closes." in page

    def test_two_people_at_once_the_second_sees_both_versions_and_keeps_the_text(self, client, account):
        set_one(account, seen=0)
        set_one(account, level=5, seen=1, revision_reason="Up.", rationale="Go for the top.")
        response = client.post(url(account), typed(version=1, level=3, revision_reason="Their plant closes."))
        page = response.content.decode()
        assert response.status_code == 409
        rows = {str(row["label"]): (row["theirs"], row["yours"]) for row in response.context["conflict"]}
        assert rows["level to reach"] == (5, 3)
        for words in ("Go for the top.", "They build a plant.", "Their plant closes."):
            assert words in page
        assert account.targets.active().get().level == 5

    def test_after_both_versions_were_seen_the_same_form_can_be_sent_again(self, client, account):
        set_one(account, seen=0)
        set_one(account, level=5, seen=1, revision_reason="Up.")
        data = typed(version=1, level=3, revision_reason="Their plant closes.")
        data["version"] = client.post(url(account), data).context["form"].data["version"]
        assert client.post(url(account), data).status_code == 302
        assert account.targets.active().get().level == 3

    def test_who_typed_before_the_first_target_is_asked_for_a_reason_then(self, client, account):
        set_one(account, by=make_user(), seen=0)
        response = client.post(url(account), typed(level=3))
        assert response.status_code == 409
        assert "revision_reason" in response.context["form"].fields
        assert "They build a plant." in response.content.decode()
        assert Target.objects.count() == 1


class TestPreview:
    def test_the_milestones_are_shown_and_nothing_is_stored(self, client, account):
        response = client.post(url(account), typed(preview="yes"))
        assert response.status_code == 200
        assert [milestone.level for milestone in response.context["preview"].milestones] == [3, 4]
        assert "They build a plant." in response.content.decode()
        assert not Target.objects.exists()

    def test_a_revision_can_be_previewed_before_its_reason_is_written(self, client, account):
        set_one(account)
        assert client.post(url(account), typed(version=1, level=5, preview="yes")).context["preview"]

    def test_without_a_good_date_it_says_what_is_missing(self, client, account):
        response = client.post(url(account), typed(preview="yes", due_on=day(1200)))
        assert response.status_code == 422
        assert b"Choose a level and a date first" in response.content


class TestWho:
    def test_whoever_only_sees_the_account_may_not(self, client, account):
        team = make_team(members=[account.owner, mate := make_user()])
        Account.objects.filter(pk=account.pk).update(team=team)
        for person in (mate, make_viewer()):
            client.force_login(person)
            assert client.get(url(account)).status_code == 403
            assert client.post(url(account), typed()).status_code == 403
        assert not Target.objects.exists()

    def test_another_teams_account_is_not_found(self, client, account):
        client.force_login(make_user())
        assert client.get(url(account)).status_code == 404
        assert client.post(url(account), typed()).status_code == 404

    def test_the_lead_of_the_team_may(self, client, account):
        Account.objects.filter(pk=account.pk).update(team=make_team(leads=[lead := make_user()]))
        client.force_login(lead)
        assert client.post(url(account), typed()).status_code == 302


@pytest.mark.parametrize("revisions", [1, 12])
def test_costs_the_same_whatever_the_history(client, account, revisions, django_assert_num_queries):
    for n in range(revisions):
        place(account, customer=2.4, held_on=timezone.localdate() - timedelta(days=n))
        set_one(account, revision_reason="Again.")
    # session, user, account, levels, target, results, earlier targets
    with django_assert_num_queries(7):
        client.get(url(account))
