"""The second step of an import: which column holds which field."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.field_definitions import ListedField
from accounts.field_kinds import AMOUNT
from accounts.fields import ACCOUNT_FIELDS, in_tables
from core import text_values

type Mapping = dict[int, str]  # column index (from 0) -> field name


@dataclass(frozen=True, slots=True)
class ImportField:
    name: str
    label: str | Promise
    help: str | Promise = ""


def key(header: str) -> str:
    """A header without what differs from export to export: case, accents, spaces, punctuation."""
    plain = unicodedata.normalize("NFKD", header.casefold())
    return "".join(char for char in plain if char.isalnum())


def import_fields(fields: Iterable[ListedField]) -> dict[str, ImportField]:
    return {field.name: ImportField(field.name, field.import_label, field.hint) for field in fields}


def header_names(fields: Iterable[ListedField]) -> dict[str, tuple[str, ...]]:
    """The names of each field as `key` makes them, the surest first; the name in our own exports is always known."""
    return {field.name: tuple(dict.fromkeys((*field.headers, key(field.column)))) for field in fields}


#: The one contact that a row of a list of accounts may name, and how exports call the columns.
_PERSON: dict[ImportField, tuple[str, ...]] = {
    ImportField("contact_name", _("Contact: name"), _("A person at the customer.")): (
        "contactname", "primarycontact", "contact", "contactperson", "primarycontactname", "maincontact",
        "contactpersoon", "naamcontactpersoon", "contactnaam",
        "primairecontactpersoon", "primairecontact", "primarycontactfullname",
    ),
    ImportField("contact_title", _("Contact: job title")): (
        "contacttitle", "contactjobtitle", "jobtitle", "contactfunction", "functie",
        "functiecontactpersoon", "functietitel",
    ),
    ImportField("contact_email", _("Contact: e-mail")): (
        "contactemail", "emailprimarycontactcontact", "primarycontactemail", "contactpersonemail",
        "email", "emailaddress", "contactmail", "mail", "emailcontactpersoon", "emailadres",
        "contactemailaddress",
        "emailprimairecontactpersooncontactpersoon", "emailprimairecontactpersoon",
    ),
}  # fmt: skip

FIELDS: dict[str, ImportField] = import_fields(in_tables()) | {person.name: person for person in _PERSON}
#: How people's exports call what we know, per field, the surest name first. Gathered from the customary exports of Salesforce,
#: HubSpot, Dynamics 365, Odoo, EspoCRM, SuiteCRM, Zoho and Pipedrive, and from plain English and Dutch lists.
KNOWN: dict[str, tuple[str, ...]] = header_names(in_tables()) | {person.name: names for person, names in _PERSON.items()}

# Headers that only sometimes mean what they seem to: one of the cells must be readable so.
_DOUBTFUL: dict[str, Callable[[str], Any]] = {
    "officelocation": text_values.country,
    "status": text_values.status,
    "accountstatus": text_values.status,
    "state": text_values.status,  # else a part of a country
    "staat": text_values.status,
    "sales": text_values.amount,
    "mail": text_values.email,
    "domain": text_values.website,
    "web": text_values.website,
}
_AMOUNTS = {name for name, field in ACCOUNT_FIELDS.items() if field.kind is AMOUNT}
_CURRENCY_END = re.compile(r"(eur|usd|gbp|chf|sek|nok|dkk|pln|cad|aud|jpy)$")


class WrongMapping(Exception):
    """A mapping that someone wrote does not fit the file; the message tells what."""


def guess_mapping(headers: Sequence[str], samples: Sequence[Sequence[str]]) -> Mapping:
    """The likely field of each column that we know; a field goes to one column, the one with the surest name.

    `samples` holds some cells of each column.
    """
    claims = sorted(
        (rank, index, field)
        for index, header in enumerate(headers)
        for field, rank in _claims(header)
        if _plausible(header, samples[index])
    )
    mapping: Mapping = {}
    for _rank, index, field in claims:
        if index not in mapping and field not in mapping.values():
            mapping[index] = field
    if "name" not in mapping.values():
        mapping |= _any_name(headers, mapping)
    return dict(sorted(mapping.items()))


def given_mapping(written: Any, headers: Sequence[str], guessed: Mapping) -> Mapping:
    """A mapping as someone wrote it in JSON, over the guessed one.

    An object of header -> field name, or field name -> header; null leaves a column out. Raises WrongMapping.
    """
    if not isinstance(written, dict):
        raise WrongMapping(_('The mapping is a JSON object such as {"Company": "name"}.'))
    chosen: dict[int, str | None] = {}
    for one, other in written.items():
        index, field = _column_and_field(one, other, headers)
        if index in chosen or (field and field in chosen.values()):
            raise WrongMapping(_("The mapping names “%(name)s” twice.") % {"name": one})
        chosen[index] = field
    mapping = {index: field for index, field in guessed.items() if index not in chosen and field not in chosen.values()}
    return dict(sorted((mapping | {index: field for index, field in chosen.items() if field}).items()))


def _claims(header: str) -> list[tuple[str, int]]:
    """The fields that go by this header, each with how sure the name is (0 is surest)."""
    found = []
    plain = key(header)
    # “ACCOUNTNUMBER__C” is Salesforce's way of saying that someone added the field.
    names = {plain, key(re.sub(r"__c$", "", header, flags=re.IGNORECASE))}
    for field, known in KNOWN.items():
        ours = names | ({_CURRENCY_END.sub("", plain)} if field in _AMOUNTS else set())
        ranks = [rank for rank, name in enumerate(known) if name in ours]
        if ranks:
            found.append((field, min(ranks)))
    return found


def _plausible(header: str, cells: Sequence[str]) -> bool:
    read = _DOUBTFUL.get(key(header))
    filled = [cell.strip() for cell in cells if not text_values.is_blank(cell, typed=True)]
    return not read or not filled or any(_reads(read, cell) for cell in filled)


def _reads(read: Callable[[str], Any], cell: str) -> bool:
    try:
        read(cell)
    except ValueError:
        return False
    return True


def _any_name(headers: Sequence[str], mapping: Mapping) -> Mapping:
    """The first free column whose header at least speaks of a name: “Klant naam (statutair)”."""
    for index, header in enumerate(headers):
        plain = key(header)
        speaks = "companyname" in plain or "accountname" in plain or "naam" in plain or plain.endswith("name")
        if index not in mapping and speaks and not plain.startswith(("first", "last", "voor", "achter", "user")):
            return {index: "name"}
    return {}


def _column_and_field(one: Any, other: Any, headers: Sequence[str]) -> tuple[int, str | None]:
    for header, field in ((one, other), (other, one)):
        index = _index(header, headers)
        if index is not None and (field is None or field == "" or field in FIELDS):
            return index, field or None
    if _index(one, headers) is None and _index(other, headers) is None:
        name = other if one in FIELDS else one
        raise WrongMapping(
            _("The file has no column “%(column)s”. Its columns: %(columns)s.") % {"column": name, "columns": ", ".join(headers)}
        )
    field = other if _index(one, headers) is not None else one
    raise WrongMapping(_("“%(field)s” is not a field. Choose from: %(fields)s.") % {"field": field, "fields": ", ".join(FIELDS)})


def _index(header: Any, headers: Sequence[str]) -> int | None:
    """The column of that name: exactly so, else but for case and punctuation."""
    if not isinstance(header, str):
        return None
    if header in headers:
        return headers.index(header)
    return next((index for index, name in enumerate(headers) if key(header) and key(name) == key(header)), None)
