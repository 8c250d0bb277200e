"""The page of a review: what it says, to whom, and what stays out of it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import derived
from assessments.models import Assessment
from assessments.rounds.closing import close, reopen
from audit.models import Event
from core import days
from reviews.acts import mark_reviewed
from reviews.models import AccountReview
from reviews.reading import read_facts, review_accounts
from reviews.sheet import sheet_of
from tests.factories import (
    answer,
    make_account,
    make_action,
    make_assessment,
    make_contact,
    make_invitation,
    make_plan,
    make_result,
    make_review,
    make_target,
    make_team,
    make_user,
    make_viewer,
)

pytestmark = pytest.mark.django_db

R1, R4 = "5445 4434 3433 2212 1121", "5555 --4- 4544 4434 3234"  # level 2, level 4


@pytest.fixture
def manager():
    return make_user(name="Mila Vermeer")


@pytest.fixture
def account(manager, edition):
    return make_account(
        owner=manager, name="Northwind", team=make_team(members=[manager], name="Benelux"), charter="Their first call.",
        strengths="- On time\n- Knows the site", notes="Call before ten.",
    )  # fmt: skip


def day(ago):
    return days.today() - timedelta(days=ago)


def text(account, who, **query):
    client = Client()
    client.force_login(who)
    response = client.get(reverse("reviews:review", args=[account.pk]), query)
    assert response.status_code == 200
    return " ".join(response.text.split())


def sheet(account, who):
    return sheet_of(read_facts([review_accounts().get(pk=account.pk)], who, days.today())[0])


def lines(account, who, key):
    return [line.paragraph.text for line in sheet(account, who).sections[key].lines]


def told(account, who, key):
    return " ".join(lines(account, who, key))


def measured(account, *views, ago=0, **fields):
    assessment = make_assessment(account, held_on=day(ago), **fields)
    for who, marks, comment in views:
        answer(assessment, who, marks, comment=comment)
    return close(assessment, by=account.owner)


def refreshed(account):
    derived.refresh([account.pk])


class TestWhatItSays:
    def test_the_level_is_told_in_our_words_and_their_words_in_quotes(self, account, manager):
        ana = make_contact(account, name="Ana", email="ana@example.com")
        measured(account, (ana, R4, "You came when the line stood still."), (manager, R1, ""))
        page = text(account, manager)
        assert "They see us as an ally with whom they solve their business issues." in page
        assert "“You came when the line stood still.” <small>(Ana)</small>" in page
        assert {figure.key: figure.value for figure in sheet(account, manager).figures} == {
            "they": "4", "we": "2", "gap": "−2", "sure": "Low", "target": "–",
        }  # fmt: skip

    def test_the_account_sheet_stands_line_by_line(self, account, manager):
        assert lines(account, manager, "charter") == ["Their first call."]
        assert lines(account, manager, "strengths") == ["On time", "Knows the site"]
        assert sheet(account, manager).sections["trends"].empty == "Not noted yet."

    def test_the_plan_and_the_next_step(self, account, manager):
        plan = make_plan(account, owner=manager)
        make_action(plan, title="Map the journey", owner=manager, due_on=day(3))
        make_action(plan, title="Present it", owner=make_user(name="Bo Smit"), due_on=day(-40))
        assert lines(account, manager, "plan")[0] == "3 days late: Map the journey"
        assert lines(account, manager, "plan")[1].endswith("Present it (Bo Smit)")
        assert lines(account, manager, "next_steps")[0] == "3 days late: Map the journey"

    def test_people_by_role_with_their_last_contact(self, account, manager):
        coach = make_contact(account, name="Cas", buying_role="coach")
        boss = make_contact(account, name="Eva", title="Director", buying_role="economic", email="eva@example.com")
        make_contact(account, name="Gone", active=False)
        measured(account, (coach, R4, ""))
        make_invitation(make_assessment(account), boss)
        month = timezone.localdate().strftime("%b %Y")
        assert lines(account, manager, "people") == [
            f"Economic buyer: Eva, Director (asked in {month})",
            f"Coach: Cas (said 4 in {month})",
        ]

    def test_what_is_missing_is_a_next_step(self, account, manager):
        make_contact(account, name="Cas", buying_role="coach")
        make_result(account, day(400), customer=3.0)
        account.renewal_on = day(-30)
        account.save()
        refreshed(account)
        steps = told(account, manager, "next_steps")
        for words in (
            "Set a target.",
            "Ask the customer: they were last heard in",
            "economic buyer",
            "up for renewal",
            "from 3 to 4",
        ):
            assert words in steps

    def test_long_texts_are_cut_to_their_boxes_and_whole_in_the_hand_over(self, account, manager):
        account.trends = "\n".join(f"Trend number {number} that goes on for quite a while" for number in range(30))
        account.save()
        shown = sheet(account, manager).shown["trends"].lines
        assert len(shown) < 8
        assert shown[-1].text.startswith("… and ")
        assert "Trend number 29" not in text(account, manager)
        assert "Trend number 29" in text(account, manager, **{"for": "handover"})


class TestSinceTheLastReview:
    def test_without_one_it_says_so(self, account, manager):
        assert lines(account, manager, "changes") == []
        assert "No earlier review is marked" in text(account, manager)

    def test_it_tells_levels_target_actions_and_people(self, account, manager):
        make_result(account, day(200), customer=2.0, team=3.0, closed_at=timezone.now() - timedelta(days=190))
        plan = make_plan(account, owner=manager)
        old = make_action(plan, title="Old one", owner=manager, due_on=day(-1))
        left = make_contact(account, name="Leo", buying_role="coach")
        make_review(account, day(100), seen_actions=[old.pk], seen_people=[left.pk])
        make_result(account, day(10), customer=3.0, team=3.0)
        make_action(plan, title="New one", owner=manager, due_on=day(-5))
        make_action(plan, title="Done one", owner=manager, due_on=day(20), state="done", done_on=day(20))
        left.active = False
        left.save()
        make_contact(account, name="Nia", buying_role="user")
        make_target(account, set_on=day(50), level=4)
        refreshed(account)
        assert lines(account, manager, "changes")[:2] == ["Their level: 3, was 2.", "Gap: 0, was +1."]
        rest = lines(account, manager, "changes")[2:]
        assert rest[0].startswith("New target: Level 4 by")
        assert rest[1:] == ["1 action done: “Done one”.", "1 action added: “New one”.", "New: Nia.", "Left: Leo."]

    def test_the_review_of_today_is_not_its_own_base(self, account, manager):
        make_review(account, day(100))
        mark_reviewed(account, by=manager)
        facts = read_facts([review_accounts().get(pk=account.pk)], manager, days.today())[0]
        assert facts.base and facts.base.held_on == day(100)
        assert facts.held_today is not None

    def test_a_reopened_round_tells_nothing_of_its_former_result(self, account, manager):
        """A colleague who is to rate blind would learn it from what has changed since."""
        measured(account, (make_contact(account, name="Ana"), R4, ""), ago=120)
        Assessment.objects.update(closed_at=timezone.now() - timedelta(days=110))
        make_review(account, day(100))
        assert "still 4" in told(account, manager, "changes")
        reopen(Assessment.objects.get(), by=manager, reason="Wrong person")
        account.refresh_from_db()
        assert "4" not in told(account, manager, "changes")


class TestMarking:
    def test_it_is_marked_once_a_day_with_an_event_and_taken_back(self, client, account, manager):
        client.force_login(manager)
        for _twice in range(2):
            response = client.post(reverse("reviews:mark", args=[account.pk]), follow=True)
        review = AccountReview.objects.get()
        assert (review.account, review.held_on, review.by) == (account, days.today(), manager)
        assert "was reviewed today already" in response.text
        assert "Marked as reviewed today." in response.text
        client.post(reverse("reviews:undo", args=[account.pk]), {"review": review.pk})
        again = client.post(reverse("reviews:undo", args=[account.pk]), {"review": review.pk}, follow=True)
        assert not AccountReview.objects.exists()
        assert "taken back already" in again.text
        acts = Event.objects.filter(account_id=account.pk).values_list("act", flat=True).order_by("pk")
        assert list(acts) == ["review.held", "review.taken_back"]

    def test_it_keeps_which_actions_and_people_were_there(self, account, manager):
        action = make_action(make_plan(account, owner=manager), owner=manager)
        person = make_contact(account)
        make_contact(account, active=False)
        review = mark_reviewed(account, by=manager)
        review.refresh_from_db()
        assert (review.seen_actions, review.seen_people) == ([action.pk], [person.pk])

    def test_an_archived_account_is_not_marked(self, client, account, manager):
        account.status = "archived"
        account.save()
        client.force_login(manager)
        response = client.post(reverse("reviews:mark", args=[account.pk]), follow=True)
        assert "is archived" in response.text
        assert not AccountReview.objects.exists()

    def test_a_review_of_another_account_is_not_taken_back(self, client, account, manager):
        other = make_review(make_account(), day(0))
        client.force_login(manager)
        client.post(reverse("reviews:undo", args=[account.pk]), {"review": other.pk})
        assert AccountReview.objects.filter(pk=other.pk).exists()


class TestWhoSeesWhat:
    def test_of_a_confidential_round_there_is_the_result_alone(self, account, manager):
        people = [make_contact(account, name=f"Secret {n}", email=f"s{n}@example.com", influence=n) for n in (1, 2, 3)]
        assessment = make_assessment(account, visibility="confidential", held_on=day(40))
        for person in people:
            make_invitation(assessment, person, state="answered", answered_at=timezone.now())
            answer(assessment, person, R4, comment="Said in confidence.")
        close(assessment, by=manager)
        for query in ({}, {"for": "handover"}):
            page = text(account, manager, **query)
            assert "They see us as an ally" in page
            assert "Said in confidence" not in page
            assert "band" not in re.sub(r"<[^>]*>", " ", page)  # the chart has bands by class name
            assert "asked in" not in page
            assert "said " not in page
        assert lines(account, manager, "quotes") == []
        assert not any("(" in line for line in lines(account, manager, "people"))

    def test_who_reads_alone_sees_no_answers_of_people(self, account, manager):
        measured(account, (make_contact(account, name="Ana"), R4, "You came."))
        for query in ({}, {"for": "handover"}):
            page = text(account, make_viewer(), **query)
            assert "Ana" in page
            assert "You came." not in page
            assert "said 4" not in page
            assert "Mark as reviewed" not in page

    def test_accounts_of_another_team_are_silently_absent(self, client, account, manager):
        other = make_account(name="Zilverberg")
        client.force_login(manager)
        page = client.get(reverse("reviews:several"), {"ids": f"{other.pk},{account.pk},x,,99999999999999999999"}).text
        assert "Northwind" in page
        assert "Zilverberg" not in page
        assert "1 of 1" in page
        assert client.get(reverse("reviews:review", args=[other.pk])).status_code == 404
        slides = client.get(reverse("reviews:several"), {"ids": f"{other.pk}", "format": "pptx"})
        assert "No accounts are chosen" in slides.text


class TestSeveral:
    def test_one_a_screen_with_the_way_to_the_others(self, client, account, manager):
        others = [make_account(owner=manager, name=f"Other {n}") for n in range(2)]
        ids = ",".join(str(one.pk) for one in (others[1], account, others[0]))
        client.force_login(manager)
        first = client.get(reverse("reviews:several"), {"ids": ids}).text
        assert "<h1>Other 1</h1>" in first
        assert 'rel="prev"' not in first
        second = client.get(reverse("reviews:several"), {"ids": ids, "at": 2}).text
        assert "<h1>Northwind</h1>" in second
        assert f'rel="prev" href="?ids={ids}&amp;at=1"' in second
        assert f'rel="next" href="?ids={ids}&amp;at=3"' in second
        assert "<h1>Other 0</h1>" in client.get(reverse("reviews:several"), {"ids": ids, "at": "70"}).text

    def test_twenty_five_at_most_and_the_page_says_so(self, client, manager, edition):
        ids = [str(make_account(owner=manager).pk) for _n in range(27)]
        client.force_login(manager)
        page = client.get(reverse("reviews:several"), {"ids": ",".join(ids)}).text
        assert "1 of 25" in page
        assert "2 others are left out" in page

    def test_without_accounts_it_leads_to_the_list(self, client, manager):
        client.force_login(manager)
        assert reverse("accounts:list") in client.get(reverse("reviews:several")).text


class TestHandOver:
    def test_it_has_everything_a_successor_needs(self, account, manager):
        plan = make_plan(account, owner=manager, goal="They call us first")
        for number in range(15):
            make_action(plan, title=f"Action {number}", owner=manager, due_on=day(-number - 1))
        make_action(plan, title="Past action", owner=manager, due_on=day(9), state="done", done_on=day(9), outcome="It worked")
        make_contact(account, name="Eva", email="eva@example.com", phone="+31 20 000 00 00")
        make_result(account, day(300), customer=2.0, team=3.0)
        make_target(account, set_on=day(90), rationale="Two sites are there already")
        page = text(account, manager, **{"for": "handover"})
        for words in (
            "Call before ten.", "Action 14", "15 open actions", "They call us first", "Past action", "It worked", "eva@example.com",
            "Two sites are there already", "Their first call.",
        ):  # fmt: skip
            assert words in page
        assert "Action 14" not in text(account, manager)


@pytest.mark.parametrize("rows", [1, 12])
def test_a_page_costs_the_same_whatever_the_rows(rows, client, account, manager, django_assert_max_num_queries):
    plan = make_plan(account, owner=manager)
    for number in range(rows):
        person = make_contact(account, name=f"Person {number}", email=f"p{number}@example.com")
        make_action(plan, title=f"Action {number}", owner=manager)
        make_result(account, day(30 * number + 1), customer=3.0, team=3.0)
        measured(account, (person, R4, "Good."), ago=0)
        make_review(account, day(50 + number))
    refreshed(account)
    client.force_login(manager)
    others = ",".join(str(make_account(owner=manager).pk) for _n in range(rows))
    address = reverse("reviews:review", args=[account.pk])
    client.get(address)
    with django_assert_max_num_queries(12) as counted:
        client.get(address)
    assert len(counted) == 10
    with django_assert_max_num_queries(12):
        client.get(reverse("reviews:several"), {"ids": others})
