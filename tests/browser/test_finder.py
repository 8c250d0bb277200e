"""The finder in the bar: what is found shows while one types, and the keyboard gets there."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from hierarchy.loading import load_first_edition
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import make_account, make_contact


@pytest.fixture
def vera(transactional_db):
    load_first_edition()
    return make_contact(make_account(name="Havenbedrijf"), name="Vera van Gogh", email="vera@haven.example")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_person_is_reached_by_typing_and_the_keyboard(open_page, sign_in, live_server, vera, size):
    page: Page = open_page(size=size)
    sign_in(page, vera.account.owner)
    page.goto(live_server.url + reverse("accounts:settings"))
    page.locator("#find").press_sequentially("gogh")
    found = page.locator("#found a", has_text="Vera van Gogh")
    expect(found).to_be_visible()
    box, width = page.locator("#found").bounding_box(), page.evaluate("document.documentElement.clientWidth")
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    page.keyboard.press("ArrowDown")
    expect(found).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_hidden()
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(" ver")
    expect(found).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{vera.get_absolute_url()}")
    expect(page.locator(f"#person-{vera.pk}")).to_be_in_viewport()
