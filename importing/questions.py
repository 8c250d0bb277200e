"""What a list holds that nobody knows is asked of a person: once for each value, and of many together where that makes sense.

The check of a list gathers `{(field, text): number of rows}` of what its readers and lookups do not know, and stores it as
`questions` of the import (`as_questions`). The form asks them; the answers are kept with the import, whose rows are then checked
again, and with what the person said of files of this shape.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pycountry
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.assignable import assignable_owners, assignable_teams
from accounts.contact_words import is_language, nearest_role
from accounts.models import Account, Contact, User
from core.choice_order import alphabetical
from core.countries import all_countries, similar_country
from core.text_values import shortened
from importing.models import ImportJob
from importing.owner_lookup import Options
from importing.rows import known_segments
from importing.saved_mapping import remember_answers
from importing.unknown_values import EACH, KEEP, ONCE, OUT, PEOPLE, REPEATED_NAME, REST, TOTAL, folded

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ASKED_SINGLY = 200  # values of a field; of more, those of the fewest rows get one answer together
SHOWN_OPEN = 5  # values below the one choice for all of them
AS_ALL = "as-all"  # a value: what was said for all of them
NEW = "new"  # a segment: as the file writes it
EMPTY = ""  # leave the field empty, or as it is stored

type Choices = list[tuple[str, str]]
type Text = StrOrPromise


def as_questions(unknown: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """The questions of an import, as it stores them: of each field the values of the most rows first."""
    ordered = sorted(unknown.items(), key=lambda one: (one[0][0], -one[1], one[0][1]))
    return [{"field": name, "text": text, "rows": rows} for (name, text), rows in ordered]


class Scope:
    """What the choices depend on: who imports, and what holds where the file says nothing. One statement for its people."""

    def __init__(self, user: User, options: Options) -> None:
        self.user, self.options = user, options

    @cached_property
    def owners(self) -> list[User]:
        return list(assignable_owners(self.user))

    @cached_property
    def by_sign_in_name(self) -> dict[str, set[int]]:
        """The people of a short name as programs make it: the address before its @, m.vermeer, mvermeer."""
        found: dict[str, set[int]] = defaultdict(set)
        for person in self.owners:
            first, *others = person.name.casefold().split() or [""]
            last = others[-1] if others else ""
            short = [f"{first[:1]}.{last}", f"{first[:1]}{last}", f"{first}.{last}"] if last else []
            for name in (person.email.casefold().partition("@")[0], *short):
                found[name].add(person.pk)
        return found


@dataclass(frozen=True, slots=True)
class FieldQuestion:
    """How the values of one field are asked: `choices` has what they may be, `likely` what a text most likely is."""

    title: Text
    help: Text
    choices: Callable[[Scope], Choices]
    likely: Callable[[Scope, str], str] = lambda scope, text: EMPTY
    at_once: Text = ""  # the label of the one answer for all; "" where each is asked by itself
    all_likely: str = EMPTY
    value: Callable[[str, str], Any] = lambda chosen, text: chosen  # what is kept of a choice


def _owners(scope: Scope) -> Choices:
    nobody = scope.options.owner or scope.user
    leave = _("nobody: new accounts get %(owner)s") % {"owner": nobody}
    return [(EMPTY, leave), *((str(person.pk), str(person)) for person in scope.owners)]


def _likely_owner(scope: Scope, text: str) -> str:
    found = scope.by_sign_in_name.get(folded(text).partition("@")[0], set())
    return str(*found) if len(found) == 1 else EMPTY


def _teams(scope: Scope) -> Choices:
    leave = _("no team: as if the file named none")
    return [(EMPTY, leave), *((str(team.pk), team.name) for team in assignable_teams(scope.user))]


def _segments(scope: Scope) -> Choices:
    stored = sorted(set(known_segments(scope.user).values()), key=alphabetical)
    return [(NEW, _("keep it as a new segment")), (EMPTY, _("leave it empty")), *((f"={text}", text) for text in stored)]


def _currencies(_scope: Scope) -> Choices:
    found = sorted((one.alpha_3, f"{one.alpha_3} · {one.name}") for one in pycountry.currencies)
    return [(EMPTY, _("none: as if the file named none")), *found]


def _labels(choices: Iterable[tuple[Any, Any]], leave: Text) -> Choices:
    return [(EMPTY, str(leave)), *((str(value), str(label)) for value, label in choices)]


def _whole_number(chosen: str, _text: str) -> int | str:
    return int(chosen) if chosen else EMPTY


def _segment(chosen: str, text: str) -> str:
    return text if chosen == NEW else chosen.removeprefix("=")


_LEAVE_EMPTY = gettext_lazy("leave it empty")
_LEAVE_OUT_OR_KEEP: tuple[tuple[str, Text], ...] = (
    (OUT, gettext_lazy("leave them out")),
    (KEEP, gettext_lazy("import them as accounts")),
)
#: In the order of the page.
FIELD_QUESTIONS: dict[str, FieldQuestion] = {
    PEOPLE: FieldQuestion(
        gettext_lazy("People among the organisations"),
        gettext_lazy("The file says of these rows that they are people. Contacts are imported from a list of their own."),
        lambda scope: [(value, str(label)) for value, label in _LEAVE_OUT_OR_KEEP],
        likely=lambda scope, text: OUT,
    ),
    TOTAL: FieldQuestion(
        gettext_lazy("Rows that look like a total"),
        gettext_lazy("They have a name such as “Total” and nothing but numbers beside it."),
        lambda scope: [(value, str(label)) for value, label in _LEAVE_OUT_OR_KEEP],
        likely=lambda scope, text: OUT,
    ),
    REPEATED_NAME: FieldQuestion(
        gettext_lazy("Names that stand in several rows"),
        gettext_lazy(
            "These rows have a name that an earlier row has, and no external id that tells them apart. With one account for each name the "
            "first row counts, and the others are left out."
        ),
        lambda scope: [
            (ONCE, _("one account for each name")),
            (EACH, _("each row is an account of its own")),
        ],
        likely=lambda scope, text: ONCE,
    ),
    "owner": FieldQuestion(
        gettext_lazy("Owners who are not here"),
        gettext_lazy(
            "Or whom you may not make the owner. They may have left, or be called otherwise here. Accounts that are here keep their owner "
            "where you choose nobody."
        ),
        _owners,
        likely=_likely_owner,
        at_once=gettext_lazy("One owner for all of them"),
        value=_whole_number,
    ),
    "team": FieldQuestion(
        gettext_lazy("Teams that are not here"),
        gettext_lazy("Or that you may not give accounts to."),
        _teams,
        at_once=gettext_lazy("One team for all of them"),
        value=_whole_number,
    ),
    "segment": FieldQuestion(
        gettext_lazy("New segments"),
        gettext_lazy("No account has them so far. One that is only written otherwise than yours can be told here."),
        _segments,
        likely=lambda scope, text: NEW,
        all_likely=NEW,
        at_once=gettext_lazy("All of them"),
        value=_segment,
    ),
    "country": FieldQuestion(
        gettext_lazy("Countries that we do not know"),
        gettext_lazy("Where we found a country of nearly that name, it is chosen already."),
        lambda scope: _labels(all_countries(), _LEAVE_EMPTY),
        likely=lambda scope, text: similar_country(text),
    ),
    "currency": FieldQuestion(
        gettext_lazy("Currencies that we do not know"), gettext_lazy("They say what the amounts beside them are in."), _currencies
    ),
    "turnover_currency": FieldQuestion(
        gettext_lazy("Currencies of turnovers that we do not know"),
        gettext_lazy("They say what the amounts beside them are in."),
        _currencies,
    ),
    "status": FieldQuestion(
        gettext_lazy("States that we do not know"),
        gettext_lazy("An account here is active or archived."),
        lambda scope: _labels(Account.Status.choices, gettext_lazy("nothing")),
    ),
    "buying_role": FieldQuestion(
        gettext_lazy("Buying roles of another program"),
        gettext_lazy("What comes nearest is chosen already."),
        lambda scope: _labels(Contact.BuyingRole.choices, gettext_lazy("nothing: new people are users")),
        likely=lambda scope, text: nearest_role(text),
    ),
    "influence": FieldQuestion(
        gettext_lazy("Influence in other words"),
        gettext_lazy("It is low, medium or high here."),
        lambda scope: _labels(Contact.Influence.choices, gettext_lazy("nothing: new people have medium influence")),
        value=_whole_number,
    ),
    "language": FieldQuestion(
        gettext_lazy("Languages that surveys do not speak"),
        gettext_lazy("Choose the language in which we write to these people."),
        lambda scope: _labels(Contact._meta.get_field("language").flatchoices, gettext_lazy("nothing")),
        likely=lambda scope, text: "en" if is_language(text) else EMPTY,
        all_likely="en",
        at_once=gettext_lazy("One language for all of them"),
    ),
}  # fmt: skip


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
        return sum(value.rows for value in self.rest)

    @property
    def opens(self) -> bool:
        """Whether the single values are shown at first: few of them, or something is wrong or chosen there."""
        return self.number <= SHOWN_OPEN or any(value.bound.errors or value.bound.value() != AS_ALL for value in self.values)


def grouped(questions: Iterable[Mapping[str, Any]]) -> list[Group]:
    """The questions by their field, in the order of the page; of each field those of the most rows first."""
    found: dict[str, dict[str, AskedValue]] = {}
    for one in questions:
        of_field = found.setdefault(one["field"], {})
        kept = of_field.setdefault(folded(one["text"]), AskedValue(one["text"], 0, _name(one["field"], one["text"])))
        kept.rows += one["rows"]
    groups = []
    for name, asked in FIELD_QUESTIONS.items():
        values = sorted(found.get(name, {}).values(), key=lambda value: (-value.rows, alphabetical(value.text)))
        if values:
            groups.append(Group(name, asked, values[:ASKED_SINGLY], values[ASKED_SINGLY:]))
    return groups


def _name(name: str, text: str) -> str:
    """Of the text and not of its place: what others ask meanwhile may not change what is answered."""
    return f"{name}-{hashlib.sha256(folded(text).encode()).hexdigest()[:12]}"


class SharedSelect(forms.Select):
    """A select whose options are written once for many of them: hundreds of values with hundreds of choices each."""

    def __init__(self, written: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.written = written

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        flat = flatatt(self.build_attrs(self.attrs, (attrs or {}) | {"name": name}))
        option = format_html('<option value="{}">', "" if value is None else value)
        chosen = self.written.replace(option, option.removesuffix(">") + " selected>", 1)
        return format_html("<select{}>{}</select>", flat, mark_safe(chosen))  # noqa: S308 escaped when they were made


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
            said[folded(one.text)] = value(of_all if chosen == AS_ALL else chosen, one.text)
        if not group.rest:
            return said
        of_rest = cleaned[f"{group.name}-rest"]
        if of_rest == NEW and group.name == "segment":  # each is another one
            return said | {folded(one.text): one.text for one in group.rest}
        return said | {REST: value(of_rest, "")}

    def _add(self, group: Group, scope: Scope) -> None:
        asked, choices = group.asked, group.asked.choices(scope)
        singly = choices
        if asked.at_once and group.number > 1:
            group.at_once = self._field(f"{group.name}-all", asked.at_once, choices, asked.all_likely)
            singly = [(AS_ALL, _("as said above")), *choices]
        options = _written(singly)
        for one in group.values:
            initial = self._initial(group, one, scope, {value for value, _label in singly})
            one.bound = self._field(one.name, one.shown, singly, initial, options)
        if group.rest:
            label = ngettext("The other value", "The other %(number)s values", len(group.rest)) % {"number": len(group.rest)}
            group.for_rest = self._field(f"{group.name}-rest", label, choices, asked.all_likely)

    def _initial(self, group: Group, one: AskedValue, scope: Scope, offered: Container[str]) -> str:
        """What was said before, else what is likely; where that is likely of all, what is said of all."""
        before = scope.options.answers.get(group.name, {}).get(folded(one.text))
        if before is not None:
            kept = (str(before), f"={before}", NEW if group.name == "segment" else EMPTY)
            return next(value for value in kept if value in offered)
        likely = group.asked.likely(scope, one.text)
        return AS_ALL if AS_ALL in offered and likely == group.asked.all_likely else likely

    def _field(self, name: str, label: Text, choices: Choices, initial: str, options: str = "") -> forms.BoundField:
        widget = SharedSelect(options or _written(choices), attrs={"class": "form-select"})
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False, initial=initial, widget=widget)
        return self[name]


def _written(choices: Choices) -> str:
    return format_html_join("", '<option value="{}">{}</option>', choices)


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
    newest = {(one["field"], folded(one["text"])): one for one in questions}
    number: Counter[str] = Counter()
    shown = []
    for one in sorted(newest.values(), key=lambda one: -one["rows"]):
        number[one["field"]] += 1
        if number[one["field"]] <= ASKED_SINGLY:
            shown.append(one)
    return shown
