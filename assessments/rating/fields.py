"""Form fields that our form and the customer's survey share: the answer scale, and a note."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.versions import LongText

DONT_KNOW = "dk"
NOTE_LENGTH = 4000  # characters
SCALE = (
    ("1", _("strongly disagree")),
    ("2", _("disagree")),
    ("3", _("neither agree nor disagree")),
    ("4", _("agree")),
    ("5", _("strongly agree")),
    (DONT_KNOW, _("don't know")),
)


@dataclass(frozen=True, slots=True)
class Option:
    """One point of the answer scale, on one statement."""

    value: str
    label: str
    checked: bool

    @property
    def is_dont_know(self) -> bool:
        return self.value == DONT_KNOW


class NoteField(forms.CharField):
    """A longer text, or none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, max_length=NOTE_LENGTH,
            widget=LongText(attrs={"rows": 3, "maxlength": NOTE_LENGTH, "class": "form-control"}),
            error_messages={"max_length": _("This note has %(show_value)s characters; %(limit_value)s fit. Shorten it.")},
            **kwargs,
        )  # fmt: skip
