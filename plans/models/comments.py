"""Comments of colleagues on actions, and whom they mention."""

from typing import Self

from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from notes.models import MentionOf
from plans.models.actions import Action

LONGEST = 1000  # characters of a comment


class ActionCommentQuerySet(models.QuerySet["ActionComment"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(action__plan__account__in=Account.objects.visible_to(user))

    def whole(self) -> Self:
        """With their authors and the colleagues who were told: one statement more."""
        return self.select_related("author").prefetch_related(Prefetch("mentions", CommentMention.objects.by_name()))


class ActionComment(models.Model):
    """A short text of a colleague on an action. It is not changed: its author deletes it and writes another."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="comments")
    text = models.TextField(_("comment"))
    author = models.ForeignKey(User, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    objects = ActionCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["written_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="comment_has_a_text")]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def account_id(self) -> int:
        """For the trail, which tells it with the account."""
        return self.action.plan.account_id


class CommentMention(MentionOf):
    comment = models.ForeignKey(ActionComment, on_delete=models.CASCADE, related_name="mentions")

    class Meta:
        verbose_name = _("mention in a comment")
        verbose_name_plural = _("mentions in comments")
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="comment_mentions_a_person_once")]
        indexes = [models.Index(fields=["user"], condition=Q(read_at=None), name="comment_mention_unread")]
