"""What a list of contacts may hold, and how people's exports call it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.contact_words import buying_role
from accounts.field_kinds import DAY, EMAIL, PHONE, TEXT
from accounts.fields import CONTACT
from core import text_values
from importing.kinds import guess_by_names
from importing.mapping import ImportField, header_names, import_fields, key
from importing.mapping import Mapping as Columns
from importing.reading.table import Table

#: What a row says beside the fields of the person: of which account they are, and the name in parts.
_OF_ACCOUNT: dict[ImportField, tuple[str, ...]] = {
    ImportField("account", _("Account"), _("External id or exact name of an account that is here.")): (
        "accountname", "account", "companyname", "company", "organizationname", "organisationname", "organization",
        "organisation", "personorganization", "associatedcompany", "customername", "customer", "accountnaam", "klantnaam",
        "klant", "bedrijfsnaam", "bedrijf", "organisatienaam", "organisatie", "relatienaam", "relatie",
    ),
    ImportField("external_id", _("External id"), _("Of the account, beside its name: surer than that.")): (
        "accountexternalid", "externalid", "accountid", "customerid", "companyid", "organizationid", "customernumber",
        "accountnumber", "externnummer", "klantnummer", "klantnr", "klantcode", "debiteurnummer", "relatienummer",
    ),
    ImportField("source", _("Source"), _("The system that the external id comes from.")): (
        "sourcesystem", "source", "bronsysteem", "bron",
    ),
}  # fmt: skip
_PARTS: dict[ImportField, tuple[str, ...]] = {
    ImportField("first_name", _("First name")): ("firstname", "givenname", "contactfirstname", "voornaam", "roepnaam"),
    ImportField("middle_name", _("Middle name"), _("What stands before the last name, too.")): (
        "middlename", "tussenvoegsel", "tussenvoegsels",
    ),
    ImportField("last_name", _("Last name")): ("lastname", "surname", "familyname", "contactlastname", "achternaam"),
}  # fmt: skip
_NAME, _OTHERS = CONTACT[:1], [field for field in CONTACT[1:] if field.column]

FIELDS: dict[str, ImportField] = (
    {field.name: field for field in _OF_ACCOUNT}
    | import_fields(_NAME)
    | {field.name: field for field in _PARTS}
    | import_fields(_OTHERS)
)
# What Salesforce, HubSpot, Dynamics 365, Zoho, Pipedrive and plain English and Dutch lists write above a column.
KNOWN: dict[str, tuple[str, ...]] = {field.name: names for field, names in (_OF_ACCOUNT | _PARTS).items()} | header_names(
    [*_NAME, *_OTHERS]
)
PARTS = tuple(field.name for field in _PARTS)


def guess(table: Table) -> Columns:
    """The likely field of each column. A column whose name only sometimes means a role has to hold one."""
    found = guess_by_names(table.headers, KNOWN)
    for index, name in list(found.items()):
        cells = [cell for cell in table.samples(index, most=20) if not text_values.is_blank(cell, typed=True)]
        if name == "buying_role" and key(table.headers[index]) in {"role", "rol"} and not any(map(_is_a_role, cells)):
            del found[index]
    return found


def likely(headers: Sequence[str]) -> bool:
    """Whether the names speak of people at accounts, and not of accounts with one contact each."""
    names = {key(header) for header in headers}
    found = set(guess_by_names(headers, KNOWN).values())
    if not found & {"account", "external_id"} or not found & {"name", "email", *PARTS}:
        return False
    if found & {"buying_role", "influence", "reports_to"}:
        return True
    of_people = found & set(PARTS) or names & {"fullname", "personname", "volledigenaam", "personorganization"}
    # Salesforce, HubSpot and the like put the address of the account beside a person, but not what it is worth.
    return bool(of_people) and not names & {
        "annualrevenue", "revenue", "jaaromzet", "omzet", "numberofemployees", "employees", "aantalmedewerkers",
        "medewerkers", "parentaccount", "parentcompany", "industry", "segment", "branche",
    }  # fmt: skip


READERS: dict[str, Callable[[str], Any]] = {field.name: field.kind.read for field in CONTACT if field.kind.read}
DAYS = tuple(field.name for field in CONTACT if field.kind is DAY)
LIMITS: dict[str, int | None] = {field.name: field.limit for field in CONTACT if field.kind in {TEXT, EMAIL, PHONE}}


def _is_a_role(text: str) -> bool:
    try:
        buying_role(text)
    except ValueError:
        return False
    return True
