"""What is typed is stored once, and not lost on the way to another language."""

import pytest
from playwright.sync_api import Route, expect

from accounts.models import Account
from tests.browser.conftest import check_page
from tests.factories import make_account, make_user

LINES = "\n".join(f"Line {n} of what was said on the phone." for n in range(20))


@pytest.mark.parametrize(("javascript", "sent"), [(True, 1), (False, 2)])
def test_a_double_click_on_a_slow_line_makes_one_account(open_page, sign_in, edition, javascript, sent):
    page, answers = open_page(java_script_enabled=javascript), []
    sign_in(page, make_user(name="Mila Vermeer"))

    def slowly(route: Route) -> None:
        """The form reaches the server at once, and its answer the browser when the test lets it."""
        if route.request.method == "POST":
            answers.append((route, route.fetch(max_redirects=0)))
        else:
            route.continue_()

    page.route("**/accounts/new/", slowly)
    page.goto("/accounts/new/")
    page.get_by_label("Name", exact=False).first.fill("Adler BV")
    button = page.locator("#main form.sheet button").first
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    for _ in range(2):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # waits for no answer, as a person
        page.wait_for_timeout(400)
    assert len(answers) == sent
    route, answer = answers[-1]
    route.fulfill(response=answer)
    expect(page.get_by_role("heading", name="Adler BV")).to_be_visible()
    expect(page.get_by_text("Adler BV is here.")).to_have_count(1)
    assert Account.objects.count() == 1


def switch_language(page):
    """By the menu of the person."""
    menu = page.locator("details.me")
    if menu.get_attribute("open") is None:
        menu.locator("summary").click()
    menu.locator(".language a").click()


class TestTheLanguageSwitch:
    @pytest.fixture
    def account(self, edition):
        return make_account()

    def opened(self, open_page, sign_in, account, **how):
        page = open_page(**how)
        sign_in(page, account.owner)
        page.goto(f"/accounts/{account.pk}/edit/")
        return page

    def test_asks_before_what_was_typed_is_lost(self, open_page, sign_in, account):
        page, asked = self.opened(open_page, sign_in, account), []
        page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        page.locator("[name=notes]").fill(LINES)
        switch_language(page)
        page.wait_for_timeout(300)
        assert len(asked) == 1 and "did not save is lost" in asked[0]
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("[name=notes]")).to_have_value(LINES)
        page.once("dialog", lambda dialog: dialog.accept())
        switch_language(page)
        expect(page.locator("html")).to_have_attribute("lang", "nl")

    def test_asks_on_a_page_that_was_refused_too(self, open_page, sign_in, account):
        page, asked = self.opened(open_page, sign_in, account), []
        page.locator("[name=notes]").fill(LINES)
        page.locator("[name=name]").fill("")
        page.locator("#main form.sheet button").first.click()
        expect(page.locator("[name=notes]")).to_have_value(LINES)
        page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        switch_language(page)
        page.wait_for_timeout(300)
        assert len(asked) == 1
        expect(page.locator("[name=notes]")).to_have_value(LINES)

    def test_does_not_ask_where_nothing_was_typed(self, open_page, sign_in, account):
        page = self.opened(open_page, sign_in, account)
        switch_language(page)  # a question would be answered with no
        expect(page.locator("html")).to_have_attribute("lang", "nl")
        assert page.url.endswith("/edit/")

    def test_without_javascript_leads_to_a_page_from_where_one_comes_back_to_what_was_typed(self, open_page, sign_in, account):
        page = self.opened(open_page, sign_in, account, java_script_enabled=False)
        page.locator("[name=notes]").fill(LINES)
        switch_language(page)
        expect(page.get_by_text("did not save is lost")).to_be_visible()
        page.go_back()
        expect(page.locator("[name=notes]")).to_have_value(LINES)
        switch_language(page)
        page.get_by_role("button", name="Nederlands").click()
        expect(page.locator("html")).to_have_attribute("lang", "nl")
        assert page.url.endswith("/edit/")

    def test_its_page_can_be_read_by_everyone(self, open_page, edition):
        page = open_page()
        page.goto("/language/?next=/login/")
        check_page(page)
        page.get_by_role("button", name="Nederlands").click()
        expect(page.locator("html")).to_have_attribute("lang", "nl")
        assert page.url.endswith("/login/")
