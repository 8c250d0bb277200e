"""A real Chromium. Where it is missing the tests are listed as skipped; with CI=true that is a failure."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's calls run inside an event loop

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--lang=en-US",
]  # fmt: skip
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}


def pytest_collection_modifyitems(items):
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        why = "no Chromium: apt-get install -y --no-install-recommends chromium fonts-dejavu-core"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, live_server, transactional_db) -> Iterator[Callable[..., Page]]:
    """Open a page as a person would have it: size, language, light or dark, with JavaScript or without.

    What goes wrong in the browser (script errors, refused by the content security policy) fails the test.
    """
    contexts, wrong = [], []

    def open_page(*, size: dict[str, int] = DESKTOP, **how: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport=size, **{"locale": "en-GB", "reduced_motion": "reduce"} | how
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: said.type == "error" and wrong.append(f"{page.url}: {said.text}"))
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:  # what a page still fetches would meet the database of the next test
            expect(page.locator(".htmx-request")).to_have_count(0)
        context.close()
    # An answer that says no (409, 422) is logged by the browser, but is no fault of the page.
    assert [text for text in wrong if "Failed to load resource" not in text] == []


@pytest.fixture
def sign_in(client, live_server) -> Callable[[Page, Any], None]:
    """Sign a person in without the form: for tests that are about something else."""

    def sign_in(page: Page, user: Any) -> None:
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])

    return sign_in


def check_page(page: Page) -> None:
    """Nothing that axe finds, and nothing that makes the page scroll sideways."""
    page.wait_for_load_state()
    # Without preloading: for a sheet that imports another axe would add a style to the page, which the policy refuses. It is for two
    # rules alone, of which one is off and the other is about sound.
    found = Axe().run(page, options={"preload": False})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    excess = page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth")
    assert excess <= 0, f"{page.url} is {excess} px wider than the window"
