"""The one list of the fields of an account and of a contact. CONTRIBUTING.md tells how to add one.

Derived from it: the forms, the API, the columns of imports with their names and limits, exports, what a CRM can own, what the
account page shows, and what goes when a person is erased. The label, the help text and the longest text come from the model.
"""

from django.utils.translation import gettext_lazy as _

from accounts import field_kinds as kinds
from accounts.field_definitions import AccountField, ContactField, Part, Shown

#: Names of a column of amounts, as `headers`, that do not tell whose money it is: what a customer buys from us in a year, or what
#: the customer sells. An import asks, see `importing.mapping`.
WHOSE_MONEY = (
    "annualrevenue", "revenue", "yearlyrevenue", "companyrevenue", "organizationannualrevenue", "annualrevenueconverted",
    "turnover", "annualturnover", "annualsales", "sales", "omzet", "jaaromzet", "omzetperjaar", "jaarlijkseomzet",
    "organisatiejaaromzet", "organisatiejaarlijkseomzet", "jaaromzetbasis", "umsatz", "jahresumsatz", "umsatzprojahr",
    "jahrlicherumsatz", "umsatzerlose", "organisationjahresumsatz", "chiffredaffaires", "chiffredaffairesannuel", "caannuel",
    "revenuannuel", "revenusannuels", "fatturato", "fatturatoannuo", "ricavi", "facturacion", "facturacionanual",
    "ingresosanuales", "ventasanuales", "faturamento", "faturamentoanual", "receitaanual", "omsattning", "arsomsattning",
)  # fmt: skip

