"""How the values of each field are asked that nobody knows: what they may be, and what a text most likely is."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pycountry
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.assignable import assignable_owners, assignable_teams
from accounts.contact_words import is_language, nearest_role
from accounts.models import Account, Contact, User
from core.choice_order import alphabetical
from core.countries import all_countries, similar_country
from core.folding import same_text
from importing.owner_lookup import Options
from importing.rows import known_segments
from importing.unknown_values import EACH, KEEP, ONCE, OUT, PEOPLE, REPEATED_NAME, TOTAL

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NEW = "new"  # a segment: as the file writes it
EMPTY = ""  # leave the field empty, or as it is stored

type Choices = list[tuple[str, str]]
type Text = StrOrPromise


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
    found = scope.by_sign_in_name.get(same_text(text).partition("@")[0], set())
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
