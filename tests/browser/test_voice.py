"""The customer's voice, whole: our view first, three contacts asked by mail, each answers on a phone, and what comes of it.

The figures that the pages must show are worked out by hand, from what the four people answer.
"""

import re
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from mailing import outbox
from tests.browser.conftest import PHONE, check_page
from tests.browser.hands import Mouse
from tests.factories import make_account, make_contact, make_user
from tests.surveys.inviting import link_in

# The worked examples of the measurement, a to d of each level; `-` is don't know.
R1 = "5445 4434 3433 2212 1121"  # position 2.9, level 2
R2 = "5544 5444 4443 332- ---2"  # position 3.6667, level 3
R4 = "5555 --4- 4544 4434 3234"  # position 4.8, level 4

NAMES = {"Anna Bakker": "en", "Daan Visser": "nl", "Ines Moreau": "en"}
TEXTS = {"Anna Bakker": "Zoom less.", "Daan Visser": "Kom vaker langs.", "Ines Moreau": "answer the phone."}
TITLES = {"en": "How do you see us?", "nl": "Hoe ziet u ons?"}


@dataclass(frozen=True)
class Story:
    """Who says what, with which say; and what the pages must show of it."""

    visibility: str
    ours: str
    people: tuple[tuple[str, int, str], ...]  # buying role, influence, answers
    headline: str
    they: str
    we: str
    gap: str
    agreement: tuple[str, str]
    confidence: tuple[str, str]
    band: str


# Anna 2.9 weighs 3, Daan 3.6667 and Ines 4.8 weigh 1 each: together 5, half is 2.5. From below: 2.9 brings 3, which is more
# than half: position 2.9, level 2 (unweighted it would be 3.6667, level 3). We say 4.8, level 4: 4 - 2 = 2 rosier.
# Agreement: mean level (3·2 + 1·3 + 1·4) / 5 = 13/5 = 2.6; distances 0.6, 0.4, 1.4 of width 4:
# 1 + 3/5·log2(1 - 0.15) + 1/5·log2(1 - 0.1) + 1/5·log2(1 - 0.35)
#   = 1 - 0.6·0.2345 - 0.2·0.1520 - 0.2·0.6215 = 1 - 0.1407 - 0.0304 - 0.1243 = 0.7046: shared, from 0.7 on.
# Three people of three buying roles, the economic buyer among them, agreement from 0.7 on, and everybody heard; but a browser that
# is driven answers in no time: medium.
WITH_THE_BUYER = Story(
    visibility="named",
    ours=R4,
    people=(("economic", 3, R1), ("user", 1, R2), ("technical", 1, R4)),
    headline="We thought 4: 2 levels rosier.",
    they="level 2 2.9",
    we="our view: level 4 4.8",
    gap="+2",
    agreement=("Shared view", "agreement 0.70 of 1"),
    confidence=(
        "Medium confidence",
        "some answers are all alike or were given too fast; but three or more people answered, the economic buyer among them, they "
        "share one view and nobody who was not heard could change the level. To raise it: ask again those who answered all alike or "
        "too fast.",
    ),
    band="Level 2: everybody who decides was heard",
)
# In confidence everybody weighs the same, whatever their influence: of 2.9, 3.6667 and 4.8 the middle one counts, level 3 (with
# their influence it would be 4.8, level 4); a position is not shown. We say 2.9, level 2: 2 - 3 = 1 gloomier.
# Agreement: mean level 3; distances 1, 0, 1 of width 4: 1 + 2/3·log2(1 - 0.25) = 1 - 0.2767 = 0.7233: shared; no figure is shown.
# Three people of two buying roles, but none the economic buyer, and answers in no time: medium.
WITHOUT_THE_BUYER = Story(
    visibility="confidential",
    ours=R1,
    people=(("user", 1, R1), ("user", 1, R2), ("technical", 3, R4)),
    headline="We thought 2: 1 level gloomier.",
    they="level 3",
    we="our view: level 2 2.9",
    gap="−1",
    agreement=("Shared view", ""),
    confidence=(
        "Medium confidence",
        "the economic buyer was not heard and some answers are all alike or were given too fast; but they share one view and nobody "
        "who was not heard could change the level. To raise it: hear the economic buyer and ask again those who answered all alike "
        "or too fast.",
    ),
    band="Level 3: everybody who decides was heard",
)


