"""Kinds of values that fields of accounts and contacts hold: how each is read, typed into a form, sent by the API and shown.

A field (`accounts/fields.py`) names its kind. A new kind is needed only for a value that none of these reads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django import forms
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from pydantic import Field as ApiField

from accounts import contact_words
from core import tables, text_values
from core.api import Day, Line, Text, WholeId
from core.countries import country_name
from core.mail_addresses import MailAddressField
from core.number_fields import AmountField, CountField
from core.versions import LongText

Money = Annotated[float, ApiField(ge=0, lt=1e13, strict=True, allow_inf_nan=False)]
Count = Annotated[int, ApiField(ge=0, le=text_values.LARGEST_COUNT, strict=True)]
YesNo = Annotated[bool, ApiField(strict=True)]
Person = Annotated[Line | WholeId, ApiField(description="An e-mail address, or the id of a person.")]
State = Literal["active", "archived"]
BuyingRole = Literal["economic", "user", "technical", "coach"]
Influence = Annotated[int, ApiField(ge=1, le=3, strict=True)] | Literal["low", "medium", "high"]
Tags = Annotated[list[Annotated[Line, ApiField(pattern="^[^,]*$")]], ApiField(max_length=20)]


def no_default() -> dict[str, Any]:
    """A default that the description of the API does not tell: what is not sent stays as it is."""
    return {"default_factory": str}


@dataclass(frozen=True, slots=True, eq=False)
class ValueKind:
    """`takes` and `gives` are the types of the API, with `api_default` for what is not sent.

    `read` makes a value of a cell, and raises ValueError with the reason; None: the text itself is the value. A reader that
    needs to know the whole column is chosen by the kind in `importing`.
    """

    takes: Any
    gives: Any
    read: Callable[[str], Any] | None = None
    shown: Callable[[Any], str] = str  # to people
    cell: Callable[[Any], Any] = lambda value: value  # in exports
    link: Callable[[str], str] = lambda value: ""
    api_default: Mapping[str, Any] = field(default_factory=lambda: {"default": None})
    form_field: type[forms.Field] | None = None  # None: the one that Django has for the column
    widget: Callable[[], forms.Widget] | None = None


class CurrencyField(forms.CharField):
    """Three letters, however they are typed."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").upper()


def _web_link(value: str) -> str:
    return value if value.lower().startswith(("http://", "https://")) else ""


def _phone_link(value: str) -> str:
    digits = "".join(char for char in value if char.isascii() and char.isdigit())
    return f"tel:{'+' if value.strip().startswith('+') else ''}{digits}" if digits else ""


def _grouped(value: int | Decimal) -> str:
    return number_format(value, force_grouping=True)


TEXT = ValueKind(Line | None, str | None)
LONG_TEXT = ValueKind(Text | None, str | None, widget=lambda: LongText(attrs={"rows": 3}))
PHONE = ValueKind(
    Line | None, str | None, link=_phone_link,
    widget=lambda: forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
)  # fmt: skip
WEBSITE = ValueKind(
    Line | None, str | None, text_values.website, link=_web_link,
    widget=lambda: forms.URLInput(attrs={"placeholder": "https://"}),
)  # fmt: skip
EMAIL = ValueKind(Line | None, str | None, text_values.email, link="mailto:{}".format, form_field=MailAddressField)
COUNTRY = ValueKind(
    Annotated[Line | None, ApiField(description="Two letters: ISO 3166.")], str | None, text_values.country, country_name
)
COUNT = ValueKind(Count | None, int | None, text_values.whole_number, _grouped, form_field=CountField)
#: Money. Its currency is a field of its own, which names the amount as its `of`.
AMOUNT = ValueKind(Money | None, float | None, text_values.amount, _grouped, form_field=AmountField)
CURRENCY = ValueKind(
    Annotated[Line, ApiField(description="Three letters: ISO 4217.")], str, text_values.currency, api_default=no_default(),
    form_field=CurrencyField,
)  # fmt: skip
DAY = ValueKind(
    Day | None, date | None, text_values.day, date_format,
    widget=lambda: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
)  # fmt: skip
YES = ValueKind(
    YesNo, bool, contact_words.yes_or_no, lambda value: _("yes") if value else _("no"), tables.yes_or_no,
    api_default={"default": True},
)  # fmt: skip
NO = ValueKind(YES.takes, bool, YES.read, YES.shown, YES.cell, api_default={"default": False})

# What only one field is.
STATE = ValueKind(State, State, text_values.status, api_default={"default_factory": lambda: "active"})
TAGS = ValueKind(Tags, list[str], text_values.tags, api_default={"default_factory": list})
OWNER = ValueKind(Person, str, api_default=no_default())
TEAM = ValueKind(Annotated[Line | WholeId | None, ApiField(description="The name of a team, or its id.")], str | None)
PARENT = ValueKind(Annotated[WholeId | None, ApiField(description="The id of the account above.")], int | None)
SUPERIOR = ValueKind(WholeId | None, int | None)
BUYING_ROLE = ValueKind(BuyingRole, BuyingRole, contact_words.buying_role, api_default={})
INFLUENCE = ValueKind(
    Influence, int, contact_words.influence, cell=contact_words.INFLUENCE_NAMES.__getitem__, api_default={"default": 2}
)  # fmt: skip
LANGUAGE = ValueKind(Literal["en", "nl"] | None, str | None, contact_words.language)
