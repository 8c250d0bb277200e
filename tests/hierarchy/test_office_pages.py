"""The back-office around the form: reading what is frozen, preview, publish, clone, delete, history, front page."""

import pytest
from django.urls import reverse

from audit.models import Event
from hierarchy.drafting import content
from hierarchy.models import Edition
from hierarchy.publishing import publish
from tests.factories import make_user, make_viewer
from tests.hierarchy.sending import as_sent, opened

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def address(name, *objects):
    return reverse(f"admin:hierarchy_edition_{name}", args=[obj.pk for obj in objects])


def seen(draft, edition, **fields):
    """What the page of publishing sends: the versions that it showed."""
    return {"version": draft.version, "published": edition.pk} | fields


def said(response):
    return [str(message) for message in response.context["messages"]]


class TestFrozen:
    def test_is_shown_to_read_with_the_reason_and_the_way_on(self, client, edition, administrator):
        page = client.get(address("change", edition)).content.decode()
        assert "it does not change any more" in page and "Their deliveries are on time and complete." in page
        assert "Hun leveringen zijn op tijd en compleet." in page
        assert address("clone", edition) in page
        assert 'name="_save"' not in page and address("publish", edition) not in page

    def test_what_is_sent_to_it_changes_nothing_and_is_told_so(self, client, edition, draft, administrator):
        typed = as_sent(opened(address("change", draft), administrator), note="x", held_at="5")
        before = content(edition)
        response = client.post(address("change", edition), typed)
        assert response.status_code == 403 and "Nothing was changed" in response.content.decode()
        assert content(Edition.objects.get(pk=edition.pk)) == before

    def test_a_draft_that_was_published_meanwhile_takes_no_changes(self, client, draft, administrator):
        typed = as_sent(opened(address("change", draft), administrator), note="too late")
        publish(draft, by=None)
        assert client.post(address("change", draft), typed).status_code == 403
        assert Edition.objects.get(pk=draft.pk).note == ""

    def test_is_not_deleted(self, client, edition, administrator):
        for response in (client.get(address("delete", edition)), client.post(address("delete", edition), {"post": "yes"})):
            assert response.status_code == 403 and "Nothing was changed" in response.content.decode()
        assert Edition.objects.filter(pk=edition.pk).exists()

    def test_reading_costs_a_fixed_number_of_statements(self, client, edition, administrator, django_assert_num_queries):
        # session, user, edition, editions of its measure, levels, statements, plays, their actions and statements
        with django_assert_num_queries(9):
            client.get(address("change", edition))


class TestPublishing:
    def test_asks_first_and_tells_what_it_means(self, client, draft, edition, administrator):
        page = client.get(address("publish", draft)).content.decode()
        assert "“First edition” retires" in page
        assert Edition.objects.published() == edition

    def test_publishes(self, client, draft, edition, administrator):
        response = client.post(address("publish", draft), seen(draft, edition), follow=True)
        assert Edition.objects.published() == draft
        assert said(response) == ["“First edition (draft)” is published: new assessments use it from now on."]
        assert Event.objects.get(act="edition.published", object_id=draft.pk).actor == administrator

    def test_a_double_click_publishes_once(self, client, draft, edition, administrator):
        for _ in range(2):
            response = client.post(address("publish", draft), seen(draft, edition), follow=True)
        assert said(response) == ["“First edition (draft)” is published already."]
        assert Event.objects.filter(act="edition.published", object_id=draft.pk).count() == 1

    @pytest.mark.parametrize("version", ["99", "", "x", "9" * 40, None])
    def test_a_draft_that_changed_since_one_looked_is_shown_again(self, client, draft, edition, administrator, version):
        typed = seen(draft, edition, version=version)
        response = client.post(address("publish", draft), {name: value for name, value in typed.items() if value is not None})
        assert response.status_code == 409 and "Someone changed this edition" in response.content.decode()
        assert Edition.objects.published() == edition

    def test_what_is_missing_leads_to_where_it_is_mended(self, client, draft, administrator):
        statement, play = draft.indicators.get(code="2a"), draft.plays.get(code="kaizen")
        action = draft.plays.get(code="usp-analysis").actions.first()
        draft.indicators.filter(pk=statement.pk).update(team_nl="")
        play.actions.all().delete()
        type(action).objects.filter(pk=action.pk).update(title_en="")
        draft.plays.filter(from_rank=4).delete()
        edit = address("change", draft)
        links = {lack.text: lack.url for lack in client.get(address("publish", draft)).context["missing_parts"]}
        assert links == {
            "Statement 2a: the text “asked of our team” is missing in Dutch.": f"{edit}#indicators-of-{statement.pk}",
            "The play “Kaizen” has no actions.": reverse("admin:hierarchy_play_change", args=[play.pk]) + "#actions-group",
            "The step from 4 to 5 has no play.": f"{edit}#plays-group",
            "An action of the play “Unique selling point analysis”: the text “action” is missing in English.": (
                reverse("admin:hierarchy_play_change", args=[action.play_id]) + f"#actions-of-{action.pk}"
            ),
        }

    def test_each_link_to_a_row_finds_it_on_the_page(self, client, draft, administrator):
        statement = draft.indicators.get(code="2a")
        assert f'id="indicators-of-{statement.pk}"' in client.get(address("change", draft)).content.decode()

    def test_an_incomplete_draft_is_not_published(self, client, draft, edition, administrator):
        draft.plays.filter(from_rank=4).delete()
        response = client.post(address("publish", draft), seen(draft, edition))
        assert response.status_code == 422 and "has no play" in response.content.decode()
        assert Edition.objects.published() == edition


