"""What a list of contacts may hold, and how people's exports call it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.contact_words import is_role
from accounts.field_kinds import DAY, EMAIL, PHONE, TEXT
from accounts.fields import CONTACT
from core import text_values
from importing.kinds import guess_by_names
from importing.mapping import ImportField, header_names, import_fields, is_money_of_someone, key
from importing.mapping import Mapping as Columns
from importing.reading.table import Table

#: What a row says beside the fields of the person: of which account they are, and the name in parts.
_OF_ACCOUNT: dict[ImportField, tuple[str, ...]] = {
    ImportField("account", _("Account"), _("External id or exact name of an account that is here.")): (
        "accountname", "account", "companyname", "company", "organizationname", "organisationname", "organization",
        "organisation", "personorganization", "associatedcompany", "customername", "customer", "accountnaam", "klantnaam",
        "klant", "bedrijfsnaam", "bedrijf", "organisatienaam", "organisatie", "relatienaam", "relatie", "firma", "firmenname",
        "unternehmen", "unternehmensname", "kunde", "kundenname", "organisationsname", "raisonsociale", "societe", "entreprise",
        "nomdelentreprise", "client", "nomduclient", "nomducompte", "compte",
    ),
    ImportField("external_id", _("External id"), _("Of the account, beside its name: surer than that.")): (
        "accountexternalid", "externalid", "accountid", "customerid", "companyid", "organizationid", "customernumber",
        "accountnumber", "externnummer", "klantnummer", "klantnr", "klantcode", "debiteurnummer", "relatienummer", "kundennummer",
        "kundennr", "debitorennummer", "numeroclient", "noclient", "nclient", "codeclient",
    ),
    ImportField("source", _("Source"), _("The system that the external id comes from.")): (
        "sourcesystem", "source", "bronsysteem", "bron", "quellsystem", "quelle", "systemesource", "origine",
    ),
}  # fmt: skip
_PARTS: dict[ImportField, tuple[str, ...]] = {
    ImportField("first_name", _("First name")): ("firstname", "givenname", "contactfirstname", "voornaam", "roepnaam", "vorname", "prenom"),
    ImportField("middle_name", _("Middle name"), _("What stands before the last name, too.")): (
        "middlename", "tussenvoegsel", "tussenvoegsels",
    ),
    ImportField("last_name", _("Last name")): (
        "lastname", "surname", "familyname", "contactlastname", "achternaam", "nachname", "familienname", "nomdefamille", "nom",
    ),
}  # fmt: skip
_NAME, _OTHERS = CONTACT[:1], [field for field in CONTACT[1:] if field.column]

FIELDS: dict[str, ImportField] = (
    {field.name: field for field in _OF_ACCOUNT}
    | import_fields(_NAME)
    | {field.name: field for field in _PARTS}
    | import_fields(_OTHERS)
)
# What Salesforce, HubSpot, Dynamics 365, Zoho, Pipedrive and plain English, Dutch, German and French lists write above a column.
KNOWN: dict[str, tuple[str, ...]] = {field.name: names for field, names in (_OF_ACCOUNT | _PARTS).items()} | header_names(
    [*_NAME, *_OTHERS]
)
_SHORT_NAMES = {"name", "naam"}
_DOUBTFUL_ROLES = {"role", "rol", "rolle"}
PARTS = tuple(field.name for field in _PARTS)


def guess(table: Table) -> Columns:
    """The likely field of each column. A column whose name only sometimes means a role has to hold one.

    Beside first names a column that is called “Name” holds last names.
    """
    found = guess_by_names(table.headers, KNOWN)
    if "first_name" in found.values() and "last_name" not in found.values():
        found |= {
            index: "last_name" for index, name in found.items() if name == "name" and key(table.headers[index]) in _SHORT_NAMES
        }
    for index, name in list(found.items()):
        cells = [cell for cell in table.samples(index, most=20) if not text_values.is_blank(cell, typed=True)]
        if name == "buying_role" and key(table.headers[index]) in _DOUBTFUL_ROLES and not any(map(is_role, cells)):
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
    parts = {name for part in PARTS for name in KNOWN[part]} - {"nom"}  # in French also the name of an organisation
    of_people = names & parts or names & {
        "fullname", "personname", "volledigenaam", "personorganization", "vollstandigername", "nomcomplet",
    }  # fmt: skip
    # Salesforce, HubSpot and the like put the address of the account beside a person, but not what it is worth.
    return bool(of_people) and not any(map(is_money_of_someone, headers)) and not names & {
        "numberofemployees", "employees", "aantalmedewerkers", "medewerkers", "parentaccount", "parentcompany", "industry", "segment",
        "branche", "mitarbeiter", "mitarbeiterzahl", "anzahlmitarbeiter", "effectif", "secteur", "secteurdactivite",
    }  # fmt: skip


READERS: dict[str, Callable[[str], Any]] = {field.name: field.kind.read for field in CONTACT if field.kind.read}
DAYS = tuple(field.name for field in CONTACT if field.kind is DAY)
LIMITS: dict[str, int | None] = {field.name: field.limit for field in CONTACT if field.kind in {TEXT, EMAIL, PHONE}}
