"""Results were measured with a published or retired edition: nothing of it changes."""

import pytest
from django.utils import timezone

from hierarchy.models import AddressedStatement, Edition, FrozenEdition, Indicator, Level, Play, PlayAction
from hierarchy.publishing import clone, publish

pytestmark = pytest.mark.django_db

PARTS = [Level, Indicator, Play, PlayAction, AddressedStatement]


@pytest.fixture(params=["published", "retired"])
def frozen(edition, request):
    if request.param == "retired":
        publish(clone(edition, by=None), by=None)
        edition.refresh_from_db()
    assert edition.state == request.param
    return edition


def one_of(model, edition):
    owner = "play__edition" if model in {PlayAction, AddressedStatement} else "edition"
    return model.objects.filter(**{owner: edition}).first()


@pytest.mark.parametrize("model", PARTS)
def test_a_part_is_not_saved(frozen, model):
    with pytest.raises(FrozenEdition):
        one_of(model, frozen).save()


@pytest.mark.parametrize("model", PARTS)
def test_a_part_is_not_deleted(frozen, model):
    with pytest.raises(FrozenEdition):
        one_of(model, frozen).delete()


@pytest.mark.parametrize("model", PARTS)
def test_parts_are_not_deleted_in_bulk(frozen, model):
    with pytest.raises(FrozenEdition):
        model.objects.all().delete()
    assert one_of(model, frozen)


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (Level, {"rank": 1}), (Level, {"seen_as_ours_en": "x"}), (Indicator, {"active": False}), (Play, {"order": 9}),
        (PlayAction, {"days": 9}), (AddressedStatement, {"order": 9}),
    ],
)  # fmt: skip
def test_parts_are_not_updated_in_bulk(frozen, model, value):
    with pytest.raises(FrozenEdition):
        model.objects.all().update(**value)


def test_parts_are_not_updated_through_the_edition(frozen):
    with pytest.raises(FrozenEdition):
        frozen.indicators.update(active=False)


def test_nothing_is_added(frozen):
    with pytest.raises(FrozenEdition):
        Indicator.objects.create(edition=frozen, rank=1, code="1z")
    with pytest.raises(FrozenEdition):
        Indicator.objects.bulk_create([Indicator(edition=frozen, rank=1, code="1z")])


def test_a_part_does_not_move_to_a_draft(frozen):
    part = one_of(Indicator, frozen)
    part.edition = Edition.objects.create(name_en="Draft")
    with pytest.raises(FrozenEdition):
        part.save()


@pytest.mark.parametrize(("field", "value"), [("held_at", 4), ("name_nl", "Anders"), ("note", "x")])
def test_the_edition_itself_keeps_its_words_and_its_measure(frozen, field, value):
    setattr(frozen, field, value)
    with pytest.raises(FrozenEdition):
        frozen.save()
    with pytest.raises(FrozenEdition):
        Edition.objects.filter(pk=frozen.pk).update(**{field: value})


def test_the_edition_is_not_deleted(frozen):
    with pytest.raises(FrozenEdition):
        frozen.delete()
    with pytest.raises(FrozenEdition):
        Edition.objects.all().delete()


def test_a_published_edition_still_retires(edition):
    Edition.objects.filter(pk=edition.pk).update(state="retired", published_on=timezone.now())
    assert Edition.objects.get(pk=edition.pk).state == "retired"


def test_a_draft_changes_as_one_likes(edition):
    draft = clone(edition, by=None)
    draft.indicators.update(active=False)
    draft.plays.first().delete()
    draft.held_at = 4
    draft.save()
    draft.delete()
    assert Edition.objects.count() == 1
