"""The review in a real browser: on the screen, on a phone, on paper, and several by keyboard."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts import derived
from core import days
from tests.browser.conftest import PHONE, check_page
from tests.factories import (
    make_account,
    make_action,
    make_contact,
    make_plan,
    make_result,
    make_review,
    make_target,
    make_user,
)

TEXT = "\n".join(f"{number}. A line about what they told us, which goes on for a while" for number in range(20))


@pytest.fixture
def manager(transactional_db):
    return make_user(name="Mila Vermeer")


@pytest.fixture
def accounts(manager, edition):
    """One that is full, and two with little."""
    texts = dict.fromkeys(("charter", "strengths", "vulnerabilities", "trends", "opportunities"), TEXT)
    full = make_account(owner=manager, name="Coöperatieve Vereniging van Zuid-Nederlandse Glastuinbouwondernemers " * 2, **texts)
    plan = make_plan(full, owner=manager)
    for number in range(14):
        make_action(plan, title=f"Talk through with them what came of number {number} and what they want next")
        make_contact(full, name=f"Eva Jansen {number}", title="Director of purchasing", email=f"e{number}@example.com")
        make_result(full, days.today() - timedelta(days=80 * number + 1), customer=2.0 + number % 3, team=3.0)
    make_target(full, set_on=days.today() - timedelta(days=100))
    make_review(full, days.today() - timedelta(days=60))
    derived.refresh([full.pk])
    return [full, *(make_account(owner=manager, name=f"Northwind {number}") for number in range(2))]


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("how", [{}, {"color_scheme": "dark"}, {"size": PHONE}])
def test_every_form_of_it_can_be_read(language, how, open_page, sign_in, manager, accounts):
    manager.language = language
    manager.save()
    page = open_page(**how)
    sign_in(page, manager)
    for address in (
        reverse("reviews:review", args=[accounts[0].pk]),
        reverse("reviews:review", args=[accounts[0].pk]) + "?for=handover",
        reverse("reviews:several") + f"?ids={accounts[1].pk},{accounts[0].pk}",
        reverse("reviews:several"),
    ):
        page.goto(address)
        check_page(page)


@pytest.mark.parametrize("which", [0, 1])
def test_it_prints_on_one_page(which, open_page, sign_in, manager, accounts):
    page = open_page()
    sign_in(page, manager)
    page.goto(reverse("reviews:review", args=[accounts[which].pk]))
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


def test_arrow_keys_go_through_several(open_page, sign_in, manager, accounts):
    page = open_page()
    sign_in(page, manager)
    page.goto(reverse("reviews:several") + "?ids=" + ",".join(str(one.pk) for one in reversed(accounts)))
    expect(page.get_by_role("heading", level=1)).to_have_text("Northwind 1")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Northwind 0")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("Northwind 1")
    page.keyboard.press("ArrowLeft")  # nothing is before the first one
    page.locator("#find").press("ArrowRight")  # belongs to the field
    expect(page.get_by_text("1 of 3")).to_be_visible()
