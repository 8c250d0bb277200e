"""The history of an edition in words: which text of which part changed, and what was added or removed."""

import pytest
from django.urls import reverse
from django.utils import translation

from audit import trail
from audit.models import Event
from hierarchy.drafting import changing, start_draft
from hierarchy.models import Edition
from hierarchy.trail_page import events_of_edition
from tests.factories import make_administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare():
    return Edition.objects.create(name_en="Bare")


def changes(edition, before, after):
    trail.record("edition.changed", edition, by=None, before=before, after=after)
    return [(one.what, one.before, one.after) for one in events_of_edition(edition)[0].changes]


CHANGED = [
    ({"note": ""}, {"note": "x"}, ("Note", "", "x")),
    ({"held_at": "3.50"}, {"held_at": "4.00"}, ("Held at", "3.50", "4.00")),
    ({"name_nl": None}, {"name_nl": "Tweede"}, ("Name · Nederlands", "", "Tweede")),
    ({"name_en": "A"}, {"name_en": "B"}, ("Name · English", "A", "B")),
    (
        {"levels": {"2": {"seen_as_nl": "a"}}}, {"levels": {"2": {"seen_as_nl": "b"}}},
        ("Level 2, the customer sees us as · Nederlands", "a", "b"),
    ),
    (
        {"indicators": {"3b": {"team_nl": "a"}}}, {"indicators": {"3b": {"team_nl": "b"}}},
        ("Statement 3b, asked of our team · Nederlands", "a", "b"),
    ),
    ({"indicators": {"3b": {"asked": True}}}, {"indicators": {"3b": {"asked": False}}}, ("Statement 3b, asked", "yes", "no")),
    ({"indicators": {"3b": {"asked": False}}}, {"indicators": {"3b": {"asked": True}}}, ("Statement 3b, asked", "no", "yes")),
    ({"indicators": {"3b": {"place": 1}}}, {"indicators": {"3b": {"place": 2}}}, ("Statement 3b, place", "1", "2")),
    ({"indicators": {"3b": {"level": 3}}}, {"indicators": {"3b": {"level": 4}}}, ("Statement 3b, level", "3", "4")),
    ({"plays": {"kaizen": {"why_en": "a"}}}, {"plays": {"kaizen": {"why_en": "b"}}}, ("Play kaizen, why · English", "a", "b")),
    (
        {"plays": {"kaizen": {"actions": {"2": {"days": 30}}}}}, {"plays": {"kaizen": {"actions": {"2": {"days": 60}}}}},
        ("Play kaizen, action of the play 2, due after (days)", "30", "60"),
    ),
    (
        {"plays": {"kaizen": {"actions": {"2": {"title_nl": "a"}}}}}, {"plays": {"kaizen": {"actions": {"2": {"title_nl": ""}}}}},
        ("Play kaizen, action of the play 2, action · Nederlands", "a", ""),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "line"), CHANGED)
def test_a_changed_value_is_named_with_its_part_and_language(bare, before, after, line):
    assert changes(bare, before, after) == [line]


WHOLE = [
    ("indicators", "1x", {"level": 1, "customer_en": "Fresh", "customer_nl": "Vers", "team_en": "Ours"}, "Statement 1x", "Fresh"),
    ("indicators", "1x", {"level": 1, "customer_en": "", "customer_nl": "Vers"}, "Statement 1x", "Vers"),
    ("plays", "new", {"title_en": "Try it", "why_en": "Because", "actions": {}}, "Play new", "Try it"),
    ("plays", "new", {"title_en": "", "title_nl": "", "actions": {}}, "Play new", "–"),
    ("levels", "1", {"name_en": "Commodity"}, "Level 1", "Commodity"),
]


@pytest.mark.parametrize(("kind", "code", "part", "what", "text"), WHOLE)
def test_a_part_that_was_added_or_removed_is_one_line_with_its_main_text(bare, kind, code, part, what, text):
    assert changes(bare, {kind: {}}, {kind: {code: part}}) == [(what, "", text)]
    assert changes(bare, {kind: {code: part}}, {kind: {}}) == [(what, text, "")]
    assert changes(bare, {kind: {code: part}}, {}) == [(what, text, "")]


