from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from assessments.management.commands import import_history as command
from assessments.models import Assessment
from audit.models import Event
from audit.trail import broken_links
from hierarchy.models import Edition
from plans.models import Target
from tests.factories import make_account, make_administrator, make_result, make_target, make_team, make_user
from tests.inputs import naughty_strings
from tests.workbooks import workbook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition")]


@pytest.fixture
def run(tmp_path, capsys):
    """Import what is given as text, bytes or rows of a workbook; gives the summary line and what was said beside it."""

    def run(content, *, fails=False, **options):
        path = tmp_path / ("past.csv" if isinstance(content, str | bytes) else "past.xlsx")
        path.write_bytes(
            content.encode() if isinstance(content, str) else content if isinstance(content, bytes) else workbook(*content)
        )
        if fails:
            with pytest.raises(SystemExit) as stopped:
                call_command("import_history", str(path), **options)
            assert stopped.value.code == 1
        else:
            call_command("import_history", str(path), **options)
        said = capsys.readouterr()
        return said.out.strip(), said.err.strip()

    return run


def only() -> Assessment:
    return Assessment.objects.get()


# --- What a row becomes


def test_a_row_becomes_a_closed_recorded_assessment_without_answers(run):
    account = make_account(name="Acme")
    assert run("account,held_on,customer_level,team_level,respondents\nAcme,2024-03-31,2.75,4,3\n")[0] == (
        "created 1, updated 0, unchanged 0, rejected 0"
    )
    result = only()
    assert (result.account, result.held_on, result.state, result.origin) == (account, date(2024, 3, 31), "closed", "recorded")
    assert (result.customer_position, result.customer_level, result.team_position, result.team_level) == (2.75, 2, 4, 4)
    assert (result.gap, result.agreement, result.respondents) == (2, None, 3)
    assert result.edition == Edition.objects.published()
    assert not result.responses.exists()


@pytest.mark.parametrize(
    ("cells", "confidence", "reasons", "respondents"),
    [
        ("3,,", "none", ["recorded", "respondents_unknown"], 0),
        (",3,", "none", ["recorded", "no_customer_response"], 0),
        ("3,,1", "low", ["recorded", "one_respondent", "buying_roles_unknown", "unheard_unknown"], 1),
        ("3,,2", "medium", ["recorded", "fewer_than_three", "buying_roles_unknown", "agreement_unknown", "unheard_unknown"], 2),
        ("3,,12", "medium", ["recorded", "buying_roles_unknown", "agreement_unknown", "unheard_unknown"], 12),
    ],
)
def test_how_sure_it_is_follows_from_the_number_of_respondents(run, cells, confidence, reasons, respondents):
    make_account(name="Acme")
    run(f"account,held_on,customer_level,team_level,respondents\nAcme,2024-03-31,{cells}\n")
    assert (only().confidence, only().confidence_reasons, only().respondents) == (confidence, reasons, respondents)


@pytest.mark.parametrize(
    ("text", "position", "level"),
    [
        ("1", 1, 1),
        ("5", 5, 5),
        ("3.0", 3, 3),
        ('"3,4"', 3.4, 3),
        ("2.99999", 2.9999, 2),
        ("2.9999999999999996", 3, 3),  # what a spreadsheet makes of 3
        ("1.2340", 1.234, 1),
    ],
)
def test_the_position_is_the_level_given_and_the_level_its_whole(run, text, position, level):
    make_account(name="Acme")
    run(f"account,held_on,customer_level\nAcme,2024-03-31,{text}\n")
    assert (only().customer_position, only().customer_level) == (position, level)


@pytest.mark.parametrize("text", ["0", "0.9", "5.1", "6", "-3", "three", "3.4.5", "1e0", "٣", "nan", "=1+1", "3 4"])
def test_what_is_no_level_is_named_with_line_column_and_reason(run, text):
    make_account(name="Acme")
    summary, said = run(f"account,held_on,customer_level\nAcme,2024-01-31,3\nAcme,2024-03-31,{text}\n", fails=True)
    assert summary == "created 0, updated 0, unchanged 0, rejected 1"
    assert f"Row 3, customer_level: “{text}” is not a level. Write a number from 1 to 5, such as 3 or 2.75." in said
    assert not Assessment.objects.exists()


