"""Whose export a file is, by the names of its columns: in that of a CRM the annual revenue is what the customer sells."""

from collections.abc import Collection, Sequence

MARKS_NEEDED = 3
#: Names, as `mapping.key` makes them, that a list which people keep themselves hardly has. Those of several languages count together.
_MARKS: dict[str, frozenset[str]] = {
    "Salesforce": frozenset({
        "accountid", "accountowner", "accountowneralias", "accountsource", "parentaccount", "parentid", "ownerid", "owneremail",
        "billingcountry", "billingcountrycode", "billingcity", "billingstreet", "billingstate", "billingstateprovince",
        "billingpostalcode", "billingzippostalcode", "shippingcity", "shippingcountry", "shippingstreet", "numberofemployees",
        "lastactivity", "createdbyid", "lastmodifieddate", "annualrevenuecurrency", "accountinhaber", "ubergeordneteraccount",
    }),
    "HubSpot": frozenset({
        "recordid", "companyname", "companyowner", "companydomainname", "countryregion", "numberofemployees", "lastactivitydate",
        "parentcompany", "createdate", "lifecyclestage", "bedrijfsnaam", "bedrijfseigenaar", "bedrijfsdomeinnaam", "landregio",
        "aantalwerknemers", "moederbedrijf", "datensatzid", "unternehmensname", "unternehmensdomainname", "landregion",
        "anzahldermitarbeiter", "furunternehmenzustandigermitarbeiter", "nomdelentreprise", "proprietairedelentreprise",
        "nomdedomainedelentreprise", "paysregion", "iddelenregistrement",
    }),
    "Dynamics 365": frozenset({
        "address1countryregion", "address1city", "address1street1", "mainphone", "primarycontact", "emailprimarycontactcontact",
        "parentaccount", "adres1landregio", "adres1plaats", "hoofdtelefoon", "primairecontactpersoon", "bovenliggendaccount",
        "emailprimairecontactpersooncontactpersoon",
    }),
    "SuiteCRM": frozenset({
        "accounttype", "billingaddresscountry", "billingaddresscity", "billingaddressstreet", "shippingaddresscountry",
        "phoneoffice", "assignedusername", "parentname", "dateentered", "datemodified", "siccode",
    }),
    "Zoho": frozenset({
        "recordid", "accountowner", "parentaccount", "billingcountry", "billingcity", "billingstate", "billingstreet",
        "exchangerate", "accountsite", "createdby", "modifiedby",
    }),
    "Pipedrive": frozenset({
        "organizationid", "organizationname", "organizationowner", "organizationaddress", "organizationcountryofaddress",
        "organizationlabels", "organizationindustry", "organisatieid", "organisatienaam", "organisatieeigenaar",
        "organisatielabels", "organisatiebranche", "organisatielandvanadres",
    }),
}  # fmt: skip
_SALESFORCE_OWN_FIELD = "__c"  # ends the name of a field that someone added
_DYNAMICS_KEYS = ("donotmodify", "nietwijzigen", "nichtandern", "nepasmodifier")
_OURS = ("accountname", "externalid", "source")  # the first columns of each of our exports


def crm_of(headers: Sequence[str], keys: Sequence[str]) -> str:
    """The name of the CRM whose export this is, "" where the names of the columns do not tell. `keys` are those of the headers."""
    if any(key.startswith(_DYNAMICS_KEYS) for key in keys):
        return "Dynamics 365"
    if any(header.casefold().endswith(_SALESFORCE_OWN_FIELD) for header in headers):
        return "Salesforce"
    best = max(_MARKS, key=lambda name: _number_of_marks(name, keys))
    return best if _number_of_marks(best, keys) >= MARKS_NEEDED else ""


def is_our_export(keys: Sequence[str]) -> bool:
    """Whether the file is an export of this application."""
    return tuple(keys[: len(_OURS)]) == _OURS


def _number_of_marks(name: str, keys: Collection[str]) -> int:
    return len(_MARKS[name].intersection(keys))
