import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from audit.models import Event
from core.versions import StaleEdit
from hierarchy.drafting import content, difference, start_draft
from hierarchy.models import AddressedStatement, Edition
from hierarchy.publishing import clone, draft_from, missing, missing_parts, publish
from tests.factories import make_administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(edition):
    return clone(edition, by=None)


class TestPublishing:
    def test_the_new_edition_is_published_and_the_old_one_retires(self, edition, draft):
        publish(draft, by=make_administrator())
        edition.refresh_from_db()
        assert (edition.state, Edition.objects.published()) == ("retired", draft)

    def test_both_changes_stand_in_the_trail_with_who_did_it(self, edition, draft):
        who = make_administrator()
        publish(draft, by=who)
        told = {(event.object_id, event.act, event.actor) for event in Event.objects.filter(actor=who)}
        assert told == {(edition.pk, "edition.retired", who), (draft.pk, "edition.published", who)}

    def test_says_who_and_when(self, draft):
        who = make_administrator()
        published = publish(draft, by=who)
        assert published.published_by == who and published.published_on

    def test_an_edition_is_published_once(self, draft):
        publish(draft, by=None)
        with pytest.raises(ValidationError):
            publish(draft, by=None)

    def test_a_draft_that_changed_since_it_was_seen_is_not_published(self, edition, draft):
        with pytest.raises(StaleEdit):
            publish(draft, by=None, seen=draft.version + 1)
        assert Edition.objects.published() == edition

    def test_an_incomplete_draft_stays_a_draft_and_says_what_is_missing(self, edition, draft):
        draft.plays.filter(from_rank=4).delete()
        with pytest.raises(ValidationError) as refused:
            publish(draft, by=None)
        assert refused.value.messages == ["The step from 4 to 5 has no play."]
        assert Edition.objects.published() == edition


class TestWhatIsMissing:
    @pytest.mark.parametrize(
        ("spoil", "sentence"),
        [
            (lambda draft: draft.levels.get(rank=2).delete(), "Level 2 is missing."),
            (lambda draft: draft.indicators.filter(rank=3).update(active=False), "Level 3 has no statement that is asked."),
            (lambda draft: draft.plays.filter(from_rank=1).delete(), "The step from 1 to 2 has no play."),
            (lambda draft: draft.plays.get(code="kaizen").actions.all().delete(), "The play “Kaizen” has no actions."),
            (lambda draft: draft.levels.filter(rank=1).update(name_nl=""), "Level 1: the text “name” is missing in Dutch."),
            (lambda draft: draft.levels.filter(rank=1).update(name_en="  "), "Level 1: the text “name” is missing in English."),
            (
                lambda draft: draft.indicators.filter(code="4a").update(team_en=None),
                "Statement 4a: the text “asked of our team” is missing in English.",
            ),
            (
                lambda draft: draft.plays.get(code="kaizen").actions.filter(order=0).update(title_nl=None),
                "An action of the play “Kaizen”: the text “action” is missing in Dutch.",
            ),
            (
                lambda draft: draft.levels.filter(rank=5).update(seen_as_ours_nl=""),
                "Level 5: the text “in our words: they see us as” is missing in Dutch.",
            ),
            (
                lambda draft: draft.plays.get(code="kaizen").addresses.all().delete(),
                "The play “Kaizen” names no statement that it works on.",
            ),
            (
                lambda draft: Edition.objects.filter(pk=draft.pk).update(name_nl=None),
                "Edition: the text “name” is missing in Dutch.",
            ),
        ],
    )  # fmt: skip
    def test_is_said_in_a_sentence(self, draft, spoil, sentence):
        spoil(draft)
        assert missing(Edition.objects.get(pk=draft.pk)) == [sentence]

    def test_is_said_with_the_language_that_lacks_it_in_the_readers_own(self, draft):
        draft.levels.filter(rank=1).update(name_en="")
        with translation.override("nl"):
            assert missing(draft) == ["Niveau 1: de tekst “naam” ontbreekt in het Engels."]

    def test_a_statement_that_is_not_asked_may_be_incomplete(self, draft):
        draft.indicators.filter(code="4a").update(team_en="", active=False)
        assert missing(draft) == []

    def test_an_empty_draft_lacks_everything_and_nothing_breaks(self):
        empty = start_draft(Edition(name_en="Empty"), by=None)
        kinds = {lack.kind for lack in missing_parts(empty)}
        assert kinds == {"edition", "levels", "indicators", "plays"}

    def test_costs_the_same_whatever_the_rows(self, draft, django_assert_num_queries):
        with django_assert_num_queries(5):  # levels, statements, plays, actions, statements of plays
            missing_parts(draft)


class TestCloning:
    def test_has_the_same_content(self, edition, draft):
        _, new = difference(content(edition), content(draft))
        assert new == {"name_en": "First edition (draft)", "name_nl": "Eerste editie (concept)"}

    def test_is_a_draft_that_changes_without_its_source(self, edition, draft):
        before = content(edition)
        draft.indicators.update(customer_en="Other words")
        draft.plays.all().delete()
        assert AddressedStatement.objects.filter(play__edition=edition).count() == 39
        assert draft.state == "draft" and draft.published_on is None
        assert content(Edition.objects.get(pk=edition.pk)) == before

    def test_a_clone_of_a_clone_is_not_called_draft_twice(self, draft):
        assert clone(draft, by=None).name_en == "First edition (draft)"

    def test_stands_in_the_trail(self, edition, draft):
        assert Event.objects.get(act="edition.cloned").after == {"from": edition.pk}

    def test_a_double_click_makes_one_draft(self, edition):
        who = make_administrator()
        first, made = draft_from(edition, by=who)
        again, made_again = draft_from(edition, by=who)
        assert (first, made, made_again) == (again, True, False)

    def test_someone_else_gets_a_draft_of_their_own(self, edition):
        first, _ = draft_from(edition, by=make_administrator())
        second, made = draft_from(edition, by=make_administrator())
        assert made and first != second

    def test_a_draft_that_was_changed_does_not_serve_again(self, edition):
        who = make_administrator()
        first, _ = draft_from(edition, by=who)
        Edition.objects.filter(pk=first.pk).update(version=2)
        assert draft_from(edition, by=who)[1]


def test_a_draft_started_empty_has_five_levels_to_write():
    who = make_administrator()
    draft = start_draft(Edition(name_en="Empty"), by=who)
    assert [level.rank for level in draft.levels.all()] == [1, 2, 3, 4, 5]
    assert Event.objects.get(act="edition.created").actor == who