@pytest.fixture
def manager(transactional_db, edition):
    cache.clear()
    yield make_user(name="Mila Vermeer", email="mila@example.com")
    cache.clear()


@pytest.mark.parametrize(
    "story",
    [pytest.param(WITH_THE_BUYER, id="named"), pytest.param(WITHOUT_THE_BUYER, id="confidential, no economic buyer")],
)
def test_from_our_own_view_to_what_they_say(story, open_page, sign_in, manager):
    account = make_account(name="Zilverberg Papier", owner=manager)
    for name, (role, influence, _marks) in zip(NAMES, story.people, strict=True):
        email = f"{name.split()[0].lower()}@zilverberg.example"
        make_contact(account, name=name, email=email, buying_role=role, influence=influence)
    page = open_page()
    sign_in(page, manager)
    page.goto(account.get_absolute_url())

    give_our_view(page, story.ours)
    invite(page, story)
    outbox.deliver_due()
    links = {message.to[0].split(" <")[0]: link_in(message).removeprefix(settings.BASE_URL) for message in mail.outbox}
    assert set(links) == set(NAMES)
    see(page, {"Anna Bakker": "no answer yet", "Daan Visser": "no answer yet", "Ines Moreau": "no answer yet"})

    phones = {name: open_page(size=PHONE, has_touch=True) for name in NAMES}
    phones["Daan Visser"].goto(links["Daan Visser"])
    see(page, {"Anna Bakker": "no answer yet", "Daan Visser": "opened", "Ines Moreau": "no answer yet"})
    for name, (_role, _influence, marks) in zip(NAMES, story.people, strict=True):
        answer(phones[name], links[name], marks, NAMES[name], TEXTS[name])
        expect(status(page, name)).not_to_have_text("answered")  # the page as it was: what follows is not of before
        page.reload()
        expect(status(page, name)).to_have_text("answered")
    see(page, dict.fromkeys(NAMES, "answered"))
    expect(page.get_by_text("Asked, and no answer yet")).to_have_count(0)

    page.get_by_role("button", name="Close the assessment").click()
    expect(page.get_by_role("heading", name="Zilverberg Papier")).to_be_visible()
    shown(page, story)
    page.get_by_role("link", name="Who said what").click()
    of_the_round(page, story)


def give_our_view(page: Page, marks: str) -> None:
    page.get_by_role("link", name="Assess this account").click()
    statements = page.locator("fieldset.statement")
    expect(statements).to_have_count(20)
    for statement, mark in zip(statements.all(), marks.replace(" ", ""), strict=True):
        statement.locator(f"label:has(input[value='{mark.replace('-', 'dk')}'])").click()
    page.get_by_role("button", name="Submit my view").click()
    expect(page.locator(".messages")).to_contain_text("Submitted")


def invite(page: Page, story: Story) -> None:
    if page.get_by_role("link", name="Ask the customer").count() == 0:
        page.get_by_role("link", name="assessment of").click()
    page.get_by_role("link", name="Ask the customer").click()
    expect(page).to_have_url(re.compile(r"/accounts/\d+/invite/$"))
    me = Mouse(page)
    for name, language in NAMES.items():
        me.tick(page.get_by_role("checkbox", name=name))
        page.get_by_label(f"Language of {name}").select_option(language)
    me.choose(page.locator(f"input[name=visibility][value={story.visibility}]"))
    check_page(page)
    page.get_by_role("button", name="Send the invitations").click()
    expect(page.get_by_role("heading", name="Their people")).to_be_visible()
    see(page, dict.fromkeys(NAMES, "on its way"))