def test_the_derived_columns_of_the_account_are_written(run):
    account = make_account(name="Acme")
    make_target(account, set_on=date(2024, 1, 1), due_on=date(2026, 12, 31))
    run("account,held_on,customer_level,team_level\nAcme,2024-03-31,2.75,4\nAcme,2023-03-31,1.5,\n")
    account.refresh_from_db()
    assert (account.customer_position, account.customer_level, account.team_level) == (2.75, 2, 4)
    assert account.last_heard_on == date(2024, 3, 31)
    assert account.target_status != Account.TargetStatus.NO_TARGET
    assert Target.objects.count() == 1


def test_the_trail_tells_each_result_and_stays_whole(run):
    make_account(name="Acme")
    run("account,held_on,customer_level\nAcme,2024-03-31,2.75\nAcme,2024-06-30,3\n")
    events = list(Event.objects.filter(act="assessment.recorded"))
    assert [event.note for event in events] == ["Import of past.csv"] * 2
    assert {(event.after["held_on"], event.after["customer_level"]) for event in events} == {("2024-03-31", 2), ("2024-06-30", 3)}
    assert list(broken_links()) == []


# --- Second runs


def test_a_second_run_changes_nothing(run):
    make_account(name="Acme")
    text = "account,held_on,customer_level,team_level,respondents\nAcme,2024-03-31,2.75,4,3\nAcme,2024-06-30,,3.333333333,\n"
    run(text)
    before, events = list(Assessment.objects.values().order_by("pk")), Event.objects.count()
    assert run(text)[0] == "created 0, updated 0, unchanged 2, rejected 0"
    assert (list(Assessment.objects.values().order_by("pk")), Event.objects.count()) == (before, events)


def test_another_level_on_a_recorded_day_changes_it_and_the_trail_keeps_what_was(run):
    account = make_account(name="Acme")
    run("account,held_on,customer_level\nAcme,2024-03-31,2.75\n")
    assert run("account,held_on,customer_level\nAcme,2024-03-31,3.5\n")[0] == "created 0, updated 1, unchanged 0, rejected 0"
    assert (only().customer_position, only().customer_level, only().version) == (3.5, 3, 2)
    event = Event.objects.get(act="assessment.record_changed")
    assert (event.before["customer_position"], event.after["customer_position"]) == (2.75, 3.5)
    account.refresh_from_db()
    assert account.customer_position == 3.5


def test_an_empty_cell_erases_nothing(run):
    make_account(name="Acme")
    run("account,held_on,customer_level,respondents\nAcme,2024-03-31,2.75,4\n")
    run("account,held_on,team_level\nAcme,2024-03-31,4\n")
    result = only()
    assert (result.customer_position, result.respondents, result.team_position, result.gap) == (2.75, 4, 4, 2)


def test_a_measured_result_is_never_touched(run):
    account = make_account(name="Acme")
    make_result(account, date(2024, 3, 31), customer=2.1)
    summary, said = run("account,held_on,customer_level\nAcme,2024-03-31,4\nAcme,2024-04-30,4\n", skip_invalid=True)
    assert summary == "created 1, updated 0, unchanged 0, rejected 1"
    assert "Row 2, held_on: This account was assessed here on that day." in said
    assert Assessment.objects.get(origin="measured").customer_position == 2.1


def test_the_database_keeps_one_record_of_a_day():
    account = make_account()
    make_result(account, date(2024, 3, 31), customer=2, origin="recorded")
    with pytest.raises(IntegrityError, match=r"assessment_one_recorded_a_day|account_id"):
        make_result(account, date(2024, 3, 31), customer=3, origin="recorded")


# --- All or nothing


def test_one_rejected_row_keeps_all_from_being_written(run):
    make_account(name="Acme")
    summary, said = run("account,held_on,team_level\nAcme,2024-03-31,2\nNobody,2024-03-31,3\n", fails=True)
    assert summary == "created 0, updated 0, unchanged 0, rejected 1"
    assert "Row 3, account: No account here is called “Nobody”." in said
    assert "Nothing was written." in said
    assert not Assessment.objects.exists()


