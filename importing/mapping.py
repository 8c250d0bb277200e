"""The second step of an import: which column holds which field. Whose money a column of amounts is, it never guesses."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.field_definitions import ListedField
from accounts.field_kinds import AMOUNT
from accounts.fields import ACCOUNT_FIELDS, WHOSE_MONEY, in_tables
from core import text_values
from importing.crm_exports import crm_of, is_our_export

type Mapping = dict[int, str]  # column index (from 0) -> field name

#: How the command line calls them, with the field that each is.
WHOSE = {"ours": "revenue", "theirs": "turnover"}


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
        "primairecontactpersoon", "primairecontact", "primarycontactfullname", "ansprechpartner", "ansprechperson",
        "hauptansprechpartner", "kontaktperson", "kontaktname", "kontakt", "nameansprechpartner", "interlocuteur",
        "personnedecontact", "contactprincipal", "nomducontact",
    ),
    ImportField("contact_title", _("Contact: job title")): (
        "contacttitle", "contactjobtitle", "jobtitle", "contactfunction", "functie",
        "functiecontactpersoon", "functietitel", "funktionansprechpartner", "positionansprechpartner", "funktion",
        "fonctionducontact", "fonction",
    ),
    ImportField("contact_email", _("Contact: e-mail")): (
        "contactemail", "emailprimarycontactcontact", "primarycontactemail", "contactpersonemail",
        "email", "emailaddress", "contactmail", "mail", "emailcontactpersoon", "emailadres",
        "contactemailaddress",
        "emailprimairecontactpersooncontactpersoon", "emailprimairecontactpersoon", "emailansprechpartner", "emailadresse",
        "emailkontakt", "kontaktemail", "courriel", "adresseemail", "adressemail", "emailducontact", "emailwork",
    ),
}  # fmt: skip

#: What an export from here names an account by.
_OWN_ID = ImportField(
    "standing_id", _("Standing id"), _("As an export from here has it: it finds the account whatever it is called by now.")
)

FIELDS: dict[str, ImportField] = (
    import_fields(in_tables()) | {_OWN_ID.name: _OWN_ID} | {person.name: person for person in _PERSON}
)
#: How people's exports call what we know, per field, the surest name first. Gathered from the customary exports of Salesforce,
#: HubSpot, Dynamics 365, Odoo, EspoCRM, SuiteCRM, Zoho and Pipedrive, and from plain English, Dutch, German and French lists.
KNOWN: dict[str, tuple[str, ...]] = header_names(in_tables()) | {person.name: names for person, names in _PERSON.items()}
KNOWN[_OWN_ID.name] = ("standingid",)
KNOWN["revenue"] += WHOSE_MONEY  # where the whole file tells that it is ours

# Headers that only sometimes mean what they seem to: one of the cells must be readable so.
_DOUBTFUL: dict[str, Callable[[str], Any]] = {
    "officelocation": text_values.country,
    "status": text_values.status,
    "accountstatus": text_values.status,
    "state": text_values.status,  # else a part of a country
    "staat": text_values.status,
    "statut": text_values.status,
    "kundenstatus": text_values.status,
    "mail": text_values.email,
    "domain": text_values.website,
    "web": text_values.website,
    "site": text_values.website,
    "internet": text_values.website,
}
_WHOSE_MONEY = frozenset(WHOSE_MONEY)
_AMOUNTS = {name for name, field in ACCOUNT_FIELDS.items() if field.kind is AMOUNT}
_CURRENCY_END = re.compile(r"(eur|usd|gbp|chf|sek|nok|dkk|pln|cad|aud|jpy)$")


_OF_A_PERSON = ("first", "last", "voor", "achter", "user", "vorname", "nachname", "familienname", "benutzer")


class WrongMapping(Exception):
    """A mapping that someone wrote does not fit the file; the message tells what."""


def guess_mapping(headers: Sequence[str], samples: Sequence[Sequence[str]]) -> Mapping:
    """The likely field of each column that we know; a field goes to one column, the one with the surest name.

    `samples` holds some cells of each column. Amounts that may be our revenue or the customer's turnover are left to a person, but
    for those in exports of ours and of a CRM.
    """
    money = whose_money(headers)
    claims = sorted(
        (rank, index, field)
        for index, header in enumerate(headers)
        for field, rank in _claims(header, money)
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


def whose_money(headers: Sequence[str]) -> str:
    """The field of a column that is called “annual revenue” and the like: in our export, in one of a CRM, and "" in other files."""
    keys = [key(header) for header in headers]
    if is_our_export(keys):
        return "revenue"
    return "turnover" if crm_of(headers, keys) else ""


def is_money_of_someone(header: str) -> bool:
    """Whether a header speaks of amounts and does not tell whose: revenue, Umsatz, omzet (EUR)."""
    return not _money_names(header).isdisjoint(_WHOSE_MONEY)


def money_columns(headers: Sequence[str]) -> list[int]:
    """The columns whose name tells that they hold amounts, and not whose."""
    return [index for index, header in enumerate(headers) if is_money_of_someone(header)]


def needs_money_choice(
    headers: Sequence[str], mapping: Mapping, decided: Collection[int] = (), *, samples: Sequence[Sequence[str]] | None = None
) -> list[int]:  # fmt: skip
    """The columns of which a person has to say whose money they hold: in no field yet, and not in `decided`.

    None where both fields have a column already. With `samples`, some cells of each column, those that hold no amounts are not
    asked for.
    """
    if set(WHOSE.values()) <= set(mapping.values()):
        return []
    asked = [index for index in money_columns(headers) if index not in mapping and index not in decided]
    return asked if samples is None else [index for index in asked if _may_be_amounts(samples[index])]


def _may_be_amounts(cells: Sequence[str]) -> bool:
    filled = [cell.strip() for cell in cells if not text_values.is_blank(cell, typed=True)]
    return not filled or any(map(_is_an_amount, filled))


def _is_an_amount(cell: str) -> bool:
    try:
        text_values.amount(cell)
    except ValueError:
        return False
    return True


def with_money_choice(headers: Sequence[str], mapping: Mapping, whose: str, decided: Collection[int] = ()) -> Mapping:
    """The mapping with the first column of amounts as `whose` says (“ours” or “theirs”), whatever was guessed; others are left out.

    Columns in `decided` stay as they are: a person mapped them. A column whose name tells whose money it holds stays, too.
    """
    field = WHOSE[whose]
    doubtful = [index for index in money_columns(headers) if index not in decided]
    kept = {index: name for index, name in mapping.items() if index not in doubtful}
    if field in kept.values() or not doubtful:
        return kept
    guessed = next((index for index in doubtful if index in mapping), doubtful[0])
    return dict(sorted((kept | {guessed: field}).items()))


def columns_named(written: dict[str, str | None], headers: Sequence[str]) -> set[int]:
    """The columns that a mapping written in JSON speaks of, also those that it leaves out."""
    texts = {text for pair in written.items() for text in pair if isinstance(text, str)}
    return {index for index, header in enumerate(headers) if header in texts}


def _names(header: str) -> set[str]:
    # “ACCOUNTNUMBER__C” is Salesforce's way of saying that someone added the field.
    return {key(header), key(re.sub(r"__c$", "", header, flags=re.IGNORECASE))}


def _money_names(header: str) -> set[str]:
    """Also without the currency that it ends in."""
    return _names(header) | {_CURRENCY_END.sub("", key(header))}


def _claims(header: str, money: str) -> list[tuple[str, int]]:
    """The fields that go by this header, each with how sure the name is (0 is surest)."""
    if is_money_of_someone(header):
        rank = min(WHOSE_MONEY.index(name) for name in _money_names(header) & _WHOSE_MONEY)
        return [(money, len(KNOWN[money]) + rank)] if money else []  # after a name that tells whose money it is
    found = []
    names = _names(header)
    for field, known in KNOWN.items():
        ours = _money_names(header) if field in _AMOUNTS else names
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
        speaks = "companyname" in plain or "accountname" in plain or "naam" in plain or plain.endswith(("name", "bezeichnung"))
        if index not in mapping and speaks and not plain.startswith(_OF_A_PERSON):
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
