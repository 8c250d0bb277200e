"""Giving a view in a browser: by keyboard, kept in the background, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from assessments.models import Response
from hierarchy.loading import load_first_edition
from tests.browser.conftest import PHONE, check_page
from tests.factories import answer, make_account, make_assessment, make_contact

R1 = "5445 4434 3433 2212 1121"


@pytest.fixture
def account(transactional_db):
    load_first_edition()
    return make_account(name="Northwind")


def choose(page, code: str, value: str) -> None:
    page.locator(f"label:has(input[name=q-{code}][value='{value}'])").click()


def test_by_keyboard_number_keys_answer_and_the_draft_is_kept_by_itself(open_page, sign_in, account):
    page = open_page()
    sign_in(page, account.owner)
    page.goto(f"/accounts/{account.pk}/assess/")
    page.locator("input[name=q-1a]").first.focus()
    for key in "5440":
        page.keyboard.press(key)
        page.keyboard.press("Tab")
    expect(page.locator("[data-answered]")).to_have_text("4")
    expect(page.locator("[data-state]")).to_have_text("Draft saved")
    expect(page.locator("#outcome")).to_contain_text("one of many suppliers")
    page.reload()
    assert page.locator("input:checked").evaluate_all("found => found.map(one => one.value)") == ["5", "4", "4", "dk"]


def test_a_button_pressed_while_the_draft_is_being_kept_is_no_conflict_with_oneself(open_page, sign_in, account):
    page = open_page()
    sign_in(page, account.owner)
    page.goto(f"/accounts/{account.pk}/assess/")
    choose(page, "1a", "5")
    expect(page.locator("[data-state]")).to_have_text("Draft saved")
    held = []

    def hold(route) -> None:
        if route.request.headers.get("hx-request"):
            held.append((route, route.fetch()))  # stored, but the page does not know yet
        else:
            route.continue_()

    page.route("**/assess/", hold)
    choose(page, "1b", "4")
    while not held:
        page.wait_for_timeout(100)
    page.get_by_role("button", name="Submit my view").click()
    route, answered = held[0]
    route.fulfill(response=answered)
    expect(page.locator(".messages")).to_contain_text("Submitted")
    assert Response.objects.get().answers.count() == 2


def test_a_draft_that_could_not_be_kept_says_so_and_stays_on_the_page(open_page, sign_in, account):
    page = open_page()
    sign_in(page, account.owner)
    page.add_init_script("console.error = () => {}")  # htmx tells the console what this test wants to happen
    page.goto(f"/accounts/{account.pk}/assess/")
    page.context.set_offline(True)
    choose(page, "1a", "5")
    expect(page.locator("[data-state]")).to_contain_text("no connection")
    expect(page.locator("input[name=q-1a][value='5']")).to_be_checked()


def test_without_javascript_preview_draft_and_submission_work(open_page, sign_in, account):
    page = open_page(size=PHONE, java_script_enabled=False)
    sign_in(page, account.owner)
    page.goto(f"/accounts/{account.pk}/assess/")
    for code in ("1a", "1b", "1c", "1d"):
        choose(page, code, "4")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#outcome")).to_contain_text("one of many suppliers")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text("Draft saved")
    page.get_by_role("button", name="Submit my view").click()
    expect(page.locator(".messages")).to_contain_text("level 1")
    page.get_by_role("button", name="Close the assessment").click()
    expect(page.locator(".messages")).to_contain_text("Closed")


@pytest.mark.parametrize("look", [{}, {"size": PHONE, "color_scheme": "dark"}], ids=["desktop", "phone in the dark"])
def test_the_pages_are_accessible_and_fit(open_page, sign_in, account, look):
    round_ = make_assessment(account)
    contact, unasked = make_contact(account), make_contact(account, name="Daan Peeters", email="daan@example.com")
    answer(round_, contact, "4454 3343 4444 2322 1211", evidence={3: "They said so"})
    answer(round_, account.owner, R1, comment="Well")
    page = open_page(**look)
    sign_in(page, account.owner)
    base = f"/accounts/{account.pk}"
    customer = ("customer", f"customer/{contact.pk}", f"customer/{unasked.pk}")
    for path in ("assess", *customer, f"assessments/{round_.pk}", f"assessments/{round_.pk}/details"):
        page.goto(f"{base}/{path}/")
        check_page(page)
    page.goto(f"{base}/assessments/{round_.pk}/")
    page.get_by_role("button", name="Close the assessment").click()
    page.goto(f"{base}/assessments/{round_.pk}/")
    check_page(page)
