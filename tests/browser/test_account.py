"""The page of an account as a person has it: what the first screen holds, the tabs, the chart that answers, a tick."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import derived
from accounts.models import Account, Tag
from assessments.rounds.closing import close
from hierarchy.loading import load_first_edition
from tests.browser.conftest import DESKTOP, PHONE, check_page
from tests.factories import (
    answer,
    make_account,
    make_action,
    make_assessment,
    make_basis,
    make_contact,
    make_plan,
    make_result,
    make_target,
)

NAMES = ("Overview", "Plan", "People", "History", "Notes", "Activity")
TABS = (
    "portfolio:account", "plans:plan", "portfolio:account_people", "portfolio:account_history", "notes:list", "portfolio:account_activity",
)  # fmt: skip
R1, R4 = "5445 4434 3433 2212 1121", "5555 --4- 4544 4434 3234"  # level 2, level 4


def days_ago(days):
    return timezone.localdate() - timedelta(days=days)


@pytest.fixture
def account(transactional_db, fresh_cache) -> Account:
    """Four years of results, a target, a plan with six actions, seven people, tags, a long name."""
    load_first_edition()
    name = "Nordhaven Grid & Transmission Services Nederland BV"
    account = make_account(name=name, segment="Energy", country="NL", revenue=3_500_000)
    for tag in ("Framework contract", "Renewal soon"):
        account.tags.add(Tag.objects.create(name=tag))
    for n, (theirs, ours) in enumerate([(2.4, 3.5), (2.6, 4.4), (2.7, 3.9), (2.9, 4.7), (3.8, 4.9), (3.6, 5.0)]):
        make_result(account, days_ago(1300 - 200 * n), customer=theirs, team=ours, respondents=3, agreement=0.8)
    round_ = make_assessment(account, held_on=days_ago(100))
    for n, (role, marks) in enumerate([("user", R1), ("technical", R4), ("coach", R4)]):
        answer(round_, make_contact(account, name=f"Person {n} van den Berg", buying_role=role), marks)
    answer(round_, account.owner, R4)
    close(round_, by=account.owner)
    for n in range(3):
        make_contact(account, name=f"Somebody {n}", buying_role="user")
    make_target(account, set_on=days_ago(300), due_on=days_ago(-500), level=5, baseline=2.9)
    plan = make_plan(account, from_rank=4, goal="They call us first when a plant is planned.")
    for due_in in (-6, 10, 20, 30, 40, 50):
        make_action(plan, title=f"Interview the owner of a business problem {due_in}", due_in=due_in)
    make_basis(days_ago(0))
    derived.refresh([account.pk])
    return account


def opened(page: Page, sign_in, account, where="portfolio:account", language="") -> Page:
    sign_in(page, account.owner)
    page.goto(reverse(where, args=[account.pk]))
    return page


def top(page: Page, css: str) -> float:
    return page.locator(css).first.evaluate("one => one.getBoundingClientRect().top + scrollY")


def height(page: Page) -> int:
    return page.locator("html").evaluate("html => html.scrollHeight")


@pytest.mark.parametrize("language", ["en", "nl"])
def test_first_screen_holds_the_plan_and_the_overview_is_short(open_page, sign_in, account, language):
    account.owner.language = language
    account.owner.save()
    page = opened(open_page(size=DESKTOP), sign_in, account)
    assert top(page, "#plans") <= 760
    assert height(page) <= 1200
    assert page.locator(".btn.main").count() == 1


def test_overview_on_a_phone_is_short(open_page, sign_in, account):
    page = opened(open_page(size=PHONE), sign_in, account)
    assert height(page) <= 2400
    check_page(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_tab_is_sound_and_no_wider_than_the_window(open_page, sign_in, account, scheme, size):
    page = open_page(size=size, color_scheme=scheme)
    for where in TABS:
        opened(page, sign_in, account, where)
        expect(page.locator("h1")).to_have_text(account.name)
        expect(page.locator(".strip dl > div")).to_have_count(5)
        expect(page.locator(".account-tabs a[aria-current=page]")).to_have_count(1)
        check_page(page)


def test_tabs_are_addresses_reached_by_keyboard_with_a_ring(open_page, sign_in, account):
    page = opened(open_page(), sign_in, account)
    tabs = page.locator(".account-tabs a")
    tabs.first.focus()
    for name in NAMES[1:]:
        page.keyboard.press("Tab")
        here = page.locator(".account-tabs a:focus")
        expect(here).to_contain_text(name)
        assert here.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{page.url.split('/accounts/')[0]}{reverse('portfolio:account_activity', args=[account.pk])}")


def test_tabs_work_without_javascript(open_page, sign_in, account):
    page = opened(open_page(java_script_enabled=False), sign_in, account)
    for name, where in zip(NAMES[1:], TABS[1:], strict=True):
        page.locator(".account-tabs").get_by_role("link", name=name).click()
        expect(page.locator(".account-tabs [aria-current=page]")).to_contain_text(name)
        assert page.url.endswith(reverse(where, args=[account.pk]))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_point_of_the_chart_answers_the_keyboard_and_opens_its_result(open_page, sign_in, account, size):
    page = opened(open_page(size=size), sign_in, account)
    stop = page.locator(".history-chart:visible .stop").first
    tip = stop.locator(".tip")
    expect(tip).not_to_be_visible()
    page.mouse.move(0, 0)
    page.locator("#history header a").focus()
    page.keyboard.press("Tab")
    expect(stop).to_be_focused()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("they 2.4, we 3.5")
    box, chart = tip.bounding_box(), page.locator(".history-chart:visible").bounding_box()
    assert box["x"] >= chart["x"] - 1 and box["x"] + box["width"] <= chart["x"] + chart["width"] + 1
    address = stop.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")


def test_a_point_of_the_chart_answers_the_mouse(open_page, sign_in, account):
    page = opened(open_page(), sign_in, account)
    stop = page.locator(".history-chart:visible .stop").nth(2)
    stop.locator(".hit").hover()
    expect(stop.locator(".tip")).to_be_visible()
    expect(stop.locator(".tip")).to_contain_text("3 people")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_words_of_the_chart_do_not_lie_on_each_other(open_page, sign_in, account, size):
    page = opened(open_page(size=size), sign_in, account)
    overlaps = page.locator(".history-chart:visible").evaluate(
        """chart => {
          const texts = [...chart.querySelectorAll("text")].filter((one) => !one.closest(".tip"));
          const boxes = texts.map((one) => [one.textContent, one.getBoundingClientRect()]);
          return boxes.flatMap(([text, a], n) => boxes.slice(n + 1).filter(([, b]) =>
            a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4).map(([other]) => [text, other]));
        }"""
    )
    assert overlaps == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_tick_does_not_move_the_page(open_page, sign_in, account, size):
    page = opened(open_page(size=size), sign_in, account)
    tick = page.locator("button.tick").nth(1)
    tick.scroll_into_view_if_needed()
    page.evaluate("window.scrollBy({top: 200, behavior: 'instant'})")
    before = page.evaluate("scrollY"), tick.evaluate("one => one.getBoundingClientRect().top")
    tick.focus(timeout=2000)
    page.locator("#main").evaluate("main => main.dataset.before = 'yes'")
    page.keyboard.press("Enter")
    expect(page.locator("#main[data-before]")).to_have_count(0)
    page.wait_for_timeout(300)
    assert abs(page.evaluate("scrollY") - before[0]) <= 8
    expect(page.locator(".messages")).to_contain_text("Done:")


def test_where_the_system_decides_the_colours_badges_keep_a_box_and_the_forecast_its_outline(open_page, sign_in, account):
    page = opened(open_page(forced_colors="active"), sign_in, account)
    style = "(one, name) => getComputedStyle(one)[name]"
    for badge in page.locator(".strip .lv").all():
        assert badge.evaluate(style, "borderTopStyle") != "none"
        assert float(badge.evaluate(style, "borderTopWidth").removesuffix("px")) >= 1
    fan = page.locator(".history-chart:visible path.chart-fan").first
    assert fan.evaluate(style, "fill") == "none"
    tabs = page.locator(".account-tabs a")
    assert tabs.nth(0).evaluate(style, "backgroundColor") != tabs.nth(1).evaluate(style, "backgroundColor")


def test_on_paper_nothing_is_cut_off_nor_asks_to_be_pressed(open_page, sign_in, account):
    page = open_page(size={"width": 690, "height": 1000})
    page.emulate_media(media="print")
    for where in ("portfolio:account", "portfolio:account_people", "portfolio:account_history"):
        opened(page, sign_in, account, where)
        assert page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth") <= 0
        for what in ("nav", "main button", ".next"):
            expect(page.locator(what).locator("visible=true")).to_have_count(0)
    tables = page.locator(".overview .card").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).map((box) => [box.top, box.bottom])"
    )
    assert all(after[0] - before[1] >= 8 for before, after in pairwise(tables))