def test_skip_invalid_brings_in_the_others(run):
    make_account(name="Acme")
    summary, said = run("account,held_on,team_level\nAcme,2024-03-31,2\nAcme,2024-04-31,3\n", skip_invalid=True)
    assert summary == "created 1, updated 0, unchanged 0, rejected 1"
    assert "Row 3, held_on: “2024-04-31” is not a date." in said
    assert only().held_on == date(2024, 3, 31)


def test_a_dry_run_counts_and_writes_nothing(run):
    make_administrator()
    summary, said = run("account,held_on,team_level\nNew,2024-03-31,2\n", dry_run=True, create_accounts=True)
    assert summary == "created 1, updated 0, unchanged 0, rejected 0"
    assert "Accounts to make: 1." in said
    assert not Assessment.objects.exists()
    assert not Account.objects.exists()
    assert not Event.objects.filter(note__startswith="import_history").exists()


def test_the_second_row_of_an_account_and_day_is_rejected_whatever_it_calls_the_account(run):
    make_account(name="Acme", external_id="A1")
    summary, said = run("account,held_on,team_level\nAcme,2024-03-31,2\nA1,31-03-2024,2\n", fails=True)
    assert summary == "created 0, updated 0, unchanged 0, rejected 1"
    assert "Row 3, held_on: This account and day stand in row 2 already." in said


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Acme,,3,,", "Row 2, held_on: Say of which day this is"),
        (",2024-03-31,3,,", "Row 2, account: Say which account this is"),
        ("Acme,2024-03-31,,,", "Row 2: It has no level"),
        ("Acme,2024-03-31,,,4", "Row 2: It has no level"),
        ("Acme,2024-03-31,,3,4", "Row 2, respondents: Respondents are people of the customer"),
        ("Acme,2024-03-31,3,,0", "Row 2, respondents: A level of the customer comes from at least one person"),
        ("Acme,2024-03-31,3,,some", "Row 2, respondents: “some” is not a whole number"),
        ("Acme,2024-03-31,3,,99999999999", "Row 2, respondents: “99999999999” is too large a number."),
        ("Acme,2024-03-31,3,3,1,more", "Row 2: It has 6 cells where the header has 5"),
    ],
)
def test_a_row_that_says_too_little_or_contradicts_itself_is_rejected(run, row, says):
    make_account(name="Acme")
    summary, said = run(f"account,held_on,customer_level,team_level,respondents\n{row}\n", fails=True)
    assert summary == "created 0, updated 0, unchanged 0, rejected 1"
    assert says in said


def test_a_team_row_with_nobody_answering_is_in_order(run):
    make_account(name="Acme")
    assert "created 1" in run("account,held_on,customer_level,team_level,respondents\nAcme,2024-03-31,,3,0\n")[0]


# --- Dates


def test_dates_in_the_order_of_the_file(run):
    make_account(name="Acme")
    run("account,held_on,team_level\nAcme,03/04/2024,2\nAcme,31/05/2024,3\n")
    assert sorted(Assessment.objects.values_list("held_on", flat=True)) == [date(2024, 4, 3), date(2024, 5, 31)]


def test_a_date_that_can_be_read_in_two_ways_is_asked_about(run):
    make_account(name="Acme")
    text = "account,held_on,team_level\nAcme,03/04/2024,2\n"
    _summary, said = run(text, fails=True)
    assert "Row 2, held_on: “03/04/2024” can be read as two dates." in said
    assert "--dates dmy or --dates mdy" in said
    run(text, dates="mdy")
    assert only().held_on == date(2024, 3, 4)
    run(text, dates="dmy")
    assert Assessment.objects.filter(held_on=date(2024, 4, 3)).exists()


def test_a_future_date_and_one_before_1990_are_rejected(run):
    make_account(name="Acme")
    tomorrow = timezone.localdate() + timedelta(days=1)
    _summary, said = run(f"account,held_on,team_level\nAcme,{tomorrow},2\nAcme,1989-12-31,2\n", fails=True)
    assert "Row 2, held_on: An assessment is held today or earlier." in said
    assert "Row 3, held_on: Choose a date from 1990 on." in said
    run(f"account,held_on,team_level\nAcme,{timezone.localdate()},2\nAcme,1990-01-01,2\n")
    assert Assessment.objects.count() == 2


