"""Forms of an assessment: the statements, its details, and the reason to reopen it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from assessments.models import EARLIEST, Assessment, Response
from assessments.rating.acts import Filled, colleagues_for, content_of
from assessments.rating.questionnaire import Questionnaire
from core import days
from core.versions import LongText, VersionedForm
from hierarchy.models import Level

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
    value: str
    label: str
    checked: bool

    @property
    def is_dont_know(self) -> bool:
        return self.value == DONT_KNOW


@dataclass(frozen=True, slots=True)
class Statement:
    number: int
    text: str
    field: BoundField
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The statements of one level, and the note that says why one thinks so."""

    level: Level
    statements: tuple[Statement, ...]
    note: BoundField

    @property
    def note_is_open(self) -> bool:
        return bool(self.note.value() or self.note.errors)


class NoteField(forms.CharField):
    """A longer text, or none."""

    def __init__(self, **kwargs):
        super().__init__(
            required=False, max_length=NOTE_LENGTH,
            widget=LongText(attrs={"rows": 3, "maxlength": NOTE_LENGTH, "class": "form-control"}),
            error_messages={"max_length": _("This note has %(show_value)s characters; %(limit_value)s fit. Shorten it.")},
            **kwargs,
        )  # fmt: skip


class ResponseForm(forms.Form):
    """One response: a field `q-<code>` a statement, `note-<level>` a level, and a comment.

    Nothing is required: what is left empty is not answered yet, which is something else than *don't know*.
    The form carries the round, edition and version that it showed, so that a save meant for another one is
    noticed.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        questionnaire: Questionnaire,
        side: str,
        response: Response | None,
        round_pk: int,
        storing: bool,
    ):
        super().__init__(data)
        self.questionnaire, self.side, self.response, self.storing = questionnaire, side, response, storing
        self.stored = content_of(response)
        self.current = {
            "version": response.version if response else 0,
            "round": round_pk,
            "edition": questionnaire.edition.pk,
        }
        self.seen = {name: self._seen(name) for name in self.current} if self.is_bound else dict(self.current)
        for indicator in questionnaire.indicators:
            self.fields[f"q-{indicator.code}"] = forms.ChoiceField(
                label=getattr(indicator, side), required=False, choices=SCALE,
                widget=forms.TextInput,  # the page draws the scale itself
                error_messages={"invalid_choice": _("Choose one of the five points, or “don't know”.")},
            )  # fmt: skip
            if indicator.code in self.stored.answers:
                self.initial[f"q-{indicator.code}"] = _written(self.stored.answers[indicator.code])
        for level in questionnaire.levels:
            self.fields[f"note-{level.rank}"] = NoteField(label=_("Evidence for level %(level)s") % {"level": level.rank})
            self.initial[f"note-{level.rank}"] = self.stored.evidence.get(level.rank, "")
        self.fields["comment"] = NoteField(label=_("Anything else"))
        self.initial["comment"] = self.stored.comment

    def clean(self) -> dict[str, Any]:
        if self.seen["edition"] not in {0, self.current["edition"]}:
            self.seen["edition"] = self.current["edition"]
            raise ValidationError(
                _("A new edition of the catalogue was published meanwhile. Look at the statements again, then save."),
                code="edition",
            )
        if any(name.startswith("q-") and name not in self.fields for name in self.data):
            raise ValidationError(
                _("A statement was sent that this edition does not ask. Look at the statements again."),
                code="unknown",
            )
        for name in self.fields:
            if isinstance(self.data, QueryDict) and len(self.data.getlist(name)) > 1:
                self.add_error(name, ValidationError(_("Two answers were sent for this one. Choose one."), code="twice"))
        if self.storing and not self.errors and self.filled.is_empty and self.stored.is_empty:
            raise ValidationError(_("Nothing is filled in yet. Answer at least one statement."), code="empty")
        return self.cleaned_data

    @property
    def filled(self) -> Filled:
        """What was filled in, as far as it is right."""
        answers = {indicator.code: self.cleaned_data.get(f"q-{indicator.code}") for indicator in self.questionnaire.indicators}
        notes = {level.rank: self.cleaned_data.get(f"note-{level.rank}") for level in self.questionnaire.levels}
        return Filled(
            {code: None if mark == DONT_KNOW else int(mark) for code, mark in answers.items() if mark},
            {rank: text for rank, text in notes.items() if text},
            self.cleaned_data.get("comment") or "",
        )

    @property
    def shown_answers(self) -> Mapping[str, int | None]:
        """The answers that the page shows: those stored, or those just typed."""
        return self.filled.answers if self.is_bound and hasattr(self, "cleaned_data") else self.stored.answers

    @property
    def answered(self) -> int:
        return len(self.shown_answers)

    @property
    def asked(self) -> int:
        return len(self.questionnaire.indicators)

    @property
    def is_kept(self) -> bool:
        """Whether what the page shows is what is stored."""
        return not self.is_bound or (self.is_valid() and self.filled == self.stored)

    def groups(self) -> Iterator[Group]:
        number = 0
        for level in self.questionnaire.levels:
            statements = []
            for indicator in self.questionnaire.asked_at(level.rank):
                number += 1
                field = self[f"q-{indicator.code}"]
                chosen = str(field.value() or "")
                options = tuple(Option(value, str(label), value == chosen) for value, label in SCALE)
                statements.append(Statement(number, getattr(indicator, self.side), field, options))
            yield Group(level, tuple(statements), self[f"note-{level.rank}"])

    def conflict(self) -> list[dict[str, Any]]:
        """For each statement and note where they differ: what is stored now, what was typed."""
        typed = self.filled
        rows = [
            {
                "label": getattr(indicator, self.side),
                "theirs": _said(self.stored, indicator.code),
                "yours": _said(typed, indicator.code),
            }
            for indicator in self.questionnaire.indicators
            if _said(self.stored, indicator.code) != _said(typed, indicator.code)
        ]
        for level in self.questionnaire.levels:
            theirs, yours = self.stored.evidence.get(level.rank, ""), typed.evidence.get(level.rank, "")
            if theirs != yours:
                rows.append(
                    {
                        "label": self.fields[f"note-{level.rank}"].label,
                        "theirs": theirs or "–",
                        "yours": yours or "–",
                    }
                )
        if self.stored.comment != typed.comment:
            rows.append(
                {
                    "label": self.fields["comment"].label,
                    "theirs": self.stored.comment or "–",
                    "yours": typed.comment or "–",
                }
            )
        return rows

    def renew(self) -> None:
        """Let the same form be sent again over what is stored now, once that was seen."""
        self.seen = dict(self.current)

    def _seen(self, name: str) -> int:
        text = str(self.data.get(name, ""))
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


class DetailsForm(VersionedForm):
    """The day an open assessment is dated, and who of our people is asked."""

    class Meta:
        model = Assessment
        fields = ["held_on", "raters"]
        labels = {"raters": _("our people who are asked")}
        help_texts = {
            "held_on": _("The day this view holds for. History is sorted by it."),
            "raters": _("They give their view on their own; the owner and the lead of the team may always give theirs."),
        }
        widgets = {"raters": forms.CheckboxSelectMultiple}
        error_messages = {
            "held_on": {
                "required": _("Choose the day this view holds for."),
                "invalid": _("This is not a date. Write it as year-month-day, for example 2026-06-30."),
            },
            "raters": {
                "invalid_choice": _("Choose people of the account's team."),
                "invalid_pk_value": _("Choose people of the account's team."),
            },
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["held_on"].widget = forms.DateInput(
            attrs={"type": "date", "min": EARLIEST.isoformat(), "max": days.today().isoformat()},
            format="%Y-%m-%d",
        )
        present = User.objects.filter(pk__in=self.instance.raters.values("pk"))
        cast("forms.ModelMultipleChoiceField", self.fields["raters"]).queryset = colleagues_for(self.instance.account) | present

    def conflict(self, current) -> list[dict[str, Any]]:
        rows = super().conflict(current)
        theirs, yours = _names(current.raters.all()), _names(self.cleaned_data["raters"])
        if theirs != yours:
            rows.append({"label": self.fields["raters"].label, "theirs": theirs or "–", "yours": yours or "–"})
        return rows


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label=_("why it is reopened"), max_length=2000, widget=LongText(attrs={"rows": 2, "maxlength": 2000}),
        help_text=_("The present result stays in the trail, with this reason."),
        error_messages={"required": _("Say why: the reason stays in the account's trail.")},
    )  # fmt: skip


def _written(value: int | None) -> str:
    return DONT_KNOW if value is None else str(value)


def _said(filled: Filled, code: str) -> str:
    if code not in filled.answers:
        return gettext("not answered")
    value = filled.answers[code]
    return gettext("don't know") if value is None else str(value)


def _names(people) -> str:
    return ", ".join(sorted(str(person) for person in people))
