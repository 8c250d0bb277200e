"""A value of each kind of field, so that tests go through every field of the list, also those that come later."""

from datetime import date
from decimal import Decimal
from typing import Any

from accounts import field_kinds as kinds
from accounts.field_definitions import AccountField, ContactField
from accounts.fields import ACCOUNT, CONTACT

#: A value that is not the default, and how a form, a file or a program writes it.
SAMPLES: dict[kinds.ValueKind, tuple[Any, Any]] = {
    kinds.TEXT: ("Zilver", "Zilver"),
    kinds.LONG_TEXT: ("Two\nlines", "Two\nlines"),
    kinds.PHONE: ("+31 20 123 45 67", "+31 20 123 45 67"),
    kinds.WEBSITE: ("https://zilver.example", "https://zilver.example"),
    kinds.EMAIL: ("jan@zilver.example", "jan@zilver.example"),
    kinds.COUNTRY: ("NL", "NL"),
    kinds.COUNT: (12500, 12500),
    kinds.AMOUNT: (Decimal("1234567.50"), 1234567.5),
    kinds.CURRENCY: ("USD", "USD"),
    kinds.DAY: (date(2027, 3, 31), "2027-03-31"),
    kinds.BUYING_ROLE: ("economic", "economic"),
    kinds.INFLUENCE: (3, 3),
    kinds.LANGUAGE: ("nl", "nl"),
    kinds.YES: (False, False),
    kinds.NO: (True, True),
}
#: Fields that name something else or follow rules of their own; tests of each stand elsewhere.
OTHERS = {kinds.STATE, kinds.TAGS, kinds.OWNER, kinds.TEAM, kinds.PARENT, kinds.SUPERIOR}


def account_fields() -> list[AccountField]:
    return [field for field in ACCOUNT if field.kind not in OTHERS]


def contact_fields() -> list[ContactField]:
    return [field for field in CONTACT if field.kind not in OTHERS]


def stored(fields) -> dict[str, Any]:
    """What the columns hold."""
    return {field.name: SAMPLES[field.kind][0] for field in fields}


def written(fields) -> dict[str, Any]:
    """What is typed or sent for that."""
    return {field.name: SAMPLES[field.kind][1] for field in fields}


def values_of(obj, fields) -> dict[str, Any]:
    return {field.name: getattr(obj, field.name) for field in fields}
