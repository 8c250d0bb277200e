"""What a contact's browser does with a survey link, and what it finds on the page."""

import re
from html import unescape

from django.conf import settings

from surveys.models import Invitation
from surveys.survey.links import issue_link
from tests.factories import make_account, make_assessment, make_contact, make_invitation, make_user

SURVEY, THANKS, STOP = "/survey/", "/survey/thanks/", "/survey/stop/"


def ask(*, visibility: str = "named", **fields) -> Invitation:
    """Ilse Verhoeven of Zilverberg, asked by Mila Vermeer."""
    account = make_account(name="Zilverberg", owner=make_user(name="Mila Vermeer"))
    assessment = make_assessment(account, visibility=visibility)
    return make_invitation(assessment, make_contact(account, name="Ilse Verhoeven"), **fields)


def address_of(invitation: Invitation) -> str:
    """The path of a new link."""
    return issue_link(invitation).removeprefix(settings.BASE_URL)


def enter(client, invitation: Invitation):
    """Follow a new link; gives the page that it leads to."""
    return client.get(address_of(invitation), follow=True)


def hidden(page) -> dict:
    """The hidden fields of the page's own form: what it saw."""
    return dict(re.findall(r'type="hidden" name="(survey|at|version|end)" value="([^"]*)"', page.text))


def codes(page) -> list[str]:
    """The statements on the page, in order."""
    return list(dict.fromkeys(re.findall(r'name="q-(\w+)"', page.text)))


def checked(page) -> dict:
    return dict(re.findall(r'name="q-(\w+)" value="(\w+)" checked', page.text))


def wording(page) -> str:
    """The text of the page, without tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def press(client, page, **fields):
    """Press a button of the page, with what is filled in; follows where it leads."""
    return client.post(SURVEY, hidden(page) | fields, follow=True)


def answer_all(client, value: str = "4"):
    """Answer every statement, screen by screen; gives the last screen."""
    page = client.get(SURVEY, {"at": 1})
    while names := codes(page):
        page = press(client, page, to=int(hidden(page)["at"]) + 1, **{f"q-{code}": value for code in names})
    return page
