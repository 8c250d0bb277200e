"""How a level is seen in our own words, and the statements that a play works on: written, checked, kept and filled in later."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation

from audit.models import Event
from hierarchy.drafting import content, set_addressed
from hierarchy.models import AddressedStatement, Edition, Indicator, Level
from hierarchy.words import in_our_words
from tests.hierarchy.sending import as_sent, errors, opened, row

pytestmark = pytest.mark.django_db

LATER = import_module("hierarchy.migrations.0003_words_and_addressed_statements")


@pytest.fixture
def play(draft):
    return draft.plays.get(code="kaizen")


@pytest.fixture
def send(client, play, administrator):
    """Sends the page of the play with this typed over it."""
    address = reverse("admin:hierarchy_play_change", args=[play.pk])
    return lambda **typed: client.post(address, as_sent(opened(address, administrator), **typed))


def addressed(play) -> str:
    return " ".join(type(play).objects.get(pk=play.pk).addressed_codes)


class TestWords:
    @pytest.mark.parametrize(
        ("seen_as", "ours", "told"),
        [
            ("A good supplier", "a good supplier", "a good supplier"),
            ("A good supplier", "a good supplier. ", "a good supplier"),
            ("A good supplier.", "", "“A good supplier”"),
            ("A good supplier", None, "“A good supplier”"),
            ("", "", ""),
        ],
    )
    def test_are_ours_else_the_customers_in_quotation_marks(self, seen_as, ours, told):
        assert in_our_words(Level(seen_as=seen_as, seen_as_ours=ours)) == told

    def test_of_no_level_are_none(self):
        assert in_our_words(None) == ""

    @pytest.mark.parametrize(
        ("typed", "stored"), [("a reliable hand.", "a reliable hand"), ("IT partner", "IT partner"), ("  x  ", "x"), ("", "")]
    )
    def test_are_stored_as_they_follow_in_the_sentence(self, client, draft, administrator, typed, stored):
        address = reverse("admin:hierarchy_edition_change", args=[draft.pk])
        seen = opened(address, administrator)
        client.post(address, as_sent(seen, **{row(seen, "levels", rank=2) + "seen_as_ours_en": typed}))
        assert (draft.levels.get(rank=2).seen_as_ours_en or "") == stored

    def test_that_begin_with_a_capital_are_refused_beside_the_field_and_kept(self, client, draft, administrator):
        address = reverse("admin:hierarchy_edition_change", args=[draft.pk])
        seen = opened(address, administrator)
        field = row(seen, "levels", rank=2) + "seen_as_ours_nl"
        response = client.post(address, as_sent(seen, **{field: "Een vaste hand"}))
        assert response.status_code == 422
        assert errors(response) == {field: ["Begin with a small letter, since it follows “They see us as”: een vaste hand."]}
        assert 'value="Een vaste hand"' in response.content.decode()

    def test_are_shown_in_the_preview_as_our_pages_say_them(self, client, draft, administrator):
        draft.levels.filter(rank=2).update(seen_as_ours_nl="")
        pages = client.get(reverse("admin:hierarchy_edition_preview", args=[draft.pk])).context["pages"]
        english, dutch = ({level.rank: level.sentence for level in page.levels} for page in pages)
        assert english[5] == "They see us as the partner they cannot do without."
        assert dutch[5] == "Zij zien ons als de partner die zij niet kunnen missen." and dutch[2] == ""


class TestAddresses:
    def test_are_stored_in_the_order_in_which_they_are_typed(self, send, play, draft):
        assert send(addresses="2c, 3b;3a").status_code == 302
        assert addressed(play) == "2c 3b 3a"
        event = Event.objects.get(act="edition.changed", object_id=draft.pk)
        assert event.before == {"plays": {"kaizen": {"addresses": "3c, 3a, 2c"}}}
        assert event.after == {"plays": {"kaizen": {"addresses": "2c, 3b, 3a"}}}

    def test_that_are_not_touched_stay(self, send, play):
        assert send(why_en="x").status_code == 302
        assert addressed(play) == "3c 3a 2c"

    def test_may_be_left_out_of_a_draft(self, send, play):
        assert send(addresses="").status_code == 302
        assert addressed(play) == ""

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("3a 9z", "This edition has no statement with the code “9z”."),
            ("3a, 2a, 3a", "“3a” stands there twice. Name each statement once, the one that it works on most first."),
            ("3a 4b", "“4b” measures level 4. A play from 2 to 3 works on statements of these two levels."),
        ],
    )
    def test_that_are_wrong_are_told_beside_the_field_and_stay_in_it(self, send, play, typed, sentence):
        response = send(addresses=typed)
        assert (response.status_code, errors(response)) == (422, {"addresses": [sentence]})
        assert f'value="{typed}"' in response.content.decode()
        assert addressed(play) == "3c 3a 2c"

    def test_are_of_the_step_that_the_play_moves_to(self, send):
        assert list(errors(send(from_rank="4"))) == ["addresses"]
        assert send(from_rank="4", addresses="5a").status_code == 302

    def test_go_with_a_statement_that_is_removed(self, client, draft, play, administrator):
        address = reverse("admin:hierarchy_edition_change", args=[draft.pk])
        seen = opened(address, administrator)
        client.post(address, as_sent(seen, **{row(seen, "indicators", code="3c") + "DELETE": "on"}))
        assert addressed(play) == "3a 2c"

    def test_keep_a_statement_that_gets_another_code(self, client, draft, play, administrator):
        address = reverse("admin:hierarchy_edition_change", args=[draft.pk])
        seen = opened(address, administrator)
        client.post(address, as_sent(seen, **{row(seen, "indicators", code="3c") + "code": "3-solves"}))
        assert addressed(play) == "3-solves 3a 2c"

    def test_name_a_statement_once(self, play):
        with pytest.raises(IntegrityError), transaction.atomic():
            AddressedStatement.objects.create(play=play, indicator=play.addresses.first().indicator)

    def test_name_statements_of_their_own_edition(self, edition, play):
        with pytest.raises(ValidationError, match="its own edition"):
            set_addressed(play, [edition.indicators.get(code="3a")])

    def test_are_copied_with_the_edition_and_change_without_it(self, edition, draft, play):
        assert {one.indicator.edition_id for one in AddressedStatement.objects.filter(play__edition=draft)} == {draft.pk}
        play.addresses.all().delete()
        assert addressed(edition.plays.get(code="kaizen")) == "3c 3a 2c"

    def test_are_read_with_a_frozen_edition(self, client, edition, administrator):
        page = client.get(reverse("admin:hierarchy_edition_change", args=[edition.pk])).content.decode()
        assert "Works on 3c, 3a, 2c" in page and "the partner they cannot do without" in page


class TestAnEditionOfBefore:
    """What the migration fills in, in an edition that was published before there were such words."""

    def empty(self):
        QuerySet(Level).update(seen_as_ours="", seen_as_ours_en=None, seen_as_ours_nl=None)
        QuerySet(AddressedStatement).delete()

    @pytest.fixture
    def before(self, edition):
        self.empty()
        return edition

    def test_gets_what_a_new_installation_has(self, edition):
        shipped = content(edition)
        self.empty()
        LATER.fill(apps, None)
        assert content(Edition.objects.get(pk=edition.pk)) == shipped

    @pytest.mark.parametrize("language", ["en", "nl"])
    def test_keeps_a_level_that_says_something_else_without_words_of_ours(self, before, language):
        QuerySet(Level).filter(rank=3).update(**{f"seen_as_{language}": "Handy for us"})
        LATER.fill(apps, None)
        level = before.levels.get(rank=3)
        assert (level.seen_as_ours_en, level.seen_as_ours_nl) == (None, None)
        with translation.override(language):
            assert in_our_words(level) == "“Handy for us”"
        assert before.levels.get(rank=2).seen_as_ours_en == "a good supplier"

    def test_keeps_a_play_whose_statements_are_elsewhere_as_it_is(self, before):
        QuerySet(Indicator).filter(code="3c").update(rank=4)
        LATER.fill(apps, None)
        assert [addressed(before.plays.get(code=code)) for code in ("kaizen", "rater", "value-chain")] == ["", "", "3d 3a 2a"]

    def test_keeps_a_play_of_another_step_as_it_is(self, before):
        QuerySet(type(before.plays.first())).filter(code="kaizen").update(from_rank=4, to_rank=5)
        LATER.fill(apps, None)
        assert addressed(before.plays.get(code="kaizen")) == ""
