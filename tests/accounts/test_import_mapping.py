from pathlib import Path

import pytest
import yaml

from accounts.importing.mapping import FIELDS, WrongMapping, given_mapping, guess_mapping

FACTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "crm_csv_headers.yaml"

# What the facts tell of columns that we have no field for, or not under that name.
OURS = {"parent_external_id": "parent"}
# A CRM's type or status of an account (customer, partner, press) is not our state.
NOT_TAKEN = {"Type", "account_type"}


def exports():
    if not FACTS.is_file():
        return [pytest.param("", {}, marks=pytest.mark.skip(reason="the folder ../shared/data is not here"))]
    return [(name, export["columns"]) for name, export in yaml.safe_load(FACTS.read_text()).items()]


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
    assert guess(["Klantnaam (statutair)", "Telefoon"]) == {"Klantnaam (statutair)": "name"}


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
