"""A tick in the middle of a long list: the reader stays where they were, and so does the keyboard."""

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from accounts.models import Account
from hierarchy.loading import load_first_edition
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import make_account, make_action, make_plan

MOST = 8  # pixels


@pytest.fixture
def account(transactional_db) -> Account:
    load_first_edition()
    account = make_account(name="Northwind", customer_level=2)
    plan = make_plan(account, from_rank=2)
    for due_in in range(-24, 30):
        make_action(plan, title=f"Step {due_in}", due_in=due_in)
    return account


def in_the_middle(page: Page, tick: Locator) -> Locator:
    """The tick, with the window scrolled so that it stands in its middle."""
    tick.evaluate(
        "one => window.scrollTo({top: one.getBoundingClientRect().top + scrollY - innerHeight / 2, behavior: 'instant'})"
    )
    assert page.evaluate("scrollY") > 100
    return tick


def press(page: Page, tick: Locator) -> None:
    tick.focus()
    page.locator("#main").evaluate("main => main.dataset.before = 'yes'")
    page.keyboard.press("Enter")
    expect(page.locator("#main[data-before]")).to_have_count(0)
    page.wait_for_timeout(300)  # a jump that the browser makes after the swap is one, too


def top_of(tick: Locator) -> float:
    return tick.evaluate("one => one.getBoundingClientRect().top")


SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
WHERE = pytest.mark.parametrize("where", ["plans:actions", "plans:actions?group=overdue", "plan"])


@SIZES
@WHERE
def test_the_page_stays_where_it_is(open_page, sign_in, account, size, where):
    page = open_page(size=size)
    sign_in(page, account.owner)
    name, _, query = where.partition("?")
    page.goto(reverse("plans:plan", args=[account.pk]) if where == "plan" else f"{reverse(name)}?{query}")
    tick = in_the_middle(page, page.locator("button.tick").nth(6))
    above = page.locator(f"#{page.locator('button.tick').nth(5).get_attribute('id')}")
    scrolled, stands, was_above = page.evaluate("scrollY"), top_of(tick), top_of(above)
    press(page, tick)
    assert abs(page.evaluate("scrollY") - scrolled) <= MOST
    assert abs(top_of(above) - was_above) <= MOST
    focused = page.locator("button.tick:focus")
    expect(focused).to_have_count(1)
    assert abs(top_of(focused) - stands) <= MOST
    expect(page.locator(".messages")).to_contain_text("Done:")
    expect(page.locator(".messages .alert")).to_be_in_viewport()


@SIZES
def test_on_the_plan_the_same_tick_keeps_the_focus_and_is_taken_back(open_page, sign_in, account, size):
    page = open_page(size=size)
    sign_in(page, account.owner)
    page.goto(reverse("plans:plan", args=[account.pk]))
    tick = in_the_middle(page, page.locator("button.tick").nth(6))
    same = page.locator(f"#{tick.get_attribute('id')}")
    scrolled = page.evaluate("scrollY")
    for pressed in ("true", "false"):
        press(page, same)
        expect(same).to_be_focused()
        expect(same).to_have_attribute("aria-pressed", pressed)
        assert abs(page.evaluate("scrollY") - scrolled) <= MOST


@SIZES
def test_what_was_unfolded_stays_open(open_page, sign_in, account, size):
    page = open_page(size=size)
    sign_in(page, account.owner)
    page.goto(reverse("plans:plan", args=[account.pk]))
    page.locator("summary", has_text="later").click()
    tick = in_the_middle(page, page.locator("button.tick").nth(25))
    stands = top_of(tick)
    press(page, tick)
    focused = page.locator("button.tick:focus")
    expect(focused).to_have_count(1)
    # What was ticked off today stands among the first: the row that took its place has the keyboard.
    assert abs(top_of(focused) - stands) <= MOST


def test_the_last_tick_of_a_list_leaves_the_keyboard_in_the_page(open_page, sign_in, transactional_db):
    load_first_edition()
    action = make_action(make_plan(make_account()), due_in=-1)
    page = open_page()
    sign_in(page, action.owner)
    page.goto(reverse("plans:actions"))
    press(page, page.locator("button.tick"))
    expect(page.locator("#main")).to_be_focused()


@SIZES
def test_a_tick_that_is_refused_shows_why_from_the_top(open_page, sign_in, account, size):
    page = open_page(size=size)
    sign_in(page, account.owner)
    page.goto(reverse("plans:actions"))
    tick = in_the_middle(page, page.locator("button.tick").nth(6))
    tick.locator("xpath=..").locator("[name=version]").evaluate("one => (one.value = '7')")
    press(page, tick)
    assert page.evaluate("scrollY") == 0
    expect(page.locator("#main")).to_be_focused()
