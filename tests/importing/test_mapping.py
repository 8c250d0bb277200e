import pytest
import yaml

from importing.mapping import FIELDS, WrongMapping, given_mapping, guess_mapping
from tests.inputs import FOLDERS, folder_name

FACTS = "crm_csv_headers.yaml"

# What the facts tell of columns that we have no field for, or not under that name.
OURS = {"parent_external_id": "parent"}
# A CRM's type or status of an account (customer, partner, press) is not our state.
NOT_TAKEN = {"Type", "account_type"}


def exports() -> list:
    return [
        pytest.param(name, export["columns"], id=f"{folder_name(folder)}-{name}")
        for folder in FOLDERS
        for name, export in yaml.safe_load((folder / FACTS).read_text()).items()
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
        if field not in FIELDS or header in NOT_TAKEN:
            assert not guessed.get(header)
        elif guessed.get(header) != field:
            assert field in guessed.values()  # another column of the same meaning has it


WHOLE = {
    "Salesforce": {
        "Account ID": "external_id", "Account Name": "name", "Account Owner": "owner", "Parent Account": "parent",
        "Industry": "segment", "Annual Revenue": "revenue", "Billing City": "city", "Billing Country": "country",
        "Employees": "employees", "Billing State/Province": None, "Last Activity": None, "Fax": None,
    },
    "Salesforce Data Loader": {
        "ID": "external_id", "NAME": "name", "PARENTID": "parent", "OWNERID": None, "OWNER.EMAIL": "owner",
        "ANNUALREVENUE": "revenue", "BILLINGCOUNTRYCODE": "country", "NUMBEROFEMPLOYEES": "employees", "CREATEDBYID": None,
    },
    "HubSpot": {
        "Record ID": "external_id", "Company name": "name", "Company owner": "owner", "Company Domain Name": "website",
        "Annual Revenue": "revenue", "Country/Region": "country", "Number of Employees": "employees", "Create Date": None,
    },
    "HubSpot, Dutch": {
        "Record-ID": "external_id", "Bedrijfsnaam": "name", "Bedrijfseigenaar": "owner", "Bedrijfsdomeinnaam": "website",
        "Jaarlijkse omzet": "revenue", "Land/regio": "country", "Plaats": "city", "Aantal werknemers": "employees",
    },
    "Dynamics 365": {
        "(Do Not Modify) Account": "external_id", "(Do Not Modify) Row Checksum": None, "Account Name": "name",
        "Account Number": None, "Address 1: City": "city", "Address 1: Country/Region": "country",
        "Primary Contact": "contact_name", "Email (Primary Contact) (Contact)": "contact_email", "Owner": "owner",
    },
    "Dynamics 365, Dutch": {
        "(Niet wijzigen) Account": "external_id", "Accountnaam": "name", "Bovenliggend account": "parent",
        "Adres 1: plaats": "city", "Adres 1: land/regio": "country", "Primaire contactpersoon": "contact_name",
        "E-mail (Primaire contactpersoon) (Contactpersoon)": "contact_email", "Eigenaar": "owner", "Jaaromzet": "revenue",
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
        "id": "external_id", "name": "name", "account_type": None, "annual_revenue": "revenue", "employees": "employees",
        "billing_address_city": "city", "assigned_user_name": "owner", "parent_name": "parent", "phone_office": "phone",
    },
    "Zoho": {
        "Record Id": "external_id", "Account Name": "name", "Account Owner": "owner", "Parent Account": "parent",
        "Tag": "tags", "Currency": "currency", "Billing Country": "country", "Exchange Rate": None, "Rating": None,
    },
    "Pipedrive": {
        "Organization - ID": "external_id", "Organization - Name": "name", "Organization - Owner": "owner",
        "Organization - Labels": "tags", "Organization - Industry": "segment", "Organization - Annual revenue": "revenue",
        "Organization - Country of Address": "country", "Organization - Address": None, "Organization - Website": "website",
    },
    "Pipedrive, Dutch": {
        "Organisatie - ID": "external_id", "Organisatie - Naam": "name", "Organisatie - Eigenaar": "owner",
        "Organisatie - Labels": "tags", "Organisatie - Branche": "segment", "Organisatie - Jaaromzet": "revenue",
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


def test_currency_in_the_header_does_not_hide_the_revenue():
    assert guess(["annual_revenue_usd", "name"])["annual_revenue_usd"] == "revenue"


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
