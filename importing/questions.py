"""What a list holds that nobody knows is asked of a person: once for each value, and of many together where that makes sense.

The check of a list counts the rows of each text that its readers and lookups do not know, and stores them as `questions` of the
import: objects of `field`, `text` and `rows`. The form asks them; the answers are kept with the import, whose rows are then checked
again, and with what the person said of files of this shape.
"""

import hashlib
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.choice_order import alphabetical
from core.folding import same_text
from core.text_values import shortened
from core.widgets import PlainSelect, options_written
from importing.field_questions import EMPTY, FIELD_QUESTIONS, NEW, Choices, FieldQuestion, Scope, Text
from importing.models import ImportJob
from importing.owner_lookup import Options
from importing.saved_mapping import remember_answers
from importing.unknown_values import AS_WRITTEN, OTHERS, PEOPLE, REPEATED_NAME, REST

ASKED_SINGLY = 200  # values of a field; of more, those of the fewest rows get one answer together
SHOWN_OPEN = 5  # values below the one choice for all of them
AS_ALL = "as-all"  # a value: what was said for all of them


@dataclass(slots=True)
class AskedValue:
    """A text of the file; several that differ in case alone are one."""

    text: str
    rows: int
    name: str  # of its form field
    bound: Any = None  # its form field, once the form is made

    @property
    def shown(self) -> str:
        return shortened(self.text, 80)


@dataclass(slots=True)
class Group:
    """The values of one field."""

    name: str  # of the field
    asked: FieldQuestion
    values: list[AskedValue] = field(default_factory=list)
    rest: list[AskedValue] = field(default_factory=list)  # those that get one answer together
    others: int = 0  # rows of further values, whose texts the check did not keep
    at_once: Any = None  # form field for all of them
    for_rest: Any = None  # form field

    @property
    def is_of_rows(self) -> bool:
        """Whether it asks about rows, whose texts say nothing more."""
        return self.name in {PEOPLE, REPEATED_NAME}

    @property
    def number(self) -> int:
        return len(self.values) + len(self.rest)

    @property
    def rows(self) -> int:
        return sum(value.rows for value in self.values) + self.rest_rows

    @property
    def rest_rows(self) -> int:
        return sum(value.rows for value in self.rest) + self.others

    @property
    def opens(self) -> bool:
        """Whether the single values are shown at first: few of them, or something is wrong or chosen there."""
        shown = [*(value.bound for value in self.values), *([self.for_rest] if self.for_rest else [])]
        return self.number <= SHOWN_OPEN or any(bound.errors or bound.value() != AS_ALL for bound in shown)


def grouped(questions: Iterable[Mapping[str, Any]]) -> list[Group]:
    """The questions by their field, in the order of the page; of each field those of the most rows first."""
    found: dict[str, dict[str, AskedValue]] = {}
    others: dict[str, int] = {}
    for one in questions:
        if one["text"] == OTHERS:
            others[one["field"]] = one["rows"]
            continue
        of_field = found.setdefault(one["field"], {})
        kept = of_field.setdefault(same_text(one["text"]), AskedValue(one["text"], 0, _name(one["field"], one["text"])))
        kept.rows += one["rows"]
    groups = []
    for name, asked in FIELD_QUESTIONS.items():
        values = sorted(found.get(name, {}).values(), key=lambda value: (-value.rows, alphabetical(value.text)))
        if values:
            groups.append(Group(name, asked, values[:ASKED_SINGLY], values[ASKED_SINGLY:], others.get(name, 0)))
    return groups


def _name(name: str, text: str) -> str:
    """Of the text and not of its place: what others ask meanwhile may not change what is answered."""
    return f"{name}-{hashlib.sha256(same_text(text).encode()).hexdigest()[:12]}"


