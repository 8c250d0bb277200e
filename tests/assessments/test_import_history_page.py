"""Past assessments through the page: the rules of the command, for what one may assess, and taken back."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.derived import deviations
from accounts.models import Account
from assessments.models import Assessment
from audit import trail
from audit.models import Event
from core.job_runner import undo
from hierarchy.models import Edition
from importing.models import ImportJob
from plans.models import Target
from tests.factories import make_account, make_contact, make_invitation, make_result, make_target, make_team, make_user
from tests.import_pages import choose, upload
from tests.jobs import work_on

pytestmark = [pytest.mark.one_database, pytest.mark.django_db, pytest.mark.usefixtures("edition")]


@pytest.fixture
def manager(client):
    manager = make_user()
    client.force_login(manager)
    return manager


def checked(client, text, **fields):
    job = upload(client, text)
    choose(client, job, **fields)
    return client.get(reverse("importing:check", args=[job.pk]))


def reasons(client, text, **fields):
    return [problem.reason for problem in checked(client, text, **fields).context["problems"]]


def run(client, text, skip="", **fields) -> ImportJob:
    job = upload(client, text)
    choose(client, job, **fields)
    client.post(reverse("importing:check", args=[job.pk]), {"skip": skip})
    job.refresh_from_db()
    assert job.state == "done"
    return job


def back(job, user):
    job = undo(job, by=user)
    assert job.undone_at
    assert list(trail.broken_links()) == []
    ids = list(Account.objects.values_list("pk", flat=True))
    assert list(deviations(ids, date.today())) == []
    return {name: job.undo_report[name] for name in ("restored", "removed", "kept")}


# --- From file to report


def test_a_file_goes_from_upload_to_levels(client, manager):
    account = make_account(name="Acme", owner=manager)
    job = upload(client, "Account;Held on;Their level;Our level;Respondents\nAcme;2024-03-31;2,75;4;3\n")
    assert job.kind == "history"
    page = client.get(choose(client, job).url)
    assert page.context["review"].counts["created"] == 1
    assert "2.75" in page.text and "Import 1 row" in page.text
    assert not Assessment.objects.exists()
    page = client.post(reverse("importing:check", args=[job.pk]), follow=True)
    assert page.context["report"]["created"] == 1
    result = Assessment.objects.get()
    assert (result.account, result.held_on, result.origin, result.state) == (account, date(2024, 3, 31), "recorded", "closed")
    assert (result.customer_position, result.team_level, result.respondents) == (2.75, 4, 3)
    account.refresh_from_db()
    assert (account.customer_level, account.team_level) == (2, 4)
    event = Event.objects.get(act="assessment.recorded")
    assert (event.actor, event.note) == (manager, "Import of list.csv")
    assert "Past assessments" in client.get(reverse("importing:list")).text


def test_columns_of_any_name_are_mapped_by_hand(client, manager):
    make_account(name="Acme", owner=manager)
    job = upload(client, "who,when,score\nAcme,2024-03-31,3\n", kind="history")
    fields = {"column_0": "account", "column_1": "held_on", "column_2": "customer_level"}
    assert choose(client, job, **fields).status_code == 302
    client.post(reverse("importing:check", args=[job.pk]))
    assert Assessment.objects.get().customer_level == 3


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_account_day_and_a_level_have_to_be_pointed_out(client, manager, missing):
    job = upload(client, "account,held_on,customer_level\nAcme,2024-03-31,3\n")
    response = choose(client, job, **{f"column_{missing}": ""})
    assert response.status_code == 422
    assert "Say which column holds" in response.text


def test_a_changed_level_is_shown_and_an_equal_one_is_not_touched(client, manager):
    account = make_account(name="Acme", owner=manager)
    text = "account,held_on,customer_level,team_level\nAcme,2024-03-31,2.75,4\nAcme,2023-03-31,2,3\n"
    run(client, text)
    before = list(Assessment.objects.order_by("pk").values())
    page = checked(client, text.replace("2.75", "3"))
    (row,) = page.context["review"].updated
    assert [(one.label, one.before, one.after) for one in row.differences] == [("Their level", "2.75", "3")]
    assert "Acme" in row.heading
    job = upload(client, text)
    choose(client, job)
    client.post(reverse("importing:check", args=[job.pk]))
    job.refresh_from_db()
    assert (job.report["unchanged"], job.may_be_undone) == (2, False)
    assert list(Assessment.objects.order_by("pk").values()) == before
    assert account.assessments.count() == 2


# --- Dates


AMBIGUOUS = "account,held_on,customer_level\nAcme,3/4/2024,2\nAcme,5/4/2024,2\n"


@pytest.mark.parametrize(("dates", "first"), [("dmy", date(2024, 4, 3)), ("mdy", date(2024, 3, 4))])
def test_dates_that_can_be_read_in_two_ways_are_asked_about(client, manager, dates, first):
    make_account(name="Acme", owner=manager)
    job = upload(client, AMBIGUOUS)
    response = choose(client, job)
    assert response.status_code == 422
    assert "“3/4/2024” can be read as two dates" in response.text
    assert choose(client, job, dates=dates).status_code == 302
    client.post(reverse("importing:check", args=[job.pk]))
    assert Assessment.objects.earliest("pk").held_on == first


def test_a_date_that_shows_the_order_answers_for_all(client, manager):
    make_account(name="Acme", owner=manager)
    run(client, AMBIGUOUS.replace("5/4/2024", "25/4/2024"))
    assert set(Assessment.objects.values_list("held_on", flat=True)) == {date(2024, 4, 3), date(2024, 4, 25)}


# --- Accounts


def test_accounts_are_made_when_that_is_chosen(client, manager):
    team = make_team(members=[manager])
    text = "account,held_on,customer_level\nNew Ltd,2024-03-31,2\nNEW LTD,2023-03-31,1\n"
    assert "say so beside the columns" in reasons(client, text)[0]
    page = checked(client, text, create_accounts="on", team=team.pk)
    assert page.context["review"].counts["created"] == 2
    assert "a new account" in page.text
    job = run(client, text, create_accounts="on", team=team.pk)
    made = Account.objects.get()
    assert (made.name, made.owner, made.team, made.assessments.count()) == ("New Ltd", manager, team, 2)
    assert job.report["accounts_made"] == 1
    assert "1 account was made for it." in client.get(job.get_absolute_url()).text


def test_the_source_that_is_named_tells_equal_external_ids_apart(client, manager):
    make_account(name="One", owner=manager, external_id="7", source="crm")
    two = make_account(name="Two", owner=manager, external_id="7", source="erp")
    text = "account,held_on,customer_level\n7,2024-03-31,2\n"
    assert "Say which source is meant." in reasons(client, text)[0]
    run(client, text, source="erp")
    assert Assessment.objects.get().account == two


def test_the_past_of_an_account_is_imported_by_who_may_assess_it(client, manager):
    make_account(name="Hidden", external_id="H1")
    make_account(name="Read", team=make_team(members=[manager]))
    led = make_account(name="Led", team=make_team(leads=[manager]))
    rows = "".join(f"{name},2024-03-31,2\n" for name in ("Hidden", "H1", "Read", "Led"))
    page = checked(client, "account,held_on,customer_level\n" + rows)
    found = [(problem.line, problem.reason) for problem in page.context["problems"]]
    assert [line for line, _reason in found] == [2, 3, 4]
    assert all("No account here is called" in reason for _line, reason in found[:2])
    assert found[2][1] == "You may read this account but not change it."
    run(client, "account,held_on,customer_level\n" + rows, skip="yes")
    assert Assessment.objects.get().account == led


def test_what_was_measured_is_not_replaced(client, manager):
    account = make_account(name="Acme", owner=manager)
    make_result(account, date(2024, 3, 31), customer=2)
    assert "assessed here on that day" in reasons(client, "account,held_on,customer_level\nAcme,2024-03-31,4\n")[0]


def test_without_a_published_edition_the_page_says_so(client, manager):
    job = upload(client, "account,held_on,customer_level\nAcme,2024-03-31,4\n")
    choose(client, job)
    Edition.objects.update(state="draft", published_on=None)
    for name, send in (("check", client.get), ("check", client.post)):
        page = send(reverse(f"importing:{name}", args=[job.pk]), follow=True)
        assert "No edition of the levels is published" in page.text


# --- In the worker


def test_a_long_past_is_left_to_the_worker(client, manager):
    make_account(name="Acme", owner=manager)
    days = [date.fromordinal(date(2015, 1, 1).toordinal() + n) for n in range(2001)]
    job = upload(client, "account,held_on,team_level\n" + "".join(f"Acme,{day},3\n" for day in days))
    choose(client, job)
    client.get(reverse("importing:check", args=[job.pk]))
    work_on(job)
    assert "2,001" in client.get(reverse("importing:check", args=[job.pk])).text
    client.post(reverse("importing:check", args=[job.pk]))
    job.refresh_from_db()
    assert (job.state, Assessment.objects.count()) == ("waiting", 0)
    work_on(job)
    job.refresh_from_db()
    assert (job.state, job.done, Assessment.objects.count()) == ("done", 2001, 2001)


def test_the_worker_tells_what_stands_in_the_way(client, manager):
    make_account(name="Acme", owner=manager)
    job = upload(client, "account,held_on,team_level\nAcme,2024-03-31,3\n")
    choose(client, job)
    ImportJob.objects.filter(pk=job.pk).update(state="waiting")
    Edition.objects.update(state="draft", published_on=None)
    work_on(job)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "No edition of the levels is published" in job.failure


# --- Taken back


def test_taken_back_the_levels_are_as_before(client, manager):
    account = make_account(name="Acme", owner=manager)
    run(client, "account,held_on,customer_level,team_level\nAcme,2023-03-31,2,3\n")
    account.refresh_from_db()
    before = [Assessment.objects.values().get(), account.customer_level, account.team_level]
    job = run(client, "account,held_on,customer_level\nAcme,2023-03-31,1.5\nAcme,2024-03-31,4\n")
    account.refresh_from_db()
    assert account.customer_level == 4
    assert back(job, manager) == {"restored": 1, "removed": 1, "kept": 0}
    account.refresh_from_db()
    assert [Assessment.objects.values().get() | {"version": 1}, account.customer_level, account.team_level] == before
    assert list(Event.objects.filter(act="assessment.removed").values_list("account_id", flat=True)) == [account.pk]


def test_accounts_that_it_made_go_with_their_levels(client, manager):
    job = run(client, "account,held_on,customer_level\nNew,2024-03-31,2\nNew,2023-03-31,1\n", create_accounts="on")
    assert back(job, manager) == {"restored": 0, "removed": 3, "kept": 0}
    assert not Account.objects.exists() and not Assessment.objects.exists()


def test_what_somebody_works_with_since_stays(client, manager):
    for name in ("Asked", "Away"):
        make_account(name=name, owner=manager)
    text = "account,held_on,customer_level\nAsked,2024-03-31,2\nAway,2024-03-31,2\nNew,2024-03-31,2\n"
    job = run(client, text, create_accounts="on")
    result = {one.account.name: one for one in Assessment.objects.select_related("account")}
    make_invitation(result["Asked"], make_contact(result["Asked"].account), invited_by=manager)
    Account.objects.filter(name="Away").update(owner=make_user())
    make_target(result["New"].account, set_on=date.today())
    assert back(job, manager) == {"restored": 0, "removed": 1, "kept": 3}
    assert set(Assessment.objects.values_list("account__name", flat=True)) == {"Asked", "Away"}
    assert Target.objects.get().account.name == "New"


def test_a_record_that_was_changed_by_a_later_file_stays(client, manager):
    make_account(name="Acme", owner=manager)
    job = run(client, "account,held_on,customer_level\nAcme,2024-03-31,2\n")
    run(client, "account,held_on,customer_level\nAcme,2024-03-31,3\n")
    assert back(job, manager) == {"restored": 0, "removed": 0, "kept": 1}
    page = client.get(job.get_absolute_url()).text
    assert "Left alone" in page and "Someone changed it since" in page


# --- What the pages cost


@pytest.mark.parametrize("rows", [1, 200])
def test_the_pages_cost_the_same_whatever_the_rows(client, manager, rows, django_assert_max_num_queries):
    for n in range(rows):
        make_account(name=f"Account {n}", owner=manager)
    job = upload(client, "account,held_on,customer_level\n" + "".join(f"Account {n},2024-03-31,3\n" for n in range(rows)))
    choose(client, job)
    for name in ("columns", "check"):
        with django_assert_max_num_queries(12):
            client.get(reverse(f"importing:{name}", args=[job.pk]))
