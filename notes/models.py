"""Notes of calls, meetings and mails with a customer, and the colleagues whom they mention."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Prefetch, Q, StringAgg, Subquery, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, User
from core import days
from core.versions import Versioned

LONGEST = 4000  # characters of a text
EARLIEST = date(1990, 1, 1)


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))

    def newest_first(self) -> Self:
        return self.order_by("-held_on", "-pk")

    def whole(self) -> Self:
        """With their authors, the people of the customer and the colleagues who are told: two statements more."""
        people = Prefetch("contacts", Contact.objects.order_by("name", "pk"))
        return self.select_related("author").prefetch_related(people, Prefetch("mentions", NoteMention.objects.by_name()))

    def with_names(self) -> Self:
        """With `names`, those of the people of the customer, each on a line, in the same statement."""
        here = Contact.objects.filter(noted_in=OuterRef("pk"), erased_on=None).order_by()
        names = here.values("noted_in").annotate(names=StringAgg("name", Value("\n"))).values("names")
        return self.select_related("author").annotate(names=Subquery(names))


class Note(Versioned):
    """What was said or written on a day, with whom of the customer, and who of ours noted it."""

    class Kind(models.TextChoices):
        CALL = "call", _("call")
        MEETING = "meeting", _("meeting")
        MAIL = "mail", _("mail")
        NOTE = "note", _("note")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="dated_notes")
    held_on = models.DateField(_("date"), default=days.today)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CALL)
    contacts = models.ManyToManyField(Contact, verbose_name=_("with whom"), related_name="noted_in", blank=True)
    text = models.TextField(_("what was said"))
    author = models.ForeignKey(User, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="note_has_a_text", violation_error_message=_("Write what was said.")
            ),
            models.CheckConstraint(condition=Q(kind__in=["call", "meeting", "mail", "note"]), name="note_kind_known"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["account", "-held_on", "-id"], name="note_of_account")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {date_format(self.held_on, 'j M Y')}"

    def get_absolute_url(self) -> str:
        """The page that shows this note alone."""
        return f"{reverse('notes:list', args=[self.account_id])}?note={self.pk}"

    def clean(self) -> None:
        if self.held_on and self.held_on > days.today():
            told = _("Choose today or an earlier day: a note tells what happened. What is to come is an action.")
            raise ValidationError({"held_on": ValidationError(told, code="future")})
        if self.held_on and self.held_on < EARLIEST:
            raise ValidationError({"held_on": ValidationError(_("Choose a date from 1990 on."), code="too_early")})


class MentionQuerySet(models.QuerySet):
    def by_name(self) -> Self:
        return self.select_related("user").order_by("user__name", "pk")

    def unread_by(self, user: User) -> Self:
        return self.filter(user=user, read_at=None)


class MentionOf(models.Model):
    """A colleague who is told of a text; concrete models name the text."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True)

    objects = MentionQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.user)


class NoteMention(MentionOf):
    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")

    class Meta:
        verbose_name = _("mention in a note")
        verbose_name_plural = _("mentions in notes")
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="note_mentions_a_person_once")]
        indexes = [models.Index(fields=["user"], condition=Q(read_at=None), name="note_mention_unread")]


def met(kinds: tuple[str, ...] = (Note.Kind.CALL, Note.Kind.MEETING)) -> Subquery:
    """The day of the newest call or meeting with a contact; annotate contacts with it. A subquery, so no statement more."""
    held = Note.objects.filter(contacts=OuterRef("pk"), kind__in=kinds).order_by("-held_on")
    return Subquery(held.values("held_on")[:1])
