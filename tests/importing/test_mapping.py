import pytest
import yaml

from importing.mapping import (
    FIELDS,
    WrongMapping,
    columns_named,
    given_mapping,
    guess_mapping,
    needs_money_choice,
    with_money_choice,
)
from tests.inputs import CRM_HEADS

# What the facts tell of columns that we have no field for, or not under that name.
OURS = {"parent_external_id": "parent"}
# A CRM's type or status of an account (customer, partner, press) is not our state.
NOT_TAKEN = {"Type", "account_type"}


def exports() -> list:
    return [
        pytest.param(name, export["columns"], id=f"{whose}-{name}")
        for whose, path in CRM_HEADS.items()
        for name, export in yaml.safe_load(path.read_text()).items()
    ]


def guess(headers, *cells):
    samples = cells or [[] for _ in headers]
    return {headers[index]: field for index, field in guess_mapping(headers, samples).items()}


@pytest.mark.parametrize(("name", "facts"), exports())
def test_exports_of_known_systems_are_guessed(name, facts):
    headers = list(facts)
    alone = name == "plain"
    guessed = {header: guess([header]).get(header) for header in headers} if alone else guess(headers)
    for header, fact in facts.items():
        field = OURS.get(fact, fact)
        if fact == "ask_whose_money":
            assert needs_money_choice([header], {}) == [0]
        if field not in FIELDS or header in NOT_TAKEN:
            assert not guessed.get(header)
        elif guessed.get(header) != field:
            assert field in guessed.values()  # another column of the same meaning has it


WHOLE = {
    "Salesforce": {
        "Account ID": "external_id", "Account Name": "name", "Account Owner": "owner", "Parent Account": "parent",
        "Industry": "segment", "Annual Revenue": "turnover", "Billing City": "city", "Billing Country": "country",
        "Employees": "employees", "Billing State/Province": None, "Last Activity": None, "Fax": None,
    },
    "Salesforce Data Loader": {
        "ID": "external_id", "NAME": "name", "PARENTID": "parent", "OWNERID": None, "OWNER.EMAIL": "owner",
        "ANNUALREVENUE": "turnover", "BILLINGCOUNTRYCODE": "country", "NUMBEROFEMPLOYEES": "employees", "CREATEDBYID": None,
    },
    "HubSpot": {
        "Record ID": "external_id", "Company name": "name", "Company owner": "owner", "Company Domain Name": "website",
        "Annual Revenue": "turnover", "Country/Region": "country", "Number of Employees": "employees", "Create Date": None,
    },
    "HubSpot, Dutch": {
        "Record-ID": "external_id", "Bedrijfsnaam": "name", "Bedrijfseigenaar": "owner", "Bedrijfsdomeinnaam": "website",
        "Jaarlijkse omzet": "turnover", "Land/regio": "country", "Plaats": "city", "Aantal werknemers": "employees",
    },
    "Dynamics 365": {
        "(Do Not Modify) Account": "external_id", "(Do Not Modify) Row Checksum": None, "Account Name": "name",
        "Account Number": None, "Address 1: City": "city", "Address 1: Country/Region": "country",
        "Primary Contact": "contact_name", "Email (Primary Contact) (Contact)": "contact_email", "Owner": "owner",
    },
    "Dynamics 365, Dutch": {
        "(Niet wijzigen) Account": "external_id", "Accountnaam": "name", "Bovenliggend account": "parent",
        "Adres 1: plaats": "city", "Adres 1: land/regio": "country", "Primaire contactpersoon": "contact_name",
        "E-mail (Primaire contactpersoon) (Contactpersoon)": "contact_email", "Eigenaar": "owner", "Jaaromzet": "turnover",
    },
    "Odoo": {
        "External ID": "external_id", "Name": "name", "Related Company": "parent", "Salesperson": "owner", "Tags": "tags",
        "Country": "country", "City": "city", "Zip": None, "Is a Company": None, "Email": "contact_email", "Industry": "segment",
    },
    "EspoCRM": {
        "ID": "external_id", "Name": "name", "Type": None, "Industry": "segment", "Billing Address City": "city",
        "Billing Address Country": "country", "Assigned User": "owner", "Teams": "team", "Description": "notes",
    },
    "SuiteCRM": {
        "id": "external_id", "name": "name", "account_type": None, "annual_revenue": "turnover", "employees": "employees",
        "billing_address_city": "city", "assigned_user_name": "owner", "parent_name": "parent", "phone_office": "phone",
    },
    "Zoho": {
        "Record Id": "external_id", "Account Name": "name", "Account Owner": "owner", "Parent Account": "parent",
        "Tag": "tags", "Currency": "currency", "Billing Country": "country", "Exchange Rate": None, "Rating": None,
    },
    "Pipedrive": {
        "Organization - ID": "external_id", "Organization - Name": "name", "Organization - Owner": "owner",
        "Organization - Labels": "tags", "Organization - Industry": "segment", "Organization - Annual revenue": "turnover",
        "Organization - Country of Address": "country", "Organization - Address": None, "Organization - Website": "website",
    },
    "Pipedrive, Dutch": {
        "Organisatie - ID": "external_id", "Organisatie - Naam": "name", "Organisatie - Eigenaar": "owner",
        "Organisatie - Labels": "tags", "Organisatie - Branche": "segment", "Organisatie - Jaaromzet": "turnover",
        "Organisatie - Land van adres": "country",
    },
}  # fmt: skip


