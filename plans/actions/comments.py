"""Comment on an action, delete a comment, and hand an action over to another owner with a word."""

from collections.abc import Collection

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from mailing import outbox
from mailing.mail import Mail
from mailing.models import Letter
from notes.letters import compose, reader_of
from notes.mentions import mentioned_in, store_mentions
from plans.models import Action, ActionComment, CommentMention

MENTIONED, HANDED_OVER = "comment.mention", "action.handed_over"


def may_comment(user: User) -> bool:
    """Whether `user`, who sees the account, may comment on its actions: everybody who does more than read."""
    return user.is_active and not user.reads_only


@transaction.atomic
def add_comment(action: Action, *, by: User, text: str, tell: Collection[int] = ()) -> ActionComment:
    """A comment by `by`; who is mentioned gets a letter. Also on an action that is done. Raises ValidationError."""
    comment = ActionComment(action=action, author=by, text=text.strip())
    comment.full_clean()
    comment.save()
    people = mentioned_in(comment.text, action.plan.account, author=by.pk, told=tell)
    told = store_mentions(CommentMention, {"comment": comment}, people, letter=MENTIONED)
    trail.record("comment.added", comment, by=by, after={"action": action.pk, "text": comment.text, "mentions": told})
    return comment


def may_delete(user: User, comment: ActionComment) -> bool:
    """Its author may delete a comment, and an administrator."""
    return may_comment(user) and (comment.author_id == user.pk or user.is_administrator)


@transaction.atomic
def delete_comment(comment: ActionComment, *, by: User) -> None:
    """The trail keeps what it said. Raises PermissionDenied."""
    if not may_delete(by, comment):
        raise PermissionDenied
    before = {"action": comment.action_id, "text": comment.text}
    trail.record("comment.deleted", comment, by=by, before=before)
    comment.delete()


def tell_new_owner(action: Action, *, by: User, word: ActionComment | None) -> None:
    """Post the letter to the new owner of `action`, in the transaction of the act; none when they took it themselves.

    The key names the version, so it is sent once for each time that the action is handed over.
    """
    if action.owner_id != by.pk:
        about = f"{action.pk}:{action.version}:{by.pk}:{word.pk if word else 0}"
        outbox.post(HANDED_OVER, action.pk, key=f"{HANDED_OVER}:{about}:{action.owner_id}")


def write_handed_over(letter: Letter) -> Mail | None:
    """None when the action has another owner meanwhile, or its owner no longer sees the account."""
    action = Action.objects.select_related("plan__account").filter(pk=letter.subject_id).first()
    reader = reader_of(letter, action.plan.account) if action else None
    if action is None or reader is None or action.owner_id != reader.pk:
        return None
    _kind, _action, _version, author_id, word, _reader = letter.key.split(":")
    author, comment = User.objects.get(pk=author_id), ActionComment.objects.filter(pk=word).first()
    with translation.override(reader.language or settings.LANGUAGE_CODE):
        told = _("%(who)s handed the action “%(action)s” at %(account)s over to you.")
        sentence = told % {"who": author, "action": action, "account": action.plan.account}
        return compose(reader, author, sentence, comment.text if comment else "", reverse("plans:action", args=[action.pk]))


def write_mention(letter: Letter) -> Mail | None:
    """None when the comment is gone or the person no longer sees the account."""
    comment = ActionComment.objects.select_related("action__plan__account", "author").filter(pk=letter.subject_id).first()
    reader = reader_of(letter, comment.action.plan.account) if comment else None
    if comment is None or reader is None:
        return None
    action = comment.action
    with translation.override(reader.language or settings.LANGUAGE_CODE):
        told = _("%(who)s mentioned you on the action “%(action)s” at %(account)s.")
        sentence = told % {"who": comment.author, "action": action, "account": action.plan.account}
        path = reverse("plans:action", args=[action.pk]) + f"#comment-{comment.pk}"
        return compose(reader, comment.author, sentence, comment.text, path)