class TestCloning:
    def test_makes_a_draft_and_opens_it(self, client, edition, administrator):
        response = client.post(address("clone", edition))
        draft = Edition.objects.get(state="draft")
        assert response.url == address("change", draft)
        assert Event.objects.get(act="edition.cloned").actor == administrator

    def test_a_double_click_makes_one(self, client, edition, administrator):
        for _ in range(2):
            client.post(address("clone", edition))
        assert Edition.objects.filter(state="draft").count() == 1

    def test_a_link_alone_makes_none(self, client, edition, administrator):
        assert client.get(address("clone", edition)).status_code == 405


class TestDeleting:
    def test_asks_in_plain_words(self, client, draft, administrator):
        assert "Nothing was measured with it" in client.get(address("delete", draft)).content.decode()

    def test_a_draft_goes_and_the_trail_keeps_what_it_said(self, client, draft, administrator):
        assert client.post(address("delete", draft), {"post": "yes"}).status_code == 302
        event = Event.objects.get(act="edition.deleted")
        assert not Edition.objects.filter(pk=draft.pk).exists()
        assert (event.object_id, event.actor) == (draft.pk, administrator)
        assert event.before["indicators"]["1a"]["customer_nl"].startswith("Wat zij leveren")


class TestStartingEmpty:
    def test_makes_a_draft_with_five_levels_and_opens_it(self, client, administrator):
        response = client.post(address("add"), {"name_en": "Fresh", "name_nl": "", "held_at": "3.5", "note": ""})
        draft = Edition.objects.get()
        assert response.url == address("change", draft)
        assert draft.levels.count() == 5
        assert Event.objects.get(act="edition.created").actor == administrator
        assert client.get(response.url).status_code == 200

    def test_without_a_name_it_is_told_beside_it(self, client, administrator):
        response = client.post(address("add"), {"name_en": "", "name_nl": "", "held_at": "3.5", "note": "kept"})
        assert response.status_code == 422 and "kept" in response.content.decode()
        assert not Edition.objects.exists()

    def test_its_preview_and_history_and_what_it_lacks_are_pages_too(self, client, administrator):
        client.post(address("add"), {"name_en": "", "name_nl": "Leeg", "held_at": "3.5", "note": ""})
        draft = Edition.objects.get()
        for name in ("preview", "history", "publish", "delete"):
            assert client.get(address(name, draft)).status_code == 200


class TestPreview:
    def test_shows_the_statements_in_both_languages_with_their_scale(self, client, draft, administrator):
        page = client.get(address("preview", draft)).content.decode()
        assert "Their deliveries are on time and complete." in page and "Hun leveringen zijn op tijd en compleet." in page
        assert page.count('class="scale"') == 40 and "strongly disagree" in page

    def test_shows_our_own_wording_on_request(self, client, draft, administrator):
        page = client.get(address("preview", draft), {"wording": "team"}).content.decode()
        assert "Our deliveries to this customer are on time and complete." in page
        assert "Their deliveries are on time and complete." not in page

    @pytest.mark.parametrize("wording", ["", "x", "customer_en"])
    def test_an_odd_wording_is_the_customers(self, client, draft, administrator, wording):
        assert client.get(address("preview", draft), {"wording": wording}).context["wording"] == "customer"

    def test_marks_what_is_missing_and_leaves_out_what_is_not_asked(self, client, draft, administrator):
        draft.indicators.filter(code="1a").update(active=False)
        draft.indicators.filter(code="1b").update(customer_nl=None)
        page = client.get(address("preview", draft)).content.decode()
        assert "What they deliver meets the specifications we agreed." not in page
        assert page.count("tag warn") == 1