ACCOUNT: tuple[AccountField, ...] = (
    AccountField(
        name="name", kind=kinds.TEXT, part=Part.WHO, shown=Shown.OTHERWISE, ownable=True, column="Account name",
        hint=_("Of the customer organisation."),
        headers=(
            "accountname", "companyname", "organizationname", "organisationname", "customername", "name", "account", "company",
            "customer", "organization", "organisation", "client", "clientname", "legalname", "displayname", "security",
            "accountnaam", "bedrijfsnaam", "klantnaam", "organisatienaam", "naam", "klant", "bedrijf", "organisatie", "relatie",
            "relatienaam", "handelsnaam", "statutairenaam", "firma", "firmenname", "kundenname", "kunde", "unternehmensname",
            "unternehmen", "organisationsname", "bankname", "bank", "institut", "name1", "raisonsociale", "nomdelentreprise",
            "nomdelasociete", "nomduclient", "nomclient", "nomducompte", "entreprise", "societe", "compte", "nom", "denomination",
            "etablissement",
        ),
    ),
    AccountField(
        name="segment", kind=kinds.TEXT, part=Part.WHO, shown=Shown.OTHERWISE, ownable=True, column="Segment",
        hint=_("An industry or class."),
        headers=(
            "segment", "industry", "accountindustry", "organizationindustry", "industryid", "industrycode", "sector", "gicssector",
            "businesstype", "branche", "bedrijfstak", "marktsegment", "vertical", "primaryindustry", "accountindustrie",
            "organisatiebranche", "industrie", "subindustry", "kundensegment", "wirtschaftszweig", "industriezweig", "secteur",
            "secteurdactivite", "domainedactivite",
        ),
    ),
    AccountField(
        name="country", kind=kinds.COUNTRY, part=Part.WHO, shown=Shown.OTHERWISE, ownable=True, column="Country",
        hint=_("Its name, or two letters."),
        headers=(
            "country", "billingcountry", "billingaddresscountry", "countryregion", "address1countryregion", "countrycode",
            "billingcountrycode", "organizationcountryofaddress", "countryid", "countryidname", "countryname", "companycountry",
            "officelocation", "land", "landcode", "factuurland", "vestigingsland", "shippingcountry", "mailingcountry", "landregio",
            "adres1landregio", "landfacturering", "organisatieland", "organisatielandvanadres", "rechnungsland", "landregion",
            "landerkennzeichen", "landerkurzel", "landrechnungsadresse", "laendercode", "landercode", "pays", "paysdefacturation",
            "paysregion", "codepays", "countryidid",
        ),
    ),
    AccountField(
        name="city", kind=kinds.TEXT, part=Part.WHO, shown=Shown.ABOUT, ownable=True, column="City", whole_only=True,
        headers=(
            "city", "billingcity", "billingaddresscity", "address1city", "organizationcityofaddress",
            "organizationcitytownvillagelocalityofaddress", "companycity", "town", "plaats", "stad", "woonplaats",
            "vestigingsplaats", "factuurplaats", "shippingcity", "mailingcity", "adres1plaats", "plaatsfacturering",
            "organisatieplaats", "organisatieplaatsvanadres", "ort", "stadt", "rechnungsort", "ortrechnungsadresse", "firmenort",
            "ville", "villedefacturation", "commune", "localite",
        ),
    ),
    AccountField(
        name="website", kind=kinds.WEBSITE, part=Part.WHO, shown=Shown.ABOUT, ownable=True, column="Website", whole_only=True,
        headers=(
            "website", "websiteurl", "companydomainname", "organizationwebsite", "companywebsite", "url", "web", "webpage",
            "homepage", "domain", "domainname", "webadres", "webpagina", "webstek", "websiteadres", "domeinnaam", "domein",
            "bedrijfsdomeinnaam", "organisatiewebsite", "webseite", "internetseite", "internetadresse", "internet",
            "unternehmensdomainname", "siteweb", "siteinternet", "site", "nomdedomainedelentreprise", "nomdedomaine",
        ),
    ),
    AccountField(
        name="phone", kind=kinds.PHONE, part=Part.WHO, shown=Shown.ABOUT, ownable=True, column="Phone",
        headers=(
            "phone", "accountphone", "phonenumber", "companyphonenumber", "mainphone", "organizationphone", "phoneoffice",
            "officephone", "telephone", "telephonenumber", "telephone1", "telefoon", "telefon", "telefoonnummer", "hoofdtelefoon",
            "bedrijfstelefoon", "organisatietelefoon", "tel", "telefonnummer", "telefonnr", "rufnummer", "hauptnummer",
            "telefonzentrale", "numerodetelephone", "telephoneprincipal", "notel",
        ),
    ),
    AccountField(
        name="employees", kind=kinds.COUNT, part=Part.WHO, shown=Shown.ABOUT, ownable=True, column="Employees", whole_only=True,
        hint=_("A whole number."),
        headers=(
            "employees", "numberofemployees", "noofemployees", "noemployees", "employeecount", "organizationemployeecount",
            "headcount", "staff", "fte", "medewerkers", "aantalmedewerkers", "werknemers", "aantalwerknemers", "personeel",
            "mitarbeiter", "anzahlmitarbeiter", "mitarbeiterzahl", "mitarbeiteranzahl", "anzahldermitarbeiter", "beschaftigte",
            "anzahlbeschaftigte", "effectif", "effectifs", "nombredemployes", "nombredesalaries", "salaries", "nbsalaries",
            "nbemployes",
        ),
    ),
    AccountField(
        name="parent", kind=kinds.PARENT, part=Part.WHO, shown=Shown.OTHERWISE, ownable=True, column="Parent account",
        whole_only=True, hint=_("External id or exact name."),
        headers=(
            "parentaccount", "parentaccountname", "parentcompany", "parent", "parentname", "parentaccountid", "parentid",
            "relatedcompany", "subsidiaryof", "memberof", "parentidname", "parentorganization", "moederbedrijf",
            "moedermaatschappij", "moederorganisatie", "hoofdvestiging", "bovenliggendaccount", "bovenliggendeaccount",
            "bovenliggendbedrijf", "gerelateerdbedrijf", "lidvan", "parentcompanyname", "parentorganisation", "muttergesellschaft",
            "mutterunternehmen", "mutterfirma", "konzern", "konzernmutter", "stammhaus", "ubergeordneteraccount",
            "ubergeordnetefirma", "ubergeordnetesunternehmen", "societemere", "maisonmere", "compteparent", "entreprisemere",
            "entrepriseparente", "parentidid",
        ),
    ),
    AccountField(
        name="turnover", kind=kinds.AMOUNT, part=Part.WHO, shown=Shown.ABOUT, ownable=True, column="Their turnover",
        owned_as=_("turnover and its currency"), hint=_("What this customer sells in a year."),
        api_note="What this customer sells in a year.",
        headers=(
            "theirturnover", "theirturnoverayear", "customerturnover", "turnoverofthecustomer", "companyturnover", "hunomzet",
            "hunomzetperjaar", "omzetvandeklant", "klantomzet", "bedrijfsomzet", "umsatzdesunternehmens", "unternehmensumsatz",
            "firmenumsatz", "leurchiffredaffaires", "chiffredaffairesdelentreprise", "chiffredaffairesdelasociete",
        ),
    ),
    AccountField(
        name="turnover_currency", kind=kinds.CURRENCY, of="turnover", part=Part.WHO, shown=Shown.OTHERWISE, ownable=False,
        column="Turnover currency", hint=_("Three letters, for example EUR."),
        headers=("turnovercurrency", "currencyoftheturnover", "valutavandeomzet", "omzetvaluta"),
    ),
    AccountField(
        name="tags", kind=kinds.TAGS, part=Part.WHO, shown=Shown.OTHERWISE, ownable=True, column="Tags",
        hint=_("Divided by commas; added to those that are there."),
        headers=(
            "tags", "tag", "labels", "label", "organizationlabels", "organizationlabel", "categoryid", "categories", "trefwoorden",
            "etiketten", "categorieen", "organisatielabels", "organisatielabel", "accounttags", "schlagworte", "schlagworter",
            "schlagwort", "stichworte", "stichworter", "kategorien", "markierungen", "etiquettes", "motscles",
        ),
    ),
    AccountField(
        name="external_id", kind=kinds.TEXT, part=Part.WHO, shown=Shown.ABOUT, ownable=False, column="External id",
        hint=_("Its number in your CRM: finds the same account next time."),
        headers=(
            "externalid", "externnummer", "accountid", "recordid", "donotmodifyaccount", "organizationid", "customerid",
            "companyid", "crmid", "klantid", "relatieid", "id", "externid", "klantnummer", "klantnr", "klantcode", "relatienummer",
            "debiteurnummer", "debiteurennummer", "customernumber", "customerno", "customercode", "accountnumber", "accountno",
            "accountcode", "symbol", "ticker", "nietwijzigenaccount", "organisatieid", "bedrijfsid", "hubspotid", "hsobjectid",
            "kundennummer", "kundennr", "kdnr", "kundenid", "debitorennummer", "debitornummer", "debitorennr", "externeid",
            "externenummer", "accountnummer", "datensatzid", "numeroclient", "numerodeclient", "noclient", "nclient", "codeclient",
            "referenceclient", "refclient", "idclient", "identifiantexterne", "identifiant", "idexterne",
        ),
    ),
    AccountField(
        name="source", kind=kinds.TEXT, part=Part.WHO, shown=Shown.OTHERWISE, ownable=False, column="Source",
        hint=_("The system that the external id comes from, if there are several."),
        headers=(
            "sourcesystem", "source", "bronsysteem", "bron", "quellsystem", "quelle", "herkunft", "systemesource", "origine",
        ),
    ),
    AccountField(
        name="revenue", kind=kinds.AMOUNT, part=Part.OURS, shown=Shown.OTHERWISE, ownable=True, column="Revenue a year",
        owned_as=_("revenue and currency"), hint=_("What we sell to this customer in a year."),
        api_note="What we sell to this customer in a year.",
        headers=(
            "revenueayear", "ourrevenue", "ourrevenueayear", "revenuewithus", "onzeomzet", "omzetbijons", "unserumsatz",
            "umsatzmituns", "umsatzbeiuns", "notrechiffredaffaires", "chiffredaffairesavecnous",
        ),
    ),
    AccountField(
        name="currency", kind=kinds.CURRENCY, of="revenue", part=Part.OURS, shown=Shown.OTHERWISE, ownable=False,
        column="Currency", hint=_("Three letters, for example EUR."),
        headers=(
            "currency", "annualrevenuecurrency", "currencycode", "currencyisocode", "accountcurrency", "revenuecurrency", "valuta",
            "valutacode", "munteenheid", "munt", "wahrung", "wahrungscode", "devise", "monnaie", "codedevise",
        ),
    ),
    AccountField(
        name="customer_since", kind=kinds.DAY, part=Part.OURS, shown=Shown.ABOUT, ownable=True, column="Customer since",
        whole_only=True, hint=_("A date such as 2024-03-31."),
        headers=(
            "customersince", "clientsince", "becamecustomer", "becameacustomerdate", "customersincedate", "relationshipstart",
            "klantsinds", "relatiesinds", "klantvanaf", "kundeseit", "clientdepuis", "clientdepuisle", "datedentreeenrelation",
        ),
    ),
    AccountField(
        name="renewal_on", kind=kinds.DAY, part=Part.OURS, shown=Shown.ABOUT, ownable=True, column="Renewal on",
        hint=_("A date such as 2024-03-31."),
        headers=(
            "renewalon", "renewaldate", "renewal", "nextrenewal", "nextrenewaldate", "contractrenewal", "contractrenewaldate",
            "verlengingop", "verlengingsdatum", "verlenging", "contractverlenging", "verlengdatum", "vertragsverlangerung",
            "verlangerungam", "verlangerungsdatum", "renouvellement", "renouvellementle", "datederenouvellement",
        ),
    ),
    AccountField(
        name="owner", kind=kinds.OWNER, part=Part.OURS, shown=Shown.OTHERWISE, ownable=True, column="Owner",
        hint=_("E-mail address or full name of someone here."),
        headers=(
            "owneremail", "accountowneremail", "owner", "accountowner", "companyowner", "organizationowner", "ownername",
            "accountmanager", "assigneduser", "assignedusername", "assignedto", "salesperson", "userid", "useridname",
            "keyaccountmanager", "relatiebeheerder", "eigenaar", "verantwoordelijke", "verkoper", "accounteigenaar",
            "bedrijfseigenaar", "organisatieeigenaar", "toegewezengebruiker", "toegewezenaan", "assignedtoname", "ownerfullname",
            "betreuer", "kundenbetreuer", "accountinhaber", "accountbesitzer", "zustandigermitarbeiter", "zustandiger", "zustandig",
            "verantwortlicher", "verantwortlich", "vertriebsmitarbeiter", "verkaufer", "aussendienst",
            "furunternehmenzustandigermitarbeiter", "responsabledecompte", "responsableducompte", "responsable", "chargedecompte",
            "chargedeclientele", "chargedaffaires", "gestionnairedecompte", "gestionnaire", "proprietaireducompte",
            "proprietairedelentreprise", "proprietaire", "commercial", "vendeur",
        ),
    ),
    AccountField(
        name="team", kind=kinds.TEAM, part=Part.OURS, shown=Shown.OTHERWISE, ownable=True, column="Team",
        hint=_("Its name here."),
        headers=(
            "team", "teams", "salesteam", "teamname", "teamid", "verkoopteam", "teamnaam", "vertriebsteam", "verkaufsteam",
            "equipe", "equipecommerciale",
        ),
    ),
    AccountField(
        name="status", kind=kinds.STATE, part=None, shown=Shown.OTHERWISE, ownable=True, column="State",
        hint=_("Active or archived."),
        headers=(
            "status", "accountstatus", "state", "staat", "kundenstatus", "statut",
        ),
    ),
    *(
        AccountField(name=name, kind=kinds.LONG_TEXT, part=Part.SHEET, shown=Shown.SHEET, ownable=False, column="", headers=())
        for name in ("charter", "strengths", "vulnerabilities", "trends", "opportunities")
    ),
    AccountField(
        name="notes", kind=kinds.LONG_TEXT, part=Part.SHEET, shown=Shown.SHEET, ownable=False, column="Notes", whole_only=True,
        headers=(
            "notes", "description", "accountdescription", "companydescription", "comments", "comment", "remarks", "about",
            "notities", "notitie", "omschrijving", "opmerkingen", "opmerking", "toelichting", "notizen", "notiz", "bemerkungen",
            "bemerkung", "beschreibung", "anmerkungen", "kommentar", "kommentare", "remarques", "remarque", "commentaires",
            "commentaire",
        ),
    ),
)  # fmt: skip

