"""The list of accounts in a browser: its first screen, filters that leave the reader where they are, selection, keys, an account at a
glance, and all of it without a script, in the dark, on a phone and where the system decides the colours.
"""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from core import days
from hierarchy.loading import load_first_edition
from tests.browser.conftest import DESKTOP, PHONE, check_page
from tests.factories import make_account, make_result, make_user

LIST = reverse("accounts:list")
MOST = 8  # pixels that a page may move
NAMES = ("Adler Freight", "Brouwer Energy", "Duinoord Distribution", "Eikenkamp Mills Holding Nederland")


@pytest.fixture
def manager(transactional_db) -> User:
    load_first_edition()
    manager = make_user(name="Mila Vermeer")
    for n in range(40):
        account = make_account(
            name=f"{NAMES[n % 4]} {n:02}", owner=manager, segment="Logistics" if n % 2 else "Energy", country="NL", revenue=90_000 * n,
            customer_level=n % 6 or None, team_level=3 if n % 5 else None, last_heard_on=days.today() if n % 6 else None,
            **({"target_level": 4, "target_due_on": days.today() + timedelta(days=500), "target_status": "at_risk"} if n % 3 else {}),
        )  # fmt: skip
        if n % 6:
            make_result(account, days.today() - timedelta(days=700), customer=2.2)
            make_result(account, days.today() - timedelta(days=20), customer=n % 6)
    return manager


@pytest.fixture
def listed(open_page, sign_in, manager):
    def listed(query: str = "", **how) -> Page:
        page = open_page(**how)
        sign_in(page, manager)
        page.goto(LIST + query)
        page.wait_for_load_state("networkidle")
        return page

    return listed


def top_of(page: Page, selector: str) -> float:
    return page.locator(selector).first.evaluate("one => one.getBoundingClientRect().top")


def whole_rows(page: Page, foot: int = 0) -> int:
    bottoms = page.locator("table.accounts tbody tr").evaluate_all("all => all.map(row => row.getBoundingClientRect().bottom)")
    return sum(bottom <= page.viewport_size["height"] - foot for bottom in bottoms)


def test_the_first_screen_holds_fourteen_accounts(listed):
    page = listed("?segment=Energy")
    assert top_of(page, "table.accounts tbody tr") <= 240
    page.goto(LIST)
    assert top_of(page, "table.accounts tbody tr") <= 240
    assert whole_rows(page) >= 14
    heights = page.locator("table.accounts tbody tr").evaluate_all("all => all.map(row => row.getBoundingClientRect().height)")
    assert set(heights) == {44}


def test_four_accounts_stand_on_the_first_screen_of_a_phone(listed):
    page = listed(size=PHONE)
    places = page.locator(".places").evaluate("one => one.getBoundingClientRect().height")
    assert whole_rows(page, places) >= 4
    assert page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth") <= 0


def test_a_link_skips_to_the_list(listed):
    page = listed()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the list")
    page.keyboard.press("Enter")
    expect(page.locator("#list")).to_be_focused()
    before = 0
    while not page.locator(".row-link:focus").count():
        page.keyboard.press("Tab")
        before += 1
    assert before <= 12 + 3  # the frame, the boxes and the headings


def test_the_head_stays_while_the_rows_move(listed):
    page = listed()
    page.evaluate("window.scrollTo({top: 500, behavior: 'instant'})")
    assert abs(top_of(page, "table.accounts thead th")) <= 1


def test_a_level_filters_in_place_and_the_keyboard_stays(listed):
    page = listed(size={"width": 1440, "height": 500})
    page.evaluate("window.scrollTo({top: 60, behavior: 'instant'})")
    stands = top_of(page, "#level-3")
    page.locator("#level-3").focus()
    with page.expect_response(re.compile("level=3")):
        page.keyboard.press("Enter")
    expect(page.locator("#token-level")).to_be_visible()
    expect(page.locator("#level-3")).to_be_focused()
    assert abs(top_of(page, "#level-3") - stands) <= MOST
    expect(page.locator("#id_level")).to_have_value("3")  # the form says what the address says
    with page.expect_response(re.compile("/accounts/")):
        page.locator("#token-level").click()
    expect(page.locator("#token-level")).to_have_count(0)
    expect(page.locator("#add-filter")).to_be_focused()  # its own place is gone
    expect(page.locator("#id_level")).to_have_value("")


def test_typing_searches_and_loses_nothing(listed):
    page = listed()
    stands = top_of(page, "#id_q")
    page.locator("#id_q").click()
    page.keyboard.type("brouwer", delay=60)
    expect(page.locator(".how-many")).to_have_text("10 accounts")
    expect(page.locator("#id_q")).to_be_focused()
    expect(page.locator("#id_q")).to_have_value("brouwer")
    assert abs(top_of(page, "#id_q") - stands) <= MOST