@pytest.mark.parametrize("system", WHOLE)
def test_an_export_maps_whole_and_what_means_nothing_here_is_left(system):
    expected = WHOLE[system]
    assert guess(list(expected)) == {header: field for header, field in expected.items() if field}


@pytest.mark.parametrize("header", ["Account Name", "account_name", "ACCOUNTNAME", "account-name ", "Account.Name"])
def test_case_spaces_and_punctuation_do_not_matter(header):
    assert guess([header]) == {header: "name"}


def test_of_two_columns_for_one_field_the_surer_name_wins_and_the_other_is_left():
    assert guess(["Account Number", "Account ID", "Name"]) == {"Account ID": "external_id", "Name": "name"}


class TestWhoseMoney:
    @pytest.mark.parametrize(
        "header",
        ["Revenue", "annual_revenue_usd", "Annual Revenue", "Omzet", "Jaaromzet (EUR)", "Umsatz", "Jahresumsatz", "Turnover",
         "Chiffre d'affaires", "Chiffre d’affaires annuel", "Fatturato", "Facturación", "Sales", "Umsatz CHF"],
    )  # fmt: skip
    def test_a_column_that_does_not_tell_is_left_to_a_person(self, header):
        mapping = guess_mapping(["Name", header], [[]] * 2)
        assert mapping == {0: "name"}
        assert needs_money_choice(["Name", header], mapping) == [1]

    @pytest.mark.parametrize(
        ("header", "field"),
        [("Revenue a year", "revenue"), ("Our revenue", "revenue"), ("Onze omzet", "revenue"), ("Umsatz mit uns", "revenue"),
         ("Their turnover", "turnover"), ("Hun omzet", "turnover"), ("Unternehmensumsatz", "turnover"), ("Their turnover (USD)", "turnover")],
    )  # fmt: skip
    def test_a_column_that_tells_is_taken_without_a_question(self, header, field):
        mapping = guess_mapping(["Name", header], [[]] * 2)
        assert mapping == {0: "name", 1: field}
        assert needs_money_choice(["Name", header], mapping) == []

    def test_in_the_export_of_a_crm_it_is_the_turnover_and_a_name_that_tells_goes_first(self):
        headers = ["Record ID", "Company name", "Company owner", "Annual Revenue", "Our revenue"]
        assert guess(headers) == {
            "Record ID": "external_id", "Company name": "name", "Company owner": "owner", "Annual Revenue": "turnover",
            "Our revenue": "revenue",
        }  # fmt: skip
        assert guess([*headers[:4], "Their turnover"])["Their turnover"] == "turnover"
        assert "Annual Revenue" not in guess([*headers[:4], "Their turnover"])

    def test_in_a_former_export_of_ours_it_is_the_revenue(self):
        headers = ["Account name", "External id", "Source", "Annual revenue", "Currency"]
        assert guess(headers)["Annual revenue"] == "revenue"

    def test_what_the_command_line_says_holds_for_the_first_such_column_whatever_was_guessed(self):
        headers = ["Name", "Umsatz", "Revenue"]
        assert with_money_choice(headers, {0: "name"}, "ours") == {0: "name", 1: "revenue"}
        assert with_money_choice(headers, {0: "name"}, "theirs") == {0: "name", 1: "turnover"}
        assert with_money_choice(headers, {0: "name", 2: "turnover"}, "ours") == {0: "name", 2: "revenue"}
        assert with_money_choice(["Name", "Our revenue"], {0: "name", 1: "revenue"}, "ours") == {0: "name", 1: "revenue"}

    def test_what_a_written_mapping_says_of_a_column_is_no_longer_asked(self):
        headers, written = ["Name", "Umsatz", "Revenue"], {"Umsatz": None, "revenue": "Revenue"}
        decided = columns_named(written, headers)
        assert decided == {1, 2}
        mapping = given_mapping(written, headers, {0: "name"})
        assert mapping == {0: "name", 2: "revenue"}
        assert needs_money_choice(headers, mapping) == [1] and needs_money_choice(headers, mapping, decided) == []
        assert with_money_choice(headers, mapping, "theirs", decided) == mapping

    def test_where_both_have_a_column_nothing_is_asked(self):
        headers = ["Name", "Our revenue", "Their turnover", "Revenue"]
        assert needs_money_choice(headers, guess_mapping(headers, [[]] * 4)) == []


