"""What a list of contacts may hold, how people's exports call it, and what its words mean."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Contact
from core import text_values
from importing.kinds import guess_by_names
from importing.mapping import ImportField, key
from importing.mapping import Mapping as Columns
from importing.reading.table import Table

FIELDS: dict[str, ImportField] = {
    field.name: field
    for field in (
        ImportField("account", gettext_lazy("Account"), gettext_lazy("External id or exact name of an account that is here.")),
        ImportField(
            "external_id", gettext_lazy("External id"), gettext_lazy("Of the account, beside its name: surer than that.")
        ),
        ImportField("source", gettext_lazy("Source"), gettext_lazy("The system that the external id comes from.")),
        ImportField("name", gettext_lazy("Full name"), gettext_lazy("Or its parts in columns of their own.")),
        ImportField("first_name", gettext_lazy("First name")),
        ImportField("middle_name", gettext_lazy("Middle name"), gettext_lazy("What stands before the last name, too.")),
        ImportField("last_name", gettext_lazy("Last name")),
        ImportField("email", gettext_lazy("E-mail"), gettext_lazy("Finds the same person at the account next time.")),
        ImportField("title", gettext_lazy("Job title")),
        ImportField(
            "buying_role", gettext_lazy("Buying role"), gettext_lazy("Economic, user, technical or coach. New people: user.")
        ),
        ImportField("influence", gettext_lazy("Influence"), gettext_lazy("Low, medium or high. New people: medium.")),
        ImportField("language", gettext_lazy("Language"), gettext_lazy("English or Dutch.")),
        ImportField("reports_to", gettext_lazy("Reports to"), gettext_lazy("E-mail or full name of someone at the account.")),
        ImportField("active", gettext_lazy("Still there"), gettext_lazy("Yes or no.")),
        ImportField("do_not_ask", gettext_lazy("Do not ask"), gettext_lazy("Yes: does not want survey invitations.")),
    )
}

# As `key` of mapping.py makes them, the surest first: what Salesforce, HubSpot, Dynamics 365, Zoho, Pipedrive and plain
# English and Dutch lists write above a column.
KNOWN: dict[str, tuple[str, ...]] = {
    "account": (
        "accountname", "account", "companyname", "company", "organizationname", "organisationname", "organization",
        "organisation", "personorganization", "associatedcompany", "customername", "customer", "accountnaam", "klantnaam",
        "klant", "bedrijfsnaam", "bedrijf", "organisatienaam", "organisatie", "relatienaam", "relatie",
    ),
    "external_id": (
        "accountexternalid", "externalid", "accountid", "customerid", "companyid", "organizationid", "customernumber",
        "accountnumber", "externnummer", "klantnummer", "klantnr", "klantcode", "debiteurnummer", "relatienummer",
    ),
    "source": ("sourcesystem", "source", "bronsysteem", "bron"),
    "name": (
        "fullname", "contactname", "personname", "name", "person", "contact", "contactperson", "volledigenaam",
        "contactnaam", "contactpersoon", "naamcontactpersoon", "naam", "persoon",
    ),
    "first_name": ("firstname", "givenname", "contactfirstname", "voornaam", "roepnaam"),
    "middle_name": ("middlename", "tussenvoegsel", "tussenvoegsels"),
    "last_name": ("lastname", "surname", "familyname", "contactlastname", "achternaam"),
    "email": (
        "email", "emailaddress", "contactemail", "workemail", "businessemail", "emailaddress1", "personemail",
        "personemailwork", "mail", "emailadres", "contactemailadres", "mailadres",
    ),
    "title": ("jobtitle", "title", "contacttitle", "position", "jobfunction", "functie", "functietitel", "functienaam"),
    "buying_role": (
        "buyingrole", "buyerrole", "contactrole", "decisionrole", "role", "rolbijdeaankoop", "inkooprol", "koperrol", "rolbijinkoop",
        "rolbijaankoop", "aankooprol", "rol",
    ),
    "influence": ("influence", "levelofinfluence", "invloed"),
    "language": ("language", "preferredlanguage", "languagecode", "taal", "voorkeurstaal", "taalcode"),
    "reports_to": ("reportsto", "reportstoname", "manager", "managername", "rapporteertaan", "leidinggevende"),
    "active": ("stillthere", "active", "isactive", "nogindienst", "werkternog", "werktdaarnog", "actief"),
    "do_not_ask": (
        "donotask", "emailoptout", "hasoptedoutofemail", "optout", "donotemail", "donotallowemails", "unsubscribed",
        "unsubscribedfromallemail", "nietvragen", "nietmailen", "afgemeld",
    ),
}  # fmt: skip
PARTS = ("first_name", "middle_name", "last_name")

_ROLES: dict[str, Sequence[str]] = {
    "economic": (
        "economic", "economic buyer", "decision maker", "budget holder", "economisch", "economische koper", "economisch koper",
        "beslisser", "budgethouder",
    ),
    "user": ("user", "user buyer", "end user", "gebruiker", "gebruikende koper", "eindgebruiker", "koper-gebruiker"),
    "technical": ("technical", "technical buyer", "technisch", "technische koper", "technisch koper"),
    "coach": ("coach", "champion", "ambassadeur"),
}  # fmt: skip
_INFLUENCE: dict[int, Sequence[str]] = {
    1: ("1", "low", "laag", "weinig"),
    2: ("2", "medium", "middle", "average", "midden", "middel", "gemiddeld"),
    3: ("3", "high", "hoog", "veel"),
}
_LANGUAGES: dict[str, Sequence[str]] = {
    "en": ("en", "eng", "english", "engels", "en-us", "en-gb", "en_us", "en_gb"),
    "nl": ("nl", "nld", "dut", "dutch", "nederlands", "nl-nl", "nl-be", "nl_nl", "nl_be"),
}
_YES = {"yes", "y", "true", "1", "x", "ja", "j", "waar"}
_NO = {"no", "n", "false", "0", "nee", "onwaar"}


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


def buying_role(text: str) -> str:
    return _word(text, _ROLES, _("“%(text)s” is not a buying role. Write economic, user, technical or coach."))


def influence(text: str) -> int:
    return _word(text, _INFLUENCE, _("“%(text)s” is not an influence. Write low, medium or high."))


def language(text: str) -> str:
    known = {code: words for code, words in _LANGUAGES.items() if code in dict(settings.LANGUAGES)}
    return _word(text, known, _("“%(text)s” is not a language that is spoken here. Write English or Dutch."))


def yes_or_no(text: str) -> bool:
    word = text.casefold()
    if word in _YES | _NO:
        return word in _YES
    raise ValueError(_("“%(text)s” is neither yes nor no.") % {"text": text_values.shortened(text)})


READERS: dict[str, Callable[[str], Any]] = {
    "email": text_values.email,
    "buying_role": buying_role,
    "influence": influence,
    "language": language,
    "active": yes_or_no,
    "do_not_ask": yes_or_no,
}
LIMITS: dict[str, int | None] = {
    name: Contact._meta.get_field(name).max_length  # type: ignore[union-attr]
    for name in ("name", "email", "title")
}


def _word[T](text: str, known: Mapping[T, Sequence[str]], wrong: str) -> T:
    word = " ".join(text.split()).casefold()
    found = next((value for value, words in known.items() if word in words), None)
    if found is None:
        raise ValueError(wrong % {"text": text_values.shortened(text)})
    return found


def _is_a_role(text: str) -> bool:
    try:
        buying_role(text)
    except ValueError:
        return False
    return True
