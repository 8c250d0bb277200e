"""The page of a draft: levels, statements and plays, in both languages."""

from decimal import Decimal

import pytest
from django.urls import reverse

from audit.models import Event
from audit.trail import broken_links
from hierarchy.drafting import content, difference
from hierarchy.models import Edition, Indicator, Play
from tests.hierarchy.sending import as_sent, errors, new_row, opened, row, send

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def page(client, draft, administrator):
    """Opens the page of the draft; sends it with something typed over it."""

    class Page:
        address = reverse("admin:hierarchy_edition_change", args=[draft.pk])

        def open(self):
            return opened(self.address, administrator)

        def send(self, seen=None, **typed):
            return send(client, self.address, as_sent(seen or self.open(), **typed))

    return Page()


def stored(draft):
    return content(Edition.objects.get(pk=draft.pk))


def codes(draft, rank):
    return list(draft.indicators.filter(rank=rank).values_list("code", flat=True))


class TestSaving:
    def test_what_was_not_touched_stays_as_it_was(self, page, draft):
        before = stored(draft)
        assert page.send().status_code == 302
        assert stored(draft) == before
        assert Edition.objects.get(pk=draft.pk).version == draft.version

    def test_the_page_as_a_browser_has_it_sends_every_row_back(self, client, page, draft):
        before, seen = stored(draft), client.get(page.address)
        assert page.send(seen, note="x").status_code == 302
        assert difference(before, stored(draft)) == ({"note": ""}, {"note": "x"})

    def test_texts_are_changed_in_both_languages(self, page, draft):
        seen = page.open()
        level, statement = row(seen, "levels", rank=2), row(seen, "indicators", code="3b")
        play = row(seen, "plays", code="kaizen")
        page.send(seen, **{
            "held_at": "4", "name_nl": "Tweede editie", level + "seen_as_nl": "Goed genoeg",
            statement + "team_en": "Reworded", play + "why_nl": "Omdat",
        })  # fmt: skip
        now = stored(draft)
        assert (float(now["held_at"]), now["name_nl"]) == (4, "Tweede editie")
        assert now["levels"]["2"]["seen_as_nl"] == "Goed genoeg"
        assert now["indicators"]["3b"]["team_en"] == "Reworded"
        assert now["plays"]["kaizen"]["why_nl"] == "Omdat"

    def test_the_trail_says_from_what_to_what_in_one_event(self, page, draft, administrator):
        seen = page.open()
        page.send(seen, note="Sharper", **{row(seen, "indicators", code="3b") + "team_en": "Reworded"})
        event = Event.objects.get(act="edition.changed")
        assert (event.object_id, event.actor) == (draft.pk, administrator)
        was = draft.indicators.get(code="3b")
        assert event.after == {"note": "Sharper", "indicators": {"3b": {"team_en": "Reworded"}}}
        assert event.before["note"] == "" and event.before["indicators"]["3b"]["team_en"] != was.team_en
        assert list(broken_links()) == []

    def test_raises_the_version(self, page, draft):
        page.send(note="x")
        assert Edition.objects.get(pk=draft.pk).version == draft.version + 1

    def test_a_new_statement_gets_the_next_code_and_the_last_place(self, page, draft):
        seen = page.open()
        new = new_row(seen, "indicators")
        page.send(seen, **{new + "rank": "2", new + "customer_en": "Fresh", new + "team_nl": "Vers"})
        assert codes(draft, 2) == ["2a", "2b", "2c", "2d", "2e"]

    def test_a_new_play_gets_its_code_from_its_title_and_climbs_one_step(self, page, draft):
        seen = page.open()
        new = new_row(seen, "plays")
        page.send(seen, **{new + "from_rank": "4", new + "title_en": "Kaizen", new + "why_en": "Again"})
        play = Play.objects.get(edition=draft, code="kaizen-2")
        assert (play.from_rank, play.to_rank) == (4, 5)

    def test_a_play_that_moves_to_another_step_climbs_that_one(self, page, draft):
        seen = page.open()
        page.send(seen, **{row(seen, "plays", code="kaizen") + "from_rank": "1"})
        play = Play.objects.get(edition=draft, code="kaizen")
        assert (play.from_rank, play.to_rank) == (1, 2)

    def test_removed_rows_go_with_their_actions_and_the_trail_keeps_them(self, page, draft):
        seen = page.open()
        typed = {row(seen, "plays", code="kaizen") + "DELETE": "on", row(seen, "indicators", code="1d") + "DELETE": "on"}
        page.send(seen, **typed)
        assert "kaizen" not in stored(draft)["plays"] and codes(draft, 1) == ["1a", "1b", "1c"]
        told = Event.objects.get(act="edition.changed").before
        assert len(told["plays"]["kaizen"]["actions"]) == 2
        assert told["indicators"]["1d"]["customer_en"] == "Their orders and invoices are correct."

    @pytest.mark.parametrize(
        ("code", "place", "expected"),
        [
            ("2d", "1", ["2d", "2a", "2b", "2c"]),
            ("2a", "3", ["2b", "2c", "2a", "2d"]),
            ("2a", "4", ["2b", "2c", "2d", "2a"]),
            ("2b", "", ["2a", "2c", "2d", "2b"]),
            ("2c", "2", ["2a", "2c", "2b", "2d"]),
        ],
    )
    def test_a_typed_place_moves_the_row_there(self, page, draft, code, place, expected):
        seen = page.open()
        page.send(seen, **{row(seen, "indicators", code=code) + "place": place})
        assert codes(draft, 2) == expected

    def test_all_places_may_be_turned_round_at_once(self, page, draft):
        seen = page.open()
        page.send(seen, **{row(seen, "indicators", code=f"2{c}") + "place": str(n) for c, n in zip("abcd", "4321", strict=True)})
        assert codes(draft, 2) == ["2d", "2c", "2b", "2a"]

    def test_a_statement_moves_to_another_level(self, page, draft):
        seen = page.open()
        moved = row(seen, "indicators", code="2c")
        page.send(seen, **{moved + "rank": "4", moved + "place": "1"})
        assert (codes(draft, 2), codes(draft, 4)) == (["2a", "2b", "2d"], ["2c", "4a", "4b", "4c", "4d"])

    def test_a_statement_may_be_left_out_of_the_questions(self, page, draft):
        seen = page.open()
        page.send(seen, **{row(seen, "indicators", code="2c") + "active": None})
        assert not Indicator.objects.get(edition=draft, code="2c").active


