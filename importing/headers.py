"""How people's exports call what we know, per field, the surest name first.

Written as `key` of mapping.py makes them: lower case, letters and digits only. Gathered from the customary
exports of Salesforce, HubSpot, Dynamics 365, Odoo, EspoCRM, SuiteCRM, Zoho and Pipedrive, and from plain
English and Dutch lists.
"""

KNOWN: dict[str, tuple[str, ...]] = {
    "external_id": (
        "externalid", "accountid", "recordid", "donotmodifyaccount", "organizationid", "customerid",
        "companyid", "crmid", "klantid", "relatieid", "id", "externid", "klantnummer", "klantnr",
        "klantcode", "relatienummer", "debiteurnummer", "debiteurennummer", "customernumber",
        "customerno", "customercode", "accountnumber", "accountno", "accountcode", "symbol", "ticker",
        "nietwijzigenaccount", "organisatieid", "bedrijfsid", "hubspotid", "hsobjectid",
    ),
    "source": ("sourcesystem", "source", "bronsysteem", "bron"),
    "name": (
        "accountname", "companyname", "organizationname", "organisationname", "customername", "name",
        "account", "company", "customer", "organization", "organisation", "client", "clientname",
        "legalname", "displayname", "security", "accountnaam", "bedrijfsnaam", "klantnaam",
        "organisatienaam", "naam", "klant", "bedrijf", "organisatie", "relatie", "relatienaam",
        "handelsnaam", "statutairenaam",
    ),
    "segment": (
        "segment", "industry", "accountindustry", "organizationindustry", "industryid", "industrycode",
        "sector", "gicssector", "businesstype", "branche", "bedrijfstak", "marktsegment", "vertical",
        "primaryindustry",
        "accountindustrie", "organisatiebranche", "industrie", "subindustry",
    ),
    "country": (
        "country", "billingcountry", "billingaddresscountry", "countryregion", "address1countryregion",
        "countrycode", "billingcountrycode", "organizationcountryofaddress", "countryid", "countryidname",
        "countryname", "companycountry", "officelocation", "land", "landcode", "factuurland",
        "vestigingsland", "shippingcountry", "mailingcountry",
        "landregio", "adres1landregio", "landfacturering", "organisatieland", "organisatielandvanadres",
    ),
    "city": (
        "city", "billingcity", "billingaddresscity", "address1city", "organizationcityofaddress",
        "organizationcitytownvillagelocalityofaddress", "companycity", "town", "plaats", "stad",
        "woonplaats", "vestigingsplaats", "factuurplaats", "shippingcity", "mailingcity",
        "adres1plaats", "plaatsfacturering", "organisatieplaats", "organisatieplaatsvanadres",
    ),
    "website": (
        "website", "websiteurl", "companydomainname", "organizationwebsite", "companywebsite", "url",
        "web", "webpage", "homepage", "domain", "domainname", "webadres", "webpagina", "webstek",
        "websiteadres", "domeinnaam", "domein", "bedrijfsdomeinnaam", "organisatiewebsite",
    ),
    "employees": (
        "employees", "numberofemployees", "noofemployees", "noemployees", "employeecount",
        "organizationemployeecount", "headcount", "staff", "fte", "medewerkers", "aantalmedewerkers",
        "werknemers", "aantalwerknemers", "personeel",
    ),
    "revenue": (
        "revenueayear", "annualrevenue", "revenue", "yearlyrevenue", "organizationannualrevenue",
        "turnover", "annualturnover", "annualsales", "sales", "omzet", "jaaromzet", "omzetperjaar",
        "jaarlijkseomzet",
        "organisatiejaaromzet", "organisatiejaarlijkseomzet", "jaaromzetbasis", "annualrevenueconverted",
    ),
    "currency": (
        "currency", "annualrevenuecurrency", "currencycode", "currencyisocode", "accountcurrency",
        "revenuecurrency", "valuta", "valutacode", "munteenheid", "munt",
    ),
    "customer_since": (
        "customersince", "clientsince", "becamecustomer", "becameacustomerdate", "customersincedate",
        "relationshipstart", "klantsinds", "relatiesinds", "klantvanaf",
    ),
    "owner": (
        "owneremail", "accountowneremail", "owner", "accountowner", "companyowner", "organizationowner",
        "ownername", "accountmanager", "assigneduser", "assignedusername", "assignedto", "salesperson",
        "userid", "useridname", "keyaccountmanager", "relatiebeheerder", "eigenaar", "verantwoordelijke",
        "verkoper",
        "accounteigenaar", "bedrijfseigenaar", "organisatieeigenaar", "toegewezengebruiker",
        "toegewezenaan", "assignedtoname", "ownerfullname",
    ),
    "team": ("team", "teams", "salesteam", "teamname", "teamid", "verkoopteam", "teamnaam"),
    "parent": (
        "parentaccount", "parentaccountname", "parentcompany", "parent", "parentname", "parentaccountid",
        "parentid", "relatedcompany", "subsidiaryof", "memberof", "parentidname", "parentorganization",
        "moederbedrijf", "moedermaatschappij", "moederorganisatie", "hoofdvestiging",
        "bovenliggendaccount", "bovenliggendeaccount", "bovenliggendbedrijf", "gerelateerdbedrijf", "lidvan",
        "parentcompanyname", "parentorganisation",
    ),
    "status": ("status", "accountstatus", "state", "staat"),
    "tags": (
        "tags", "tag", "labels", "label", "organizationlabels", "organizationlabel", "categoryid",
        "categories", "trefwoorden", "etiketten", "categorieen",
        "organisatielabels", "organisatielabel", "accounttags",
    ),
    "notes": (
        "notes", "description", "accountdescription", "companydescription", "comments", "comment",
        "remarks", "about", "notities", "notitie", "omschrijving", "opmerkingen", "opmerking",
        "toelichting",
    ),
    "contact_name": (
        "contactname", "primarycontact", "contact", "contactperson", "primarycontactname", "maincontact",
        "contactpersoon", "naamcontactpersoon", "contactnaam",
        "primairecontactpersoon", "primairecontact", "primarycontactfullname",
    ),
    "contact_title": (
        "contacttitle", "contactjobtitle", "jobtitle", "contactfunction", "functie",
        "functiecontactpersoon", "functietitel",
    ),
    "contact_email": (
        "contactemail", "emailprimarycontactcontact", "primarycontactemail", "contactpersonemail",
        "email", "emailaddress", "contactmail", "mail", "emailcontactpersoon", "emailadres",
        "contactemailaddress",
        "emailprimairecontactpersooncontactpersoon", "emailprimairecontactpersoon",
    ),
}  # fmt: skip