def test_the_tab_follows_the_filters(listed, manager):
    page = listed()
    current = page.locator(".view-tabs a[aria-current]")
    expect(current).to_have_text(re.compile("^All"))
    with page.expect_response(re.compile("level=2")):
        page.locator("#level-2").click()
    expect(current).to_have_count(0)


def test_what_is_ticked_is_counted_and_the_rows_stay(listed):
    page = listed()
    bar = page.locator(".selection")
    expect(bar).to_be_hidden()
    stands = top_of(page, "table.accounts tbody tr")
    box = page.locator("tbody input[name=account]").nth(3)
    box.focus()
    page.keyboard.press("Space")
    expect(bar).to_be_visible()
    expect(bar.locator(".chosen")).to_have_text("1 selected")
    expect(box).to_be_focused()
    assert abs(top_of(page, "table.accounts tbody tr") - stands) <= MOST
    page.locator("#select-shown").check()
    expect(bar.locator(".chosen")).to_have_text("25 selected")
    page.locator("#select-all").click()
    expect(bar.locator(".chosen")).to_have_text("40 selected")
    with page.expect_navigation():
        bar.get_by_role("button", name="Archive").click()
    assert "account=" not in page.url and "all=1" in page.url
    expect(page.get_by_text("40 accounts would be changed.")).to_be_visible()
    expect(page.locator("input[name=act][value=archive]")).to_be_checked()


def test_the_bar_is_reached_and_left_by_the_keyboard_alone(listed):
    page = listed()
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator(".row-link").nth(1)
    expect(second).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator(".selection .chosen")).to_have_text("1 selected")
    page.keyboard.press("k")
    expect(page.locator(".row-link").nth(0)).to_be_focused()
    clear = page.get_by_role("button", name="Clear the selection")
    clear.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".selection")).to_be_hidden()
    expect(page.locator(".row-link:focus")).to_have_count(1)


def test_keys_write_while_typing(listed):
    page = listed()
    page.locator("#id_q").click()
    page.keyboard.type("jx k")
    expect(page.locator("#id_q")).to_have_value("jx k")
    expect(page.locator(".selection")).to_be_hidden()


def test_space_shows_an_account_at_a_glance_and_the_keys_go_on(listed):
    page = listed()
    peek = page.locator("#peek")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(peek.locator("h2")).to_have_text("Adler Freight 00")
    expect(page.locator(".row-link").nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(peek.locator("h2")).to_have_text("Adler Freight 04")
    check_page(page)
    page.keyboard.press("Escape")
    expect(peek).to_be_hidden()
    expect(page.locator(".row-link").nth(1)).to_be_focused()


def test_the_button_of_a_row_shows_it_too_and_closing_leads_back(listed):
    page = listed()
    row = page.locator("tbody tr").nth(2)
    row.hover()
    row.locator(".peek-at").click()
    expect(page.locator("#peek h2")).to_be_focused()
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#peek")).to_be_hidden()
    expect(page.locator(".row-link").nth(2)).to_be_focused()


def test_without_a_script_filters_selection_and_columns_work(listed):
    page = listed(java_script_enabled=False)
    page.locator("#add-filter").click()
    page.locator("#id_level").select_option("3")
    page.get_by_role("button", name="Apply").first.click()
    expect(page.locator("#token-level")).to_be_visible()
    page.locator("tbody input[name=account]").first.check()
    expect(page.locator(".selection")).to_be_visible()
    page.locator(".selection").get_by_role("button", name="Add tag").click()
    expect(page.locator("input[name=act][value=tag]")).to_be_checked()
    page.go_back()
    page.locator("#columns").click()
    page.get_by_label("City").check()
    page.get_by_label("One line a row").check()
    page.locator(".list-columns").get_by_role("button", name="Apply").click()
    expect(page.locator("#token-level")).to_be_visible()
    expect(page.get_by_role("columnheader", name="City")).to_be_visible()
    expect(page.locator("table.compact")).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, {"width": 1280, "height": 800}, PHONE], ids=["wide", "laptop", "phone"])
def test_nothing_is_in_the_way(listed, colours, size):
    page = listed("?segment=Energy", size=size, color_scheme=colours)
    check_page(page)
    page.locator("tbody input[name=account]").first.check()
    page.locator("#add-filter").click()
    check_page(page)


def test_a_selected_row_differs_where_the_system_decides_the_colours(listed):
    page = listed(forced_colors="active")
    look = "cell => getComputedStyle(cell).backgroundColor + getComputedStyle(cell).color"
    cell = page.locator("tbody tr").first.locator("td.gap")
    before = cell.evaluate(look)
    page.locator("tbody input[name=account]").first.check()
    assert cell.evaluate(look) != before == page.locator("tbody tr").nth(1).locator("td.gap").evaluate(look)
