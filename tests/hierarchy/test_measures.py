"""Editions that are one measure: what makes them one, what the publisher is told before, and what the trail keeps."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from core.versions import StaleEdit
from hierarchy.measures import effect_of_publishing, measure_of, measures
from hierarchy.models import Edition
from hierarchy.publishing import clone, publish
from tests.factories import make_account, make_result

pytestmark = pytest.mark.django_db

MENDED = "Their deliveries are on time and complete"


def mend(draft: Edition, code: str = "1a", **texts: str) -> Edition:
    """The draft with other words for one statement."""
    draft.indicators.filter(code=code).update(**texts or {"customer_en": MENDED})
    return draft


def results(edition: Edition, number: int = 1) -> None:
    for _number in range(number):
        make_result(make_account(), timezone.localdate(), customer=2.5, edition=edition)


def page_of(client, draft):
    return client.get(reverse("admin:hierarchy_edition_publish", args=[draft.pk]))


def send(client, draft, published, **typed):
    seen = {"version": draft.version, "published": published.pk}
    return client.post(reverse("admin:hierarchy_edition_publish", args=[draft.pk]), seen | typed)


def text(response) -> str:
    return " ".join(response.content.decode().split())


class TestTheSameStatements:
    """Code, level, both wordings in both languages, and the threshold: equal editions are one measure by themselves."""

    @pytest.mark.parametrize(
        "change",
        [
            lambda draft: None,
            lambda draft: draft.levels.filter(rank=1).update(seen_as_en="Somebody else"),
            lambda draft: draft.plays.filter(code="kaizen").update(title_en="Better every day"),
            lambda draft: draft.indicators.filter(code="1a").update(order=999),
            lambda draft: draft.indicators.create(code="1z", rank=1, customer_en="Not asked", team_en="Not asked", active=False),
            lambda draft: Edition.objects.filter(pk=draft.pk).update(note="Hints beside the levels"),
        ],
    )
    def test_whatever_else_changed(self, edition, draft, change):
        change(draft)
        published = publish(draft, by=None)
        assert (published.continues, published.continued_as) == (edition, "equal")
        assert [one.edition_ids for one in measures()] == [(draft.pk, edition.pk)]

    @pytest.mark.parametrize(
        "change",
        [
            lambda draft: mend(draft, customer_en="Other words"),
            lambda draft: mend(draft, customer_nl="Andere woorden"),
            lambda draft: mend(draft, team_en="Other words"),
            lambda draft: mend(draft, team_nl="Andere woorden"),
            lambda draft: draft.indicators.filter(code="1a").update(code="1e"),
            lambda draft: draft.indicators.filter(code="1a").update(rank=2),
            lambda draft: draft.indicators.filter(code="1a").update(active=False),
            lambda draft: Edition.objects.filter(pk=draft.pk).update(held_at=Decimal("3.75")),
        ],
    )
    def test_and_nothing_less(self, edition, draft, change):
        change(draft)
        published = publish(draft, by=None)
        assert (published.continues, published.continued_as) == (None, "")
        assert [one.edition_ids for one in measures()] == [(draft.pk,), (edition.pk,)]

    def test_as_an_edition_that_retired_long_ago(self, edition, draft):
        publish(mend(draft), by=None)
        again = publish(clone(edition, by=None), by=None)
        assert again.continues == edition
        assert [one.edition_ids for one in measures()] == [(again.pk, edition.pk), (draft.pk,)]

    def test_all_of_a_measure_continue_its_first_edition(self, edition, draft):
        second = publish(draft, by=None)
        third = publish(clone(second, by=None), by=None)
        assert third.continues == edition
        assert measure_of(second).edition_ids == (third.pk, second.pk, edition.pk)

    def test_a_draft_belongs_to_no_measure(self, edition, draft):
        second = publish(draft, by=None)
        copy = clone(second, by=None)
        assert (copy.continues, copy.continued_as) == (None, "")
        assert measure_of(copy).edition_ids == (copy.pk,)


class TestOnlyWording:
    def test_is_the_same_measure_when_the_publisher_says_so(self, edition, draft):
        published = publish(mend(draft), by=None, same_measure=True)
        assert (published.continues, published.continued_as) == (edition, "wording")

    def test_the_trail_keeps_what_was_worded_otherwise(self, edition, draft, administrator):
        before = edition.indicators.get(code="1a").customer_en
        publish(mend(draft), by=administrator, same_measure=True)
        event = Event.objects.get(act="edition.published", object_id=draft.pk)
        assert event.before == {"state": "draft", "indicators": {"1a": {"customer_en": before}}}
        assert event.after == {
            "state": "published",
            "continues": edition.pk,
            "continued_as": "wording",
            "indicators": {"1a": {"customer_en": MENDED}},
        }

    @pytest.mark.parametrize(
        "change",
        [
            lambda draft: draft.indicators.filter(code="1a").update(rank=2),
            lambda draft: draft.indicators.filter(code="1a").update(active=False),
            lambda draft: Edition.objects.filter(pk=draft.pk).update(held_at=Decimal("3.75")),
        ],
    )
    def test_more_than_wording_is_never_the_same(self, edition, draft, change):
        change(draft)
        with pytest.raises(ValidationError, match="More than wording differs"):
            publish(draft, by=None, same_measure=True)
        assert Edition.objects.published() == edition

    def test_the_former_edition_is_the_published_one(self, edition, draft):
        """What was worded so in an edition before it, and asks another thing since, is no measure of that one."""
        publish(mend(draft), by=None)
        third = mend(clone(edition, by=None), "1b")
        assert effect_of_publishing(third).compared.edition == draft


class TestConstraints:
    @pytest.mark.parametrize(
        ("name", "change"),
        [
            (
                "edition_continues_unless_draft",
                lambda one, other: {"continues": other, "continued_as": "equal", "state": "draft"},
            ),
            ("edition_does_not_continue_itself", lambda one, other: {"continues": one, "continued_as": "equal"}),
            ("edition_continues_for_a_reason", lambda one, other: {"continues": other, "continued_as": ""}),
            ("edition_continues_for_a_reason", lambda one, other: {"continues": None, "continued_as": "wording"}),
        ],
    )
    def test_hold_in_the_database(self, edition, draft, name, change):
        second = publish(mend(draft), by=None)
        values = change(second, edition)
        if values.get("state") == "draft":
            values["published_on"] = None
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            QuerySet.update(Edition._base_manager.filter(pk=second.pk), **values)


class TestWhatIsSaidBefore:
    def test_the_same_statements_go_on_with_all_results(self, client, edition, draft, administrator):
        results(edition, 3)
        said = text(page_of(client, draft))
        assert "asks the same statements as “First edition”, with the same threshold: it is the same measure." in said
        assert "benchmarks go on with 3 results." in said
        assert 'type="radio"' not in said

    def test_results_of_all_editions_of_the_measure_count(self, client, edition, draft, administrator):
        results(edition, 2)
        results(publish(draft, by=None), 2)
        assert effect_of_publishing(clone(draft, by=None)).results == 4

    def test_only_results_with_the_customers_level_count(self, edition, draft):
        make_result(make_account(), timezone.localdate(), team=2.5, edition=edition)
        assert effect_of_publishing(draft).results == 0

    def test_other_words_are_shown_beside_the_former_ones_with_both_consequences(self, client, edition, draft, administrator):
        results(edition, 3)
        before = edition.indicators.get(code="1a").customer_en
        said = text(page_of(client, mend(draft)))
        assert before in said and MENDED in said and "asked of the customer · English" in said
        assert "Its 3 results go on" in said
        assert "begin with 0 results and are not compared with the 3 results of “First edition”." in said

    def test_what_else_differs_is_named_and_is_a_new_measure(self, client, edition, draft, administrator):
        results(edition, 3)
        draft.indicators.filter(code="1a").update(code="1e")
        draft.indicators.filter(code="2a").update(rank=3)
        mend(draft, "4a")
        Edition.objects.filter(pk=draft.pk).update(held_at=Decimal("3.75"))
        said = text(page_of(client, draft))
        for part in ("New statement: 1e", "No longer asked: 1a", "On another level: 2a", "held at 3.75 instead of 3.50", MENDED):
            assert part in said
        assert "begin with 0 results and are not compared with the 3 results of “First edition”." in said
        assert "They stay on “First edition” until customers of five accounts were heard twice with this one" in said
        assert 'type="radio"' not in said

    def test_the_first_edition_of_all_has_nothing_to_say(self, client, edition, draft, administrator):
        Edition.objects.filter(pk=edition.pk).update(state="draft", published_on=None)
        assert "What becomes of earlier results" not in text(page_of(client, draft))

    @pytest.mark.parametrize("editions", [1, 6])
    def test_costs_the_same_whatever_the_editions(self, edition, editions, django_assert_num_queries):
        for number in range(editions):
            publish(mend(clone(edition, by=None), customer_en=f"Words {number}"), by=None)
        draft = clone(edition, by=None)
        with django_assert_num_queries(3):  # editions, statements, results
            effect_of_publishing(draft)


class TestThePage:
    def test_publishes_as_the_same_measure(self, client, edition, draft, administrator):
        assert send(client, mend(draft), edition, measure="same").status_code == 302
        assert Edition.objects.published().continues == edition
        history = text(client.get(reverse("admin:hierarchy_edition_history", args=[draft.pk])))
        assert "Called the same measure as the edition before it" in history and MENDED in history

    def test_publishes_as_a_new_one(self, client, edition, draft, administrator):
        assert send(client, mend(draft), edition, measure="new").status_code == 302
        assert (Edition.objects.published(), Edition.objects.published().continues) == (draft, None)

    @pytest.mark.parametrize(
        ("typed", "said"), [({}, "Say whether it is still the same"), ({"measure": "x"}, "Choose one of the two.")]
    )
    def test_wants_to_know_where_only_wording_differs(self, client, edition, draft, administrator, typed, said):
        response = send(client, mend(draft), edition, **typed)
        assert response.status_code == 422 and said in text(response)
        assert Edition.objects.published() == edition

    def test_does_not_ask_where_nothing_differs(self, client, edition, draft, administrator):
        assert send(client, draft, edition).status_code == 302
        assert Edition.objects.published().continues == edition

    def test_refuses_the_same_measure_where_more_than_wording_differs(self, client, edition, draft, administrator):
        draft.indicators.filter(code="1a").update(active=False)
        response = send(client, draft, edition, measure="same")
        assert response.status_code == 422 and "More than wording differs" in text(response)
        assert Edition.objects.published() == edition

    def test_says_when_another_edition_was_published_meanwhile(self, client, edition, draft, administrator):
        """Two people publish at once: the second reads what it does now, before it is done."""
        other = publish(mend(clone(edition, by=None), "1b"), by=None)
        response = send(client, draft, edition)
        assert response.status_code == 409 and "Another edition was published while you were looking" in text(response)
        assert Edition.objects.published() == other
        assert f'name="published" value="{other.pk}"' in text(response)
        assert send(client, draft, other).status_code == 302

    def test_the_lock_looks_again(self, edition, draft):
        other = publish(mend(clone(edition, by=None), "1b"), by=None)
        with pytest.raises(StaleEdit) as stale:
            publish(draft, by=None, seen=draft.version, seen_published=edition.pk)
        assert stale.value.current == other

    def test_an_edition_names_those_of_its_measure(self, client, edition, draft, administrator):
        publish(draft, by=None)
        page = text(client.get(reverse("admin:hierarchy_edition_change", args=[edition.pk])))
        assert "The same measure as “First edition (draft)”" in page
