"""Monday's mail: to whom, when, at most once, and what it says."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, User
from mailing import outbox
from mailing.models import Letter
from portfolio import digest
from portfolio.digest import post_digests
from portfolio.queries import moved_since
from tests.factories import (
    answer,
    make_account,
    make_action,
    make_administrator,
    make_assessment,
    make_contact,
    make_invitation,
    make_plan,
    make_result,
    make_team,
    make_user,
    make_viewer,
    place,
)

pytestmark = pytest.mark.django_db

R1 = "5445 4434 3433 2212 1121"
MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)  # 9:00 in Amsterdam, 3:00 in New York, 17:00 in Tokyo
DAY = MONDAY.date()


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


def make_reader(**fields) -> User:
    """Somebody with one action that is late."""
    user = make_user(**fields)
    make_action(make_plan(make_account(owner=user)), due_in=-3)
    return user


def letter_to(user: User, day: date = DAY) -> Letter:
    return Letter(kind=digest.KIND, subject_id=user.pk, key=digest.key_of(user.pk, day))


def written_to(user: User):
    return digest.write(letter_to(user))


def sections(user: User, today: date = DAY) -> dict[str, list[str]]:
    """What stands under each heading."""
    return {
        section.title: [f"{line.title}: {line.words}" for line in section.lines] for section in digest.sections_of(user, today)
    }


class TestWhen:
    @pytest.mark.parametrize(
        ("now", "due"),
        [
            (datetime(2026, 11, 30, 6, 59), False),
            (datetime(2026, 11, 30, 7, 0), True),
            (datetime(2026, 11, 30, 11, 59), True),
            (datetime(2026, 11, 30, 12, 0), False),
            (datetime(2026, 11, 29, 8, 0), False),
            (datetime(2026, 12, 1, 8, 0), False),
        ],
    )
    @pytest.mark.parametrize("zone", ["", "Asia/Tokyo", "America/New_York", "Asia/Kathmandu"])
    def test_on_monday_from_seven_until_noon_where_the_reader_is(self, now, due, zone):
        make_reader(time_zone=zone)
        local = now.replace(tzinfo=ZoneInfo(zone or "Europe/Amsterdam"))
        assert digest.post_due(local.astimezone(UTC)) == due
        assert Letter.objects.count() == due

    def test_each_hour_anew_comes_to_one_a_week(self):
        make_reader()
        for hours in range(4):
            digest.post_due(MONDAY - timedelta(hours=1) + timedelta(hours=hours))
        outbox.deliver_due()
        digest.post_due(MONDAY)
        outbox.deliver_due()
        assert (Letter.objects.count(), len(mail.outbox)) == (1, 1)
        digest.post_due(MONDAY + timedelta(days=7))
        assert Letter.objects.count() == 2

    def test_who_moves_to_another_time_zone_still_gets_one(self):
        user = make_reader()
        digest.post_due(MONDAY)
        User.objects.filter(pk=user.pk).update(time_zone="America/New_York")
        assert digest.post_due(MONDAY + timedelta(hours=5)) == 1
        assert Letter.objects.count() == 1

    def test_the_weeks_of_two_years_are_not_mixed_up(self):
        assert digest.key_of(7, date(2027, 1, 3)) == "digest:7:2026-53"
        assert digest.key_of(7, date(2027, 1, 4)) == "digest:7:2027-01"

    def test_one_that_waited_until_the_next_week_is_not_sent(self):
        user = make_reader()
        assert digest.write(letter_to(user, DAY - timedelta(days=7))) is None
        assert digest.write(letter_to(user)) is not None

    def test_the_task_posts_what_the_worker_sends(self):
        make_reader()
        assert post_digests.call() == 1
        outbox.deliver_due()
        assert len(mail.outbox) == 1

    @pytest.mark.parametrize("people", [1, 30])
    def test_posting_costs_the_same_whatever_the_people(self, people, django_assert_num_queries):
        for _ in range(people):
            make_user()
        with django_assert_num_queries(2):
            digest.post_due(MONDAY)


class TestToWhom:
    @pytest.mark.parametrize("fields", [{"is_active": False}, {"wants_digest": False}])
    def test_not_to_who_may_not_sign_in_or_does_not_want_it(self, fields):
        make_reader(**fields)
        assert digest.post_due(MONDAY) == 0

    @pytest.mark.parametrize("fields", [{"is_active": False}, {"wants_digest": False}])
    def test_nor_when_that_changed_after_it_was_posted(self, fields):
        user = make_reader()
        digest.post_due(MONDAY)
        User.objects.filter(pk=user.pk).update(**fields)
        outbox.deliver_due()
        assert mail.outbox == []
        assert Letter.objects.get().state == Letter.State.CANCELLED

    def test_not_when_there_is_nothing_to_say(self, edition):
        user = make_user()
        place(make_account(owner=user), customer=2.5, team=2.5)
        assert written_to(user) is None


class TestTheMail:
    @pytest.fixture
    def mila(self):
        return make_reader(name="Mila Vermeer", email="mila@example.com")

    def test_to_whom_from_whom_and_about_what(self, mila):
        message = written_to(mila)
        assert message.to == ["Mila Vermeer <mila@example.com>"]
        assert message.from_email == "Standing <standing@localhost>"
        assert message.subject == "Your week from 30 November"
        assert message.extra_headers["Auto-Submitted"] == "auto-generated"

    @pytest.mark.parametrize("part", ["text", "html"])
    def test_each_line_leads_to_its_page_and_the_last_to_the_switch(self, mila, part, settings):
        settings.BASE_URL = "https://standing.example.com"
        action = mila.actions.get()
        message = written_to(mila)
        said = message.body if part == "text" else message.alternatives[0].content
        assert f"https://standing.example.com{reverse('plans:action', args=[action.pk])}" in said
        assert f"https://standing.example.com{reverse('accounts:settings')}" in said
        assert action.title in said and "3 days late" in said

    def test_in_the_language_of_the_reader(self):
        message = written_to(make_reader(language="nl"))
        assert "november" in message.subject
        assert '<html lang="nl">' in message.alternatives[0].content

    def test_names_stay_text_in_the_page_and_one_line_in_a_header(self):
        user = make_user(name="Eve\r\nBcc: all@example.com")
        make_action(make_plan(make_account(owner=user, name="A & B <script>\nFake: line")), due_in=0, title="5 > 3")
        message = written_to(user)
        parsed = message_from_bytes(message.message().as_bytes(), policy=policy.default)
        assert parsed["Bcc"] is None and parsed["To"].addresses[0].addr_spec == user.email
        html = message.alternatives[0].content
        assert "A &amp; B &lt;script&gt; Fake: line" in html and "5 &gt; 3" in html
        assert "5 > 3: A & B <script> Fake: line · today" in message.body

    def test_it_is_of_the_readers_week_and_what_is_due_of_the_organisations_day(self):
        """At half past eleven on Sunday evening in Amsterdam it is Monday in Tokyo."""
        user = make_user(time_zone="Asia/Tokyo")
        make_action(make_plan(make_account(owner=user)), due_on=DAY)
        with time_machine.travel(datetime(2026, 11, 29, 22, 30, tzinfo=UTC), tick=False):
            message = written_to(user)
        assert message.subject == "Your week from 30 November"
        assert "tomorrow" in message.body


class TestWhatItSays:
    def test_own_actions_that_are_late_or_due_within_seven_days(self):
        user = make_user()
        plan = make_plan(make_account(owner=user, name="Northwind"))
        for title, days in (("Late", -3), ("Soon", 2), ("Far", 8)):
            make_action(plan, title=title, due_in=days)
        make_action(plan, title="Of a colleague", owner=make_user(), due_in=-1)
        assert sections(user)["Your actions this week"] == ["Late: Northwind · 3 days late", "Soon: Northwind · Wed 2 Dec"]

    def test_rounds_that_close_within_seven_days_with_how_many_answered(self, edition):
        user = make_user()
        account = make_account(owner=user, name="Northwind")
        one = make_assessment(account, closes_on=DAY + timedelta(days=3))
        anna, bob = make_contact(account, name="Anna"), make_contact(account, name="Bob")
        make_invitation(one, anna)
        make_invitation(one, bob)
        answer(one, anna, R1)
        assert sections(user)["Rounds closing soon"] == ["Northwind: closes on Thursday 3 December · 1 of 2 answered"]
        assert "Anna" not in written_to(user).body

    def test_accounts_that_need_attention_of_who_owns_or_leads(self):
        lead, owner = make_user(), make_user()
        team = make_team(members=[owner], leads=[lead])
        account = make_account(owner=owner, team=team, name="Northwind")
        place(account, customer=2.5, team=4.5)
        for user in (lead, owner):
            assert sections(user)["Needs attention"] == ["Northwind: we say 4, they say 2"]
        assert sections(make_user()) == {}

    def test_a_mate_hears_nothing_of_accounts_of_others(self):
        mate = make_user()
        place(make_account(owner=make_user(), team=make_team(members=[mate])), team=2.5)
        assert sections(mate) == {}

    def test_an_executive_hears_of_all_accounts_and_of_no_work(self, edition):
        viewer = make_viewer()
        place(make_account(name="Northwind"), team=2.5)
        make_assessment(make_account(name="Other"), closes_on=DAY)
        assert list(sections(viewer)) == ["Needs attention"]
        assert len(sections(viewer)["Needs attention"]) == 2

    def test_no_money_stands_in_it(self):
        user = make_user()
        place(make_account(owner=user, revenue=7_800_000), team=2.5)
        body = written_to(user).body
        assert "Needs attention" in body
        assert "7.8" not in body and "€" not in body

    def test_who_climbed_and_slid_since_last_week(self):
        user = make_user()
        long_ago = timezone.now() - timedelta(days=100)
        for name, before, after in (("Up", 1.5, 2.5), ("Down", 2.5, 1.5), ("Still", 2.5, 2.6)):
            account = make_account(owner=user, name=name)
            make_result(account, long_ago.date(), customer=before, team=before, closed_at=long_ago)
            place(account, customer=after, team=after)
        assert sections(user)["Moved since last week"] == ["Down: slid from 2 to 1", "Up: climbed from 1 to 2"]

    def test_own_customers_not_heard_for_a_year_unless_told_already(self):
        lead = make_user()
        quiet = {"customer_level": 3, "customer_position": 2.5, "last_heard_on": date(2025, 6, 1)}
        for n in range(8):
            make_account(owner=lead, name=f"Quiet {n}", worth=100 - n, **quiet)
        make_account(owner=lead, name="Heard", **quiet | {"last_heard_on": date(2026, 6, 1)})
        make_account(owner=make_user(), team=make_team(leads=[lead]), name="Of a colleague", **quiet)
        found = sections(lead)
        assert [line.split(":")[0] for line in found["Needs attention"]] == [f"Quiet {n}" for n in range(6)]
        assert found["Your customers not heard within a year"] == [f"Quiet {n}: customer last heard in June 2025" for n in (6, 7)]

    def test_archived_accounts_are_left_out_everywhere(self, edition):
        user = make_user()
        for account in (make_account(owner=user), make_account(owner=user)):
            place(account, team=2.5)
            make_action(make_plan(account), due_in=-1)
            make_assessment(account, closes_on=DAY)
        assert len(sections(user)) > 2
        Account.objects.update(status=Account.Status.ARCHIVED)
        assert sections(user) == {}

    def test_of_many_the_first_stand_there_and_how_many_more_with_a_link(self):
        user = make_user()
        plan = make_plan(make_account(owner=user))
        for _ in range(9):
            make_action(plan, due_in=1)
        message = written_to(user)
        assert len(sections(user)["Your actions this week"]) == 6
        for said in (message.body, message.alternatives[0].content):
            assert "and 3 more" in said and reverse("plans:actions") in said

    @pytest.mark.parametrize("rows", [1, 15])
    @pytest.mark.parametrize("make", [make_user, make_administrator])
    def test_costs_the_same_whatever_there_is_to_say(self, edition, rows, make, django_assert_num_queries):
        reader = make()
        team = make_team(leads=[reader])
        for n in range(rows):
            account = make_account(owner=reader, team=team, revenue=n)
            make_result(account, date(2025, 6, 1), customer=1.5, closed_at=MONDAY - timedelta(days=400))
            place(account, customer=2.5, team=4.5)
            make_action(make_plan(account), due_in=n % 5)
            make_invitation(make_assessment(account, closes_on=DAY), make_contact(account))
        make_account(owner=make_user(), team=team, revenue=1000)
        # the reader; attention, actions, rounds, moves, unheard; the teams that a manager leads
        with django_assert_num_queries(6 if reader.is_administrator else 7):
            assert written_to(reader)


class TestMovedSince:
    def test_a_first_result_is_no_move(self):
        place(make_account(), customer=2.5)
        assert list(moved_since(Account.objects.all(), MONDAY - timedelta(days=7))) == []

    def test_a_first_word_of_the_customer_is_compared_with_no_view_of_ours(self):
        account = make_account()
        make_result(account, date(2026, 3, 1), team=4.5, closed_at=MONDAY - timedelta(days=100))
        place(account, customer=1.5)
        assert list(moved_since(Account.objects.all(), MONDAY - timedelta(days=7))) == []

    def test_what_was_closed_before_is_no_news(self):
        account = make_account()
        for days, position in ((200, 1.5), (8, 3.5)):
            moment = MONDAY - timedelta(days=days)
            make_result(account, moment.date(), customer=position, closed_at=moment)
        account.customer_level, account.customer_position = 4, 3.5
        account.save()
        assert list(moved_since(Account.objects.all(), MONDAY - timedelta(days=7))) == []
