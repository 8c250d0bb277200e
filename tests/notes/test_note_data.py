"""Notes when a person is exported or erased, and when accounts or contacts are merged."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.acts.contact_merging import merge_contacts, mergers_into, undo_contact_merger
from accounts.acts.erasure import erase_contact, export_contact
from accounts.acts.merging import merge_accounts, undo_merger
from audit.models import Event
from notes.acts import add_note, delete_note, restore_note
from notes.models import Note
from tests.factories import make_account, make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account(owner=make_user(name="Mila Vermeer"))


def note_of(account, text, *people):
    return add_note(account, by=account.owner, held_on=timezone.localdate(), kind="call", text=text, contacts=people)


class TestExport:
    def test_holds_the_notes_with_the_person(self, account):
        anna, bo = make_contact(account, name="Anna Berg"), make_contact(account, name="Bo Dahl")
        note_of(account, "Anna is glad.", anna, bo)
        note_of(account, "Bo is not.", bo)
        found = export_contact(anna, by=account.owner)["notes"]
        assert [(one["kind"], one["text"], one["written_by"]) for one in found] == [("call", "Anna is glad.", "Mila Vermeer")]


class TestErasure:
    def test_takes_the_person_out_of_notes_and_masks_their_name_in_all(self, account):
        anna, bo = make_contact(account, name="Anna Berg"), make_contact(account, name="Bo Dahl")
        with_both, other = note_of(account, "Anna Berg is glad.", anna, bo), note_of(account, "Ask Anna Berg.")
        erase_contact(anna, by=account.owner)
        with_both, other = Note.objects.get(pk=with_both.pk), Note.objects.get(pk=other.pk)
        assert (with_both.text, other.text) == ("[…] is glad.", "Ask […].")
        assert list(with_both.contacts.all()) == [bo]
        assert (with_both.version, other.version) > (1, 1)  # a page that is open meanwhile is stale

    def test_leaves_nothing_in_the_trail_nor_after_a_deletion_is_taken_back(self, account):
        anna, bo = make_contact(account, name="Anna Berg"), make_contact(account, name="Bo Dahl")
        note = note_of(account, "Anna Berg is glad.", anna, bo)
        event = delete_note(note, by=account.owner, seen=1)
        erase_contact(anna, by=account.owner)
        stored = [[event.before, event.after] for event in Event.objects.filter(object_type="notes.note")]
        assert "Anna" not in str(stored)
        assert all("contacts" not in (content or {}) for contents in stored for content in contents)
        back = restore_note(Event.objects.get(pk=event.pk), by=account.owner)
        assert back.text == "[…] is glad."
        assert list(back.contacts.all()) == []

    def test_says_how_many_notes_it_changed(self, account):
        anna = make_contact(account, name="Anna Berg")
        note_of(account, "She is glad.", anna)
        erase_contact(anna, by=account.owner)
        assert Event.objects.get(act="contact.erased").after["notes"] == 1


def with_whom(note):
    return sorted(contact.name for contact in note.contacts.all())


class TestMergingContacts:
    def test_their_notes_go_along_and_come_back(self, account):
        kept, merged = make_contact(account, name="Anna"), make_contact(account, name="Anna B.")
        both, alone = note_of(account, "Together.", kept, merged), note_of(account, "Alone.", merged)
        merge_contacts(kept, merged, by=account.owner, seen=(0, 0), choices={})
        assert with_whom(both) == with_whom(alone) == ["Anna"]
        undo_contact_merger(kept, by=account.owner, event=mergers_into(kept)[0])
        assert (with_whom(both), with_whom(alone)) == (["Anna", "Anna B."], ["Anna B."])


class TestMergingAccounts:
    def pair(self, account):
        return account, make_account(name="Southwind", owner=account.owner)

    def test_notes_go_along_and_come_back(self, account):
        kept, merged = self.pair(account)
        anna = make_contact(merged, name="Anna")
        note = note_of(merged, "They grow.", anna)
        merge_accounts(kept, merged, by=account.owner, seen=(1, 1), choices={})
        note.refresh_from_db()
        assert (note.account, with_whom(note)) == (kept, ["Anna"])
        merged.refresh_from_db()
        undo_merger(merged, by=account.owner, seen=(0, 0))
        note.refresh_from_db()
        assert (note.account, with_whom(note)) == (merged, ["Anna"])

    def test_a_note_with_people_of_both_since_keeps_a_merger_from_being_taken_back(self, account):
        kept, merged = self.pair(account)
        anna = make_contact(merged, name="Anna")
        merge_accounts(kept, merged, by=account.owner, seen=(1, 1), choices={})
        anna.refresh_from_db()
        kept.refresh_from_db()
        note_of(kept, "They grow.", anna)
        merged.refresh_from_db()
        with pytest.raises(ValidationError, match="is with Anna, who would go to the other account"):
            undo_merger(merged, by=account.owner, seen=(0, 0))
