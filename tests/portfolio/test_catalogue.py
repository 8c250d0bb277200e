"""The levels of an edition as pages need them, kept until something changes."""

import pytest
from django.db.models import QuerySet
from django.template import Context, Template
from django.utils import timezone, translation

from audit.trail import newest
from hierarchy.models import Edition, Indicator
from hierarchy.publishing import clone, publish
from portfolio.catalogue import rungs_of
from tests.factories import make_administrator

pytestmark = pytest.mark.django_db


def rungs(edition=None):
    return rungs_of(edition, state=newest(), today=timezone.localdate())


def test_levels_with_their_statements_and_the_plays_that_lead_up_to_them(edition):
    found = rungs(edition.pk)
    levels = {level.rank: level.seen_as for level in edition.levels.all()}
    assert {rank: rung.seen_as for rank, rung in found.items()} == levels
    assert {rank: rung.seen_as_ours for rank, rung in found.items()} == {
        level.rank: level.seen_as_ours for level in edition.levels.all()
    }
    asked = {
        rank: list(edition.indicators.filter(rank=rank).values_list("pk", "code", "customer_en", "team_en")) for rank in found
    }
    told = {rank: [(one.pk, one.code, one.customer, one.team) for one in rung.statements] for rank, rung in found.items()}
    assert told == asked
    plays = edition.plays.filter(to_rank=3).order_by("order")
    assert [(play.title, list(play.addresses)) for play in found[3].plays] == [(one.title, one.addressed_codes) for one in plays]
    assert found[3].plays[1].addresses == ("3d", "3a", "2a")
    assert found[1].plays == ()


def test_a_text_that_is_not_translated_falls_back_to_the_default_language(edition):
    # Past the guard of a published edition, for which no such statement gets published today.
    QuerySet(Indicator).filter(code="3a").update(customer_nl="")
    with translation.override("nl"):
        texts = {one.code: one.customer for one in rungs(edition.pk)[3].statements}
    assert texts["3a"] == "They adapt their service or support to the way we work."
    assert texts["3b"] == "Wij bereiken daar moeiteloos mensen die ons kennen."


def test_texts_of_several_lines_and_with_quotation_marks_come_through(edition):
    odd = 'One\ttab, two\nlines, "marks" and \\'
    draft = clone(edition, by=None)
    draft.indicators.filter(code="3a").update(customer_en=odd)
    draft.plays.filter(code="kaizen").update(title_en=odd)
    found = rungs(draft.pk)[3]
    assert found.statements[0].customer == odd and odd in [play.title for play in found.plays]


def test_each_language_has_its_own(edition):
    english = rungs()
    with translation.override("nl"):
        dutch = rungs()
    assert english[3].seen_as != dutch[3].seen_as
    assert english[3].plays != dutch[3].plays
    assert rungs() == english


def test_a_newly_published_edition_counts_at_once(edition):
    before = rungs()
    draft = clone(edition, by=None)
    draft.levels.filter(rank=3).update(seen_as_en="somebody to call")
    publish(draft, by=make_administrator())
    assert rungs()[3].seen_as == "somebody to call"
    assert rungs(edition.pk) == before


def test_asked_again_without_a_statement(edition, django_assert_num_queries):
    state = newest()
    with django_assert_num_queries(1):
        rungs_of(edition.pk, state=state, today=timezone.localdate())
    with django_assert_num_queries(0):
        rungs_of(edition.pk, state=state, today=timezone.localdate())


def test_without_a_published_edition_there_are_none():
    assert Edition.objects.published() is None
    assert rungs() == {}


def test_badges_speak_the_language_of_the_page():
    text = Template('{% load levels %}{% level_badge 3 "ours" %}{% stand_badge 2 None %}{% stand_badge None None %}')
    spoken = {}
    for language in ("en", "nl", "en"):
        with translation.override(language):
            spoken[language] = text.render(Context())
    assert "our view: level" in spoken["en"] and "our view: level" not in spoken["nl"]
    assert spoken["nl"].count("lv our") == 2 and spoken["nl"].endswith("?</span>")