CONTACT: tuple[ContactField, ...] = (
    ContactField(
        name="name", kind=kinds.TEXT, shown=Shown.OTHERWISE, column="Contact name", told_as=_("Full name"),
        hint=_("Or its parts in columns of their own."),
        headers=(
            "fullname", "contactname", "personname", "name", "person", "contact", "contactperson", "volledigenaam", "contactnaam",
            "contactpersoon", "naamcontactpersoon", "naam", "persoon", "ansprechpartner", "ansprechperson", "kontaktperson",
            "kontaktname", "kontakt", "vollstandigername", "nomcomplet", "nomducontact", "interlocuteur", "personnedecontact",
        ),
    ),
    ContactField(
        name="title", kind=kinds.TEXT, shown=Shown.PERSON, column="Title", told_as=_("Job title"),
        headers=(
            "jobtitle", "title", "contacttitle", "position", "jobfunction", "functie", "functietitel", "functienaam", "funktion",
            "berufsbezeichnung", "stellenbezeichnung", "jobtitel", "fonction", "poste", "intituleduposte",
        ),
    ),
    ContactField(
        name="email", kind=kinds.EMAIL, shown=Shown.PERSON, column="E-mail",
        hint=_("Finds the same person at the account next time."),
        headers=(
            "email", "emailaddress", "contactemail", "workemail", "businessemail", "emailaddress1", "personemail",
            "personemailwork", "mail", "emailadres", "contactemailadres", "mailadres", "emailwork", "emailadresse", "emailkontakt",
            "kontaktemail", "courriel", "adresseemail", "adressemail", "adressecourriel", "emailducontact",
        ),
    ),
    ContactField(
        name="phone", kind=kinds.PHONE, shown=Shown.PERSON, column="Phone",
        headers=(
            "phone", "contactphone", "phonenumber", "workphone", "businessphone", "personphone", "personphonework", "telephone",
            "telephonenumber", "mobile", "mobilephone", "mobilephonenumber", "telefoon", "telefon", "telefoonnummer", "mobiel", "mobielnummer",
            "mobieletelefoon", "zakelijketelefoon", "tel", "telefonnummer", "mobiltelefon", "mobil", "handy", "handynummer",
            "durchwahl", "telephonemobile", "telephoneportable", "portable", "numerodetelephone",
        ),
    ),
    ContactField(
        name="language", kind=kinds.LANGUAGE, shown=Shown.OTHERWISE, column="Language", hint=_("English or Dutch."),
        headers=(
            "language", "preferredlanguage", "languagecode", "taal", "voorkeurstaal", "taalcode", "sprache", "korrespondenzsprache",
            "langue", "languedecorrespondance", "languepreferee",
        ),
    ),
    ContactField(
        name="buying_role", kind=kinds.BUYING_ROLE, shown=Shown.OTHERWISE, column="Buying role", stays=True,
        hint=_("Economic, user, technical or coach. New people: user."),
        headers=(
            "buyingrole", "buyerrole", "contactrole", "decisionrole", "role", "rolbijdeaankoop", "inkooprol", "koperrol",
            "rolbijinkoop", "rolbijaankoop", "aankooprol", "rol", "kaufrolle", "rolleimkaufprozess", "entscheidungsrolle", "rolle",
            "roledachat", "roledansladecision",
        ),
    ),
    ContactField(
        name="influence", kind=kinds.INFLUENCE, shown=Shown.OTHERWISE, column="Influence", stays=True,
        hint=_("Low, medium or high. New people: medium."),
        headers=(
            "influence", "levelofinfluence", "invloed", "einfluss",
        ),
    ),
    ContactField(
        name="part_of_decision", kind=kinds.YES, shown=Shown.OTHERWISE, column="Part of the decision", hint=_("Yes or no."),
        headers=(
            "partofthedecision", "partofdecision", "decides", "beslistmee", "deelvandebeslissing", "entscheidetmit",
            "teilderentscheidung", "participealadecision",
        ),
    ),
    ContactField(
        name="not_part_because", kind=kinds.TEXT, shown=Shown.PERSON_LABELLED, column="Why no part in the decision",
        hint=_("Needed where “part of the decision” says no."),
        headers=("whynopartinthedecision", "notpartbecause", "notpartofdecisionbecause", "waaromnietmeebeslissen", "waarombeslistnietmee"),
    ),
    ContactField(
        name="reports_to", kind=kinds.SUPERIOR, shown=Shown.OTHERWISE, column="Reports to",
        hint=_("E-mail or full name of someone at the account."),
        headers=(
            "reportsto", "reportstoname", "manager", "managername", "rapporteertaan", "leidinggevende", "berichtetan",
            "vorgesetzter", "vorgesetzte", "rattachea", "superieurhierarchique", "superieur",
        ),
    ),
    ContactField(
        name="active", kind=kinds.YES, shown=Shown.OTHERWISE, column="Still there", hint=_("Yes or no."), when_erased=False,
        headers=(
            "stillthere", "active", "isactive", "nogindienst", "werkternog", "werktdaarnog", "actief", "nochimunternehmen",
            "nochda", "aktiv", "toujoursla", "actif",
        ),
    ),
    ContactField(
        name="left_on", kind=kinds.DAY, shown=Shown.OTHERWISE, column="Left on", hint=_("A date such as 2024-03-31."),
        headers=(
            "lefton", "dateleft", "leavingdate", "departuredate", "vertrokkenop", "uitdienst", "uitdienstop", "datumuitdienst",
            "ausgeschiedenam", "austrittsdatum", "austritt", "partile", "datededepart",
        ),
    ),
    ContactField(
        name="do_not_ask", kind=kinds.NO, shown=Shown.OTHERWISE, column="Do not ask", when_erased=True,
        hint=_("Yes: does not want survey invitations."),
        headers=(
            "donotask", "emailoptout", "hasoptedoutofemail", "optout", "donotemail", "donotallowemails", "unsubscribed",
            "unsubscribedfromallemail", "nietvragen", "nietmailen", "afgemeld", "nichtfragen", "nichtanschreiben", "abgemeldet",
            "nepasdemander", "nepascontacter", "desabonne", "desinscrit",
        ),
    ),
)  # fmt: skip

