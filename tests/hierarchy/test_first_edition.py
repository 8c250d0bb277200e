import pytest
import yaml

from audit.models import Event
from hierarchy.loading import FIRST_EDITION, load_first_edition
from hierarchy.models import Edition, PlayAction
from hierarchy.publishing import missing
from tests.inputs import PUBLIC

pytestmark = pytest.mark.django_db

SPEC = PUBLIC.parent / "spec"
ASKED, WHOLE = SPEC / "catalogue.yaml", SPEC / "catalogue-whole.yaml"


def read(file) -> dict:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def as_written(edition: Edition) -> dict:
    """The edition in the shape of the file it came from."""

    def texts(obj, name):
        return {"en": getattr(obj, f"{name}_en"), "nl": getattr(obj, f"{name}_nl")}

    return {
        "edition": {"name": texts(edition, "name"), "held_at": float(edition.held_at)},
        "levels": [
            {
                "rank": level.rank,
                **{name: texts(level, name) for name in ("name", "seen_as", "seen_as_ours", "description", "position")},
                "indicators": [
                    {"code": one.code, "customer": texts(one, "customer"), "team": texts(one, "team")}
                    for one in edition.indicators.filter(rank=level.rank)
                ],
            }
            for level in edition.levels.all()
        ],
        "plays": [
            {
                "code": play.code,
                "step": [play.from_rank, play.to_rank],
                "addresses": play.addressed_codes,
                "title": texts(play, "title"),
                "why": texts(play, "why"),
                "actions": [{"days": one.days, "title": texts(one, "title")} for one in play.actions.all()],
            }
            for play in edition.plays.all()
        ],
    }


def test_is_published_and_complete_in_both_languages(edition):
    assert Edition.objects.published() == edition
    assert missing(edition) == []


def test_has_five_levels_of_four_statements_and_plays_for_each_step(edition):
    assert [level.rank for level in edition.levels.all()] == [1, 2, 3, 4, 5]
    assert [edition.indicators.filter(rank=rank).count() for rank in range(1, 6)] == [4, 4, 4, 4, 4]
    assert [edition.plays.filter(from_rank=rank).count() for rank in range(1, 5)] == [4, 4, 4, 2]
    assert PlayAction.objects.filter(play__edition=edition).count() == 36


def test_says_all_that_its_file_says(edition):
    assert as_written(edition) == read(FIRST_EDITION)


@pytest.mark.skipif(not ASKED.is_file(), reason="the catalogue that was asked for is not here")
def test_says_all_that_was_asked_for(edition):
    asked, whole = read(ASKED), read(WHOLE)
    for level, told in zip(asked["levels"], whole["levels"], strict=True):
        level["seen_as_ours"] = told["seen_as_ours"]
    for play, told in zip(asked["plays"], whole["plays"], strict=True):
        play["addresses"] = told["addresses"]
    assert as_written(edition) == asked


def test_tests_use_what_the_loader_makes(edition):
    """They copy its rows: with the same events, and over again."""
    copied, told = as_written(edition), list(Event.objects.values_list("act", "before", "after"))
    Edition._base_manager.all().delete()
    Event.objects.all()._raw_delete(using="default")
    loaded = load_first_edition()
    assert as_written(loaded) == copied
    assert list(Event.objects.values_list("act", "before", "after")) == told
    same = ("state", "version", "name_en", "held_at")
    assert [getattr(loaded, name) for name in same] == [getattr(edition, name) for name in same]


def test_is_loaded_once(edition):
    assert load_first_edition() is None
    assert Edition.objects.count() == 1


def test_is_not_loaded_over_a_draft_of_ones_own():
    Edition.objects.create(name_en="Ours")
    assert load_first_edition() is None
