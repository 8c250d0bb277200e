"""The style guide: nothing that axe finds and no sideways scroll, in light and dark, at a desk and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, check_page
from tests.factories import make_administrator


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_every_component_is_accessible_and_fits(open_page, sign_in, size, scheme):
    page = open_page(size=size, color_scheme=scheme)
    sign_in(page, make_administrator(name="Ada Kramer"))
    page.goto(reverse("portfolio:styleguide"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Style guide")
    check_page(page)
    fills = page.locator(".swatches rect").evaluate_all("all => all.map(one => getComputedStyle(one).fill)")
    assert len(set(fills)) > 20  # a colour that is not known is black


def test_the_selection_bar_stands_where_a_row_is_ticked(open_page, sign_in, transactional_db):
    page = open_page()
    sign_in(page, make_administrator())
    page.goto(reverse("portfolio:styleguide"))
    bar, box = page.locator(".selection"), page.locator("#tables tbody input").first
    expect(bar).to_be_visible()
    box.uncheck()
    expect(bar).not_to_be_visible()


def test_a_message_that_is_taken_back_leaves_the_reader_on_the_page(open_page, sign_in, transactional_db):
    page = open_page()
    sign_in(page, make_administrator())
    page.goto(reverse("portfolio:styleguide"))
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Style guide")