_DERIVED = "computed by accounts.derived or by the database"
_OF_THE_ROW = "of the row, not of the customer"
#: Columns that are in no list above, with the reason.
_BY_MERGING = "written by accounts.acts.merging alone"
ACCOUNT_NOT_HERE = {
    "id": _OF_THE_ROW, "version": _OF_THE_ROW, "created_at": _OF_THE_ROW, "merged_into": _BY_MERGING,
} | dict.fromkeys(
    (
        "customer_position", "customer_level", "team_position", "team_level", "told_to_us", "last_heard_on", "target_level",
        "target_due_on", "target_status", "target_kind", "target_chance", "customer_level_year_ago", "worth", "level", "gap",
        "urgency", "search_key", "name_key", "domain_key",
    ),
    _DERIVED,
)  # fmt: skip
CONTACT_NOT_HERE = {
    "id": _OF_THE_ROW,
    "version": _OF_THE_ROW,
    "account": "the place of the contact: merging accounts alone changes it",
    "former": "written by accounts.acts.contact_moving alone",
    "erased_on": "written by accounts.acts.erasure alone",
    "search_key": _DERIVED,
    "address_mark": _DERIVED,
    "domain_key": _DERIVED,
}

ACCOUNT_FIELDS = {field.name: field for field in ACCOUNT}
CONTACT_FIELDS = {field.name: field for field in CONTACT}
#: By what an account is found: first in every table.
IDENTITY = ("name", "external_id", "source")
#: The free texts of an account, in which somebody may be named.
SHEET = tuple(field.name for field in ACCOUNT if field.kind is kinds.LONG_TEXT)
#: The currency of each amount of an account.
CURRENCY_OF = {field.of: field.name for field in ACCOUNT if field.of}
#: What a system can own, in the order of the pages, and the columns of an account that it stands for.
OWNABLE: dict[str, tuple[str, ...]] = {
    field.name: (field.name, *filter(None, [CURRENCY_OF.get(field.name)])) for field in ACCOUNT if field.ownable
}


def in_tables() -> list[AccountField]:
    """The fields of an account that stand in files, those that find the account first."""
    held = [field for field in ACCOUNT if field.column]
    return [*(ACCOUNT_FIELDS[name] for name in IDENTITY), *(field for field in held if field.name not in IDENTITY)]
