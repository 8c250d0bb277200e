"""The form of one response: an answer to each statement, a note for each level, and a comment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.models import Response
from assessments.rating.acts import Filled, latest_of
from assessments.rating.fields import DONT_KNOW, SCALE, NoteField, Option
from assessments.rating.questionnaire import Questionnaire
from core.forms import typed_id
from hierarchy.models import Level


@dataclass(frozen=True, slots=True)
class RatedStatement:
    """One statement of the form, with the scale to answer on."""

    number: int
    text: str
    field: BoundField
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class LevelStatements:
    """The statements of one level, and the field of its note."""

    level: Level
    statements: tuple[RatedStatement, ...]
    note: BoundField

    @property
    def note_is_open(self) -> bool:
        return bool(self.note.value() or self.note.errors)


class ResponseForm(forms.Form):
    """One response: a field `q-<code>` a statement, `note-<level>` a level, and a comment.

    Nothing is required: what is left empty is not answered yet, which is something else than *don't know*.
    The form sends the round, edition and version that it showed, so that a stale form is refused.
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
        self.stored = latest_of(response)
        self.current = {
            "version": response.version if response else 0,
            "round": round_pk,
            "edition": questionnaire.edition.pk,
        }
        self.seen = (
            {name: typed_id(str(self.data.get(name, ""))) or 0 for name in self.current} if self.is_bound else dict(self.current)
        )
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
        """The content that was sent, without what is invalid."""
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
        """Whether the page shows the stored content."""
        return not self.is_bound or (self.is_valid() and self.filled == self.stored)

    def groups(self) -> Iterator[LevelStatements]:
        number = 0
        for level in self.questionnaire.levels:
            statements = []
            for indicator in self.questionnaire.asked_at(level.rank):
                number += 1
                field = self[f"q-{indicator.code}"]
                chosen = str(field.value() or "")
                options = tuple(Option(value, str(label), value == chosen) for value, label in SCALE)
                statements.append(RatedStatement(number, getattr(indicator, self.side), field, options))
            yield LevelStatements(level, tuple(statements), self[f"note-{level.rank}"])

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
        """Take the stored versions as seen, so that the form can be sent again and replaces the stored content."""
        self.seen = dict(self.current)


def _written(value: int | None) -> str:
    return DONT_KNOW if value is None else str(value)


def _said(filled: Filled, code: str) -> str:
    if code not in filled.answers:
        return gettext("not answered")
    value = filled.answers[code]
    return gettext("don't know") if value is None else str(value)
