"""Comments on actions: who writes, reads and deletes them, whom they mention; an action that is handed over with a word."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.acts.erasure import erase_contact
from accounts.models import User
from audit.models import Event
from mailing.models import Letter
from plans.actions.acts import change_action
from plans.actions.comments import add_comment, delete_comment, write_handed_over, write_mention
from plans.models import Action, ActionComment
from tests.api.conftest import Caller
from tests.factories import make_account, make_action, make_contact, make_plan, make_team, make_user, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def action():
    owner, mate = make_user(name="Mila Vermeer"), make_user(name="Jan Vos")
    account = make_account(name="Northwind", owner=owner, team=make_team(members=[owner, mate]))
    return make_action(make_plan(account, owner=owner), title="Call them", owner=owner, due_in=3)


@pytest.fixture
def owner(action):
    return action.owner


@pytest.fixture
def mate(action):
    return User.objects.get(name="Jan Vos")


def page(client, action):
    return client.get(reverse("plans:action", args=[action.pk]))


class TestWriting:
    def test_whoever_sees_the_account_and_does_more_than_read_comments(self, client, action, owner, mate):
        address = reverse("plans:comment_add", args=[action.pk])
        for person, status in ((owner, 302), (mate, 302), (make_viewer(), 403), (make_user(), 404)):
            client.force_login(person)
            assert client.post(address, {"text": "Half of it is done."}).status_code == status
        assert [comment.author for comment in action.comments.all()] == [owner, mate]

    @pytest.mark.parametrize(("text", "told"), [(" ", "Write a comment."), ("x" * 1001, "1000")])
    def test_none_and_too_much_are_refused_and_stay_in_the_field(self, client, action, owner, text, told):
        client.force_login(owner)
        answer = client.post(reverse("plans:comment_add", args=[action.pk]), {"text": text})
        assert answer.status_code == 422
        assert told in answer.text
        assert text.strip() in answer.text
        assert not ActionComment.objects.exists()

    def test_the_database_refuses_one_without_a_text(self, action, owner):
        with pytest.raises(ValidationError):
            add_comment(action, by=owner, text=" ")
        with pytest.raises(IntegrityError), transaction.atomic():
            ActionComment.objects.create(action=action, author=owner, text="")

    def test_is_told_in_the_trail_of_the_account(self, action, owner):
        comment = add_comment(action, by=owner, text="Done.")
        delete_comment(comment, by=owner)
        events = Event.objects.filter(object_type="plans.actioncomment").order_by("pk")
        assert [(event.act, event.account_id) for event in events] == [
            ("comment.added", action.account_id),
            ("comment.deleted", action.account_id),
        ]


class TestReading:
    def test_all_who_see_the_account_read_them_on_the_page_of_the_action(self, client, action, owner, mate):
        add_comment(action, by=owner, text="Half of it is <done>.", tell=[mate.pk])
        for person in (owner, mate, make_viewer()):
            client.force_login(person)
            found = " ".join(page(client, action).text.split())
            assert "Half of it is &lt;done&gt;." in found
            assert "Told: Jan Vos" in found

    def test_a_list_counts_them(self, client, action, owner):
        client.force_login(owner)
        assert "comment" not in client.get(reverse("plans:actions")).text
        for text in ("One.", "Two."):
            add_comment(action, by=owner, text=text)
        for address in (
            reverse("plans:actions"),
            reverse("plans:plan", args=[action.account_id]),
            reverse("portfolio:dashboard"),
        ):
            assert ">2 comments<" in client.get(address).text

    def test_its_author_deletes_one_and_others_do_not(self, action, owner, mate):
        comment = add_comment(action, by=owner, text="Done.")
        with pytest.raises(PermissionDenied):
            delete_comment(comment, by=mate)
        delete_comment(comment, by=owner)
        assert not ActionComment.objects.exists()

    @pytest.mark.parametrize("rows", [1, 12])
    def test_the_page_costs_the_same_whatever_their_number(self, client, action, owner, mate, rows, django_assert_num_queries):
        for _ in range(rows):
            add_comment(action, by=owner, text="Done.", tell=[mate.pk])
        client.force_login(owner)
        # session, person, action; people who may own it, twice by the form; comments, their mentions; colleagues to tell
        with django_assert_num_queries(8):
            page(client, action)

    def test_the_api_lists_them_as_they_were_written(self, action, owner, mate, fresh_cache):
        for text in ("One.", "Two. @Jan Vos"):
            add_comment(action, by=owner, text=text)
        told = Caller(mate, "read").get(f"/actions/{action.pk}/comments").json()
        assert [(one["text"], one["author"], one["mentions"]) for one in told["items"]] == [
            ("One.", owner.email, []),
            ("Two. @Jan Vos", owner.email, [mate.pk]),
        ]
        assert Caller(make_user(), "read").get(f"/actions/{action.pk}/comments").status_code == 404


class TestMentions:
    def test_each_is_told_once_by_letter(self, action, owner, mate):
        comment = add_comment(action, by=owner, text="@Jan Vos, would you join?")
        letter = Letter.objects.get()
        mail = write_mention(letter)
        assert mail.subject == "Mila Vermeer mentioned you on the action “Call them” at Northwind."
        assert mail.to == [f"Jan Vos <{mate.email}>"]
        assert f"#comment-{comment.pk}" in mail.body

    def test_who_does_not_see_the_account_is_not(self, action, owner):
        stranger = make_user(name="Olof Strand")
        comment = add_comment(action, by=owner, text="@Olof Strand", tell=[stranger.pk])
        assert not comment.mentions.exists()
        assert not Letter.objects.exists()

    def test_no_letter_goes_when_the_comment_is_gone_or_the_account_out_of_sight(self, action, owner, mate):
        comment = add_comment(action, by=owner, text="@Jan Vos")
        letter = Letter.objects.get()
        action.plan.account.team.members.remove(mate)
        assert write_mention(letter) is None
        action.plan.account.team.members.add(mate)
        assert write_mention(letter) is not None
        delete_comment(comment, by=owner)
        assert write_mention(letter) is None


class TestHandingOver:
    def hand_over(self, action, owner, to, word=""):
        action.owner = to
        return change_action(action, by=owner, seen=action.version, fields=["owner"], word=word)

    def test_the_new_owner_gets_one_letter_with_the_word_that_stays_as_a_comment(self, action, owner, mate):
        self.hand_over(action, owner, mate, "They know you.")
        assert [comment.text for comment in action.comments.all()] == ["They know you."]
        mail = write_handed_over(Letter.objects.get(kind="action.handed_over"))
        assert mail.subject == "Mila Vermeer handed the action “Call them” at Northwind over to you."
        assert "> They know you." in mail.body
        assert mail.to == [f"Jan Vos <{mate.email}>"]

    def test_without_a_word_too_and_not_to_oneself_nor_for_another_change(self, action, owner, mate):
        action.title = "Visit them"
        change_action(action, by=owner, seen=action.version, fields=["title"])
        assert not Letter.objects.exists()
        self.hand_over(action, mate, mate)
        assert not Letter.objects.exists()
        self.hand_over(action, mate, owner)
        assert ">" not in write_handed_over(Letter.objects.get()).body

    def test_is_not_sent_once_somebody_else_owns_it(self, action, owner, mate):
        self.hand_over(action, owner, mate)
        letter = Letter.objects.get()
        Action.objects.update(owner=owner)
        assert write_handed_over(letter) is None

    def test_each_hand_over_is_told(self, action, owner, mate):
        other = make_user()
        action.plan.account.team.members.add(other)
        for to in (mate, other, mate):
            self.hand_over(action, owner, to)
        assert Letter.objects.filter(kind="action.handed_over").count() == 3

    def test_on_the_page(self, client, action, owner, mate):
        client.force_login(owner)
        data = {
            "title": action.title, "owner": mate.pk, "due_on": action.due_on.isoformat(), "state": "todo", "outcome": "",
            "version": action.version, "word": "They know you.",
        }  # fmt: skip
        assert client.post(reverse("plans:action", args=[action.pk]), data).status_code == 302
        action.refresh_from_db()
        assert (action.owner, action.comments.get().text) == (mate, "They know you.")
        assert Letter.objects.get().kind == "action.handed_over"


def test_erasing_a_person_masks_their_name_in_comments(action, owner):
    anna = make_contact(action.plan.account, name="Anna Berg")
    add_comment(action, by=owner, text="Anna Berg decides.")
    erase_contact(anna, by=owner)
    assert ActionComment.objects.get().text == "[…] decides."
    assert "Anna" not in str(list(Event.objects.values_list("before", "after")))
