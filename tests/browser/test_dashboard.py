"""The dashboard and the pages beside it in a real browser: one screen, links that work without JavaScript, a tick in place."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts import derived
from hierarchy.loading import load_first_edition
from tests.browser.conftest import DESKTOP, PHONE, check_page
from tests.factories import (
    make_account,
    make_action,
    make_assessment,
    make_contact,
    make_plan,
    make_result,
    make_target,
    make_user,
)

TALLEST = 1160  # pixels at a width of 1440; the sketch has 1077 without the rounds
MOST = 8
PAGES = ("portfolio:dashboard", "portfolio:movement", "portfolio:groups", "portfolio:benchmarks")


@pytest.fixture
def manager(transactional_db):
    """Forty accounts: some climbed, some slid, some without the customer's voice; targets, actions and rounds."""
    load_first_edition()
    user, today = make_user(name="Mila Vermeer"), timezone.localdate()
    lives = [(1.5, 2.5), (3.5, 2.5), (2.5, 2.6), (3.5, 3.6), (4.5, 4.6), (2.5, 3.5), (4.5, 3.5)]
    accounts = []
    for n in range(40):
        account = make_account(
            owner=user, name=f"Northwind Trading Company {n:02}", revenue=90_000 * (n + 1), segment=("Energy", "Food")[n % 2]
        )
        make_contact(account)
        if n % 8 != 7:
            then, now = lives[n % 7]
            make_result(account, today - timedelta(days=500), customer=then, team=4.5)
            make_result(account, today - timedelta(days=200 if n % 3 else 30), customer=now, team=4.5)
            make_target(account, set_on=today - timedelta(days=300), level=4, baseline=2.5)
        accounts.append(account)
    derived.refresh([account.pk for account in accounts])
    plan = make_plan(accounts[0], owner=user, from_rank=2)
    for due_in in range(-3, 6):
        make_action(plan, title=f"Prepare open questions about goals and obstacles {due_in}", due_in=due_in)
    for account in accounts[:5]:
        make_assessment(account, closes_on=today + timedelta(days=3))
    return user


@pytest.fixture
def opened(open_page, sign_in, manager):
    def opened(name="portfolio:dashboard", query="", **how):
        page = open_page(**how)
        sign_in(page, manager)
        page.goto(reverse(name) + query)
        return page

    return opened


def test_the_dashboard_is_little_more_than_a_screen(opened):
    page = opened()
    assert page.locator("html").evaluate("html => html.scrollHeight") <= TALLEST
    for place in ("ladder", "moves", "attention", "week", "rounds"):
        expect(page.locator(f"#{place}")).to_be_visible()
    expect(page.locator("main .btn.main")).to_have_count(1)


def test_without_javascript_rungs_lead_to_their_lists_and_the_ladder_switches(opened):
    page = opened(java_script_enabled=False)
    rung = page.locator("a.rung").nth(2)
    here = int(rung.locator("[data-figure^=accounts-]").inner_text())
    assert re.fullmatch(rf"{reverse('accounts:list')}\?owner=\d+&level=3", rung.get_attribute("href"))
    before = page.locator("#ladder rect.lv3.rim").first.get_attribute("width")
    page.locator("#ladder .seg a", has_text="Revenue").click()
    expect(page.locator("#ladder .seg a[aria-current]")).to_have_text("Revenue")
    assert page.locator("#ladder rect.lv3.rim").first.get_attribute("width") != before
    assert int(page.locator("a.rung").nth(2).locator("[data-figure^=accounts-]").inner_text()) == here
    page.locator("a.rung").nth(2).click()
    expect(page.locator("main")).to_contain_text(f"{here} accounts")


def test_without_javascript_each_flow_leads_to_its_accounts(opened):
    page = opened(java_script_enabled=False)
    flows = page.locator("#moves svg.flow a")
    assert flows.count() >= 5
    for place in range(flows.count()):
        label, href = flows.nth(place).get_attribute("aria-label"), flows.nth(place).get_attribute("href")
        page.goto(href)
        expect(page.locator("#movers h2")).to_have_text(label)
        expect(page.locator("#movers tbody tr")).to_have_count(int(label.split()[0]))
        page.goto(reverse("portfolio:dashboard"))


