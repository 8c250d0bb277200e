"""The screens of the customer's survey: the form that a screen sends, and what a screen shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.rating.fields import DONT_KNOW, NOTE_LENGTH, SCALE, NoteField, Option
from hierarchy.models import Indicator
from surveys.survey.response import Survey

POINTS = tuple((value, gettext_lazy("I cannot say") if value == DONT_KNOW else label) for value, label in SCALE)

LIST_AT_MOST = 4  # statements that are still open


class SurveyForm(forms.Form):
    """A field `q-<code>` a statement, of which a screen sends those that it shows, and the open question.

    An answer that is not sent, or sent empty, stays as stored; only the open question can be emptied again.
    """

    def __init__(self, data: Any = None, *, survey: Survey):
        super().__init__(data)
        for indicator in survey.questionnaire.indicators:
            self.fields[f"q-{indicator.code}"] = forms.ChoiceField(
                label=indicator.customer, required=False, choices=POINTS,
                widget=forms.TextInput,  # the page draws the scale itself
                error_messages={"invalid_choice": _("Choose one of the five points, or “I cannot say”.")},
            )  # fmt: skip
            if indicator.code in survey.stored.answers:
                value = survey.stored.answers[indicator.code]
                self.initial[f"q-{indicator.code}"] = DONT_KNOW if value is None else str(value)
        self.fields["comment"] = NoteField(label=_("What should we do more, less or differently?"))
        self.fields["comment"].widget = forms.Textarea(attrs={"rows": 6, "maxlength": NOTE_LENGTH})
        self.initial["comment"] = survey.stored.comment

    @property
    def answers(self) -> dict[str, int | None]:
        """The valid answers that were sent, by code."""
        given = {name: mark for name, mark in self.cleaned_data.items() if name.startswith("q-") and mark}
        return {name.removeprefix("q-"): None if mark == DONT_KNOW else int(mark) for name, mark in given.items()}

    @property
    def comment(self) -> str | None:
        """None where the screen did not ask for it."""
        return self.cleaned_data.get("comment") if "comment" in self.data else None

    def chosen(self, code: str) -> str:
        """The marked point of a statement: the one just sent, else the stored one."""
        field = self[f"q-{code}"]
        return str((self.is_bound and self.data.get(field.html_name)) or field.initial or "")


@dataclass(frozen=True, slots=True)
class SurveyStatement:
    """One statement on a screen, with the scale to answer on."""

    number: int
    text: str
    field: BoundField
    points: tuple[Option, ...]  # the five, then “I cannot say”
    meanwhile: str  # after a conflict: what another window answered

    @property
    def described_by(self) -> str:
        """The ids of the lines that belong to it, if any."""
        error = f"{self.field.id_for_label}-error" if self.field.errors else ""
        other = f"{self.field.id_for_label}-meanwhile" if self.meanwhile else ""
        return f"{error} {other}".strip()


@dataclass(frozen=True, slots=True)
class OpenStatement:
    """A statement without an answer, and the number of its screen."""

    text: str
    screen: int


@dataclass(frozen=True)
class Screen:
    """One screen: some statements, or on the last one the open question."""

    survey: Survey
    form: SurveyForm
    number: int
    to_end: bool = False  # come from the last screen, and going back to it
    conflict: bool = False

    @property
    def is_last(self) -> bool:
        return self.number == self.survey.last

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.survey.last if self.to_end else self.number + 1

    @cached_property
    def statements(self) -> tuple[SurveyStatement, ...]:
        return tuple(self._statement(indicator) for indicator in self.survey.on_screen(self.number))

    @property
    def all(self) -> int:
        return len(self.survey.statements)

    @property
    def reached(self) -> int:
        """How many statements come before or on this screen."""
        return self.statements[-1].number if self.statements else self.all

    @property
    def where(self) -> str:
        if self.is_last:
            return _("The last question")
        numbers = [statement.number for statement in self.statements]
        if len(numbers) == 1:
            return _("%(n)s of %(all)s") % {"n": numbers[0], "all": self.all}
        return _("%(first)s and %(second)s of %(all)s") % {"first": numbers[0], "second": numbers[1], "all": self.all}

    @property
    def left(self) -> list[OpenStatement]:
        return [OpenStatement(one.customer, self.survey.screen_of(one)) for one in self.survey.open_statements]

    @property
    def left_are_many(self) -> bool:
        """So many that going through them in order is easier than choosing from a list."""
        return len(self.left) > LIST_AT_MOST

    @property
    def comment_meanwhile(self) -> str:
        stored = self.survey.stored.comment
        return stored if self.conflict and stored != (self.form.comment or "") else ""

    @property
    def errors_elsewhere(self) -> list[str]:
        """What is wrong with what this screen does not show."""
        shown = {statement.field.html_name for statement in self.statements} | ({"comment"} if self.is_last else set())
        return [str(error) for name, errors in self.form.errors.items() if name not in shown for error in errors]

    def _statement(self, indicator: Indicator) -> SurveyStatement:
        chosen = self.form.chosen(indicator.code)
        points = tuple(Option(value, str(label), value == chosen) for value, label in POINTS)
        number = self.survey.statements.index(indicator) + 1
        meanwhile = _meanwhile(self.survey.stored.answers, indicator.code, chosen) if self.conflict else ""
        return SurveyStatement(number, indicator.customer, self.form[f"q-{indicator.code}"], points, meanwhile)


def _meanwhile(stored: Mapping[str, int | None], code: str, chosen: str) -> str:
    """The stored answer in words, where it differs from the chosen one."""
    if code not in stored:
        return ""
    value = stored[code]
    mark = DONT_KNOW if value is None else str(value)
    if mark == chosen:
        return ""
    label = str(dict(POINTS)[mark])
    return label if value is None else f"{value}, {label}"
