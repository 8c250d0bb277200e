"""The form of a note."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from core import days
from core.versions import LongText, VersionedForm
from notes.fields import ColleaguesField, people_field
from notes.models import LONGEST, Note


class NoteForm(VersionedForm):
    """Write or change a note. Two statements for the people to choose from; two more for a note that is there."""

    class Meta:
        model = Note
        fields = ["kind", "held_on", "contacts", "text"]
        widgets = {"text": LongText(attrs={"rows": 4, "maxlength": LONGEST, "data-mentions": "tell"})}
        error_messages = {
            "text": {"required": _("Write what was said.")},
            "held_on": {"invalid": _("This is not a date. Write it as year-month-day, for example 2028-06-30.")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note: Note = self.instance
        present = [contact.pk for contact in note.contacts.all()] if note.pk else []
        self.fields["held_on"].widget = forms.DateInput(
            attrs={"type": "date", "max": days.today().isoformat()}, format="%Y-%m-%d"
        )  # fmt: skip
        self.fields["contacts"] = people_field(note.account, and_also=present)
        self.fields["text"].validators.append(MaxLengthValidator(LONGEST))
        self.fields["tell"] = ColleaguesField(note.account, author=note.author_id)
        self.initial["contacts"] = present
        self.initial["tell"] = [mention.user_id for mention in note.mentions.all()] if note.pk else []

    def edited_fields(self) -> list[str]:
        return [name for name in super().edited_fields() if name != "contacts"]