def test_a_flow_is_reached_and_followed_by_the_keyboard(opened):
    page = opened()
    flow = page.locator("#moves svg.flow a.slid").first
    flow.focus()
    assert flow.locator("path").evaluate("path => getComputedStyle(path).strokeWidth") == "2.5px"
    page.keyboard.press("Enter")
    page.wait_for_url("**moved=**")


def test_a_reason_leaves_its_accounts_and_the_rest_of_the_page_as_it_was(opened):
    page = opened(query="?ladder=revenue")
    chip = page.locator(".chips a", has_text="Slid")
    n = int(chip.locator("b").inner_text())
    chip.click()
    expect(page.locator(".chips a[aria-current]")).to_contain_text("Slid")
    expect(page.locator("#attention li.concern")).to_have_count(min(n, 6))
    expect(page.locator("#ladder .seg a[aria-current]")).to_have_text("Revenue")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_tick_stays_in_place(opened, size):
    page = opened(size=size, query="?why=slid")
    tick = page.locator("#week button.tick").nth(1)
    tick.evaluate("one => window.scrollTo({top: one.getBoundingClientRect().top + scrollY - 300, behavior: 'instant'})")
    before = {
        place: page.locator(f"#{place}").evaluate("one => one.getBoundingClientRect().top")
        for place in ("ladder", "attention", "week")
    }
    tick.focus()
    page.locator("#main").evaluate("main => main.dataset.before = 'yes'")
    page.keyboard.press("Enter")
    expect(page.locator("#main[data-before]")).to_have_count(0)
    page.wait_for_timeout(300)
    for place, top in before.items():
        assert abs(page.locator(f"#{place}").evaluate("one => one.getBoundingClientRect().top") - top) <= MOST
    expect(page.locator("#week button.tick:focus")).to_have_count(1)
    expect(page.locator(".chips a[aria-current]")).to_contain_text("Slid")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_found_on_the_four_pages(opened, size, scheme):
    page = opened(size=size, color_scheme=scheme)
    for name in PAGES:
        page.goto(reverse(name))
        check_page(page)


def test_on_a_phone_the_flow_is_a_list_and_wide_tables_show_that_they_go_on(opened):
    page = opened(size=PHONE)
    expect(page.locator("#moves svg.flow")).to_be_hidden()
    expect(page.locator("#moves .flow-list a").first).to_be_visible()
    page.goto(reverse("portfolio:benchmarks"))
    table = page.locator("#spread .table-scroll").first
    assert (
        table.evaluate("one => one.scrollWidth > one.clientWidth && getComputedStyle(one).backgroundAttachment")
        == "local, local, scroll, scroll"
    )


def test_in_forced_colours_bars_flows_and_what_is_chosen_can_be_told_apart(opened):
    page = opened(forced_colors="active")
    fill = "one => getComputedStyle(one).fill"
    ground, bar = (
        page.locator("#ladder rect.ground").first.evaluate(fill),
        page.locator("#ladder .track rect.rim").first.evaluate(fill),
    )
    assert ground != bar
    assert (
        len({page.locator(f"#moves svg.flow a.{kind} path").first.evaluate(fill) for kind in ("climbed", "slid", "stayed")}) == 3
    )
    for group in (".chips", "#ladder .seg"):
        back = "one => getComputedStyle(one).backgroundColor"
        chosen, other = page.locator(f"{group} a[aria-current]"), page.locator(f"{group} a:not([aria-current])").first
        assert chosen.evaluate(back) != other.evaluate(back)


@pytest.mark.parametrize("name", PAGES)
def test_each_page_ends_in_a_next_step(opened, name):
    page = opened(name)
    if name == "portfolio:dashboard":
        expect(page.locator("#attention .concern .btn").first).to_be_visible()
    else:
        expect(page.locator("main > section.next:last-child .btn").first).to_be_visible()