class TestCodes:
    def test_two_rows_swap_their_codes(self, page, draft):
        seen = page.open()
        first = Indicator.objects.get(edition=draft, code="1a")
        typed = {row(seen, "indicators", code="1a") + "code": "1b", row(seen, "indicators", code="1b") + "code": "1a"}
        assert page.send(seen, **typed).status_code == 302
        first.refresh_from_db()
        assert first.code == "1b"

    def test_a_row_takes_the_code_of_one_that_is_removed(self, page, draft):
        seen = page.open()
        typed = {row(seen, "indicators", code="1a") + "DELETE": "on", row(seen, "indicators", code="1b") + "code": "1a"}
        assert page.send(seen, **typed).status_code == 302
        assert codes(draft, 1) == ["1a", "1c", "1d"]

    @pytest.mark.parametrize(("kind", "one", "other"), [("indicators", "1a", "5d"), ("plays", "kaizen", "usp-analysis")])
    def test_a_code_used_twice_is_told_beside_it_and_nothing_is_stored(self, page, draft, kind, one, other):
        before, seen = stored(draft), page.open()
        twice = row(seen, kind, code=other) + "code"
        response = page.send(seen, note="kept", **{twice: one})
        assert response.status_code == 422
        assert errors(response) == {twice: [f"“{one}” is used twice in this edition. Give one of them another code."]}
        assert "kept" in response.content.decode() and stored(draft) == before

    def test_a_new_row_with_a_code_that_is_taken_is_told_so(self, page, draft):
        seen = page.open()
        new = new_row(seen, "indicators")
        typed = {new + "rank": "1", new + "code": "1a", new + "customer_en": "x", new + "team_en": "x"}
        assert list(errors(page.send(seen, **typed))) == [new + "code"]

    def test_rows_that_a_page_leaves_out_still_count(self, page, draft):
        seen = page.open()
        typed = {
            "indicators-TOTAL_FORMS": "1", "indicators-INITIAL_FORMS": "0", "indicators-0-id": "", "indicators-0-rank": "1",
            "indicators-0-code": "", "indicators-0-place": "", "indicators-0-customer_en": "x", "indicators-0-team_en": "x",
        }  # fmt: skip
        assert page.send(seen, **typed).status_code == 302
        assert sorted(codes(draft, 1)) == ["1a", "1b", "1c", "1d", "1e"]


