"""What the page of a merger shows: what each account has, what moves, and what is to be chosen. A fixed number of statements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.acts.merge_parts import AccountPair, account_parts
from accounts.acts.merging import obstacles_to
from accounts.acts.merging_people import SameAddress, same_addresses
from accounts.merge_fields import BOTH, KEPT, MERGED, MergeField, account_fields
from accounts.models import Account, Contact, User


@dataclass(frozen=True, slots=True)
class MovingThings:
    """How many of one kind each account has, and how many of those of the merged one move."""

    label: str | Promise
    kept: int
    merged: int
    moving: int


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field with what is chosen of it at present."""

    field: MergeField
    chosen: str

    @property
    def options(self) -> list[tuple[str, bool]]:
        return [(option, option == self.chosen) for option in self.field.options]


@dataclass(frozen=True, slots=True)
class MergePreview:
    """`to_choose` differ, `filled` come along since the kept one lacks them, `staying` are as they are."""

    pair: AccountPair
    obstacles: list[str]
    remarks: list[str]
    things: list[MovingThings]
    to_choose: list[FieldChoice]
    filled: list[MergeField]
    staying: list[MergeField]
    people: list[tuple[SameAddress, bool]]

    @property
    def heads(self) -> list[tuple[Account, str]]:
        """Both accounts, each with what becomes of it."""
        return [(self.pair.kept, _("stays")), (self.pair.merged, _("goes into the other"))]


def merge_preview(kept: Account, merged: Account, user: User, typed: Mapping[str, str] | None = None) -> MergePreview:
    """The page of merging `merged` into `kept`; `typed` is what was sent, when the page is shown again."""
    pair = AccountPair(kept, merged)
    fields = account_fields(kept, merged, user)
    to_choose, filled, staying = by_need(fields, typed)
    united = None if typed is None else same_people_of(typed)
    people = [(one, one.is_same_name if united is None else one.merged.pk in united) for one in same_addresses(pair)]
    return MergePreview(
        pair=pair,
        obstacles=obstacles_to(pair),
        remarks=[remark for part in account_parts() for remark in part.remarks(pair)],
        things=list(_things(pair)),
        to_choose=to_choose,
        filled=filled,
        staying=staying,
        people=people,
    )


def by_need(
    fields: Iterable[MergeField], typed: Mapping[str, str] | None
) -> tuple[list[FieldChoice], list[MergeField], list[MergeField]]:
    """Those to choose, those that come along, and those that stay; fields that both lack are left out."""
    fields = [field for field in fields if field.kept or field.merged]
    choices = choices_of(typed or {})
    to_choose = [
        FieldChoice(field, choice if (choice := choices.get(field.name, "")) in field.options else field.default)
        for field in fields
        if field.is_chosen
    ]
    filled = [field for field in fields if field.options == (MERGED,)]
    return to_choose, filled, [field for field in fields if field.options == (KEPT,)]


def choices_of(typed: Mapping[str, str]) -> dict[str, str]:
    """The choices by field that a form sent."""
    return {
        name.removeprefix("field-"): typed[name]
        for name in typed
        if name.startswith("field-") and typed[name] in {KEPT, MERGED, BOTH}
    }


def same_people_of(typed: Mapping[str, str]) -> set[int]:
    """The contacts that a form says are the same person as one of the kept account."""
    numbers = (name.removeprefix("same-") for name in typed if name.startswith("same-"))
    return {int(number) for number in numbers if number.isascii() and number.isdecimal() and len(number) < 19}


def _things(pair: AccountPair) -> Iterable[MovingThings]:
    """Three statements for each kind at most."""
    both = [pair.kept.pk, pair.merged.pk]
    kinds: list[tuple[Any, str]] = [(Contact, "account"), *((part.model, part.field) for part in account_parts())]
    staying = {part.name: part for part in account_parts()}
    for model, field in kinds:
        rows = model._base_manager.filter(**{f"{field}__in": both}).order_by()
        counted = dict(rows.values_list(field).annotate(Count("pk")))
        ours, theirs = (counted.get(pk, 0) for pk in both)
        part = staying.get(f"{model._meta.label_lower}.{field}")
        moving = part.rows(pair).count() if part and theirs else theirs
        yield MovingThings(capfirst(model._meta.verbose_name_plural), ours, theirs, moving)
    below = dict(Account.objects.filter(parent__in=both).order_by().values_list("parent").annotate(Count("pk")))
    if below:
        ours, theirs = (below.get(pk, 0) for pk in both)
        yield MovingThings(_("Accounts below it"), ours, theirs, theirs)
    tagged = dict(Account.tags.through.objects.filter(account__in=both).order_by().values_list("account").annotate(Count("pk")))
    if tagged:
        ours, theirs = (tagged.get(pk, 0) for pk in both)
        yield MovingThings(capfirst(Account.tags.field.verbose_name), ours, theirs, theirs)
