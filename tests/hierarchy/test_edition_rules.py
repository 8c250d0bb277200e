"""Editions at their edges: versions and events of publishing, copies, what is frozen, names in one language, and order."""

import pytest
from django.core.exceptions import ValidationError

from audit.models import Event
from hierarchy.drafting import changing, content, delete_draft
from hierarchy.models import Edition, FrozenEdition, Indicator, Level, Play, PlayAction
from hierarchy.publishing import clone, draft_from, publish
from tests.factories import make_administrator

pytestmark = pytest.mark.django_db


class TestPublishing:
    def test_raises_both_versions_and_tells_both_states(self, edition, draft):
        versions = edition.version, draft.version
        publish(draft, by=None)
        edition.refresh_from_db()
        draft.refresh_from_db()
        assert (edition.version, draft.version) == (versions[0] + 1, versions[1] + 1)
        told = dict(Event.objects.filter(act__in=["edition.retired", "edition.published"], object_id__in=[edition.pk, draft.pk])
                    .order_by("pk").values_list("object_id", "after"))  # fmt: skip
        continued = {"continues": edition.pk, "continued_as": "equal"}
        assert told == {edition.pk: {"state": "retired"}, draft.pk: {"state": "published"} | continued}

    def test_a_draft_that_is_gone_is_not_published(self, draft):
        Edition.objects.get(pk=draft.pk).delete()
        with pytest.raises(Edition.DoesNotExist):
            publish(draft, by=None)

    def test_a_retired_edition_is_not_published_again(self, edition, draft):
        publish(draft, by=None)
        with pytest.raises(ValidationError, match="Only a draft can be published"):
            publish(edition, by=None)

    def test_a_copy_of_a_published_edition_was_published_by_nobody(self, draft):
        published = publish(draft, by=make_administrator())
        copy = clone(published, by=None)
        assert (copy.state, copy.version, copy.published_by, copy.published_on) == ("draft", 1, None, None)

    def test_the_name_of_a_copy_fits_however_long_the_name_is(self, draft):
        Edition.objects.filter(pk=draft.pk).update(name_en="x" * 120, name_nl="")
        copy = clone(Edition.objects.get(pk=draft.pk), by=None)
        assert (copy.name_en, copy.name_nl) == ("x" * 100 + " (draft)", " (concept)")

    def test_a_draft_that_was_published_does_not_serve_again(self, edition):
        who = make_administrator()
        first, _made = draft_from(edition, by=who)
        Edition.objects.filter(pk=edition.pk).update(state="retired")
        Edition.objects.filter(pk=first.pk).update(state="retired", published_on=edition.published_on)
        assert draft_from(edition, by=who)[1]


class TestFrozen:
    def test_is_not_changed_within_the_context_of_a_change(self, edition):
        with pytest.raises(FrozenEdition), changing(edition, by=None, seen=edition.version):
            pytest.fail("it was entered")

    def test_is_not_deleted_and_no_event_says_so(self, edition):
        with pytest.raises(FrozenEdition):
            delete_draft(edition, by=None)
        assert not Event.objects.filter(act="edition.deleted").exists()

    def test_content_tells_of_each_statement_whether_it_is_asked_and_where(self, draft):
        draft.indicators.filter(code="1b").update(active=False)
        told = content(draft)["indicators"]
        assert [(told[code]["asked"], told[code]["place"], told[code]["level"]) for code in ("1a", "1b", "2a")] == [
            (True, 1, 1), (False, 2, 1), (True, 1, 2),
        ]  # fmt: skip


class TestNames:
    @pytest.mark.parametrize(
        ("obj", "text"),
        [
            (Edition(name_en="A", name_nl="B"), "A"), (Edition(name_nl="B"), "B"), (Edition(), "edition without a name"),
            (Play(code="c", title_en="A"), "A"), (Play(code="c", title_nl="B"), "B"), (Play(code="c"), "c"),
            (PlayAction(title_nl="B"), "B"), (PlayAction(), ""), (Indicator(code="3b"), "3b"), (Level(rank=3, name_en="C"), "3 C"),
        ],
    )  # fmt: skip
    def test_of_parts_in_one_language_only(self, obj, text):
        assert str(obj) == text

    def test_a_play_without_its_upper_level_climbs_one_step(self, draft):
        assert Play.objects.create(edition=draft, code="x", from_rank=3, title_en="x", why_en="x").to_rank == 4

    def test_statements_stand_in_the_order_that_was_chosen(self, draft):
        Indicator.objects.filter(edition=draft, code="1d").update(order=1)
        assert draft.indicators.first().code == "1d"

    def test_actions_stand_in_their_order_and_then_by_day(self, draft):
        play = Play.objects.create(edition=draft, code="x", from_rank=3, title_en="x", why_en="x")
        for days, order in ((30, 1), (20, 1), (90, 0)):
            play.actions.create(days=days, order=order, title_en="x")
        assert [action.days for action in play.actions.all()] == [90, 20, 30]
