"""The second step of an import: which column holds which field."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import text_values
from importing.headers import KNOWN

type Mapping = dict[int, str]  # column index (from 0) -> field name


@dataclass(frozen=True, slots=True)
class ImportField:
    name: str
    label: str | Promise
    help: str | Promise = ""


FIELDS: dict[str, ImportField] = {
    field.name: field
    for field in (
        ImportField("name", _("Name"), _("Of the customer organisation.")),
        ImportField("external_id", _("External id"), _("Its number in your CRM: finds the same account next time.")),
        ImportField("source", _("Source"), _("The system that the external id comes from, if there are several.")),
        ImportField("segment", _("Segment"), _("An industry or class.")),
        ImportField("country", _("Country"), _("English or Dutch name, or two letters.")),
        ImportField("city", _("City")),
        ImportField("website", _("Website")),
        ImportField("employees", _("Employees"), _("A whole number.")),
        ImportField("revenue", _("Annual revenue"), _("What we sell to this customer in a year.")),
        ImportField("currency", _("Currency"), _("Three letters, for example EUR.")),
        ImportField("customer_since", _("Customer since"), _("A date such as 2024-03-31.")),
        ImportField("owner", _("Owner"), _("E-mail address or full name of someone here.")),
        ImportField("team", _("Team"), _("Its name here.")),
        ImportField("parent", _("Parent account"), _("External id or exact name.")),
        ImportField("status", _("State"), _("Active or archived.")),
        ImportField("tags", _("Tags"), _("Divided by commas; added to those that are there.")),
        ImportField("notes", _("Notes")),
        ImportField("contact_name", _("Contact: name"), _("A person at the customer.")),
        ImportField("contact_title", _("Contact: job title")),
        ImportField("contact_email", _("Contact: e-mail")),
    )
}

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
_CURRENCY_END = re.compile(r"(eur|usd|gbp|chf|sek|nok|dkk|pln|cad|aud|jpy)$")


class WrongMapping(Exception):
    """A mapping that someone wrote does not fit the file; the message tells what."""


def key(header: str) -> str:
    """A header without what differs from export to export: case, accents, spaces, punctuation."""
    plain = unicodedata.normalize("NFKD", header.casefold())
    return "".join(char for char in plain if char.isalnum())


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
        ours = names | ({_CURRENCY_END.sub("", plain)} if field == "revenue" else set())
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
