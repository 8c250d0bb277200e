"""The page of one account: everything that is known of it, for those who may know it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts import derived
from accounts.models import Account, Contact, Tag
from assessments.models import Assessment
from assessments.rounds.closing import close, reopen
from tests.factories import (
    answer,
    make_account,
    make_action,
    make_assessment,
    make_basis,
    make_contact,
    make_invitation,
    make_plan,
    make_result,
    make_target,
    make_team,
    make_user,
    make_viewer,
    place,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

TABS = ["", "plan/", "people/", "history/", "notes/", "activity/"]
R1, R4 = "5445 4434 3433 2212 1121", "5555 --4- 4544 4434 3234"  # level 2, level 4


@pytest.fixture
def manager():
    return make_user(name="Mila Vermeer")


@pytest.fixture
def account(manager, edition):
    return make_account(owner=manager, name="Northwind", team=make_team(members=[manager], name="Benelux"))


def days_ago(days):
    return timezone.localdate() - timedelta(days=days)


def page(account, who, tab=""):
    client = Client()
    client.force_login(who)
    return client.get(account.get_absolute_url() + tab)


def text(response):
    return " ".join(response.content.decode().split())


def measure(account, *views, held_on=None, **fields):
    """A closed assessment that these (who, marks) answered."""
    assessment = make_assessment(account, held_on=held_on or days_ago(0), **fields)
    for who, marks in views:
        answer(assessment, who, marks)
    return close(assessment, by=account.owner)


def test_it_opens_in_either_language_on_either_database(account, manager):
    """PostgreSQL asks of what kind a text is that is put together from both."""
    measure(account, (manager, R1))
    for language in ("en", "nl"):
        manager.language = language
        manager.save()
        assert f'<html lang="{language}"' in page(account, manager).text


class TestHead:
    def test_first_line_says_where_we_stand(self, account, manager):
        place(account, customer=2.4, team=3.1)
        assert "They see us as a good supplier. We thought 3: 1 level rosier." in text(page(account, manager))

    def test_target_is_told_with_its_status(self, account, manager):
        make_target(account, set_on=days_ago(400), level=4, baseline=3.9)
        place(account, customer=1.4)
        found = text(page(account, manager)).split('class="stand')[1].split("</dl>")[0]
        assert "by " in found and "off track" in found

    def test_tags_stand_in_order(self, account, manager):
        for name in ("Reference", "Key account"):
            account.tags.add(Tag.objects.create(name=name))
        assert page(account, manager).context["tags"] == ["Key account", "Reference"]

    def test_account_without_anything_still_has_a_page(self, manager):
        bare = make_account(owner=manager, name="Bare")
        found = text(page(bare, manager))
        assert "Not assessed yet: nobody knows how they see us." in found
        assert "No level yet" in found


class TestNextStep:
    """One dark button, the next thing to do."""

    def main(self, account, who):
        found = page(account, who).content.decode().split('class="account-tabs"')[1].split('id="history"')[0]
        return found.split('class="btn main" href="')[1].split("</a>")[0].split('">') if "btn main" in found else None

    def test_unassessed_account_is_to_be_assessed(self, account, manager):
        assert self.main(account, manager) == [reverse("assessments:assess", args=[account.pk]), "Assess this account"]

    @pytest.mark.parametrize("position", [None, 2.4])
    def test_there_is_one_dark_button_on_the_whole_page(self, account, manager, position):
        if position:
            place(account, customer=position)
        assert page(account, manager).content.decode().count('class="btn main"') == 1

    def test_open_assessment_goes_on(self, account, manager):
        place(account, customer=2.4)
        opened = make_assessment(account)
        assert self.main(account, manager)[0] == opened.get_absolute_url()

    def test_level_without_the_customers_voice_asks_for_it(self, account, manager):
        place(account, team=2.4)
        assert self.main(account, manager) == [reverse("surveys:invite", args=[account.pk]), "Ask the customer"]

    @pytest.mark.parametrize(("days", "label"), [(300, "Set a target"), (400, "Ask the customer")])
    def test_voice_that_is_too_old_is_to_be_heard_again(self, account, manager, days, label):
        place(account, customer=2.4, held_on=days_ago(days))
        assert self.main(account, manager)[1] == label

    def test_owner_whose_view_is_not_in_gives_it_first(self, account, manager):
        place(account, customer=2.4)
        make_assessment(account).raters.add(manager)
        assert self.main(account, manager) == [reverse("assessments:assess", args=[account.pk]), "Give your view"]

    def test_level_without_target_asks_for_one(self, account, manager):
        place(account, customer=2.4)
        assert self.main(account, manager)[0] == reverse("plans:target", args=[account.pk])

    def test_target_without_plan_asks_for_one(self, account, manager):
        place(account, customer=2.4)
        make_target(account, set_on=days_ago(10))
        assert self.main(account, manager)[0] == reverse("plans:plan", args=[account.pk])

    def test_then_the_customer_is_to_be_heard(self, account, manager):
        place(account, customer=2.4)
        make_target(account, set_on=days_ago(10))
        make_plan(account)
        make_contact(account, buying_role="economic")
        assert self.main(account, manager)[0] == reverse("surveys:invite", args=[account.pk])

    def test_target_that_is_reached_asks_for_no_plan(self, account, manager):
        place(account, customer=4.4)
        make_target(account, set_on=days_ago(10), level=4)
        make_contact(account, buying_role="economic")
        assert self.main(account, manager)[0] == reverse("surveys:invite", args=[account.pk])

    def test_who_only_reads_has_none(self, account):
        place(account, customer=2.4)
        assert self.main(account, make_viewer()) is None

    def test_rater_who_was_asked_is_asked(self, account):
        colleague = make_user()
        account.team.members.add(colleague)
        make_assessment(account).raters.add(colleague)
        assert self.main(account, colleague) == [reverse("assessments:assess", args=[account.pk]), "Give your view"]

    def test_archived_account_has_none_and_can_be_taken_back(self, account, manager):
        Account.objects.filter(pk=account.pk).update(status=Account.Status.ARCHIVED)
        assert self.main(account, manager) is None
        found = text(page(account, manager))
        assert "This account is archived." in found
        assert f'action="{reverse("accounts:archive", args=[account.pk])}"' in found

    def test_taking_back_is_not_offered_to_who_only_reads(self, account):
        Account.objects.filter(pk=account.pk).update(status=Account.Status.ARCHIVED)
        found = text(page(account, make_viewer()))
        assert "This account is archived." in found
        assert reverse("accounts:archive", args=[account.pk]) not in found

    @pytest.mark.parametrize("status", Account.Status.values)
    def test_every_link_on_it_opens_for_who_sees_it(self, account, manager, status):
        make_plan(account)
        place(account, customer=2.4, team=4.1)
        make_contact(account, email="ines@northwind.example")
        Account.objects.filter(pk=account.pk).update(status=status)
        for who in (manager, make_viewer()):
            client = Client()
            client.force_login(who)
            pages = [client.get(account.get_absolute_url() + tab).content.decode() for tab in TABS]
            found = "".join(one.split("<main")[1] for one in pages)
            links = {part.split('"')[0].split("#")[0] for part in found.split('href="')[1:]}
            broken = [link for link in links if link.startswith("/") and client.get(link).status_code != 200]
            assert broken == []


class TestHistory:
    def test_few_results_stand_in_one_table(self, account, manager):
        for n in range(12):
            make_result(account, days_ago(n * 30), customer=2.4)
        response = page(account, manager, "history/")
        assert (len(response.context["recent"]), response.context["older"]) == (12, [])

    def test_figures_are_cut_off_here_as_in_the_first_card(self, account, manager):
        # Rounded they would be on level 3, and a view that is shared.
        make_result(account, days_ago(1), customer=2.96, team=1.97, agreement=0.6996, respondents=3)
        derived.refresh([account.pk])
        account.refresh_from_db()
        found = "".join(text(page(account, manager, tab)) for tab in ("history/", "people/"))
        found = re.sub(r"<svg.*?</svg>", "", found)
        # the strip of both, the table, how sure it is
        assert (found.count("2.9"), found.count("1.9"), found.count("0.69")) == (3, 3, 2)
        assert not re.search(r"\b(3\.0|2\.0|0\.70)\b", found)

    def test_of_many_the_newest_stand_first_and_the_others_below(self, account, manager):
        for n in range(30):
            make_result(account, days_ago(n * 30), customer=2.4)
        response = page(account, manager, "history/")
        assert [row.held_on for row in response.context["recent"]] == [days_ago(n * 30) for n in range(12)]
        assert "18 older results" in text(response)

    def test_chart_is_described_with_the_target(self, account, manager):
        make_result(account, days_ago(10), customer=2.4)
        target = make_target(account, set_on=days_ago(5))
        description = page(account, manager).context["chart_description"]
        assert f"Level 4 by {target.due_on:%-d %B %Y}." in description
        assert "Their level: 2" in description

    def test_target_without_result_is_drawn(self, account, manager):
        make_target(account, set_on=days_ago(5))
        assert "<svg" in text(page(account, manager)).split('id="history"')[1]


class TestPeople:
    def told(self, account, who) -> dict[str, tuple[str, str]]:
        return {person.contact.name: (person.words, person.then) for person in page(account, who, "people/").context["people"]}

    def test_what_each_said_last_is_told_to_who_may_read_it(self, account, manager):
        contact = make_contact(account, name="Ines Duarte", email="ines@northwind.example")
        measure(account, (contact, R4), held_on=days_ago(200))
        measure(account, (contact, R1))
        (found,) = page(account, manager, "people/").context["people"]
        assert (found.says, found.words, found.then) == (2, f"told us 2 in {date_format(days_ago(0), 'M Y')}", "")

    def test_named_answers_are_not_told_to_who_only_reads(self, account):
        contact = make_contact(account, name="Ines Duarte", email="ines@northwind.example")
        measure(account, (contact, R4))
        found = text(page(account, make_viewer(), "people/")).split('id="people"')[1].split("</section>")[0]
        assert "ines@northwind.example" in found
        assert "Their voice" not in found
        assert "said" not in found

    def test_of_a_confidential_round_only_that_they_answered_is_told(self, account, manager):
        people = [make_contact(account, name=f"Person {n}") for n in range(3)]
        measure(account, *((person, R4) for person in people), visibility=Assessment.Visibility.CONFIDENTIAL)
        found = page(account, manager, "people/").context["people"]
        month = date_format(days_ago(0), "M Y")
        assert [(person.says, person.words) for person in found] == [(None, f"answered in {month}, in confidence")] * 3

    def test_answer_without_a_level_is_told_as_such(self, account, manager):
        contact = make_contact(account, name="Ines")
        measure(account, (contact, "-" * 20), (manager, R1))
        assert self.told(account, manager)["Ines"][0] == f"answered in {date_format(days_ago(0), 'M Y')}, without a level"

    def test_who_was_never_asked_is_told_so(self, account, manager):
        make_contact(account, name="Ines")
        assert self.told(account, manager) == {"Ines": ("not asked", "")}

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, "no answer yet"),
            ({"state": "opened"}, "opened, no answer yet"),
            ({"state": "failed"}, "but the mail could not be sent"),
            ({"expires_on": days_ago(1)}, "did not answer"),
        ],
    )
    def test_who_was_asked_is_told_with_the_day_and_what_came_of_it(self, account, manager, fields, words):
        contact = make_contact(account, name="Ines")
        make_invitation(make_assessment(account), contact, **fields)
        said, _ = self.told(account, manager)["Ines"]
        assert said.startswith(f"asked {date_format(days_ago(0), 'j M Y')}")
        assert said.endswith(words)

    def test_withdrawn_invitation_is_no_asking(self, account, manager):
        make_invitation(make_assessment(account), make_contact(account, name="Ines"), state="revoked")
        assert self.told(account, manager) == {"Ines": ("not asked", "")}

    def test_who_let_a_closed_round_go_by_did_not_answer(self, account, manager):
        round_ = make_assessment(account)
        make_invitation(round_, make_contact(account, name="Ines"))
        answer(round_, manager, R1)
        close(round_, by=manager)
        assert self.told(account, manager)["Ines"][0].endswith("did not answer")

    def test_who_said_something_and_is_asked_again_is_told_both(self, account, manager):
        contact = make_contact(account, name="Ines")
        measure(account, (contact, R1), held_on=days_ago(200))
        make_invitation(make_assessment(account), contact, invited_at=timezone.now() + timedelta(seconds=1))
        said, then = self.told(account, manager)["Ines"]
        assert said.startswith("told us 2 in")
        assert then.endswith("no answer yet")

    def test_answer_in_the_open_round_is_told_without_what_it_says(self, account, manager):
        contact = make_contact(account, name="Ines")
        answer(make_assessment(account), contact, R4)
        (found,) = page(account, manager, "people/").context["people"]
        assert (found.says, found.words) == (None, f"answered {date_format(days_ago(0), 'j M Y')}, the round is still open")

    def test_answer_that_we_entered_leaves_the_invitation_unmentioned(self, account, manager):
        contact = make_contact(account, name="Ines")
        round_ = make_assessment(account)
        make_invitation(round_, contact)
        answer(round_, contact, R1)
        close(round_, by=manager)
        assert self.told(account, manager)["Ines"] == (f"told us 2 in {date_format(days_ago(0), 'M Y')}", "")

    def test_who_answered_by_link_said_it(self, account, manager):
        round_ = make_assessment(account)
        answer(round_, make_contact(account, name="Ines"), R1, by_link=True)
        close(round_, by=manager)
        assert self.told(account, manager)["Ines"] == (f"said 2 in {date_format(days_ago(0), 'M Y')}", "")

    def test_roles_of_which_nobody_ever_answered_are_named(self, account, manager):
        heard = make_contact(account, buying_role=Contact.BuyingRole.USER)
        make_contact(account, buying_role=Contact.BuyingRole.USER)
        make_contact(account, buying_role=Contact.BuyingRole.ECONOMIC)
        measure(account, (heard, R1))
        response = page(account, manager, "people/")
        assert response.context["silent_roles"] == ["economic buyer"]
        assert "Never heard: economic buyer." in text(response)

    def test_erased_contact_is_gone(self, account, manager):
        make_contact(account, name="Ines Duarte", erased_on=days_ago(1))
        assert "Ines Duarte" not in text(page(account, manager, "people/")) + text(page(account, manager))

    def test_missing_buying_roles_are_named(self, account, manager):
        make_contact(account, buying_role=Contact.BuyingRole.ECONOMIC)
        make_contact(account, buying_role=Contact.BuyingRole.USER, active=False)
        missing = page(account, manager, "people/").context["missing_roles"]
        assert missing == ["user buyer", "technical buyer", "coach"]


class TestActivity:
    @pytest.fixture
    def reopened(self, account, manager):
        return reopen(measure(account, (manager, R4)), by=manager, reason="The wrong site was meant")

    def test_who_may_change_the_account_hears_what_came_out(self, account, manager, reopened):
        assert "“The wrong site was meant”" in text(page(account, manager, "activity/"))

    def test_who_only_reads_hears_of_the_act_alone(self, account, reopened):
        found = text(page(account, make_viewer(), "activity/"))
        assert "Mila Vermeer reopened an assessment." in found
        assert "The wrong site was meant" not in found


class TestFamily:
    def test_parent_and_subsidiaries_show_with_their_level(self, account, manager):
        parent = place(make_account(owner=manager, name="Mother"), customer=4.2)
        account.parent = parent
        account.save()
        child = place(make_account(owner=manager, name="Daughter", parent=account), customer=1.2)
        family = page(account, manager, "people/").context["family"]
        assert (family.parent, family.parent.level) == (parent, 4)
        assert [(one.account, one.account.level) for one in family.children] == [(child, 1)]

    def test_those_of_another_team_stay_unseen(self, account, manager):
        account.parent = make_account(name="Mother")
        account.save()
        make_account(name="Daughter", parent=account)
        found = text(page(account, manager, "people/"))
        assert "Mother" not in found
        assert "Daughter" not in found


class TestSeeing:
    @pytest.mark.parametrize(("who", "status"), [("owner", 200), ("mate", 200), ("viewer", 200), ("stranger", 404)])
    @pytest.mark.parametrize("tab", TABS)
    def test_page_opens_for_those_who_see_the_account(self, account, manager, who, status, tab):
        mate = make_user()
        account.team.members.add(mate)
        user = {"owner": manager, "mate": mate, "viewer": make_viewer(), "stranger": make_user()}[who]
        assert page(account, user, tab).status_code == status

    def test_hostile_texts_are_escaped(self, manager):
        evil = "<script>alert(1)</script>"
        account = make_account(owner=manager, name=evil, charter=evil, segment=evil)
        account.tags.add(Tag.objects.create(name=evil))
        make_contact(account, name=evil, title=evil)
        for tab in TABS:
            assert evil not in page(account, manager, tab).content.decode()


@pytest.mark.parametrize(("results", "contacts", "actions"), [(1, 1, 1), (30, 40, 60)])
def test_costs_the_same_whatever_the_rows(edition, results, contacts, actions):
    lead = make_user()
    parent = make_account()
    account = make_account(team=make_team(leads=[lead]), parent=parent)
    open_round = make_assessment(account, held_on=days_ago(1))
    for _ in range(contacts):
        make_invitation(open_round, make_contact(account))
        make_account(parent=account, team=account.team)
        account.tags.add(Tag.objects.create(name=f"Tag {contacts}-{_}"))
    plan = make_plan(account)
    for _ in range(actions):
        make_action(plan, owner=make_user())
    for n in range(results):
        make_result(account, days_ago(30 * n + 10), customer=2.4, team=3.1)
    answer(open_round, make_contact(account), R1)
    answer(open_round, account.owner, R4)
    close(open_round, by=account.owner)
    make_invitation(make_assessment(account), make_contact(account))
    make_target(account, set_on=days_ago(5))
    make_basis(days_ago(0))
    derived.refresh([account.pk])
    client = Client()
    client.force_login(lead)
    client.get(make_account(team=account.team).get_absolute_url())  # what a process reads once is read
    counts = {}
    for tab in ("", *TABS):  # the first time levels and forecast are not at hand yet
        with CaptureQueriesContext(connection) as statements:
            client.get(account.get_absolute_url() + tab)
        counts.setdefault(tab, []).append(len(statements))
    # session, person, account with target and tags, rounds, levels; and what the tab holds
    assert counts == {"": [10, 8], "plan/": [11], "people/": [7], "history/": [5], "notes/": [7], "activity/": [7]}


def test_each_fact_of_the_first_page_stands_once(account, manager):
    place(account, customer=2.4, team=3.1)
    make_target(account, set_on=days_ago(10))
    found = re.sub(r"<svg.*?</svg>|<title>.*?</title>", "", text(page(account, manager)).split("<main")[1])
    for fact in ("2.4", "Benelux", "1 level rosier", account.name, f"{date_format(account.targets.get().due_on, 'j M Y')}"):
        assert found.count(fact) == 1, fact


class TestTabs:
    def test_each_carries_head_strip_and_tabs_and_says_where_one_is(self, account, manager):
        place(account, customer=2.4)
        for tab, label in zip(TABS, ("Overview", "Plan", "People", "History", "Notes", "Activity"), strict=True):
            found = text(page(account, manager, tab))
            assert found.count("<h1>") == 1
            assert f'aria-current="page">{label}' in found.split('class="account-tabs"')[1].split("</nav>")[0]
            assert found.split('class="stand')[1].split("</dl>")[0].count("<dt>") == 5

    def test_count_what_they_hold(self, account, manager):
        plan = make_plan(account)
        for state in ("done", "todo", "dropped"):
            make_action(plan, state=state)
        make_contact(account)
        make_contact(account, active=False)
        make_result(account, days_ago(3), customer=2.4)
        notes = {tab.code: tab.note for tab in page(account, manager).context["frame"].tabs}
        assert notes == {"overview": "", "plan": "1 of 2", "people": "1", "history": "1", "notes": "", "activity": ""}

    def test_at_most_two_buttons_stand_in_the_head_and_none_twice(self, account, manager):
        place(account, customer=2.4)
        for target in (False, True):
            if target:
                make_target(account, set_on=days_ago(10))
                make_plan(account)
                make_contact(account, buying_role="economic")
            found = page(account, manager).content.decode().split('class="account-head"')[1].split('class="strip"')[0]
            links = [part.split('"')[0] for part in found.split('class="btn" href="')[1:]]
            assert len(links) == len(set(links)) <= 2
            assert page(account, manager).context["next"].url not in links


class TestWhatHoldsUs:
    def test_tells_the_three_lowest_statements_with_both_means(self, account, manager):
        people = [make_contact(account, name=f"Person {n}", buying_role="user") for n in range(2)]
        measure(account, *((one, R1) for one in people), (manager, R4))
        held = page(account, manager).context["held"]
        assert len(held) == 3
        assert all(one.theirs < 3.5 and one.ours is not None and one.need == 3.5 for one in held)
        assert [one.x_theirs for one in held] == [round(8 + (one.theirs - 1) * 19, 1) for one in held]

    def test_tells_ours_alone_where_they_were_not_heard(self, account, manager):
        measure(account, (manager, R1))
        held = page(account, manager).context["held"]
        assert held and all(one.theirs is None and one.ours is not None for one in held)


class TestTheTitleOfTheChart:
    @pytest.mark.parametrize(
        ("levels", "title"),
        [
            ([2.4], "They placed us at 2 in "),
            ([2.4, 3.4], "They moved us from 2 to 3 in "),
            ([2.4, 3.4, 3.5], "They moved us from 2 to 3 in "),
            ([3.4, 2.4], "They moved us from 3 to 2 in "),
            ([2.4, 2.9], "They have seen us at 2 since "),
            ([None], "Where we stand, and where it goes"),
        ],
    )
    def test_says_the_finding(self, account, manager, levels, title):
        for n, level in enumerate(reversed(levels)):
            make_result(account, days_ago(10 + n * 180), customer=level, team=3.0)
        assert title in text(page(account, manager)).split('id="history"')[1].split("</h2>")[0]