def test_an_action_that_was_added_is_named_with_its_play(bare):
    after = {"plays": {"kaizen": {"actions": {"3": {"days": 9, "title_en": "Call"}}}}}
    before = {"plays": {"kaizen": {"actions": {}}}}
    assert changes(bare, before, after) == [("Play kaizen, action of the play 3", "", "Call")]


def test_several_changes_stand_in_the_order_of_the_trail(bare):
    before = {"note": "", "levels": {"1": {"name_en": "a"}}}
    after = {"note": "x", "levels": {"1": {"name_en": "b"}}, "held_at": "4.00"}
    assert [what for what, _before, _after in changes(bare, before, after)] == ["Note", "Level 1, name · English", "Held at"]


def test_labels_are_in_the_language_of_the_reader(bare):
    with translation.override("nl"):
        ((what, before, after),) = changes(
            bare, {"indicators": {"3b": {"asked": True}}}, {"indicators": {"3b": {"asked": False}}}
        )
    assert (before, after) == ("ja", "nee") and "asked" not in what


@pytest.mark.parametrize(
    ("act", "heading"),
    [
        ("edition.loaded", "Brought in from a file"),
        ("edition.created", "Started as an empty draft"),
        ("edition.cloned", "Made as a copy of another edition"),
        ("edition.changed", "Changed"),
        ("edition.published", "Published"),
        ("edition.retired", "Retired: another edition was published"),
        ("edition.painted", "edition.painted"),
    ],
)
def test_each_act_has_its_heading_and_only_a_change_has_lines(bare, act, heading):
    who = make_administrator(name="Ada Visser")
    trail.record(act, bare, by=who, before={"note": "a"}, after={"note": "b"})
    (event,) = events_of_edition(bare)
    assert (event.what, event.who, len(event.changes)) == (heading, "Ada Visser", int(act == "edition.changed"))


def test_of_other_editions_and_other_objects_nothing_is_told(bare):
    other = Edition.objects.create(name_en="Other")
    trail.record("edition.created", other, by=None)
    trail.record("account.changed", make_administrator(), by=None)
    Event.objects.filter(act="account.changed").update(object_id=bare.pk)
    assert events_of_edition(bare) == []


def test_the_latest_comes_first_and_there_is_an_end(bare):
    for n in range(4):
        trail.record("edition.changed", bare, by=None, before={"note": str(n)}, after={"note": str(n + 1)})
    assert [event.changes[0].after for event in events_of_edition(bare, most=3)] == ["4", "3", "2"]


def test_an_act_of_the_program_has_no_name(bare):
    trail.record("edition.published", bare, by=None)
    assert events_of_edition(bare)[0].who == "the system"


def test_without_events_the_page_says_so(client, bare):
    client.force_login(make_administrator())
    assert "Nothing is known of it." in client.get(reverse("admin:hierarchy_edition_history", args=[bare.pk])).text


def test_an_empty_draft_is_recorded_with_what_it_was_started_with():
    draft = start_draft(Edition(name_en="Empty", held_at=4, note="Why"), by=None)
    event = Event.objects.get()
    assert (event.act, event.object_id, event.actor) == ("edition.created", draft.pk, None)
    assert {name: event.after[name] for name in ("name_en", "note")} == {"name_en": "Empty", "note": "Why"}


def test_a_change_within_which_something_fails_leaves_nothing_behind(bare):
    who = make_administrator()
    with pytest.raises(ZeroDivisionError), changing(bare, by=who, seen=1):
        bare.indicators.create(rank=1, code="1a", customer_en="x", team_en="x")
        raise ZeroDivisionError
    bare.refresh_from_db()
    assert (bare.indicators.count(), bare.version, Event.objects.count()) == (0, 1, 0)
