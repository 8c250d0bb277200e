"""What is said of a field of an account or a contact; `accounts/fields.py` says it of each."""

from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst

from accounts.field_kinds import ValueKind
from accounts.models.account import Account
from accounts.models.contact import Contact

type Label = str | Promise


class Part(Enum):
    """The parts of the form of an account, in their order; a field without one is not in the form."""

    WHO = auto()
    OURS = auto()
    SHEET = auto()


class Shown(Enum):
    """Where the account page shows a field to everybody who sees the account."""

    ABOUT = auto()  # in the list “About this customer”
    SHEET = auto()  # in the account sheet
    OTHERWISE = auto()  # the template has a place for it: the head, the family, the tags; or the row of the person
    PERSON = auto()  # below the name of the person
    PERSON_LABELLED = auto()  # the same, with the label before it


@dataclass(frozen=True, kw_only=True)
class ListedField:
    """`column` is the header in exports, the same in every language; "" is neither exported nor imported.

    `headers` are other names of the column in files, in four languages, the surest first, as `importing.mapping.key` makes
    them: lower case, letters and digits only. `told_as` and `hint` stand on the page where columns are chosen.
    """

    model: ClassVar[type[models.Model]]

    name: str
    kind: ValueKind
    column: str
    headers: tuple[str, ...]
    shown: Shown
    told_as: Label = ""
    hint: Label = ""
    api_note: str = ""  # description in the API, in English
    of: str = ""  # of a currency: the field whose amounts it is of

    @cached_property
    def on_model(self) -> Any:
        return self.model._meta.get_field(self.name)

    @property
    def label(self) -> Label:
        return self.on_model.verbose_name

    @property
    def import_label(self) -> Label:
        return self.told_as or capfirst(self.label)  # type: ignore[type-var]

    @property
    def limit(self) -> int | None:
        """The most characters that a text may have."""
        return getattr(self.on_model, "max_length", None)


@dataclass(frozen=True, kw_only=True)
class AccountField(ListedField):
    model: ClassVar[type[models.Model]] = Account

    part: Part | None
    ownable: bool  # by the system that the account comes from; a currency goes with its amount
    owned_as: Label = ""  # what the page of the system calls it, where it is not the label
    whole_only: bool = False  # not in the export of what the list shows


@dataclass(frozen=True, kw_only=True)
class ContactField(ListedField):
    model: ClassVar[type[models.Model]] = Contact

    when_erased: Any = None  # stored when the person is erased; None: nothing, or the default of the column
    stays: bool = False  # says nothing of who they were: kept when the person is erased

    @property
    def erased_value(self) -> Any:
        if self.when_erased is not None:
            return self.when_erased
        return None if self.on_model.null else self.on_model.get_default()
