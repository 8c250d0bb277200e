"""The pages of editions and plays at their edges: codes and places of rows, messages, and what is gone meanwhile."""

import pytest
from django.urls import reverse

from hierarchy import admin, publish_form
from hierarchy.models import Edition, Indicator, Play
from hierarchy.publishing import publish
from tests.hierarchy.sending import as_sent, errors, new_row, opened, row, send

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def address(name, *objects):
    return reverse(f"admin:hierarchy_edition_{name}", args=[obj.pk for obj in objects])


def said(response):
    return [str(message) for message in response.context["messages"]]


class Page:
    """A page of the back-office: opened, and sent with something typed over it."""

    def __init__(self, client, who, where):
        self.client, self.who, self.where = client, who, where

    def open(self):
        return opened(self.where, self.who)

    def send(self, seen=None, **typed):
        return send(self.client, self.where, as_sent(seen or self.open(), **typed))


@pytest.fixture
def page(client, draft, administrator):
    return Page(client, administrator, address("change", draft))


@pytest.fixture
def play(draft):
    return draft.plays.get(code="kaizen")


@pytest.fixture
def play_page(client, play, administrator):
    return Page(client, administrator, reverse("admin:hierarchy_play_change", args=[play.pk]))


class TestNewRows:
    def test_behind_z_codes_are_numbered(self, page, draft):
        Indicator.objects.bulk_create(
            Indicator(edition=draft, rank=2, order=200 + n, code=f"2{letter}", customer_en="x", team_en="x")
            for n, letter in enumerate("efghijklmnopqrstuvwxyz", start=4)
        )
        seen = page.open()
        new = new_row(seen, "indicators")
        page.send(seen, **{new + "rank": "2", new + "customer_en": "Fresh", new + "team_en": "Fresh"})
        assert Indicator.objects.get(edition=draft, customer_en="Fresh").code == "2-27"

    @pytest.mark.parametrize(
        ("title", "code"),
        [
            ({"title_en": "Grow & prosper"}, "grow-prosper"),
            ({"title_nl": "Groei samen"}, "groei-samen"),
            ({"title_en": "Grow", "title_nl": "Groei"}, "grow"),
            ({"title_en": "日本"}, "play"),
            ({"title_en": "x" * 49 + " yz"}, "x" * 49),
            ({"title_en": "x" * 70}, "x" * 50),
        ],
    )
    def test_a_play_without_a_code_gets_one_from_its_title(self, page, draft, title, code):
        seen = page.open()
        new = new_row(seen, "plays")
        page.send(seen, **{new + "from_rank": "1", new + "why_en": "Why", **{new + name: text for name, text in title.items()}})
        assert Play.objects.get(edition=draft, why_en="Why").code == code

    @pytest.mark.parametrize(("place", "codes"), [("1", "2e 2a 2b 2c 2d"), ("3", "2a 2b 2e 2c 2d"), ("", "2a 2b 2c 2d 2e")])
    def test_a_new_statement_stands_at_the_place_that_was_typed(self, page, draft, place, codes):
        seen = page.open()
        new = new_row(seen, "indicators")
        page.send(seen, **{new + "rank": "2", new + "place": place, new + "customer_en": "x", new + "team_en": "x"})
        assert list(draft.indicators.filter(rank=2).values_list("code", flat=True)) == codes.split()

    @pytest.mark.parametrize(
        ("kind", "typed", "field"),
        [
            ("indicators", {"rank": "1", "customer_en": "x"}, "team_en"),
            ("indicators", {"rank": "1", "team_nl": "x"}, "customer_en"),
            ("indicators", {"customer_en": "x", "team_en": "x"}, "rank"),
            ("indicators", {"rank": "1", "customer_en": "x", "team_en": "x", "place": "0"}, "place"),
            ("indicators", {"rank": "1", "customer_en": "x", "team_en": "x", "place": "1000"}, "place"),
            ("indicators", {"rank": "1", "customer_en": "x", "team_en": "x", "code": "é"}, "code"),
            ("plays", {"from_rank": "1", "title_en": "x"}, "why_en"),
            ("plays", {"from_rank": "1", "why_en": "x"}, "title_en"),
            ("plays", {"from_rank": "5", "title_en": "x", "why_en": "x"}, "from_rank"),
            ("plays", {"from_rank": "1", "title_en": "x" * 161, "why_en": "x"}, "title_en"),
        ],
    )
    def test_what_a_new_row_lacks_is_told_beside_it(self, page, kind, typed, field):
        seen = page.open()
        new = new_row(seen, kind)
        response = page.send(seen, **{new + name: value for name, value in typed.items()})
        assert response.status_code == 422
        assert list(errors(response)) == [new + field]

    @pytest.mark.parametrize("place", ["1", "999"])
    def test_the_ends_of_the_places_are_taken(self, page, draft, place):
        seen = page.open()
        assert page.send(seen, **{row(seen, "indicators", code="2b") + "place": place}).status_code == 302


