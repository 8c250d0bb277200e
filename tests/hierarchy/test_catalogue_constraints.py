"""What the database itself refuses, whatever the code above it does."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hierarchy.models import Edition, Indicator, Level, Play, PlayAction

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return Edition.objects.create(name_en="Draft")


def refused(make) -> bool:
    try:
        with transaction.atomic():
            make()
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("rank", [0, 6])
def test_a_level_has_a_rank_from_1_to_5(draft, rank):
    assert refused(lambda: Level.objects.create(edition=draft, rank=rank))


def test_an_edition_has_each_level_once(draft):
    Level.objects.create(edition=draft, rank=3)
    assert refused(lambda: Level.objects.create(edition=draft, rank=3))


@pytest.mark.parametrize("rank", [0, 6])
def test_a_statement_measures_a_level_from_1_to_5(draft, rank):
    assert refused(lambda: Indicator.objects.create(edition=draft, rank=rank, code="x"))


def test_a_statements_code_stands_once_in_an_edition(draft):
    Indicator.objects.create(edition=draft, rank=1, code="1a")
    assert refused(lambda: Indicator.objects.create(edition=draft, rank=2, code="1a"))


def test_another_edition_may_use_the_same_codes(draft):
    other = Edition.objects.create(name_en="Other")
    Indicator.objects.create(edition=draft, rank=1, code="1a")
    assert not refused(lambda: Indicator.objects.create(edition=other, rank=1, code="1a"))


def test_a_plays_code_stands_once_in_an_edition(draft):
    Play.objects.create(edition=draft, code="usp", from_rank=1)
    assert refused(lambda: Play.objects.create(edition=draft, code="usp", from_rank=2))


@pytest.mark.parametrize(("low", "high"), [(1, 3), (2, 1), (3, 3), (0, 1), (5, 6)])
def test_a_play_climbs_exactly_one_step(draft, low, high):
    assert refused(lambda: Play.objects.create(edition=draft, code="jump", from_rank=low, to_rank=high))


def test_an_action_is_not_due_before_the_plan_starts(draft):
    play = Play.objects.create(edition=draft, code="usp", from_rank=1)
    assert refused(lambda: PlayAction.objects.create(play=play, days=-1))


def test_one_edition_is_published(draft):
    other = Edition.objects.create(name_en="Other")
    published = {"state": "published", "published_on": timezone.now()}
    Edition.objects.filter(pk=draft.pk).update(**published)
    assert refused(lambda: Edition.objects.filter(pk=other.pk).update(**published))


def test_a_published_edition_says_when(draft):
    assert refused(lambda: Edition.objects.filter(pk=draft.pk).update(state="published"))


@pytest.mark.parametrize("held_at", ["1", "5.01", "0"])
def test_a_level_is_held_above_1_and_up_to_5(held_at):
    assert refused(lambda: Edition.objects.create(name_en="Odd", held_at=Decimal(held_at)))
