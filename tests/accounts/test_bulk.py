"""One act on many accounts: what is done, what is left alone, and taking it back."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.acts import bulk_change
from accounts.acts.bulk_change import Act, Order, Why
from accounts.models import Account, BulkBatch, BulkChange, Tag, User
from audit import trail
from audit.models import Event
from config.tasks import tidy
from core import job_runner
from core.job_runner import take_up_lost_jobs
from tests.factories import make_account, make_administrator, make_team, make_user, make_viewer
from tests.jobs import work_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr("accounts.acts.bulk_change.BATCH", 2)


def do(user, act, value=None, name="", *, accounts=None) -> BulkChange:
    return bulk_change.start(Account.objects.all() if accounts is None else accounts, Order(act, value, name), by=user)


def undo(change) -> BulkChange:
    return job_runner.undo(change, by=User.objects.get(pk=change.user_id))


def through(change: BulkChange) -> BulkChange:
    """The worker, until it is done."""
    while change.is_under_way:
        work_on(change)
        change.refresh_from_db()
    return change


def do_next(change: BulkChange) -> None:
    """One batch, and then the worker is killed."""
    job_runner.kind_of(change).do_next(change)


def why(change):
    return {pk: reason for batch in change.batches.all() for pk, reason in (batch.kept or batch.left)}


def tags_of(account):
    return list(account.tags.order_by("name").values_list("name", flat=True))


class TestDoing:
    def test_gives_accounts_to_an_owner_and_the_trail_says_so_of_each(self, manager):
        mate = make_user()
        accounts = [make_account(owner=manager), make_account(owner=manager)]
        change = do(manager, Act.OWNER, mate.pk, str(mate))
        assert set(Account.objects.values_list("owner", "version")) == {(mate.pk, 2)}
        events = Event.objects.filter(act="account.changed")
        assert {event.account_id for event in events} == {account.pk for account in accounts}
        assert {(event.actor_id, event.before["owner"], event.after["owner"]) for event in events} == {
            (manager.pk, manager.pk, mate.pk)
        }
        assert list(trail.broken_links()) == []
        assert (change.changed, change.left, change.not_theirs) == (2, 0, 0) and change.finished_at

    def test_gives_accounts_to_a_team_or_to_none(self, manager):
        team = make_team(members=[manager])
        account = make_account(owner=manager)
        do(manager, Act.TEAM, team.pk)
        account.refresh_from_db()
        assert account.team == team
        do(manager, Act.TEAM, None)
        account.refresh_from_db()
        assert account.team is None

    def test_adds_a_tag_where_it_lacks_and_there_is_room(self, manager):
        bare, tagged, full = (make_account(owner=manager) for _ in range(3))
        tagged.tags.create(name="key")
        full.tags.set(Tag.objects.create(name=f"t{n:02}") for n in range(20))
        change = do(manager, Act.TAG, None, "key")
        assert (tags_of(bare), tags_of(tagged)) == (["key"], ["key"])
        assert why(change) == {tagged.pk: Why.SAME, full.pk: Why.FULL}
        event = Event.objects.get(act="account.changed")
        assert (event.account_id, event.before, event.after) == (bare.pk, {"tags": []}, {"tags": ["key"]})

    def test_removes_a_tag_and_no_other(self, manager):
        account, other = make_account(owner=manager), make_account(owner=manager)
        key = Tag.objects.create(name="key")
        account.tags.set([key, Tag.objects.create(name="growth")])
        change = do(manager, Act.UNTAG, key.pk, "key")
        assert tags_of(account) == ["growth"]
        assert why(change) == {other.pk: Why.SAME}

    def test_archives_and_brings_back(self, manager):
        account = make_account(owner=manager)
        do(manager, Act.ARCHIVE)
        account.refresh_from_db()
        assert account.is_archived and Event.objects.filter(act="account.archived", account_id=account.pk).exists()
        do(manager, Act.RESTORE)
        account.refresh_from_db()
        assert not account.is_archived and Event.objects.filter(act="account.restored", account_id=account.pk).exists()

    def test_accounts_that_one_may_only_read_are_left_alone_and_named(self, manager):
        team = make_team(members=[manager])
        mine, mates = make_account(owner=manager, team=team), make_account(owner=make_user(), team=team)
        outlook = bulk_change.outlook(Account.objects.visible_to(manager), manager)
        assert (outlook.mine, outlook.others, outlook.named_others) == (1, 1, [mates.name])
        change = do(manager, Act.ARCHIVE, accounts=Account.objects.visible_to(manager))
        assert list(Account.objects.archived()) == [mine]
        assert (change.changed, change.not_theirs, why(change)) == (1, 1, {mates.pk: Why.OUT_OF_REACH})
        assert bulk_change.left_alone(change, manager) == [(mates, "it is not yours to change")]

    def test_a_form_that_was_open_meanwhile_is_stale(self, client, manager):
        account = make_account(owner=manager)
        do(manager, Act.TAG, None, "key")
        data = {"name": "New", "currency": "EUR", "owner": manager.pk, "version": account.version}
        assert client.post(reverse("accounts:edit", args=[account.pk]), data).status_code == 409

    def test_statements_do_not_grow_with_the_accounts(self, manager, django_assert_max_num_queries):
        Account.objects.bulk_create(Account(name=f"Account {n}", owner=manager) for n in range(300))
        with django_assert_max_num_queries(24):
            change = do(manager, Act.ARCHIVE)
        assert change.changed == 300
        with django_assert_max_num_queries(24):
            undo(change)


class TestUndoing:
    @pytest.fixture
    def team(self, manager):
        return make_team(members=[manager])

    def test_each_account_gets_back_what_it_had(self, manager, team):
        other = make_team(members=[manager])
        accounts = [make_account(owner=manager, team=had) for had in (None, other, team)]
        change = undo(do(manager, Act.TEAM, team.pk))
        for account, had in zip(accounts, (None, other, team), strict=True):
            account.refresh_from_db()
            assert account.team == had
        assert (change.restored, change.kept) == (2, 0) and change.undone_at
        event = Event.objects.filter(account_id=accounts[1].pk).first()
        assert (event.before, event.after, event.note) == ({"team": team.pk}, {"team": other.pk}, "Taken back")

    @pytest.mark.parametrize("act", [Act.ARCHIVE, Act.RESTORE])
    def test_the_archive(self, manager, act):
        had = "active" if act == Act.ARCHIVE else "archived"
        make_account(owner=manager, status=had)
        undo(do(manager, act))
        assert Account.objects.get().status == had

    def test_a_tag_that_was_added_goes_from_those_that_got_it_alone(self, manager):
        bare, tagged = make_account(owner=manager), make_account(owner=manager)
        tagged.tags.create(name="key")
        undo(do(manager, Act.TAG, None, "key"))
        assert (tags_of(bare), tags_of(tagged)) == ([], ["key"])

    def test_a_tag_that_was_removed_comes_back_even_when_it_is_gone(self, manager):
        account = make_account(owner=manager)
        key = account.tags.create(name="key")
        change = do(manager, Act.UNTAG, key.pk, "key")
        key.delete()
        undo(change)
        assert tags_of(account) == ["key"]

    def test_what_someone_changed_since_stays_and_is_named(self, manager):
        left, back = make_account(owner=manager), make_account(owner=manager)
        change = do(manager, Act.ARCHIVE)
        Account.objects.filter(pk=left.pk).update(name="Renamed", version=3)
        change = undo(change)
        assert list(Account.objects.archived()) == [left] and list(Account.objects.active()) == [back]
        assert (change.restored, change.kept) == (1, 1)
        assert bulk_change.left_alone(change, manager) == [(Account.objects.get(pk=left.pk), "someone changed it since")]

    def test_what_one_gave_away_can_be_taken_back(self, manager):
        account = make_account(owner=manager)
        undo(do(manager, Act.OWNER, make_user().pk))
        account.refresh_from_db()
        assert account.owner == manager

    def test_who_lost_the_right_takes_nothing_back(self, manager):
        team = make_team(leads=[manager])
        account = make_account(team=team)
        change = do(manager, Act.ARCHIVE)
        team.leads.clear()
        change = undo(change)
        account.refresh_from_db()
        assert account.is_archived and why(change) == {account.pk: Why.OUT_OF_REACH}

    def test_who_only_reads_now_takes_nothing_back(self, manager):
        make_account(owner=manager)
        change = do(manager, Act.ARCHIVE)
        User.objects.filter(pk=manager.pk).update(role=User.Role.VIEWER)
        assert undo(BulkChange.objects.get(pk=change.pk)).kept == 1

    def test_a_team_that_is_gone_is_not_given_back(self, manager, team):
        gone = make_team(members=[manager])
        account = make_account(owner=manager, team=gone)
        change = do(manager, Act.TEAM, team.pk)
        gone.delete()
        change = undo(change)
        account.refresh_from_db()
        assert account.team == team and why(change) == {account.pk: Why.GONE}

    def test_twice_is_once(self, manager):
        make_account(owner=manager)
        change = undo(do(manager, Act.ARCHIVE))
        Account.objects.update(status="archived")
        assert undo(change).restored == 1
        assert Account.objects.get().is_archived

    def test_for_seven_days(self, manager):
        make_account(owner=manager)
        change = do(manager, Act.ARCHIVE)
        with time_machine.travel(timezone.now() + timedelta(days=6)):
            assert change.may_be_undone
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            assert undo(change).undone_at is None
        assert Account.objects.get().is_archived

    def test_nobody_takes_back_what_another_did(self, manager):
        make_account(owner=manager)
        change = do(manager, Act.ARCHIVE)
        with pytest.raises(BulkChange.DoesNotExist):
            job_runner.undo(change, by=make_administrator())


@pytest.mark.usefixtures("small_batches")
class TestByTheWorker:
    @pytest.fixture
    def accounts(self, manager):
        return [make_account(owner=manager) for _ in range(5)]

    def test_more_than_a_batch_is_left_to_it_there_and_back(self, manager, accounts):
        change = do(manager, Act.ARCHIVE)
        assert change.is_under_way and not Account.objects.archived().exists()
        assert through(change).changed == 5 and Account.objects.archived().count() == 5
        change = undo(change)
        assert change.is_under_way and Account.objects.archived().count() == 5
        assert through(change).restored == 5 and not Account.objects.archived().exists()

    def test_it_goes_on_where_it_was_killed(self, manager, accounts):
        change = do(manager, Act.ARCHIVE)
        do_next(change)
        assert Account.objects.archived().count() == 2
        change.refresh_from_db()
        assert change.done == 2
        assert through(change).changed == 5
        assert Event.objects.filter(act="account.archived").count() == 5

    def test_one_that_stands_still_is_taken_up_again(self, manager, accounts):
        change = do(manager, Act.ARCHIVE)
        assert take_up_lost_jobs() == 0
        BulkChange.objects.update(queued_at=timezone.now() - timedelta(minutes=11))
        assert (take_up_lost_jobs(), take_up_lost_jobs()) == (1, 0)
        through(change)
        BulkChange.objects.update(queued_at=timezone.now() - timedelta(minutes=11))
        assert take_up_lost_jobs() == 0

    def test_an_account_that_went_out_of_reach_meanwhile_is_left_alone(self, manager, accounts):
        change = do(manager, Act.ARCHIVE)
        Account.objects.filter(pk=accounts[3].pk).update(owner=make_user())
        change = through(change)
        assert (change.changed, why(change)) == (4, {accounts[3].pk: Why.OUT_OF_REACH})

    def test_a_batch_that_fails_does_not_stop_the_others(self, manager, accounts, monkeypatch):
        change = do(manager, Act.ARCHIVE)
        done = bulk_change._do

        def fail_once(batch, change):
            if batch.number == 1:
                raise ValueError
            return done(batch, change)

        monkeypatch.setattr("accounts.acts.bulk_change._do", fail_once)
        change = through(change)
        assert (change.changed, change.left) == (3, 2)
        assert set(why(change).values()) == {Why.FAILED}

    def test_progress_is_shown_until_it_is_done(self, client, manager, accounts):
        change = do(manager, Act.ARCHIVE)
        do_next(change)
        page = client.get(change.get_absolute_url()).text
        assert "2 of 5 accounts done" in page and 'hx-trigger="every 2s"' in page
        through(change)
        part = client.get(change.get_absolute_url(), headers={"HX-Request": "true"}).text
        assert "5 accounts were changed" in part and "hx-trigger" not in part and "<html" not in part


def fields_of(page: str) -> dict[str, str]:
    """What the form of the page carries along."""
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("form_key", "seen")}


class TestThePages:
    def ask(self, client, query):
        return client.get(reverse("accounts:bulk") + query)

    def send(self, client, query, **fields):
        data = fields_of(self.ask(client, query).text) | fields
        return client.post(reverse("accounts:bulk") + query, data)

    def test_the_ticked_ones(self, client, manager):
        one, _other = make_account(owner=manager), make_account(owner=manager)
        query = f"?account={one.pk}"
        assert "1 account would be changed" in self.ask(client, query).text
        answer = self.send(client, query, act="archive")
        assert answer.url == BulkChange.objects.get().get_absolute_url()
        assert list(Account.objects.archived()) == [one]

    def test_all_that_the_filters_show(self, client, manager):
        food = make_account(owner=manager, segment="Food")
        make_account(owner=manager, segment="Steel")
        self.send(client, "?all=1&segment=Food", act="tag", tag=" key ")
        assert list(Tag.objects.get(name="key").accounts.all()) == [food]

    def test_the_archived_ones_that_the_list_showed(self, client, manager):
        gone = make_account(owner=manager, status="archived")
        self.send(client, f"?state=archived&account={gone.pk}", act="restore")
        gone.refresh_from_db()
        assert not gone.is_archived

    @pytest.mark.parametrize("query", ["", "?account=x", "?segment=Food", "?account=999999"])
    def test_nothing_ticked_changes_nothing(self, client, manager, query):
        make_account(owner=manager)
        page = self.ask(client, query)
        assert page.status_code == 200 and 'method="post"' not in page.text.split("<main")[1]
        assert client.post(reverse("accounts:bulk") + query, {"act": "archive"}).status_code in {409, 422}
        assert not Account.objects.archived().exists()

    def test_what_one_may_not_see_is_not_there(self, client, manager):
        hidden = make_account(name="Hidden Holding")
        page = self.ask(client, f"?account={hidden.pk}").text
        assert "Hidden" not in page and "Nothing to change here" in page

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({}, "Choose what to do."),
            ({"act": "sell"}, "sell"),
            ({"act": "owner"}, "Choose the new owner."),
            ({"act": "owner", "owner": "999999"}, "Nobody of that name or address can be made owner by you."),
            ({"act": "tag", "tag": " "}, "Write the tag to add."),
            ({"act": "tag", "tag": "a, b"}, "One tag, without a comma or semicolon."),
            ({"act": "untag"}, "Choose the tag to remove."),
            ({"act": "team", "team": "999999"}, "not one of the available choices"),
        ],
    )
    def test_bad_input_is_named_and_changes_nothing(self, client, manager, fields, says):
        make_account(owner=manager)
        answer = self.send(client, "?all=1", **fields)
        assert answer.status_code == 422 and says in answer.text
        assert not BulkChange.objects.exists()

    def test_an_owner_or_team_out_of_reach_is_refused(self, client, manager):
        make_account(owner=manager)
        stranger, team = make_user(), make_team()
        assert self.send(client, "?all=1", act="owner", owner=stranger.pk).status_code == 422
        assert self.send(client, "?all=1", act="team", team=team.pk).status_code == 422

    def test_where_there_are_very_many_people_the_owner_is_typed(self, client, monkeypatch):
        monkeypatch.setattr("accounts.pages.bulk_forms.MOST_OWNERS", 2)
        client.force_login(make_administrator())
        mate, twins = make_user(name="Jan de Boer"), [make_user(name="Twin") for _ in range(2)]
        account = make_account(owner=twins[0])
        assert '<input type="text" name="owner"' in self.ask(client, "?all=1").text
        assert "More than one person" in self.send(client, "?all=1", act="owner", owner="twin").text
        self.send(client, "?all=1", act="owner", owner="jan  DE boer")
        account.refresh_from_db()
        assert account.owner == mate

    def test_a_list_that_moved_on_is_shown_again(self, client, manager):
        make_account(owner=manager)
        data = fields_of(self.ask(client, "?all=1").text) | {"act": "archive"}
        make_account(owner=manager)
        answer = client.post(reverse("accounts:bulk") + "?all=1", data)
        assert answer.status_code == 409 and "The list moved on" in answer.text
        assert not Account.objects.archived().exists()

    def test_sent_twice_leads_to_the_same_change(self, client, manager):
        make_account(owner=manager)
        data = fields_of(self.ask(client, "?all=1").text) | {"act": "archive"}
        answers = [client.post(reverse("accounts:bulk") + "?all=1", data) for _ in range(2)]
        assert answers[0].url == answers[1].url and BulkChange.objects.count() == 1

    def test_the_page_of_a_change_takes_it_back(self, client, manager):
        account = make_account(owner=manager)
        change = do(manager, Act.ARCHIVE)
        assert "Take it back for 1 account" in client.get(change.get_absolute_url()).text
        client.post(reverse("accounts:bulk_undo", args=[change.pk]))
        account.refresh_from_db()
        assert not account.is_archived
        assert "1 account is as it was before" in client.get(change.get_absolute_url()).text

    def test_too_late_is_said(self, client, manager):
        make_account(owner=manager)
        change = do(manager, Act.ARCHIVE)
        BulkChange.objects.update(started_at=timezone.now() - timedelta(days=8))
        page = client.post(reverse("accounts:bulk_undo", args=[change.pk]), follow=True).text
        assert "It can no longer be taken back." in page and Account.objects.get().is_archived

    def test_earlier_changes_are_found_again(self, client, manager):
        make_account(owner=manager)
        change = do(manager, Act.TAG, None, "key")
        assert change.get_absolute_url() in self.ask(client, "").text
        BulkChange.objects.update(started_at=timezone.now() - timedelta(days=8))
        assert change.get_absolute_url() not in self.ask(client, "").text

    def test_the_list_offers_it_to_who_may(self, client, manager):
        account = make_account(owner=manager)
        page = client.get(reverse("accounts:list")).text
        assert f'name="account" value="{account.pk}"' in page and reverse("accounts:bulk") in page
        client.force_login(make_viewer())
        page = client.get(reverse("accounts:list")).text
        assert 'name="account"' not in page and reverse("accounts:bulk") not in page

    @pytest.mark.parametrize("accounts", [1, 60])
    def test_the_page_costs_the_same_whatever_the_accounts(self, client, manager, accounts, django_assert_max_num_queries):
        for _ in range(accounts):
            make_account(owner=manager)
        self.ask(client, "?all=1")
        with django_assert_max_num_queries(12):
            self.ask(client, "?all=1")
        change = do(manager, Act.ARCHIVE)
        with django_assert_max_num_queries(6):
            client.get(change.get_absolute_url())


def test_ticked_accounts_alone_are_asked(client, manager, edition):
    one, _other = make_account(owner=manager), make_account(owner=manager)
    page = client.get(reverse("surveys:rounds"), {"account": one.pk})
    assert page.context["outlook"].skipped[0].accounts == 1


def test_old_changes_are_thrown_away(manager):
    do(manager, Act.ARCHIVE)
    BulkChange.objects.update(started_at=timezone.now() - timedelta(days=91))
    tidy.call()
    assert not BulkChange.objects.exists()


class TestWhatAlwaysHolds:
    @pytest.fixture
    def change(self, manager):
        return BulkChange.objects.create(user=manager, act="archive", total=1)

    @pytest.mark.parametrize(
        "fields", [{"state": "undoing"}, {"state": "done", "finished_at": timezone.now(), "undone_at": timezone.now()}]
    )
    def test_it_is_done_before_it_is_taken_back(self, change, fields):
        with pytest.raises(IntegrityError), transaction.atomic():
            BulkChange.objects.update(**fields)

    def test_a_batch_once_and_done_before_it_is_taken_back(self, change):
        BulkBatch.objects.create(change=change, number=0)
        for fields in ({"number": 0}, {"number": 1, "kept": []}):
            with pytest.raises(IntegrityError), transaction.atomic():
                BulkBatch.objects.create(change=change, **fields)