class TestBadInput:
    @pytest.mark.parametrize("held_at", ["1", "0.99", "5.01", "-3", "9"])
    def test_a_measure_out_of_range_is_told_beside_it_with_what_is_right(self, page, held_at):
        assert errors(page.send(held_at=held_at)) == {"held_at": ["Write a figure above 1 and up to 5, such as 3.5."]}

    @pytest.mark.parametrize("held_at", ["7", "nonsense", "", "NaN", "1e9", "3.555", "nul\x00"])
    def test_an_odd_measure_loses_nothing_that_was_typed(self, page, draft, held_at):
        response = page.send(held_at=held_at, note="kept")
        assert response.status_code == 422 and list(errors(response)) == ["held_at"]
        assert "kept" in response.content.decode()
        assert Edition.objects.get(pk=draft.pk).note == ""

    @pytest.mark.parametrize("language", ["en", "nl"])
    @pytest.mark.parametrize("held_at", ["3,75", "3.75"])
    def test_a_measure_is_taken_with_a_comma_and_with_a_point(self, page, client, draft, language, held_at):
        client.post("/language/", {"language": language, "next": "/"})
        assert page.send(held_at=held_at).status_code == 302
        assert Edition.objects.get(pk=draft.pk).held_at == Decimal("3.75")

    def test_a_measure_is_shown_as_the_language_writes_it(self, page, client):
        assert as_sent(client.get(page.address))["held_at"] == "3.50"
        client.post("/language/", {"language": "nl", "next": "/"})
        assert as_sent(client.get(page.address))["held_at"] == "3,50"

    @pytest.mark.parametrize("held_at", ["1.01", "5"])
    def test_the_ends_of_the_range_are_taken(self, page, held_at):
        assert page.send(held_at=held_at).status_code == 302

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("team_en", "nul \x00 byte"),
            ("code", "nul\x00"),
            ("code", "with space"),
            ("code", "x" * 21),
            ("customer_nl", "x" * 301),
            ("rank", "6"),
            ("rank", ""),
            ("rank", "nul\x00"),
            ("place", "0"),
            ("place", "first"),
            ("place", "9" * 40),
        ],
    )
    def test_is_told_beside_its_field_and_nothing_is_lost(self, page, draft, field, value):
        before, seen = stored(draft), page.open()
        wrong = row(seen, "indicators", code="3b") + field
        response = page.send(seen, note="kept", **{wrong: value})
        assert response.status_code == 422 and list(errors(response)) == [wrong]
        assert "kept" in response.content.decode() and stored(draft) == before

    def test_a_statement_without_words_in_any_language_is_refused(self, page, draft):
        seen = page.open()
        empty = row(seen, "indicators", code="3b")
        response = page.send(seen, **{empty + "customer_en": "", empty + "customer_nl": " "})
        assert errors(response) == {empty + "customer_en": ["Write this in one language at least."]}

    def test_a_text_in_one_language_is_kept_and_the_other_is_marked_as_missing(self, page, draft):
        seen = page.open()
        half = row(seen, "indicators", code="3b")
        assert page.send(seen, **{half + "customer_nl": ""}).status_code == 302
        again = page.open()
        form = again.context_data["inline_admin_formsets"][1].formset
        marked = next(one for one in form.forms if one.instance.code == "3b")
        assert "Missing" in marked.fields["customer_nl"].help_text
        assert "Missing" not in marked.fields["customer_en"].help_text

    @pytest.mark.parametrize(
        "typed",
        [
            {"indicators-TOTAL_FORMS": None},
            {"indicators-TOTAL_FORMS": "-1"},
            {"indicators-INITIAL_FORMS": "nul\x00"},
            {"indicators-TOTAL_FORMS": "99999999999"},
            {"indicators-0-id": "nul\x00"},
            {"indicators-0-id": "9" * 40},
            {"indicators-0-id": ""},
            {"version": "nul\x00"},
            {"version": None},
        ],
    )
    def test_a_page_that_was_tampered_with_is_no_fault_of_ours(self, page, typed):
        assert page.send(**typed).status_code in {302, 409, 422}

    def test_a_row_of_another_edition_stays_untouched(self, page, draft, edition):
        foreign = edition.indicators.get(code="1a")
        page.send(**{"indicators-0-id": str(foreign.pk), "indicators-0-customer_en": "stolen"})
        foreign.refresh_from_db()
        assert foreign.customer_en != "stolen"


