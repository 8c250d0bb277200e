"""The facts about a customer and its people that everybody who sees the account may read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.field_definitions import ListedField, Shown
from accounts.field_kinds import WEBSITE
from accounts.fields import ACCOUNT, CONTACT, CURRENCY_OF
from accounts.models import Account, Contact
from accounts.templatetags.standing import money


@dataclass(frozen=True, slots=True)
class CustomerFact:
    label: str
    text: str
    link: str = ""
    is_labelled: bool = True


def facts_of(account: Account) -> list[CustomerFact]:
    """The facts that are filled in. An external id is told with the name of the system that it comes from."""
    return [
        CustomerFact(str(field.label), _text(account, field), field.kind.link(str(value)))
        for field, value in _filled(account, Shown.ABOUT)
    ]


def sheet_of(account: Account) -> list[CustomerFact]:
    """The account sheet, as far as it is filled in."""
    return [CustomerFact(str(field.label), value) for field, value in _filled(account, Shown.SHEET)]


def facts_of_contact(contact: Contact) -> list[CustomerFact]:
    """What stands below the name of a person."""
    return [
        CustomerFact(str(field.label), field.kind.shown(value), field.kind.link(str(value)), field.shown is Shown.PERSON_LABELLED)
        for place in (Shown.PERSON, Shown.PERSON_LABELLED)
        for field, value in _filled(contact, place)
    ]


def _text(account: Account, field: ListedField) -> str:
    value = getattr(account, field.name)
    if field.name in CURRENCY_OF:
        return money(value, getattr(account, CURRENCY_OF[field.name]))
    if field.kind is WEBSITE and field.kind.link(value):
        return value.partition("://")[2].removesuffix("/")
    if field.name == "external_id" and account.source:
        return _("%(id)s in %(source)s") % {"id": value, "source": account.source}
    return field.kind.shown(value)


def _filled(obj: Account | Contact, place: Shown) -> Iterable[tuple[ListedField, Any]]:
    fields: Iterable[ListedField] = ACCOUNT if isinstance(obj, Account) else CONTACT
    values = ((field, getattr(obj, field.name)) for field in fields if field.shown is place)
    return [(field, value) for field, value in values if value is not None and value != ""]