WHOLE_LISTS = {
    "German": {
        "Kundennummer": "external_id", "Firma": "name", "Strasse": None, "PLZ": None, "Ort": "city", "Land": "country",
        "E-Mail": "contact_email", "Telefon": "phone", "Ansprechpartner": "contact_name", "Umsatz": None, "Branche": "segment",
        "Betreuer": "owner", "Mitarbeiterzahl": "employees", "Webseite": "website", "Währung": "currency", "Kunde seit": "customer_since",
        "Muttergesellschaft": "parent", "Schlagwörter": "tags", "Bemerkungen": "notes", "Funktion": "contact_title",
    },
    "French": {
        "N° client": "external_id", "Raison sociale": "name", "Adresse": None, "Code postal": None, "Ville": "city", "Pays": "country",
        "Courriel": "contact_email", "Téléphone": "phone", "Interlocuteur": "contact_name", "Chiffre d'affaires": None,
        "Secteur d'activité": "segment", "Responsable": "owner", "Effectif": "employees", "Site web": "website", "Devise": "currency",
        "Client depuis": "customer_since", "Société mère": "parent", "Étiquettes": "tags", "Remarques": "notes", "Fonction": "contact_title",
    },
    "banks": {"Bank": "name", "Strasse": None, "PLZ": None, "Ort": "city", "Land": "country"},
}  # fmt: skip


@pytest.mark.parametrize("whose", WHOLE_LISTS)
def test_german_and_french_lists_are_found_as_english_and_dutch_ones_are(whose):
    expected = WHOLE_LISTS[whose]
    assert guess(list(expected)) == {header: field for header, field in expected.items() if field}


def test_a_column_whose_cells_mean_something_else_is_not_guessed():
    assert guess(["name", "Office location"], ["Acme"], ["Floor 3"]) == {"name": "name"}
    assert guess(["name", "Office location"], ["Acme"], ["Norway"])["Office location"] == "country"


def test_an_unknown_header_that_speaks_of_a_name_is_taken_when_no_other_does():
    assert guess(["Klantnaam (statutair)", "Kleur"]) == {"Klantnaam (statutair)": "name"}


@pytest.mark.parametrize("written", [{"Company": "name", "Phone": "notes"}, {"name": "company", "notes": "PHONE"}])
def test_a_written_mapping_is_read_either_way(written):
    assert given_mapping(written, ["Company", "Phone"], {}) == {0: "name", 1: "notes"}


def test_a_written_mapping_stands_over_the_guess_and_null_leaves_a_column_out():
    headers = ["Company", "Name", "City"]
    assert given_mapping({"Company": "name", "City": None}, headers, {1: "name", 2: "city"}) == {0: "name"}


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ([], "JSON object"),
        ({"Nowhere": "name"}, "no column “Nowhere”"),
        ({"Company": "shoe size"}, "not a field"),
    ],
)
def test_a_wrong_mapping_is_refused_with_a_reason(written, says):
    with pytest.raises(WrongMapping, match=says):
        given_mapping(written, ["Company"], {})
