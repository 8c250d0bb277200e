"""The fields of two accounts or two contacts beside each other, and which value the one that is kept gets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import field_kinds as kinds
from accounts.field_definitions import ListedField
from accounts.fields import ACCOUNT, CONTACT, CURRENCY_OF
from accounts.models import Account, Contact, User
from accounts.owned_fields import owned_of

KEPT, MERGED, BOTH = "kept", "merged", "both"

#: Fields of the account that nobody chooses: both have their tags, and who is merged is archived.
_NOT_CHOSEN = (kinds.TAGS, kinds.STATE)
#: Fields that go together: of an id with its source, of a reason with what it is the reason of.
_WITH = {"external_id": ("source",), "part_of_decision": ("not_part_because",), "active": ("left_on",)} | {
    amount: (currency,) for amount, currency in CURRENCY_OF.items()
}
#: A wish of the person that stays, whichever of the two has it; and the superior, whom the act sets.
_OF_THE_PERSON = ("do_not_ask", "reports_to")

type Choices = Mapping[str, str]  # by field: kept, merged or both


@dataclass(frozen=True, slots=True)
class MergeField:
    """One line of the page: the values of both, what can be chosen, and what is chosen unless somebody says otherwise."""

    name: str
    label: str | Promise
    kept: str
    merged: str
    options: tuple[str, ...]  # more than one: both have a value, and they differ
    default: str
    note: str = ""

    @property
    def differs(self) -> bool:
        return self.kept != self.merged

    @property
    def is_chosen(self) -> bool:
        return len(self.options) > 1

    @property
    def html_name(self) -> str:
        return f"field-{self.name}"


def account_fields(kept: Account, merged: Account, user: User) -> list[MergeField]:
    """Every field of two accounts. What the system of the account that is kept owns stays as it is. Three statements at most."""
    owned = owned_of(kept)
    parents = [pk for pk in (kept.parent_id, merged.parent_id) if pk]
    seen = set(Account.objects.visible_to(user).filter(pk__in=parents).values_list("pk", flat=True))
    found = []
    for field in _leading(field for field in ACCOUNT if field.kind not in _NOT_CHOSEN):
        if field.kind is kinds.PARENT:
            options, default = _parent_options(kept, merged)
        else:
            options, default = _options(field, kept, merged)
        note = ""
        if field.name in owned.names and options != (KEPT,):
            options, default = (KEPT,), KEPT
            note = _("From %(source)s") % {"source": owned.source}
        ours, theirs = (_shown(field, one, seen) for one in (kept, merged))
        found.append(MergeField(field.name, capfirst(str(field.label)), ours, theirs, options, default, note))
    return found


def contact_fields(kept: Contact, merged: Contact) -> list[MergeField]:
    """Every field of two contacts of one account."""
    found = []
    for field in _leading(field for field in CONTACT if field.name not in _OF_THE_PERSON):
        options, default = _options(field, kept, merged)
        ours, theirs = (_shown(field, one, set()) for one in (kept, merged))
        found.append(MergeField(field.name, capfirst(str(field.label)), ours, theirs, options, default))
    return found


def chosen_values(fields: Iterable[MergeField], choices: Choices, kept: Any, merged: Any) -> dict[str, Any]:
    """What changes of the one that is kept, by column: what was chosen, as far as it can be, else the default."""
    values: dict[str, Any] = {}
    for field in fields:
        choice = choices.get(field.name, field.default)
        choice = choice if choice in field.options else field.default
        if choice == BOTH:
            values[field.name] = f"{getattr(kept, field.name)}\n\n{getattr(merged, field.name)}"
        elif choice == MERGED:
            values |= {name: getattr(merged, name) for name in (field.name, *_WITH.get(field.name, ()))}
    return {name: value for name, value in values.items() if getattr(kept, name) != value}


def filled_values(kept: Contact, merged: Contact) -> dict[str, Any]:
    """What a contact gets from the one that is merged into them where nobody chooses: what they lack."""
    values = chosen_values(contact_fields(kept, merged), {}, kept, merged)
    return values | ({"do_not_ask": True} if merged.do_not_ask and not kept.do_not_ask else {})


def _leading(fields: Iterable[ListedField]) -> list[ListedField]:
    """Without those that go with another one."""
    following = {name for names in _WITH.values() for name in names}
    return [field for field in fields if field.name not in following]


def _options(field: ListedField, kept: Any, merged: Any) -> tuple[tuple[str, ...], str]:
    ours, theirs = (_value(field, one) for one in (kept, merged))
    if _is_empty(theirs) or ours == theirs:
        return (KEPT,), KEPT
    if _is_empty(ours):
        return (MERGED,), MERGED
    if field.kind is kinds.LONG_TEXT:
        return (BOTH, KEPT, MERGED), BOTH  # nothing that somebody wrote is lost unless it is said
    return (KEPT, MERGED), KEPT


def _parent_options(kept: Account, merged: Account) -> tuple[tuple[str, ...], str]:
    """Only where the kept account has no parent, it gets the other's; the act leaves out one that would make a circle."""
    if kept.parent_id is None and merged.parent_id not in {None, kept.pk}:
        return (MERGED,), MERGED
    return (KEPT,), KEPT


def _value(field: ListedField, obj: Any) -> Any:
    names = (field.name, *_WITH.get(field.name, ()))
    values = tuple(getattr(obj, one.attname) for one in (obj._meta.get_field(name) for name in names))
    return (values[0],) if field.name in CURRENCY_OF and values[0] is None else values


def _is_empty(values: tuple[Any, ...]) -> bool:
    return values[0] is None or values[0] == ""


def _shown(field: ListedField, obj: Any, seen: set[int]) -> str:
    if field.kind is kinds.PARENT:
        if obj.parent_id is None:
            return ""
        return str(obj.parent) if obj.parent_id in seen else _("an account that you do not see")
    value = getattr(obj, field.name)
    if value is None or value == "":
        return ""
    if display := getattr(obj, f"get_{field.name}_display", None):
        return capfirst(str(display()))
    shown = field.kind.shown(value)
    extra = [getattr(obj, name) for name in _WITH.get(field.name, ())]
    if field.kind is kinds.AMOUNT:
        return " ".join([str(extra[0]), shown])
    return f"{shown} ({', '.join(map(str, extra))})" if any(extra) else shown