def person(page: Page, name: str):
    return page.locator("section", has_text="Their people").locator("li", has_text=name)


def status(page: Page, name: str):
    return person(page, name).locator(".tag")


def see(page: Page, states: dict[str, str]) -> None:
    """How it stands with each on the page of the open round, and no figure of theirs in a confidential one."""
    page.reload()
    for name, state in states.items():
        expect(status(page, name)).to_have_text(state)
        expect(person(page, name)).to_contain_text("asked ")
        if state in {"opened", "answered"}:
            expect(person(page, name)).to_contain_text(f"{state} ")
    check_page(page)


def answer(phone: Page, link: str, marks: str, language: str, text: str) -> None:
    """One contact, from the link in the mail to *thank you*, in their language."""
    given = dict(zip([f"{rank}{letter}" for rank in range(1, 6) for letter in "abcd"], marks.replace(" ", ""), strict=True))
    phone.goto(link)
    expect(phone.locator("html")).to_have_attribute("lang", language)
    expect(phone.locator("h1")).to_have_text(TITLES[language])
    check_page(phone)
    phone.locator(".welcome .main").tap()
    asked = []
    for number in range(1, 11):
        expect(phone.locator("input[name=at]")).to_have_value(str(number))
        for statement in phone.locator("fieldset").all():
            code = (statement.locator("input").first.get_attribute("name") or "").removeprefix("q-")
            statement.locator(f"label:has(input[value='{given[code].replace('-', 'dk')}'])").tap()
            asked.append(code)
        phone.locator(".bar .main").tap()
    expect(phone.locator("textarea")).to_be_visible()
    assert sorted(asked) == sorted(given)
    phone.locator("textarea").fill(text)
    check_page(phone)
    phone.locator(".bar .main").tap()
    phone.wait_for_url("**/survey/thanks/")
    check_page(phone)


def words_of(place) -> str:
    return " ".join(place.inner_text().split())


def shown(page: Page, story: Story) -> None:
    """What the account page says: their level, ours, the gap, and how far it can be trusted."""
    expect(page.locator("p.answer")).to_contain_text(story.headline)
    assert [words_of(value) for value in page.locator(".strip dd").all()[:3]] == [story.they, story.we, story.gap]
    page.locator(".account-tabs").get_by_role("link", name="People").click()
    card = page.locator("#sure")
    lines = [(words_of(line.locator("b")), words_of(line.locator("small"))) for line in card.locator("li").all()]
    assert lines[:2] == [story.confidence, story.agreement]
    assert [title for title, _text in lines[2:]] == [story.band, "Fresh"]
    check_page(page)


def of_the_round(page: Page, story: Story) -> None:
    """The closed round says the same; who said what only where they were told so."""
    expect(page.get_by_text("3 of 3 answered")).to_be_visible()
    expect(page.get_by_text(story.agreement[0], exact=True)).to_be_visible()
    named = page.locator("#people tbody").inner_text()
    assert [name in named for name in NAMES] == [story.visibility == "named"] * 3
    if story.visibility == "named":
        said = words_of(page.locator("#words"))
        assert all(f"“{text}” {name}" in said for name, text in TEXTS.items())
    else:
        said = [words_of(line) for line in page.locator("#unnamed li").all()]
        assert said == ["“answer the phone.”", "“Kom vaker langs.”", "“Zoom less.”"]
    check_page(page)
    on_paper(page)


def on_paper(page: Page) -> None:
    """Printed on A4 nothing is cut off, and nothing asks to be pressed or filled in."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 690, "height": 1000})  # A4 within its margins, in CSS pixels
    expect(page.locator("table").first).to_be_visible()
    cut = page.locator(".table-scroll").evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).length")
    assert cut == 0
    for what in ("nav", "main button", "main textarea", "main input"):
        expect(page.locator(what).locator("visible=true")).to_have_count(0)
