"""A value changed where it stands: by mouse and by keyboard, with its way back beside it; and what happened, as a toast."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Account
from hierarchy.loading import load_first_edition
from plans.models import Action
from tests.browser.conftest import DESKTOP, PHONE, check_page
from tests.factories import make_account, make_action, make_contact, make_plan

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


@pytest.fixture
def account(transactional_db) -> Account:
    load_first_edition()
    account = make_account(name="Northwind", segment="Ports", customer_level=2)
    make_contact(account, name="Vera", buying_role="user", influence=1)
    plan = make_plan(account, from_rank=2)
    for due_in in range(5, 15):
        make_action(plan, title=f"Step {due_in}", due_in=due_in)
    return account


@SIZES
def test_a_date_is_moved_by_the_keyboard_and_taken_back_at_the_spot(open_page, sign_in, account, size):
    page = open_page(size=size)
    sign_in(page, account.owner)
    page.goto(reverse("plans:actions"))
    action = Action.objects.get(title="Step 10")
    spot = page.locator(f"#at-action-{action.pk}-due_on")
    spot.locator(".value").focus()
    page.keyboard.press("Space")
    field = spot.locator("input[name=due_on]")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(spot.locator(".value")).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    check_page(page)
    field.fill((timezone.localdate() + timedelta(days=11)).isoformat())
    page.keyboard.press("Enter")
    saved = spot.locator(".toast")
    expect(saved).to_contain_text("Saved")
    expect(saved.locator("button")).to_be_in_viewport()
    check_page(page)
    action.refresh_from_db()
    assert action.due_on == timezone.localdate() + timedelta(days=11)
    saved.locator("button").click()
    expect(saved).to_contain_text(f"Due date moved to {timezone.localdate() + timedelta(days=10):%-d %B}")
    action.refresh_from_db()
    assert action.due_on == timezone.localdate() + timedelta(days=10)


def test_a_refused_date_stays_at_its_spot(open_page, sign_in, account):
    page = open_page()
    sign_in(page, account.owner)
    page.goto(reverse("plans:actions"))
    spot = page.locator(f"#at-action-{Action.objects.get(title='Step 10').pk}-due_on")
    spot.locator(".value").click()
    spot.locator("input[name=due_on]").fill("1999-01-01")
    spot.locator("button").click()
    expect(spot).to_contain_text("Choose a date from")
    expect(spot.locator("input[name=due_on]")).to_have_value("1999-01-01")
    expect(page.locator("h1")).to_have_text("Actions")


def test_a_stale_value_opens_the_comparison(open_page, sign_in, account):
    page = open_page()
    sign_in(page, account.owner)
    page.goto(account.get_absolute_url())
    spot = page.locator(f"#at-account-{account.pk}-segment")
    spot.locator(".value").click()
    expect(spot.locator("input[name=segment]")).to_be_focused()
    Account.objects.filter(pk=account.pk).update(segment="Rail", version=account.version + 1)
    spot.locator("input[name=segment]").fill("Roads")
    page.keyboard.press("Enter")
    expect(page.locator(".conflict")).to_contain_text("Rail")
    expect(page.locator("input[name=segment]")).to_have_value("Roads")
    page.get_by_role("button", name="Save mine over it").click()
    expect(page.locator(f"#at-account-{account.pk}-segment")).to_contain_text("Roads")


@SIZES
def test_without_javascript_it_is_a_page_with_the_same_form(open_page, sign_in, account, size):
    page = open_page(size=size, java_script_enabled=False)
    sign_in(page, account.owner)
    page.goto(account.people_url)
    person = account.contacts.get()
    page.locator(f"#at-contact-{person.pk}-buying_role .value").click()
    expect(page.locator("h1")).to_have_text("Edit buying role")
    page.locator("select").select_option("economic")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text("Buying role of Vera is now economic buyer")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".messages")).to_contain_text("Buying role of Vera is now user buyer")


@SIZES
def test_a_tick_is_taken_back_by_its_toast(open_page, sign_in, account, size):
    page = open_page(size=size)
    sign_in(page, account.owner)
    page.goto(reverse("plans:actions"))
    page.locator("button.tick").first.click()
    toast = page.locator(".messages.passing .toast")
    expect(toast).to_contain_text("Done: Step 5")
    expect(toast).to_be_in_viewport()
    check_page(page)
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("To do again: Step 5")
    assert Action.objects.get(title="Step 5").state == "todo"