class TestTwoAtOnce:
    @pytest.fixture
    def mine(self, page):
        """My page, opened before a colleague removes statements 1d and 5d, adds 1x, and writes another note."""
        mine = page.open()
        theirs = page.open()
        new = new_row(theirs, "indicators")
        page.send(theirs, note="theirs", **{
            row(theirs, "indicators", code="1d") + "DELETE": "on", row(theirs, "indicators", code="5d") + "DELETE": "on",
            new + "rank": "1", new + "code": "1x", new + "customer_en": "Theirs", new + "team_en": "Theirs",
        })  # fmt: skip
        return mine

    def test_the_second_gets_409_with_both_versions_and_nothing_is_stored(self, page, draft, mine):
        before = stored(draft)
        response = page.send(mine, note="mine", **{row(mine, "indicators", code="1a") + "team_en": "Typed by me"})
        shown = {line["label"]: (line["theirs"], line["yours"]) for line in response.context_data["conflict"]}
        assert response.status_code == 409
        assert shown["Note"] == ("theirs", "mine")
        assert shown["Statement 1a: Asked of our team · English"][1] == "Typed by me"
        assert shown["Statement 1d"][0] == "(removed)" and shown["Statement 1x"][0] == "(new)"
        assert "Typed by me" in response.content.decode() and stored(draft) == before

    def test_sent_again_it_is_stored_over_the_other(self, page, draft, mine):
        stale = page.send(mine, note="mine")
        assert page.send(stale).status_code == 302
        assert stored(draft)["note"] == "mine"
        assert codes(draft, 1) == ["1a", "1b", "1c", "1d", "1x"] and codes(draft, 5) == ["5a", "5b", "5c", "5d"]

    def test_a_removed_row_may_be_let_go(self, page, draft, mine):
        stale = page.send(mine, note="mine")
        gone = next(f for f in stale.context_data["inline_admin_formsets"][1].formset.forms if f.instance.code == "1d")
        page.send(stale, **{f"{gone.prefix}-DELETE": "on"})
        assert codes(draft, 1) == ["1a", "1b", "1c", "1x"]

    def test_a_page_without_a_version_is_stale(self, page):
        assert page.send(version=None, note="x").status_code == 409


@pytest.mark.parametrize("more", [0, 60])
def test_opening_costs_the_same_whatever_the_rows(client, page, draft, more, django_assert_num_queries):
    Indicator.objects.bulk_create(
        Indicator(edition=draft, rank=1, code=f"x{n}", customer_en="x", team_en="x") for n in range(more)
    )
    Play.objects.bulk_create(
        Play(edition=draft, code=f"x{n}", from_rank=1, to_rank=2, title_en="x", why_en="x") for n in range(more)
    )
    # session, user; the edition, what it lacks (4), the edition again; three kinds of rows, level names twice
    with django_assert_num_queries(14):
        client.get(page.address)


@pytest.mark.parametrize("more", [0, 60])
def test_saving_one_text_costs_the_same_whatever_the_rows(page, draft, more, django_assert_max_num_queries):
    Indicator.objects.bulk_create(
        Indicator(edition=draft, rank=5, order=600 + n, code=f"x{n}", customer_en="x", team_en="x") for n in range(more)
    )
    seen = page.open()
    with django_assert_max_num_queries(45):
        page.send(seen, **{row(seen, "indicators", code="1a") + "team_en": "Reworded"})


def test_difference_tells_only_what_differs():
    before = {"a": 1, "rows": {"x": {"t": "one", "same": 1}, "gone": {"t": "old"}}}
    after = {"a": 1, "rows": {"x": {"t": "two", "same": 1}, "new": {"t": "fresh"}}}
    assert difference(before, after) == (
        {"rows": {"x": {"t": "one"}, "gone": {"t": "old"}}},
        {"rows": {"x": {"t": "two"}, "new": {"t": "fresh"}}},
    )
