"""A play on its own page: its texts and its dated actions."""

import pytest
from django.urls import reverse

from audit.models import Event
from hierarchy.models import Edition, PlayAction
from tests.hierarchy.sending import as_sent, errors, new_row, opened, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def play(draft):
    return draft.plays.get(code="kaizen")


@pytest.fixture
def page(client, play, administrator):
    class Page:
        address = reverse("admin:hierarchy_play_change", args=[play.pk])

        def open(self):
            return opened(self.address, administrator)

        def send(self, seen=None, **typed):
            return client.post(self.address, as_sent(seen or self.open(), **typed))

    return Page()


def days(play):
    return list(play.actions.values_list("days", flat=True))


def test_the_page_as_a_browser_has_it_sends_every_row_back(client, page, play):
    before = days(play)
    assert page.send(client.get(page.address), why_en="Reworded").status_code == 302
    play.refresh_from_db()
    assert (play.why_en, days(play)) == ("Reworded", before)


def test_offers_the_steps_by_the_name_of_the_level_above(page):
    choices = dict(page.open().context_data["adminform"].form.fields["from_rank"].choices)
    assert choices[3] == "3 → 4 · Contributes to business issues"


def test_a_new_action_stands_where_its_day_puts_it(page, play):
    seen = page.open()
    new = new_row(seen, "actions")
    page.send(seen, **{new + "days": "60", new + "title_en": "In between"})
    assert days(play) == [21, 60, 110]
    assert PlayAction.objects.get(title_en="In between").order == 1


def test_an_action_is_removed_and_the_trail_keeps_it(page, play, draft):
    seen = page.open()
    page.send(seen, **{row(seen, "actions", days=21) + "DELETE": "on"})
    event = Event.objects.get(act="edition.changed", object_id=draft.pk)
    assert days(play) == [110]
    assert event.before["plays"]["kaizen"]["actions"]["2"]["days"] == 110


def test_raises_the_version_of_the_edition(page, draft):
    page.send(why_en="x")
    assert Edition.objects.get(pk=draft.pk).version == draft.version + 1


def test_an_edition_that_changed_meanwhile_answers_409_and_what_was_typed_stays(page, play, draft):
    seen = page.open()
    Edition.objects.filter(pk=draft.pk).update(version=7)
    stale = page.send(seen, why_en="Typed by me")
    assert stale.status_code == 409 and "Typed by me" in stale.content.decode()
    assert page.send(stale).status_code == 302
    play.refresh_from_db()
    assert play.why_en == "Typed by me"


@pytest.mark.parametrize("days", ["-1", "1096", "", "soon", "9" * 30])
def test_an_odd_day_is_told_beside_it(page, days):
    seen = page.open()
    odd = row(seen, "actions", days=21) + "days"
    response = page.send(seen, **{odd: days})
    assert response.status_code == 422 and list(errors(response)) == [odd]


def test_a_code_of_another_play_is_told_beside_it(page):
    assert list(errors(page.send(code="usp-analysis"))) == ["code"]


def test_a_play_of_a_published_edition_is_read_on_the_page_of_that_edition(client, edition, administrator):
    play = edition.plays.first()
    response = client.get(reverse("admin:hierarchy_play_change", args=[play.pk]))
    assert response.url == f"{reverse('admin:hierarchy_edition_change', args=[edition.pk])}#plays-of-{play.pk}"


def test_a_play_of_a_published_edition_is_not_changed(client, edition, administrator):
    play = edition.plays.first()
    response = client.post(reverse("admin:hierarchy_play_change", args=[play.pk]), {"title_en": "Other"})
    play.refresh_from_db()
    assert response.status_code == 403 and play.title_en == "Unique selling point analysis"


def test_plays_are_reached_through_their_edition(client, administrator):
    assert client.get(reverse("admin:hierarchy_play_changelist")).url == reverse("admin:hierarchy_edition_changelist")
    assert client.get(reverse("admin:hierarchy_play_add")).status_code == 403


def test_its_history_is_that_of_the_edition(client, play, administrator):
    response = client.get(reverse("admin:hierarchy_play_history", args=[play.pk]))
    assert response.url == reverse("admin:hierarchy_edition_history", args=[play.edition_id])