# --- Which account


def test_an_external_id_goes_before_a_name(run):
    by_id = make_account(name="Other", external_id="Acme")
    make_account(name="Acme")
    run("account,held_on,team_level\nAcme,2024-03-31,2\n")
    assert only().account == by_id


def test_a_name_as_it_is_written_goes_before_one_in_another_case(run):
    make_account(name="ACME")
    exact = make_account(name="Acme")
    run("account,held_on,team_level\nAcme,2024-03-31,2\n")
    assert only().account == exact


def test_a_name_that_two_accounts_have_is_rejected_in_words(run):
    make_account(name="Acme")
    make_account(name="Acme")
    _summary, said = run("account,held_on,team_level\nAcme,2024-03-31,2\n", fails=True)
    assert "Row 2, account: More than one account is called “Acme”. Write the external id." in said


def test_the_source_tells_which_of_two_is_meant(run):
    make_account(name="Acme", source="erp", external_id="1")
    meant = make_account(name="Acme", source="crm", external_id="1")
    for called in ("1", "Acme"):
        _summary, said = run(f"account,held_on,team_level\n{called},2024-03-31,2\n", fails=True)
        assert "Row 2, account" in said
    run("account,held_on,team_level\n1,2024-03-31,2\nAcme,2024-04-30,3\n", source="crm")
    assert set(Assessment.objects.values_list("account", flat=True)) == {meant.pk}


def test_within_a_source_what_another_has_is_unknown_and_what_was_made_by_hand_is_found(run):
    make_account(name="Acme", source="erp", external_id="1")
    by_hand = make_account(name="Bravo")
    _summary, said = run("account,held_on,team_level\n1,2024-03-31,2\nAcme,2024-03-31,2\n", source="crm", fails=True)
    assert said.count("No account here is called") == 2
    run("account,held_on,team_level\nBravo,2024-03-31,2\n", source="crm")
    assert only().account == by_hand


# --- Making accounts


def test_unknown_accounts_are_made_once_with_owner_team_and_source(run):
    owner, team = make_user(email="anna@example.com"), make_team(name="Nordics")
    text = "account,held_on,team_level\nAcme,2024-03-31,2\nACME,2024-04-30,3\n"
    options = {"create_accounts": True, "owner": "anna@example.com", "team": "nordics", "source": "crm"}
    summary, said = run(text, **options)
    assert summary == "created 2, updated 0, unchanged 0, rejected 0"
    assert "Accounts made: 1." in said
    account = Account.objects.get()
    assert (account.name, account.owner, account.team, account.source) == ("Acme", owner, team, "crm")
    assert account.team_level == 3
    assert Event.objects.get(act="account.created").object_id == account.pk
    assert run(text, **options)[0] == "created 0, updated 0, unchanged 2, rejected 0"


def test_accounts_go_to_the_administrator_when_nobody_is_named(run):
    admin = make_administrator()
    run("account,held_on,team_level\nAcme,2024-03-31,2\n", create_accounts=True)
    assert Account.objects.get().owner == admin


def test_somebody_must_own_the_accounts_that_are_made(run):
    with pytest.raises(CommandError, match="--owner EMAIL"):
        run("account,held_on,team_level\nAcme,2024-03-31,2\n", create_accounts=True)


def test_a_rejected_row_makes_no_account(run):
    make_administrator()
    text = f"account,held_on,team_level\nAcme,2024-03-31,9\n{'x' * 201},2024-03-31,2\nBravo,2024-03-31,2\n"
    _summary, said = run(text, create_accounts=True, skip_invalid=True)
    assert "is longer than 200 characters." in said
    assert [account.name for account in Account.objects.all()] == ["Bravo"]


# --- Files


