from playwright.sync_api import expect

from assessments.models import Assessment
from hierarchy.models import Edition
from tests.browser.conftest import check_page
from tests.factories import answer, make_account, make_administrator, make_assessment, make_user


def test_an_administrator_rewrites_a_statement_and_publishes_it(open_page, sign_in, edition):
    page = open_page()
    sign_in(page, make_administrator(name="Ada Kramer"))
    page.goto("/settings/")
    page.locator("details.me > summary").click()
    page.get_by_role("link", name="Back-office").click()
    expect(page.locator(".rail .places a")).to_have_count(5)
    check_page(page)
    page.get_by_role("link", name="Editions", exact=True).first.click()
    check_page(page)
    page.get_by_role("link", name="First edition").click()
    check_page(page)

    page.get_by_role("button", name="Make a new draft from this").click()
    check_page(page)
    statement = page.locator("[name='indicators-0-customer_en']")
    if not statement.is_visible():
        page.locator("#indicators-group summary").first.click()
    statement.fill("What they deliver is what we ordered.")
    page.get_by_role("button", name="Save", exact=True).click()
    check_page(page)

    page.get_by_role("link", name="Preview").click()
    expect(page.get_by_text("What they deliver is what we ordered.")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="Publish").click()
    check_page(page)
    page.get_by_role("radio", name="The same measure").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published on")).to_be_visible()

    page.goto("/hierarchy/")
    expect(page.get_by_text("What they deliver is what we ordered.")).to_have_count(1)
    check_page(page)
    assert Edition.objects.get(pk=edition.pk).state == Edition.State.RETIRED


def test_an_open_round_goes_on_with_the_edition_that_it_was_opened_with(open_page, sign_in, edition):
    manager = make_user()
    account = make_account(owner=manager)
    answer(make_assessment(account), manager, "5555")
    page = open_page()
    sign_in(page, manager)
    page.goto(f"/accounts/{account.pk}/assess/")
    expect(page.get_by_text("asked with the First edition")).to_be_visible()
    assert Assessment.objects.get().edition == edition