class TestHistory:
    def test_tells_in_words_what_changed_and_who_did_it(self, client, draft, administrator):
        page = opened(address("change", draft), administrator)
        client.post(address("change", draft), as_sent(page, **{"levels-1-seen_as_nl": "Goed genoeg"}))
        happened = client.get(address("history", draft)).context["events"]
        assert [(one.what, one.who) for one in happened] == [
            ("Changed", "Ada Visser"),
            ("Made as a copy of another edition", "the system"),
        ]
        (line,) = happened[0].changes
        assert (line.what, line.before, line.after) == (
            "Level 2, the customer sees us as · Nederlands", "Een goede leverancier", "Goed genoeg",
        )  # fmt: skip

    def test_an_edition_that_is_not_there_leads_to_those_that_are(self, client, administrator):
        for name in ("history", "change", "delete"):
            for pk in ("999", "x", "9" * 40):
                response = client.get(reverse(f"admin:hierarchy_edition_{name}", args=[pk]))
                assert (response.status_code, response.url) == (302, address("changelist"))


class TestFrontPage:
    def test_offers_what_an_administrator_needs_and_nothing_of_the_machinery(self, client, administrator):
        page = client.get(reverse("admin:index")).content.decode()
        assert address("changelist") in page and reverse("people:list") in page
        for machinery in ("emailaddress", "dbtaskresult", "auth/group", "hierarchy/play"):
            assert machinery not in page

    def test_puts_the_catalogue_first_and_the_trail_last(self, client, administrator):
        page = client.get(reverse("admin:index")).content.decode()
        order = [page.index(f'id="office-{label}"') for label in ("hierarchy", "accounts", "audit")]
        assert order == sorted(order)

    def test_every_link_leads_somewhere(self, client, administrator, edition, draft):
        for name in ("admin:index", "admin:password_change", "portfolio:dashboard", "accounts:settings"):
            assert client.get(reverse(name), follow=True).status_code == 200
        assert client.get(reverse("admin:app_list", args=["hierarchy"])).status_code == 200

    @pytest.mark.parametrize("more", [0, 20])
    def test_the_list_of_editions_costs_the_same_whatever_the_rows(
        self, client, edition, administrator, more, django_assert_num_queries
    ):
        Edition.objects.bulk_create(Edition(name_en=f"Draft {n}") for n in range(more))
        with django_assert_num_queries(5):  # session, user, two counts, editions
            client.get(address("changelist"))

    def test_removes_nothing_in_bulk(self, client, draft, administrator):
        assert "delete_selected" not in client.get(address("changelist")).content.decode()


@pytest.mark.parametrize("name", ["change", "preview", "publish", "history", "delete"])
def test_no_page_needs_inline_code_or_style_or_someone_elses_server(client, draft, administrator, name):
    response = client.get(address(name, draft))
    policy, page = response.headers["Content-Security-Policy"], response.content.decode()
    assert "unsafe" not in policy and "default-src 'none'" in policy
    for forbidden in (" style=", " onclick=", " onsubmit=", "<style>", "http://", "https://"):
        assert forbidden not in page.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("make", [make_user, make_viewer])
@pytest.mark.parametrize("name", ["change", "preview", "publish", "history", "delete"])
def test_whoever_is_no_administrator_is_kept_out(client, draft, make, name):
    client.force_login(make())
    assert client.get(address(name, draft)).status_code in {302, 403}


@pytest.mark.parametrize("name", ["publish", "clone", "change", "delete"])
def test_whoever_is_no_administrator_changes_nothing(client, draft, edition, name):
    client.force_login(make_user())
    response = client.post(address(name, draft), {"version": draft.version, "post": "yes"})
    assert response.status_code in {302, 403}
    assert Edition.objects.count() == 2 and Edition.objects.published() == edition
