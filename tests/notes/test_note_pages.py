"""The pages of notes: the list with its form, changing one, deleting one and taking that back, and a mention that is read."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from notes.acts import add_note
from notes.context import latest_notes
from notes.models import Note
from tests.factories import make_account, make_contact, make_team, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
TODAY = timezone.localdate()


@pytest.fixture
def account(client):
    owner, mate = make_user(name="Mila Vermeer"), make_user(name="Jan Vos")
    client.force_login(owner)
    return make_account(name="Northwind", owner=owner, team=make_team(members=[owner, mate]))


@pytest.fixture
def mate(account):
    return User.objects.get(name="Jan Vos")


def note_of(account, text="They grow.", **fields):
    return add_note(account, **{"by": account.owner, "held_on": TODAY, "kind": "call", "text": text} | fields)


def page(client, account, **query):
    return client.get(reverse("notes:list", args=[account.pk]), query)


def typed(**fields):
    return {"held_on": TODAY.isoformat(), "kind": "meeting", "text": "They grow."} | fields


def edit(note):
    return reverse("notes:edit", args=[note.account_id, note.pk])


class TestList:
    def test_shows_day_kind_people_author_text_and_who_was_told(self, client, account, mate):
        anna = make_contact(account, name="Anna Berg")
        note_of(account, "They <grow>.", kind="meeting", contacts=[anna], tell=[mate.pk])
        found = " ".join(page(client, account).text.split())
        for words in ("Meeting", f"#person-{anna.pk}", "Anna Berg</a>", "Mila Vermeer", "They &lt;grow&gt;.", "Told: Jan Vos"):
            assert words in found

    def test_newest_first_in_pages(self, client, account):
        for n in range(23):
            note_of(account, f"note {n}", held_on=TODAY - timedelta(days=n))
        assert [note.text for note in page(client, account).context["page"]] == [f"note {n}" for n in range(20)]
        second = page(client, account, page=2)
        assert [note.text for note in second.context["page"]] == ["note 20", "note 21", "note 22"]

    def test_one_note_alone_has_an_address(self, client, account):
        note, _other = note_of(account, "this one"), note_of(account, "another")
        found = client.get(note.get_absolute_url())
        assert [one.text for one in found.context["page"]] == ["this one"]
        assert "All notes" in found.text

    @pytest.mark.parametrize("odd", ["x", "9" * 30, "-1", "é"])
    def test_an_odd_address_is_no_error(self, client, account, odd):
        assert page(client, account, note=odd, page=odd).status_code == 200

    def test_who_only_reads_gets_no_form_and_no_edit(self, client, account, mate):
        note = note_of(account)
        for person in (mate, make_viewer()):
            client.force_login(person)
            found = page(client, account)
            assert "They grow." in found.text
            assert "<textarea" not in found.text
            assert edit(note) not in found.text

    @pytest.mark.parametrize("rows", [1, 20])
    def test_costs_the_same_whatever_the_rows(self, client, account, mate, rows, django_assert_num_queries):
        for _ in range(rows):
            note_of(account, contacts=[make_contact(account)], tell=[mate.pk])
        # session, person, account with its head, rounds, levels; count, notes, their people, their mentions; people and colleagues to
        # choose from
        with django_assert_num_queries(11):
            page(client, account)


class TestWriting:
    def test_a_note_is_stored_with_its_people_and_who_is_told(self, client, account, mate):
        anna = make_contact(account, name="Anna Berg")
        answer = client.post(reverse("notes:list", args=[account.pk]), typed(contacts=[anna.pk], tell=[mate.pk]))
        assert (answer.status_code, answer.url) == (302, reverse("notes:list", args=[account.pk]))
        note = Note.objects.get()
        assert (note.text, note.kind, note.author, list(note.contacts.all())) == ("They grow.", "meeting", account.owner, [anna])
        assert [mention.user for mention in note.mentions.all()] == [mate]
        assert "Note of" in client.get(answer.url).text

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"held_on": (TODAY + timedelta(days=1)).isoformat()}, "Choose today or an earlier day"),
            ({"held_on": "soon"}, "This is not a date"),
            ({"text": " "}, "Write what was said."),
            ({"kind": "fax"}, "fax"),
            ({"contacts": ["999999"]}, "999999"),
            ({"tell": ["999999"]}, "999999"),
            ({"text": "x" * 4001}, "4000"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, client, account, wrong, told):
        answer = client.post(reverse("notes:list", args=[account.pk]), typed(text="They grow fast.") | wrong)
        assert answer.status_code == 422
        assert told in answer.text
        assert "text" in wrong or "They grow fast." in answer.text
        assert not Note.objects.exists()

    def test_people_of_other_accounts_and_who_left_are_not_offered(self, client, account):
        make_contact(name="Elsewhere"), make_contact(account, name="Left", active=False)
        assert "Elsewhere" not in page(client, account).text
        assert "Left" not in page(client, account).text

    def test_only_who_sees_the_account_can_be_chosen(self, client, account, mate):
        stranger = make_user(name="Olof Strand")
        assert "Jan Vos" in page(client, account).text
        assert "Olof Strand" not in page(client, account).text
        answer = client.post(reverse("notes:list", args=[account.pk]), typed(tell=[stranger.pk]))
        assert answer.status_code == 422


class TestChanging:
    def test_text_people_and_mentions_are_changed(self, client, account, mate):
        anna = make_contact(account, name="Anna Berg", active=False)  # left since, and still chosen
        note = note_of(account, contacts=[anna])
        found = client.get(edit(note)).context["form"]
        assert (found.initial["contacts"], found.initial["tell"]) == ([anna.pk], [])
        answer = client.post(edit(note), typed(text="They shrink.", version=1, tell=[mate.pk], contacts=[anna.pk]))
        assert answer.url == f"{reverse('notes:list', args=[account.pk])}#note-{note.pk}"
        note.refresh_from_db()
        assert (note.text, note.kind, list(note.contacts.all())) == ("They shrink.", "meeting", [anna])
        assert note.mentions.get().user == mate

    def test_a_stale_edit_gets_409_with_both_texts(self, client, account):
        note = note_of(account)
        Note.objects.filter(pk=note.pk).update(version=2, text="Theirs")
        answer = client.post(edit(note), typed(text="Mine", version=1))
        assert answer.status_code == 409
        assert "Theirs" in answer.text and "Mine" in answer.text
        assert Note.objects.get().text == "Theirs"
        again = client.post(edit(note), typed(text="Mine", version=answer.context["form"].data["version"]))
        assert again.status_code == 302

    def test_a_note_of_another_account_is_not_found(self, client, account):
        other = note_of(make_account(owner=account.owner))
        assert client.get(reverse("notes:edit", args=[account.pk, other.pk])).status_code == 404


class TestDeleting:
    def test_can_be_taken_back_at_once(self, client, account):
        note = note_of(account)
        gone = client.post(reverse("notes:delete", args=[account.pk, note.pk]), {"version": 1}, follow=True)
        assert not Note.objects.exists()
        assert "deleted." in gone.text
        (undo,) = re.findall(r'action="([^"]+/restore/\d+/)"', gone.text)
        back = client.post(undo, follow=True)
        assert Note.objects.get() == note
        assert "is back." in back.text

    def test_of_a_stale_page_gets_409_and_deletes_nothing(self, client, account):
        note = note_of(account)
        answer = client.post(reverse("notes:delete", args=[account.pk, note.pk]), {"version": 7})
        assert answer.status_code == 409
        assert "They grow." in answer.text
        assert Note.objects.exists()

    def test_of_another_account_is_not_taken_back_here(self, client, account):
        other = make_account(owner=account.owner)
        client.post(reverse("notes:delete", args=[other.pk, note_of(other).pk]), {"version": 1})
        event = Event.objects.get(act="note.deleted")
        assert client.post(reverse("notes:restore", args=[account.pk, event.pk])).status_code == 404


def test_a_mention_is_taken_from_ones_own_desk_alone(client, account, mate):
    mention = note_of(account, tell=[mate.pk]).mentions.get()
    address = reverse("notes:mention_read", args=[mention.pk])
    assert client.post(address).status_code == 404
    client.force_login(mate)
    assert client.post(address, {"next": "https://elsewhere.example/"}).url == reverse("portfolio:dashboard")
    mention.refresh_from_db()
    assert mention.read_at


def test_the_newest_for_the_page_of_an_account_cost_one_statement(account, mate, django_assert_num_queries):
    anna, bo = make_contact(account, name="Anna"), make_contact(account, name="Bo")
    for n in range(5):
        note_of(account, f"note {n}", held_on=TODAY - timedelta(days=n), contacts=[bo, anna])
    note_of(make_account(), "elsewhere")
    with django_assert_num_queries(1):
        found = latest_notes(account, account.owner)
        assert [(note.text, note.names, note.author.name) for note in found["latest_notes"]] == [
            (f"note {n}", "Anna, Bo", "Mila Vermeer") for n in range(3)
        ]
    assert (found["all_notes"], found["may_write_notes"]) == (5, True)
    assert latest_notes(account, mate)["may_write_notes"] is False
    assert latest_notes(make_account(), mate)["all_notes"] == 0
