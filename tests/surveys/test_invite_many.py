"""Asking the customers of many accounts at once: what it would come to, the order, and the worker's way through it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Account
from config.tasks import tidy
from core.job_runner import take_up_lost_jobs
from mailing.models import Letter
from surveys import bulk_rounds
from surveys.invitations import default_wording
from surveys.models import BulkAccount, BulkRounds, Invitation
from tests.factories import make_account, make_assessment, make_contact, make_invitation, make_team, make_user, make_viewer
from tests.jobs import work_on
from tests.surveys.inviting import PRICE, TODAY, ask


@pytest.fixture
def owner(edition, client):
    owner = make_user()
    client.force_login(owner)
    return owner


def customer(owner, **fields) -> Account:
    """An account with somebody to ask."""
    account = make_account(owner=owner, **fields)
    make_contact(account, email=f"anna@{account.pk}.example")
    return account


def lately(account: Account) -> None:
    """Everybody there was asked a month ago, in a round that is not open any more."""
    moment = timezone.now() - timedelta(days=30)
    round_ = make_assessment(account)
    for contact in account.contacts.all():
        make_invitation(round_, contact, invited_at=moment)
    type(round_).objects.filter(pk=round_.pk).update(
        state="closed", closed_at=moment, respondents=0, confidence="none", team_level=2, team_position=2
    )


def order(owner, **fields) -> BulkRounds:
    return bulk_rounds.start(Account.objects.all(), ask(**fields), by=owner)


def through(job: BulkRounds) -> BulkRounds:
    """The worker, until it is done."""
    while job.finished_at is None:
        work_on(job)
        job.refresh_from_db()
    return job


def what_became(job: BulkRounds) -> dict[int, str]:
    return {row.account_id: row.why or row.state for row in job.rows.all()}


class TestOutlook:
    def test_counts_accounts_and_people_and_says_who_is_passed_over_and_why(self, owner):
        mate = make_user()
        team = make_team(members=[owner, mate])
        asked = customer(owner)
        make_contact(asked, email="daan@example.com", language="nl")
        make_contact(asked, name="no address")
        make_contact(asked, email="no@example.com", do_not_ask=True)
        make_contact(asked, email="left@example.com", active=False)
        make_assessment(customer(owner))
        make_account(owner=owner)
        lately(customer(owner))
        customer(mate, team=team)
        customer(owner, status="archived")
        found = bulk_rounds.outlook(Account.objects.visible_to(owner), owner)
        assert (found.accounts, found.people, found.by_language) == (1, 2, {"en": 1, "nl": 1})
        assert {skip.why: skip.accounts for skip in found.skipped} == {
            "an assessment is open already": 1,
            "everybody there was asked within 90 days": 1,
            "nobody there can be asked by mail": 1,
            "not yours to change": 1,
        }

    def test_people_asked_within_90_days_are_left_out_where_others_are_asked(self, owner):
        account = customer(owner)
        lately(account)
        make_contact(account, email="new@example.com")
        found = bulk_rounds.outlook(Account.objects.visible_to(owner), owner)
        assert (found.accounts, found.people, found.recent_people) == (1, 1, 1)


class TestTheWorker:
    def test_asks_each_customer_in_a_round_of_its_own(self, owner):
        accounts = [customer(owner) for _ in range(3)]
        job = through(order(owner, visibility="confidential"))
        assert what_became(job) == {account.pk: "asked" for account in accounts}
        for account in accounts:
            round_ = account.assessments.open().get()
            assert (round_.visibility, round_.invitations.get().invited_by) == ("confidential", owner)
        assert Letter.objects.count() == 3

    def test_an_order_holds_only_accounts_that_one_may_change(self, owner):
        mate = make_user()
        customer(mate, team=make_team(members=[owner, mate]))
        own = customer(owner)
        assert list(what_became(order(owner))) == [own.pk]

    def test_passes_over_what_changed_since_the_order(self, owner):
        names = ("open", "archived", "sold", "gone", "fine")
        accounts = {name: customer(owner) for name in names}
        job = order(owner)
        make_assessment(accounts["open"])
        Account.objects.filter(pk=accounts["archived"].pk).update(status="archived")
        Account.objects.filter(pk=accounts["sold"].pk).update(owner=make_user())
        accounts["gone"].contacts.update(active=False)
        found = what_became(through(job))
        assert [found[accounts[name].pk] for name in names] == ["open_round", "archived", "not_yours", "nobody", "asked"]
        assert not accounts["open"].assessments.get().invitations.exists()

    def test_goes_on_where_it_was_broken_off(self, owner, monkeypatch):
        accounts = [customer(owner) for _ in range(4)]
        job = order(owner)
        monkeypatch.setattr(bulk_rounds.BulkRoundsKind, "most", 2)
        assert work_on(job) == "running"
        job.refresh_from_db()
        assert job.done == 2
        assert DBTaskResult.objects.filter(task_path="core.job_runner.run_job").count() == 1  # the next ones
        through(job)
        assert Invitation.objects.count() == len(accounts)
        assert work_on(job) == "done"
        assert Invitation.objects.count() == len(accounts)

    def test_one_account_that_cannot_be_asked_does_not_hold_up_the_others(self, owner, monkeypatch):
        accounts = [customer(owner) for _ in range(3)]
        real = bulk_rounds.invite

        def invite(account, *args, **kwargs):
            if account.pk == accounts[0].pk:
                raise ValidationError("no")
            if account.pk == accounts[1].pk:
                raise RuntimeError("a bug")
            return real(account, *args, **kwargs)

        monkeypatch.setattr(bulk_rounds, "invite", invite)
        found = what_became(through(order(owner)))
        assert [found[account.pk] for account in accounts] == ["refused", "refused", "asked"]

    def test_an_order_that_stands_still_is_taken_up_again(self, owner):
        customer(owner)
        job = order(owner)
        assert take_up_lost_jobs() == 0
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            assert take_up_lost_jobs() == 1
            through(job)
            assert take_up_lost_jobs() == 0

    def test_an_order_done_long_ago_is_tidied_away_and_its_words_at_once(self, owner):
        customer(owner)
        job = through(order(owner))
        assert job.wording == {}
        with time_machine.travel(timezone.now() + timedelta(days=91)):
            tidy.call()
        assert not BulkRounds.objects.exists()
        assert Invitation.objects.exists()


def page_fields(client, query: str = "") -> dict:
    """What a browser sends from the page as it stands."""
    page = client.get(reverse("surveys:rounds") + query).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(form_key|seen)" value="([^"]*)"', page))
    words = default_wording("en")
    return hidden | {
        "closes_on": (TODAY() + timedelta(days=21)).isoformat(),
        "visibility": "named",
        "subject-en": words.subject,
        "message-en": words.message,
    }


class TestThePages:
    def test_one_press_gives_the_order_and_a_double_click_gives_it_once(self, client, owner):
        customer(owner)
        fields = page_fields(client)
        answers = [client.post(reverse("surveys:rounds"), fields) for _ in range(2)]
        assert {answer_["Location"] for answer_ in answers} == {BulkRounds.objects.get().get_absolute_url()}
        assert BulkAccount.objects.count() == 1

    def test_also_after_the_worker_is_done_with_it(self, client, owner):
        customer(owner)
        fields = page_fields(client)
        client.post(reverse("surveys:rounds"), fields)
        through(BulkRounds.objects.get())
        assert client.post(reverse("surveys:rounds"), fields).status_code == 302
        assert BulkRounds.objects.count() == 1

    def test_it_names_what_a_confidential_round_still_tells(self, client, owner):
        customer(owner)
        assert PRICE in client.get(reverse("surveys:rounds")).content.decode()

    def test_the_filters_of_the_list_hold(self, client, owner):
        customer(owner, name="Alfa", segment="Logistics")
        beta = customer(owner, name="Beta", segment="Food")
        query = "?segment=Food"
        client.post(reverse("surveys:rounds") + query, page_fields(client, query))
        assert [row.account for row in BulkAccount.objects.all()] == [beta]

    def test_the_list_leads_there_with_its_filters(self, client, owner):
        customer(owner, name="Beta", segment="Food")
        page = client.get(reverse("accounts:list") + "?segment=Food&sort=-name&page=1").content.decode()
        assert f'href="{reverse("surveys:rounds")}?segment=Food"' in page

    def test_and_to_who_only_reads_it_does_not(self, client, owner):
        customer(owner)
        client.force_login(make_viewer())
        assert reverse("surveys:rounds") not in client.get(reverse("accounts:list")).content.decode()
        assert client.get(reverse("surveys:rounds")).status_code == 403

    def test_a_list_that_moved_on_is_shown_again_and_nobody_asked(self, client, owner):
        customer(owner)
        fields = page_fields(client)
        customer(owner)
        late = client.post(reverse("surveys:rounds"), fields)
        assert late.status_code == 409
        assert "2 accounts would be asked" in late.content.decode()
        assert not BulkRounds.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"closes_on": ""}, "Choose the last day"),
            ({"closes_on": "2999-01-01"}, "no later than"),
            ({"visibility": "x"}, "named or confidential"),
            ({"message-en": ""}, "Write what you ask"),
        ],
    )
    def test_bad_input_is_refused_in_words(self, client, owner, wrong, words):
        customer(owner)
        response = client.post(reverse("surveys:rounds"), page_fields(client) | wrong)
        assert response.status_code == 422
        assert words in response.content.decode()
        assert not BulkRounds.objects.exists()

    def test_without_a_published_edition_there_is_nothing_to_ask(self, client, owner, edition):
        customer(owner)
        fields = page_fields(client)
        type(edition).objects.update(state="retired")
        assert client.post(reverse("surveys:rounds"), fields).status_code == 422
        assert not BulkRounds.objects.exists()

    def test_nobody_to_ask_says_so_and_is_no_order(self, client, owner):
        make_account(owner=owner)
        assert "None of the accounts" in client.get(reverse("surveys:rounds")).content.decode()
        assert client.post(reverse("surveys:rounds"), page_fields(client) | {"seen": "0-0"}).status_code == 422
        assert not BulkRounds.objects.exists()

    def test_progress_is_polled_until_it_is_done(self, client, owner):
        customer(owner)
        make_account(owner=owner, name="Nobody there")
        job = order(owner)
        page = client.get(job.get_absolute_url()).content.decode()
        assert "0 of 2 accounts done" in page and 'hx-trigger="every 2s"' in page and 'http-equiv="refresh"' in page
        through(job)
        part = client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
        assert "2 of 2 accounts done" in part and "hx-trigger" not in part and "<html" not in part
        assert "Nobody there can be asked by mail" in part

    def test_is_seen_by_whoever_gave_the_order_alone(self, client, owner):
        customer(owner)
        job = order(owner)
        client.force_login(make_user())
        assert client.get(job.get_absolute_url()).status_code == 404

    @pytest.mark.parametrize("count", [1, 40])
    def test_both_pages_cost_the_same_whatever_the_accounts(self, client, owner, count, django_assert_max_num_queries):
        for _ in range(count):
            customer(owner)
        with django_assert_max_num_queries(12):
            client.get(reverse("surveys:rounds"))
        job = through(order(owner))
        with django_assert_max_num_queries(7):
            client.get(job.get_absolute_url())
