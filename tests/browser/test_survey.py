"""A contact answers a survey: on a phone, in two languages, by keyboard, and without JavaScript."""

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from assessments.models import Response
from assessments.rating.acts import content_of
from hierarchy.loading import load_first_edition
from surveys.models import Invitation
from surveys.survey.response import survey_of
from tests.browser.conftest import DESKTOP, PHONE, check_page
from tests.surveys.surveying import address_of, ask

MARKS = dict(zip([f"{rank}{letter}" for rank in range(1, 6) for letter in "abcd"], "54454434343322121-21", strict=True))


@pytest.fixture
def invite(transactional_db):
    load_first_edition()
    cache.clear()
    yield ask
    cache.clear()


def start(page: Page) -> None:
    """From the welcome to the first screen of statements."""
    with page.expect_navigation():
        page.locator(".welcome .main").click()


def onward(page: Page) -> None:
    """The button on the right. Without the wait the next answers could go to the screen that is about to leave."""
    with page.expect_navigation():
        page.locator(".bar .main").click()


def code_of(statement) -> str:
    return (statement.locator("input").first.get_attribute("name") or "").removeprefix("q-")


def choose(page: Page) -> None:
    """Answer what is on the screen, each statement as `MARKS` says."""
    for statement in page.locator("fieldset").all():
        mark = MARKS[code_of(statement)].replace("-", "dk")
        statement.locator(f"label:has(input[value='{mark}'])").click()


def look(page: Page, how: dict) -> None:
    if how.get("java_script_enabled", True):  # axe is a script
        check_page(page)


def answered(invitation: Invitation) -> dict:
    return {code: "-" if value is None else str(value) for code, value in content_of(Response.objects.get()).answers.items()}


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"size": PHONE, "has_touch": True}, id="phone"),
        pytest.param({"size": PHONE, "color_scheme": "dark"}, id="phone in the dark"),
        pytest.param({"size": PHONE, "java_script_enabled": False}, id="without JavaScript"),
        pytest.param({"size": DESKTOP}, id="desktop"),
    ],
)
def test_from_the_link_to_thank_you(open_page, invite, how, language):
    invitation = invite(language=language)
    page = open_page(**how)
    page.goto(address_of(invitation))
    assert page.url.endswith("/survey/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    look(page, how)
    start(page)
    asked = survey_of(invitation)
    for number in range(1, asked.last):
        choose(page)
        if number in {1, asked.last - 1}:
            expect(page.locator("legend").first).to_have_text(getattr(asked.on_screen(number)[0], f"customer_{language}"))
            look(page, how)
        onward(page)
    page.locator("textarea").fill("Tell us earlier when a delivery slips.")
    look(page, how)
    onward(page)
    assert page.url.endswith("/survey/thanks/")
    look(page, how)

    response = Response.objects.get()
    assert answered(invitation) == MARKS
    assert response.comment == "Tell us earlier when a delivery slips."
    assert response.is_submitted and response.contact == invitation.contact
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.ANSWERED
    page.goto("/survey/stop/")
    look(page, how)
    page.goto("/survey/no-such-link/")
    look(page, how)


def test_by_keyboard_alone(open_page, invite):
    invitation = invite()
    page = open_page()
    page.goto(address_of(invitation))
    reach(page, ".welcome .main")
    page.keyboard.press("Enter")
    page.wait_for_url("**at=1")
    for number in range(1, 11):
        expect(page.locator("input[name=at]")).to_have_value(str(number))
        page.wait_for_load_state()
        for statement in page.locator("fieldset").all():
            page.keyboard.press(MARKS[code_of(statement)].replace("-", "0"))
            page.keyboard.press("Tab")
            if page.locator("fieldset").last.locator(":focus").count() == 0:
                break
        assert page.locator("fieldset :checked").count() == 2
        if number % 2:
            reach(page, ".bar .main")
        else:  # Enter on a choice goes on too, not to the other language
            page.keyboard.press("Shift+Tab")
            page.locator("fieldset :checked").last.focus()
        page.keyboard.press("Enter")
    expect(page.locator("textarea")).to_be_visible()
    reach(page, ".bar .main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks/")
    assert answered(invitation) == MARKS


def reach(page: Page, what: str) -> None:
    for _ in range(60):
        if page.locator(f"{what}:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{what} cannot be reached by Tab on {page.url}")


def test_stopped_half_way_it_goes_on_there_in_another_browser(open_page, invite):
    invitation = invite()
    page = open_page(size=PHONE)
    page.goto(address_of(invitation))
    start(page)
    for _ in range(3):
        choose(page)
        onward(page)
    other = open_page()
    other.goto(address_of(invitation))
    expect(other.locator(".welcome")).to_contain_text("Welcome back")
    start(other)
    expect(other.locator("h1")).to_contain_text("7 and 8 of 20")


def test_switching_the_language_keeps_what_was_chosen(open_page, invite):
    page = open_page(size=PHONE)
    page.goto(address_of(invite()))
    start(page)
    choose(page)
    chosen = page.locator("fieldset :checked").evaluate_all("all => all.map(one => one.name + one.value)")
    page.locator(".language").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    assert page.locator("fieldset :checked").evaluate_all("all => all.map(one => one.name + one.value)") == chosen


def test_nothing_goes_on_by_itself(open_page, invite):
    page = open_page(size=PHONE)
    page.goto(address_of(invite()))
    start(page)
    choose(page)
    page.wait_for_timeout(500)
    assert page.url.endswith("?at=1")


def test_without_a_connection_what_was_chosen_stays_on_the_page(open_page, invite):
    page = open_page(size=PHONE)
    page.goto(address_of(invite()))
    start(page)
    choose(page)
    page.context.set_offline(True)
    page.locator(".bar .main").click()
    expect(page.locator("#offline")).to_contain_text("No connection")
    assert page.locator("fieldset :checked").count() == 2
    page.context.set_offline(False)
    onward(page)
    expect(page.locator("input[name=at]")).to_have_value("2")


def test_the_points_are_large_enough_for_a_thumb(open_page, invite):
    page = open_page(size=PHONE)
    page.goto(address_of(invite()))
    start(page)
    sizes = page.locator(".scale label, .bar .btn").evaluate_all("all => all.map(one => one.getBoundingClientRect())")
    assert all(box["height"] >= 48 and box["width"] >= 48 for box in sizes)
    assert all(
        box["height"] >= 56
        for box in page.locator(".scale label:not(.dk)").evaluate_all("all => all.map(b => b.getBoundingClientRect())")
    )
