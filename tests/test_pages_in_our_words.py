"""Every page speaks in our words: what the customer says of us stands in quotation marks, or not at all.

A sentence of theirs in which “we” is the customer would otherwise be read as ours: “The partner we cannot do without”.
"""

import re
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from accounts.models import User
from assessments.rounds.closing import close
from hierarchy.models import Indicator, Level
from tests.factories import answer, make_contact
from tests.test_permissions import OPEN, TABLE, come_as, prepared, scene  # noqa: F401

pytestmark = pytest.mark.one_database

R1, R2, R4 = "5445 4434 3433 2212 1121", "5544 5444 4443 332- ---2", "5555 --4- 4544 4434 3234"
THEIRS = re.compile(r"\b(we|us|our|wij|ons|onze)\b", re.IGNORECASE)
BEFORE_A_NAME = ("They see us as ", "Zij zien ons als ")
#: Pages that are not looked at, and why.
THEIR_PAGES = {
    "surveys:survey": "the customer's own",
    "surveys:survey_thanks": "the customer's own",
    "admin:hierarchy_edition_preview": "shows what the customer reads, as they read it",
}


class Text(HTMLParser):
    """What a page says, without what stands in its fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "style", "textarea", "option"}:
            self.inside.append(tag)
        self.parts += [value for name, value in attrs if name in {"title", "aria-label", "placeholder"} and value]

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.parts.append(data)

    def __str__(self) -> str:
        return " ".join(" ".join(self.parts).split())


def sentences(language: str) -> set[str]:
    """What the customer says in the edition, where “we” is the customer."""
    levels = Level.objects.values_list(f"seen_as_{language}", flat=True)
    said = {text.rstrip(" .") for text in (*levels, *Indicator.objects.values_list(f"customer_{language}", flat=True))}
    return {text for text in said if THEIRS.search(text)}


def unquoted(text: str, said: set[str]) -> set[str]:
    """Those of the sentences that stand somewhere without a quotation mark before them."""
    found = set()
    for sentence in said:
        for place in re.finditer(re.escape(sentence), text, re.IGNORECASE):
            if text[: place.start()].rstrip()[-1:] != "“":
                found.add(sentence)
    return found


@pytest.fixture
def told(scene):  # noqa: F811
    """The account has a result of both sides with all that explains it, and its next round is open."""
    round_ = scene.open_round
    for number, marks in enumerate((R1, R2)):
        answer(round_, make_contact(scene.account, name=f"Ines {number}"), marks, comment="You know us well.")
    answer(round_, scene.owner, R4)
    scene.closed_round = close(round_, by=scene.owner)
    return scene


def pages(scene, who):  # noqa: F811
    for name, row in TABLE.items():
        opens = row.get[who]
        if (
            name not in THEIR_PAGES
            and not name.startswith("api:")
            and (opens == OPEN or (isinstance(opens, set) and OPEN in opens))
        ):
            things = [getattr(scene, thing) for thing in row.args]
            yield name, reverse(name, args=[getattr(thing, "pk", thing) for thing in things])
    if who in {"owner", "administrator"}:
        yield "surveys:round closed", reverse("surveys:round", args=[scene.account.pk, scene.closed_round.pk])
    if who == "administrator":
        for name in ("admin:hierarchy_edition_change", "assessments:scale_check"):
            yield f"{name} frozen", reverse(name, args=[scene.closed_round.edition_id])


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("who", ["owner", "viewer", "administrator"])
def test_no_page_says_what_the_customer_says_as_if_it_were_ours(told, client, who, language):
    User.objects.update(language=language)
    come_as(who, client, told)
    said, faults, quoted = sentences(language), {}, 0
    for name, url in pages(told, who):
        shown = client.get(url)
        if shown.status_code != 200 or shown.streaming or "html" not in shown.get("Content-Type", ""):
            continue
        text = str(Text(shown.content.decode()))
        quoted += sum(text.count(f"“{sentence}") for sentence in said)
        wrong = unquoted(text, said)
        wrong |= {f"{start}{one}" for start in BEFORE_A_NAME for one in said if f"{start}{one}".casefold() in text.casefold()}
        if wrong:
            faults[name] = sorted(wrong)
    assert faults == {}
    assert quoted > 20  # the hierarchy and the account quote them


def test_a_sentence_without_marks_is_found():
    said = {"The partner we cannot do without"}
    assert unquoted("They see us as the partner we cannot do without.", said) == said
    assert unquoted("5 The partner we cannot do without", said) == said
    assert unquoted("“The partner we cannot do without”", said) == set()
    assert unquoted("the partner they cannot do without", said) == set()