def test_a_workbook_reads_the_same(run):
    make_account(name="Acme")
    rows = [["Account", "Held on", "Customer level", "Our level"], ["Acme", date(2024, 3, 31), 2.345, 3]]
    assert run(rows)[0] == "created 1, updated 0, unchanged 0, rejected 0"
    assert (only().customer_position, only().team_position) == (2.345, 3)
    assert run("account;held_on;customer_level\nAcme;2024-03-31;2,345\n")[0] == "created 0, updated 0, unchanged 1, rejected 0"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_encodings_of_the_account_import_are_read(run, encoding):
    make_account(name="Café Zoë")
    assert "created 1" in run("account;held_on;team_level\nCafé Zoë;2024-03-31;3,5\n".encode(encoding))[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("account,held_on,team_level\n", "no row"),
        ("held_on,team_level\n2024-03-31,2\n", "no column account. Its columns: held_on, team_level"),
        ("account,team_level\nAcme,2\n", "no column held_on"),
        ("account,held_on\nAcme,2024-03-31\n", "no column customer_level / team_level"),
        ("account,held_on,team_level,Team level\nAcme,2024-03-31,2,3\n", "“team_level” and “Team level” both say the same"),
    ],
)
def test_a_file_that_cannot_be_used_stops_with_one_line(run, text, says):
    with pytest.raises(CommandError, match=says):
        run(text)


def test_without_a_published_edition_nothing_can_be_recorded(run):
    Edition.objects.update(state=Edition.State.DRAFT, published_on=None)
    with pytest.raises(CommandError, match="No edition of the catalogue is published"):
        run("account,held_on,team_level\nAcme,2024-03-31,2\n")


def test_no_more_rows_than_are_allowed(run, monkeypatch):
    monkeypatch.setattr(command, "MOST_ROWS", 1)
    make_account(name="Acme")
    with pytest.raises(CommandError, match="more than 1 rows"):
        run("account,held_on,team_level\nAcme,2024-03-31,2\nAcme,2024-04-30,2\n")


@pytest.mark.parametrize("options", [{"owner": "nobody@example.com"}, {"team": "Nowhere"}, {"source": "x" * 61}])
def test_wrong_options_stop_with_one_line(run, options):
    with pytest.raises(CommandError):
        run("account,held_on,team_level\nAcme,2024-03-31,2\n", **options)


def test_the_number_of_statements_does_not_grow_with_the_rows(run):
    make_administrator()
    spent = []
    for start, accounts in ((0, 1), (1, 40)):
        text = "account,held_on,customer_level\n" + "".join(f"A{start + n},2024-01-31,3\n" for n in range(accounts))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            run(text, create_accounts=True)
        spent.append(len(captured))
    assert spent[0] == spent[1]


# --- Hostile text


def test_names_that_are_formulas_stay_what_they_are(run):
    make_administrator()
    names = ["=cmd|' /C calc'!A0", "@SUM(1+1)", "+1", "-2+3", '=HYPERLINK("http://example.com")']
    rows = [["account", "held_on", "team_level"], *([name, "2024-03-31", 2] for name in names)]
    text = "\n".join(",".join('"' + str(cell).replace('"', '""') + '"' for cell in row) for row in rows)
    assert run(text, create_accounts=True)[0] == "created 5, updated 0, unchanged 0, rejected 0"
    assert {account.name for account in Account.objects.all()} == set(names)


def test_naughty_strings_in_every_cell_crash_nothing(run, input_folder):
    make_administrator()
    strings = [text for text in naughty_strings(input_folder) if "\0" not in text]
    quoted = ['"' + text.replace('"', '""') + '"' for text in strings]
    text = "account,held_on,customer_level,team_level,respondents\n"
    text += "".join(f"{cell},2024-03-31,,2,\nAcme,{cell},{cell},{cell},{cell}\n" for cell in quoted)
    summary, _said = run(text, create_accounts=True, skip_invalid=True)
    counts = dict(part.split() for part in summary.split(", "))
    assert int(counts["created"]) == Account.objects.count() > len(strings) * 0.8
    again, _said = run(text, create_accounts=True, skip_invalid=True)
    assert again == f"created 0, updated 0, unchanged {counts['created']}, rejected {counts['rejected']}"