class QuestionsForm(forms.Form):
    """One choice for each value that nobody knows, with what was said before or is likely chosen already.

    A fixed number of statements, whatever the number of values.
    """

    fields: dict[str, Any]

    def __init__(self, *args: Any, questions: Iterable[Mapping[str, Any]], user: User, options: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = grouped(questions)
        scope = Scope(user, options)
        for group in self.groups:
            self._add(group, scope)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self.fields:
            if self.add_prefix(name) not in self.data:
                self.add_error(name, ValidationError(_("This was found meanwhile. Say what it is."), code="new"))
        return cleaned

    def answers(self) -> dict[str, dict[str, Any]]:
        """What was said, as `ImportJob.options["answers"]` keeps it. Of a valid form."""
        return {group.name: self._answers(group) for group in self.groups}

    def _answers(self, group: Group) -> dict[str, Any]:
        value, cleaned = group.asked.value, self.cleaned_data
        of_all = cleaned.get(f"{group.name}-all", EMPTY)
        said = {}
        for one in group.values:
            chosen = cleaned[one.name]
            said[same_text(one.text)] = value(of_all if chosen == AS_ALL else chosen, one.text)
        if group.for_rest is None:
            return said
        of_rest = cleaned[f"{group.name}-rest"]
        of_rest = of_all if of_rest == AS_ALL else of_rest
        if of_rest == NEW and group.name == "segment":  # each is another one
            each = {same_text(one.text): one.text for one in group.rest}
            return said | each | ({REST: AS_WRITTEN} if group.others else {})
        return said | {REST: value(of_rest, "")}

    def _add(self, group: Group, scope: Scope) -> None:
        asked, choices = group.asked, group.asked.choices(scope)
        singly = choices
        if asked.at_once and group.number > 1:
            group.at_once = self._field(f"{group.name}-all", asked.at_once, choices, asked.all_likely)
            singly = [(AS_ALL, _("as said above")), *choices]
        options = options_written(singly)
        for one in group.values:
            initial = self._initial(group, one, scope, {value for value, _label in singly})
            one.bound = self._field(one.name, one.shown, singly, initial, options)
        if group.rest or group.others:
            label = ngettext("The other value", "The other %(number)s values", len(group.rest)) % {"number": len(group.rest)}
            label = _("All other values") if group.others else label
            likely = AS_ALL if group.at_once else asked.all_likely
            group.for_rest = self._field(f"{group.name}-rest", label, singly, likely, options)

    def _initial(self, group: Group, one: AskedValue, scope: Scope, offered: Container[str]) -> str:
        """What was said before, else what is likely; where that is likely of all, what is said of all."""
        before = scope.options.answers.get(group.name, {}).get(same_text(one.text))
        if before is not None:
            kept = (str(before), f"={before}", NEW if group.name == "segment" else EMPTY)
            return next(value for value in kept if value in offered)
        likely = group.asked.likely(scope, one.text)
        return AS_ALL if AS_ALL in offered and likely == group.asked.all_likely else likely

    def _field(self, name: str, label: Text, choices: Choices, initial: str, options: str = "") -> forms.BoundField:
        widget = PlainSelect({"class": "form-select"}, written=options or options_written(choices))
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False, initial=initial, widget=widget)
        return self[name]


@transaction.atomic
def keep_answers(job: ImportJob, answers: Mapping[str, Mapping[str, Any]], headers: Sequence[str]) -> bool:
    """Keep what was said with the import and for the next file of these `headers`; False when it can no longer be said.

    The rows are to be checked again: what is still not known is found then.
    """
    kept = ImportJob.objects.select_for_update().get(pk=job.pk)
    if not kept.may_be_started:
        return False
    said = kept.options.get("answers", {})
    kept.options["answers"] = said | {name: said.get(name, {}) | values for name, values in answers.items()}
    kept.options["asked"] = _asked_so_far([*kept.options.get("asked", []), *kept.questions])
    kept.questions, kept.checked_at = [], None
    kept.save(update_fields=["options", "questions", "checked_at"])
    remember_answers(kept, headers, answers)
    return True


def to_ask(job: ImportJob) -> list[dict[str, Any]]:
    """The open questions; where none is open, those that were answered, so that an answer can be changed."""
    return job.questions or job.options.get("asked", [])


def _asked_so_far(questions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each value the newest number of rows; as many of a field as are shown."""
    newest = {(one["field"], same_text(one["text"])): one for one in questions if one["text"] != OTHERS}
    number: Counter[str] = Counter()
    shown = []
    for one in sorted(newest.values(), key=lambda one: -one["rows"]):
        number[one["field"]] += 1
        if number[one["field"]] <= ASKED_SINGLY:
            shown.append(one)
    return shown
