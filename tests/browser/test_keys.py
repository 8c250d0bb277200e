"""The palette and the keys, worked by the keyboard alone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Account
from hierarchy.loading import load_first_edition
from tests.browser.conftest import DESKTOP, PHONE, check_page
from tests.factories import make_account, make_action, make_plan

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


@pytest.fixture
def account(transactional_db) -> Account:
    load_first_edition()
    account = make_account(name="Havenbedrijf", customer_level=2)
    plan = make_plan(account)
    for due_in in range(5, 8):
        make_action(plan, title=f"Step {due_in}", due_in=due_in)
    return account


@SIZES
def test_the_palette_finds_and_does_and_gives_the_keyboard_back(open_page, sign_in, account, size):
    page = open_page(size=size)
    sign_in(page, account.owner)
    page.goto(reverse("accounts:settings"))
    name = page.locator("#id_name")
    name.focus()
    page.keyboard.press("Control+k")
    field = page.locator("#palette input")
    expect(field).to_be_focused()
    expect(page.locator("#palette [aria-selected=true]")).to_have_count(1)
    check_page(page)
    for _ in range(8):  # the keyboard stays in the dialog
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || document.activeElement.closest('#palette') !== null")
    field.focus()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(name).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("haven")
    chosen = page.locator("#palette [aria-selected=true]")
    expect(chosen).to_contain_text("Havenbedrijf")
    expect(field).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{account.get_absolute_url()}")
    page.keyboard.press("Control+k")
    page.keyboard.type("target")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Set a target")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('plans:target', args=[account.pk])}")


def test_g_and_a_letter_goes_to_a_place(open_page, sign_in, account):
    page = open_page()
    sign_in(page, account.owner)
    page.goto(reverse("accounts:settings"))
    for letter, name in [
        ("a", "accounts:list"),
        ("t", "plans:actions"),
        ("b", "portfolio:benchmarks"),
        ("h", "hierarchy:levels"),
        ("p", "portfolio:dashboard"),
    ]:
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_url(lambda url, name=name: url.partition("?")[0].endswith(reverse(name)))


def test_the_letters_of_an_account_and_the_sheet_of_keys(open_page, sign_in, account):
    page = open_page()
    sign_in(page, account.owner)
    page.goto(account.get_absolute_url())
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys")).to_contain_text("Find and do")
    check_page(page)
    page.keyboard.press("e")  # not while a dialog is open
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    assert page.url.endswith(account.get_absolute_url())
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("ge")
    assert page.locator("#find").input_value() == "ge"  # letters while typing
    page.locator("#main").focus()
    page.keyboard.press("e")
    page.wait_for_url(f"**{reverse('accounts:edit', args=[account.pk])}")


def test_rows_of_actions_by_j_k_and_x(open_page, sign_in, account):
    page = open_page()
    sign_in(page, account.owner)
    page.goto(reverse("plans:actions"))
    for key in "jjk":
        page.keyboard.press(key)
    expect(page.locator("a:focus")).to_contain_text("Step 5")
    page.keyboard.press("x")
    expect(page.locator(".toast")).to_contain_text("Done: Step 5")


def test_keys_of_one_letter_can_be_switched_off(open_page, sign_in, account):
    account.owner.wants_keys = False
    account.owner.save()
    page = open_page()
    sign_in(page, account.owner)
    page.goto(account.get_absolute_url())
    for key in ("e", "/", "?", "g", "a"):
        page.keyboard.press(key)
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("#find")).not_to_be_focused()
    assert page.url.endswith(account.get_absolute_url())
    page.keyboard.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
