"""From an empty installation to the desk of an invited colleague, by hand: with a script, without one, in the dark on a phone."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Team, User
from core.models import Organisation
from hierarchy.loading import load_first_edition
from people.set_up import issue_link
from tests.browser.conftest import PHONE, check_page

PASSWORD = "a long enough secret"


@pytest.mark.parametrize("how", [{}, {"java_script_enabled": False}, {"size": PHONE, "color_scheme": "dark"}])
def test_from_empty_to_the_desk(open_page, fresh_cache, settings, tmp_path, how):
    load_first_edition()
    files = {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": {"file_path": str(tmp_path)}}
    settings.MAILERS = {"default": files}

    def look(page):
        if how.get("java_script_enabled", True):
            check_page(page)

    page = open_page(**how)
    page.goto("/")
    expect(page.get_by_text("manage.py set_up")).to_be_visible()
    look(page)

    page.goto(urlsplit(issue_link()).path)
    look(page)
    for name, typed in (("person_name", "Ada Kramer"), ("email", "ada@example.com"), ("name", "Vermeer & Partners")):
        page.locator(f"input[name={name}]").fill(typed)
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password2]").fill("something else")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("not the same").first).to_be_visible()
    expect(page.locator("input[name=person_name]")).to_have_value("Ada Kramer")
    look(page)
    for name in ("password1", "password2"):
        page.locator(f"input[name={name}]").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()

    expect(page.get_by_role("heading", name="Mail", exact=True)).to_be_visible()
    look(page)
    page.get_by_role("button", name="Send me a test").click()
    expect(page.get_by_text("The test mail was written to")).to_be_visible()
    page.get_by_role("link", name="Next step").click()

    page.locator("textarea[name=people]").fill("Mila Vermeer <mila@example.com>\nnonsense")
    page.locator("input[name=new_team]").fill("Benelux")
    page.get_by_role("button", name="Invite and show the links").click()
    expect(page.get_by_text("Line 2:")).to_be_visible()
    look(page)
    page.locator("textarea[name=people]").fill("Mila Vermeer <mila@example.com>")
    page.get_by_role("button", name="Invite and show the links").click()
    link = page.get_by_label("Link of Mila Vermeer").input_value()
    look(page)
    page.get_by_role("link", name="To my desk").click()
    expect(page.get_by_text("1 of 4 done")).to_be_visible()
    look(page)
    for address in ("people:list", "people:teams", "people:organisation"):
        page.goto(reverse(address))
        look(page)
    page.goto(reverse("people:person", args=[User.objects.get(name="Mila Vermeer").pk]))
    look(page)
    page.goto(reverse("people:team", args=[Team.objects.get().pk]))
    look(page)

    theirs = open_page(**how)
    theirs.goto(urlsplit(link).path)
    look(theirs)
    for name in ("password1", "password2"):
        theirs.locator(f"input[name={name}]").fill(PASSWORD)
    theirs.get_by_role("button", name="Come in").click()
    expect(theirs.get_by_text("Welcome to Standing, Mila.")).to_be_visible()
    expect(theirs.get_by_text("0 of 4 done")).to_be_visible()
    look(theirs)
    assert Organisation.objects.get().name == "Vermeer & Partners"
    assert User.objects.get(name="Mila Vermeer").teams.get().name == "Benelux"
