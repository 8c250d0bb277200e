"""The main job, whole: from a customer list to a level, a three-year target and a plan."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Account
from audit.models import Event
from audit.trail import broken_links
from tests.browser.conftest import PHONE, check_page
from tests.browser.hands import Keyboard, Mouse
from tests.factories import make_team, make_user

LIST = """Account Name;Account ID;Industry;Annual Revenue;Billing Country
Zilverberg Papier;C-1;Paper;1.250.000,50;Netherlands
Café Zuid;C-2;Food;80.000;Belgium
Noordkade Staal;C-3;Metal;12.400.000;Netherlands
"""
MARKS = "5445 4434 3433 2212 1121"  # position 2.9, level 2: the first worked example of the measurement


@pytest.fixture
def manager(transactional_db, edition):
    manager = make_user(email="manager@example.com", name="Mila Vermeer", password="demo")
    make_team(name="Benelux", members=[manager])
    return manager


@pytest.fixture
def customer_list(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(LIST, encoding="utf-8-sig")
    return str(path)


@pytest.mark.parametrize(
    ("hands", "how"),
    [
        pytest.param(Mouse, {}, id="mouse"),
        pytest.param(Keyboard, {}, id="keyboard"),
        pytest.param(Mouse, {"java_script_enabled": False}, id="without JavaScript"),
        pytest.param(Mouse, {"size": PHONE, "color_scheme": "dark"}, id="phone in the dark"),
    ],
)
def test_from_a_customer_list_to_a_plan(hands, how, open_page, manager, customer_list):
    page = open_page(**how)
    me = hands(page)
    look = check_page if how.get("java_script_enabled", True) else (lambda page: None)  # axe is a script

    sign_in_by_the_form(page, me, look)
    import_the_list(page, me, look, customer_list)
    assess(page, me, look)
    set_a_target(page, me, look)
    start_a_plan_and_tick_off(page, me, look)

    account = Account.objects.get(name="Zilverberg Papier")
    assert (account.team_level, account.team_position, account.customer_level) == (2, 2.9, None)
    assert (account.target_level, account.target_status) == (3, "too_early")
    done = {"account.created", "response.submitted", "assessment.closed", "target.set", "plan.started", "action.changed"}
    assert done <= set(Event.objects.values_list("act", flat=True))
    assert list(broken_links()) == []


def sign_in_by_the_form(page: Page, me: Mouse, look) -> None:
    page.goto("/")
    look(page)
    me.write(page.locator("input[name=login]"), "manager@example.com")
    me.write(page.locator("input[name=password]"), "demo")
    me.follow(page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("heading", name="Your first hour")).to_be_visible()
    look(page)


def import_the_list(page: Page, me: Mouse, look, path: str) -> None:
    me.follow(page.get_by_role("link", name="Import a list").first)
    look(page)
    me.give_file(page.get_by_label("List to import"), path)
    me.follow(page.get_by_role("button", name="Read the file"))
    expect(page.get_by_label("Account Name", exact=True)).to_have_value("name")
    look(page)
    me.choose(page.get_by_label("What they buy from us in a year: our revenue"))
    me.follow(page.get_by_role("button", name="Check the rows"))
    expect(page.get_by_role("cell", name="Café Zuid")).to_be_visible()
    look(page)
    me.follow(page.get_by_role("button", name="Import 3 accounts"))
    look(page)
    me.follow(page.get_by_role("link", name="See the accounts"))
    look(page)
    me.follow(page.get_by_role("link", name="Zilverberg Papier", exact=True))
    expect(page.get_by_text("Not assessed yet")).to_be_visible()
    look(page)


def assess(page: Page, me: Mouse, look) -> None:
    me.follow(page.get_by_role("link", name="Assess this account").first)
    look(page)
    statements = page.locator("fieldset.statement")
    expect(statements).to_have_count(20)
    for statement, mark in zip(statements.all(), MARKS.replace(" ", ""), strict=True):
        me.mark(statement, int(mark))
    me.follow(page.get_by_role("button", name="Preview"))
    preview = page.get_by_role("complementary", name="Preview")
    expect(preview.get_by_text("2.9")).to_be_visible()
    look(page)
    me.follow(page.get_by_role("button", name="Submit my view"))
    look(page)
    if page.get_by_role("button", name="Close the assessment").count() == 0:
        me.follow(page.get_by_role("link", name="assessment of"))
    look(page)
    me.follow(page.get_by_role("button", name="Close the assessment"))
    expect(page.get_by_role("heading", name="Zilverberg Papier")).to_be_visible()
    expect(page.get_by_text("We think they see us as 2")).to_be_visible()
    expect(page.get_by_role("group", name="Level history of Zilverberg Papier").locator("visible=true")).to_have_count(1)
    expect(page.get_by_role("heading", name="What holds us at 2")).to_be_visible()
    look(page)


def set_a_target(page: Page, me: Mouse, look) -> None:
    me.follow(page.get_by_role("link", name="Set a target").first)
    look(page)
    me.choose(page.locator("input[name=level][value='3']"))
    me.write_date(page.locator("input[name=due_on]"), timezone.localdate() + timedelta(days=4 * 365))
    me.write(page.locator("textarea[name=rationale]"), "They ask for someone who knows their plant.")
    me.follow(page.get_by_role("button", name="Set the target"))
    expect(page.get_by_text("at most three years ahead").first).to_be_visible()
    expect(page.locator("textarea[name=rationale]")).to_have_value("They ask for someone who knows their plant.")
    look(page)
    me.write_date(page.locator("input[name=due_on]"), timezone.localdate() + timedelta(days=2 * 365))
    me.follow(page.get_by_role("button", name="Set the target"))
    expect(page.get_by_text("Too early to tell").first).to_be_visible()
    look(page)


def start_a_plan_and_tick_off(page: Page, me: Mouse, look) -> None:
    me.follow(page.get_by_role("link", name="Choose a play"))
    look(page)
    me.tick(page.get_by_role("checkbox", name="Customer experience mapping"))
    me.follow(page.get_by_role("button", name="Start the plan"))
    expect(page.locator("small", has_text="0 of 3 done")).to_be_visible()
    look(page)
    me.follow(page.get_by_role("button", name="Map the customer's journey").first)
    expect(page.locator("small", has_text="1 of 3 done")).to_be_visible()
    look(page)
    me.follow(page.get_by_role("link", name="Actions", exact=True))
    expect(page.get_by_role("link", name="Mark the three worst moments")).to_be_visible()
    look(page)
    me.follow(page.get_by_role("link", name="Portfolio", exact=True))
    expect(page.get_by_role("heading", name="How customers see us")).to_be_visible()
    look(page)
