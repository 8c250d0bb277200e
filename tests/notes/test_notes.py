"""Notes: what they hold, who sees and writes them, whom they mention and tell, and how a deletion is taken back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Account, Contact, User
from accounts.permissions import may, readers_of
from audit import acts as told_acts
from audit.models import Event
from core.versions import StaleEdit
from mailing.models import Letter
from notes.acts import add_note, change_note, delete_note, restore_note
from notes.letters import write_mention
from notes.mentions import mark_read
from notes.models import Note, NoteMention, met
from tests.factories import (
    make_account,
    make_administrator,
    make_contact,
    make_team,
    make_user,
    make_viewer,
    make_webhook,
)
from webhooks.models import WebhookDelivery

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def account():
    mate = make_user(name="Jan Vos")
    owner = make_user(name="Mila Vermeer")
    return make_account(name="Northwind", owner=owner, team=make_team(members=[owner, mate]))


@pytest.fixture
def mate(account):
    return User.objects.get(name="Jan Vos")


def note_of(account, text="They grow.", **fields):
    return add_note(account, **{"by": account.owner, "held_on": TODAY, "kind": "call", "text": text} | fields)


def told(note):
    return [mention.user for mention in note.mentions.by_name()]


class TestWhatANoteHolds:
    def test_day_kind_people_text_and_author(self, account):
        anna = make_contact(account, name="Anna Berg")
        note = note_of(account, " They grow. \n", contacts=[anna], kind="meeting")
        note = Note.objects.get(pk=note.pk)
        assert (note.text, note.kind, note.held_on, note.author) == ("They grow.", "meeting", TODAY, account.owner)
        assert list(note.contacts.all()) == [anna]

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [("held_on", TODAY + timedelta(days=1)), ("held_on", TODAY.replace(year=1066)), ("kind", "fax"), ("text", "  ")],
    )
    def test_a_day_to_come_an_unknown_kind_and_no_text_are_refused_beside_their_field(self, account, field, wrong):
        with pytest.raises(ValidationError) as refused:
            note_of(account, **{field: wrong})
        assert list(refused.value.message_dict) == [field]
        assert not Note.objects.exists()

    @pytest.mark.parametrize("fields", [{"text": ""}, {"kind": "fax"}])
    def test_the_database_refuses_them_too(self, account, fields):
        with pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.create(**{"account": account, "author": account.owner, "text": "They grow."} | fields)

    def test_people_of_another_account_are_refused(self, account):
        with pytest.raises(ValidationError) as refused:
            note_of(account, contacts=[make_contact()])
        assert list(refused.value.message_dict) == ["contacts"]

    def test_an_account_that_was_merged_gets_none(self, account):
        Account.objects.filter(pk=account.pk).update(merged_into=make_account(), status="archived")
        with pytest.raises(ValidationError, match="merged"):
            note_of(account)

    def test_the_newest_comes_first_by_its_day_then_as_written(self, account):
        for text, days in (("old", 9), ("new", 1), ("new, later", 1)):
            note_of(account, text, held_on=TODAY - timedelta(days=days))
        assert [note.text for note in Note.objects.newest_first()] == ["new, later", "new", "old"]


class TestWho:
    def test_sees_the_account_sees_its_notes(self, account, mate):
        note = note_of(account)
        for person, sees in ((account.owner, True), (mate, True), (make_viewer(), True), (make_user(), False)):
            assert Note.objects.visible_to(person).filter(pk=note.pk).exists() is sees

    def test_may_change_the_account_may_write_them(self, account, mate):
        lead = make_user()
        account.team.leads.add(lead)
        for person, writes in (
            (account.owner, True),
            (lead, True),
            (make_administrator(), True),
            (mate, False),
            (make_viewer(), False),
        ):
            assert may(person, "note.write", account) is writes

    def test_readers_of_an_account_are_those_for_whom_it_is_visible(self, account, mate):
        account.team.leads.add(make_user())
        away = make_user(is_active=False)
        account.team.members.add(away)
        for make in (make_viewer, make_administrator, make_user):
            make()
        make_team(members=[make_user()])
        for one in (account, make_account()):  # with a team, and without
            seen = [user for user in User.objects.order_by("name", "pk") if Account.objects.visible_to(user).filter(pk=one.pk)]
            assert list(readers_of(one)) == seen


class TestMentions:
    def test_a_name_after_an_at_sign_is_told_whatever_its_case(self, account, mate):
        assert told(note_of(account, "Ask @jan vos, please.")) == [mate]

    @pytest.mark.parametrize("text", ["Jan Vos", "mail jan@Jan Vos", "@Jan Vossen", "@Jan"])
    def test_other_words_mention_nobody(self, account, mate, text):
        assert told(note_of(account, text)) == []

    def test_of_two_names_that_fit_the_longer_one_counts(self, account, mate):
        longer = make_user(name="Jan Vos de Wit")
        account.team.members.add(longer)
        assert told(note_of(account, "@Jan Vos de Wit")) == [longer]

    def test_a_name_of_two_people_is_chosen_from_the_list(self, account, mate):
        other = make_user(name="Jan Vos")
        account.team.members.add(other)
        assert told(note_of(account, "@Jan Vos")) == []
        assert told(note_of(account, "@Jan Vos", tell=[other.pk])) == [other]

    def test_who_does_not_see_the_account_is_neither_mentioned_nor_told(self, account):
        stranger, away = make_user(name="Olof Strand"), make_user(name="Ada Away", is_active=False)
        account.team.members.add(away)
        note = note_of(account, "@Olof Strand @Ada Away", tell=[stranger.pk, away.pk])
        assert told(note) == []
        assert not Letter.objects.exists()

    def test_nobody_mentions_themselves(self, account):
        assert told(note_of(account, "@Mila Vermeer", tell=[account.owner.pk])) == []

    def test_each_is_told_once_however_often_the_note_changes(self, account, mate):
        note = note_of(account, "@Jan Vos")
        for text in ("no more", "@Jan Vos again"):
            note.text = text
            change_note(note, by=account.owner, seen=note.version, contacts=[])
        assert told(note) == [mate]
        assert Letter.objects.count() == 1

    def test_a_change_tells_those_who_are_new_in_it(self, account, mate):
        note = note_of(account)
        assert not Letter.objects.exists()
        change_note(note, by=account.owner, seen=1, contacts=[], tell=[mate.pk])
        assert told(note) == [mate]
        assert Letter.objects.get().key == f"note.mention:{note.pk}:{mate.pk}"

    def test_who_is_mentioned_stays_so_when_they_change_the_note_themselves(self, account, mate):
        account.team.leads.add(mate)
        note = note_of(account, "@Jan Vos")
        note.text = "@Jan Vos, and @Mila Vermeer, who wrote this"
        change_note(note, by=mate, seen=1, contacts=[])
        assert told(note) == [mate]
        assert Letter.objects.count() == 1

    def test_the_database_holds_each_once(self, account, mate):
        note = note_of(account, "@Jan Vos")
        with pytest.raises(IntegrityError), transaction.atomic():
            NoteMention.objects.create(note=note, user=mate)

    def test_is_on_the_desk_until_it_is_marked_as_read(self, account, mate):
        mention = note_of(account, "@Jan Vos").mentions.get()
        assert list(NoteMention.objects.unread_by(mate)) == [mention]
        mark_read(mention)
        assert not NoteMention.objects.unread_by(mate).exists()


class TestTheLetter:
    def letter(self, note):
        return Letter.objects.get(kind="note.mention", subject_id=note.pk)

    def test_says_who_where_and_what_and_answers_go_to_the_author(self, account, mate):
        note = note_of(account, "@Jan Vos\nThey grow.")
        mail = write_mention(self.letter(note))
        assert mail.subject == "Mila Vermeer mentioned you in a note on Northwind."
        assert mail.to == [f"Jan Vos <{mate.email}>"]
        assert account.owner.email in mail.reply_to[0]
        assert "> They grow." in mail.body
        assert note.get_absolute_url() in mail.body

    def test_is_in_the_language_of_the_reader(self, account, mate, settings):
        User.objects.filter(pk=mate.pk).update(language="nl")
        assert "Beste Jan Vos" in write_mention(self.letter(note_of(account, "@Jan Vos"))).body

    def test_is_not_sent_when_the_note_or_the_mention_is_gone_or_the_account_is_out_of_sight(self, account, mate):
        notes = [note_of(account, "@Jan Vos") for _ in range(4)]
        letters = [self.letter(note) for note in notes]
        notes[0].mentions.all().delete()
        assert write_mention(letters[0]) is None
        delete_note(notes[1], by=account.owner, seen=1)
        assert write_mention(letters[1]) is None
        User.objects.filter(pk=mate.pk).update(is_active=False)
        assert write_mention(letters[2]) is None
        User.objects.filter(pk=mate.pk).update(is_active=True)
        assert write_mention(letters[3]) is not None
        account.team.members.remove(mate)
        assert write_mention(letters[3]) is None


class TestChangingAndDeleting:
    def test_a_stale_edit_changes_nothing(self, account):
        note = note_of(account)
        Note.objects.filter(pk=note.pk).update(version=5)
        note.text = "Mine"
        with pytest.raises(StaleEdit):
            change_note(note, by=account.owner, seen=1, contacts=[])
        assert Note.objects.get().text == "They grow."

    def test_a_stale_page_deletes_nothing(self, account):
        note = note_of(account)
        with pytest.raises(StaleEdit):
            delete_note(note, by=account.owner, seen=2)
        assert Note.objects.exists()

    def test_a_deletion_is_taken_back_whole_and_tells_nobody_again(self, account, mate):
        anna, bo = make_contact(account, name="Anna"), make_contact(account, name="Bo")
        note = note_of(account, "@Jan Vos", contacts=[anna, bo], kind="mail", held_on=TODAY - timedelta(days=3))
        event = delete_note(note, by=account.owner, seen=1)
        assert not Note.objects.exists()
        Contact.objects.filter(pk=bo.pk).update(erased_on=TODAY)
        back = restore_note(Event.objects.get(pk=event.pk), by=account.owner)
        assert back == note
        assert (back.text, back.kind, back.held_on, back.author) == ("@Jan Vos", "mail", note.held_on, account.owner)
        assert abs(back.written_at - note.written_at) < timedelta(milliseconds=1)  # an event holds thousandths of a second
        assert list(back.contacts.all()) == [anna]
        assert told(back) == [mate]
        assert Letter.objects.count() == 1
        assert restore_note(event, by=account.owner) == note  # a second time

    def test_each_act_is_an_event_with_a_sentence(self, account):
        note = note_of(account)
        note.text = "They shrink."
        change_note(note, by=account.owner, seen=1, contacts=[])
        restore_note(delete_note(note, by=account.owner, seen=2), by=account.owner)
        events = list(Event.objects.filter(object_type="notes.note").order_by("pk"))
        assert [event.act for event in events] == ["note.added", "note.changed", "note.deleted", "note.restored"]
        assert {event.account_id for event in events} == {account.pk}
        assert [told_acts.told(event) for event in events] == [
            "Mila Vermeer wrote a note.", "Mila Vermeer changed a note.", "Mila Vermeer deleted a note.",
            "Mila Vermeer took the deletion of a note back.",
        ]  # fmt: skip

    def test_an_edit_that_changes_nothing_is_no_event(self, account):
        change_note(note_of(account), by=account.owner, seen=1, contacts=[])
        assert not Event.objects.filter(act="note.changed").exists()

    def test_a_webhook_is_told_that_a_note_was_added_and_not_what_it_says(self, account):
        make_webhook(account.owner, "note.added")
        note = note_of(account)
        data = WebhookDelivery.objects.get().data
        assert (data["note"], data["kind"], data["held_on"]) == (note.pk, "call", TODAY.isoformat())
        assert "They grow" not in str(data)


class TestLastMet:
    def test_is_the_newest_call_or_meeting_with_the_person(self, account):
        anna, bo = make_contact(account, name="Anna"), make_contact(account, name="Bo")
        for days, kind, people in ((9, "meeting", [anna, bo]), (5, "call", [anna]), (2, "mail", [anna]), (1, "note", [anna])):
            note_of(account, kind=kind, held_on=TODAY - timedelta(days=days), contacts=people)
        found = {contact.name: contact.met_on for contact in account.contacts.annotate(met_on=met())}
        assert found == {"Anna": TODAY - timedelta(days=5), "Bo": TODAY - timedelta(days=9)}

    def test_who_was_never_met_has_none(self, account):
        make_contact(account)
        assert account.contacts.annotate(met_on=met()).get().met_on is None