class TestPlayPage:
    @pytest.mark.parametrize(("days", "status"), [("0", 302), ("1095", 302), ("1096", 422)])
    def test_days_reach_three_years(self, play_page, days, status):
        seen = play_page.open()
        assert play_page.send(seen, **{row(seen, "actions", days=21) + "days": days}).status_code == status

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"code": ""}, "code"),
            ({"code": "a b"}, "code"),
            ({"title_en": "", "title_nl": ""}, "title_en"),
            ({"from_rank": ""}, "from_rank"),
        ],
    )
    def test_a_field_that_is_missing_is_told_beside_it(self, play_page, typed, field):
        response = play_page.send(**typed)
        assert (response.status_code, list(errors(response))) == (422, [field])

    def test_a_code_of_another_edition_is_free(self, play_page, play, edition):
        taken_there = edition.plays.get(code="usp-analysis")
        Play.objects.filter(edition=play.edition, code="usp-analysis").delete()
        assert play_page.send(code="usp-analysis").status_code == 302
        assert taken_there.edition != play.edition

    def test_its_own_code_is_not_taken(self, play_page, play):
        assert play_page.send(code="kaizen", why_en="x").status_code == 302

    def test_an_action_needs_its_words(self, play_page):
        seen = play_page.open()
        new = new_row(seen, "actions")
        assert list(errors(play_page.send(seen, **{new + "days": "5"}))) == [new + "title_en"]

    def test_texts_tell_their_language(self, play_page):
        fields = play_page.open().context_data["adminform"].form.fields
        assert {name: fields[name].widget.attrs["lang"] for name in ("why_en", "why_nl")} == {"why_en": "en", "why_nl": "nl"}


class TestMessages:
    def test_a_saved_draft_says_so(self, client, page, draft):
        response = client.post(page.where, as_sent(page.open(), note="x"), follow=True)
        assert said(response) == [f"The draft “{draft}” is saved."]

    def test_a_new_draft_says_what_to_write(self, client, administrator):
        typed = {"name_en": "Fresh", "name_nl": "", "held_at": "3.5", "note": ""}
        assert said(client.post(address("add"), typed, follow=True)) == [
            "The draft is made. Write its five levels, statements and plays below."
        ]

    def test_a_copy_says_of_what_and_a_second_one_that_it_was_there(self, client, edition, administrator):
        assert said(client.post(address("clone", edition), follow=True)) == [
            "Here is your draft: the same as “First edition”, and free to change."
        ]
        assert said(client.post(address("clone", edition), follow=True)) == [
            "You had made this draft before and not changed it yet."
        ]

    @pytest.mark.parametrize("name", ["change", "delete", "history"])
    def test_an_edition_that_is_gone_says_so(self, client, administrator, name):
        response = client.get(reverse(f"admin:hierarchy_edition_{name}", args=[999]), follow=True)
        assert said(response) == ["That is not there: perhaps it was deleted. Here are the editions."]

    @pytest.mark.parametrize(("name", "module", "act"), [("publish", publish_form, "publish"), ("clone", admin, "draft_from")])
    def test_an_edition_that_goes_during_the_request_is_no_error(
        self, client, draft, edition, administrator, monkeypatch, name, module, act
    ):
        def gone(*args, **kwargs):
            raise Edition.DoesNotExist

        monkeypatch.setattr(module, act, gone)
        response = client.post(address(name, draft), {"version": draft.version, "published": edition.pk})
        assert (response.status_code, response.url) == (302, address("changelist"))

    def test_the_list_tells_state_numbers_and_who_published(self, client, edition, draft, administrator):
        publish(draft, by=administrator)
        page = " ".join(client.get(address("changelist")).content.decode().split())
        for words in ("First edition (draft)", "Published", "Retired", "Ada Visser"):
            assert words in page
        assert f'class="field-statements">{draft.indicators.count()}<' in page
        assert f'class="field-plays">{draft.plays.count()}<' in page

    def test_a_frozen_edition_shows_what_is_not_asked_too(self, client, draft, administrator):
        draft.indicators.filter(code="1a").update(active=False)
        publish(draft, by=None)
        assert "What they deliver meets the specifications we agreed." in client.get(address("change", draft)).text
