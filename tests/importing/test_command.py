import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from tests.factories import make_account, make_administrator, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(tmp_path):
    def write(text, name="list.csv"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def test_summary_line_and_owner_and_team(write, capsys):
    owner, team = make_user(email="anna@example.com"), make_team(name="Nordics")
    call_command("import_accounts", write("name\nAcme\n"), owner="ANNA@example.com", team="nordics")
    assert capsys.readouterr().out == "created 1, updated 0, unchanged 0, rejected 0\n"
    account = Account.objects.get()
    assert (account.owner, account.team) == (owner, team)


def test_without_owner_an_administrator_gets_the_new_accounts(write):
    admin = make_administrator()
    call_command("import_accounts", write("name\nAcme\n"))
    assert Account.objects.get().owner == admin


def test_a_second_run_changes_nothing(write, capsys):
    make_administrator()
    path = write("id,name,city\n1,Acme,Oslo\n2,Bravo,Rome\n")
    call_command("import_accounts", path)
    call_command("import_accounts", path)
    assert capsys.readouterr().out.splitlines()[-1] == "created 0, updated 0, unchanged 2, rejected 0"


def test_a_rejected_row_ends_in_status_1_with_line_column_and_reason(write, capsys):
    make_administrator()
    with pytest.raises(SystemExit) as stopped:
        call_command("import_accounts", write("name,Annual revenue\nAcme,1\nBravo,1.2.3\n"), revenue_is="ours")
    printed = capsys.readouterr()
    assert stopped.value.code == 1
    assert printed.out == "created 0, updated 0, unchanged 0, rejected 1\n"
    assert "Row 3, Annual revenue: “1.2.3” is not an amount. Write 1234.50 or 1.234,50." in printed.err
    assert not Account.objects.exists()


def test_skip_invalid_brings_in_the_others(write, capsys):
    make_administrator()
    call_command("import_accounts", write("name,country\nAcme,NL\nBravo,Atlantis\n"), skip_invalid=True)
    printed = capsys.readouterr()
    assert printed.out == "created 1, updated 0, unchanged 0, rejected 1\n"
    assert "Row 3, country" in printed.err


def test_dry_run_writes_nothing(write, capsys):
    make_administrator()
    call_command("import_accounts", write("name\nAcme\n"), dry_run=True)
    assert capsys.readouterr().out == "created 1, updated 0, unchanged 0, rejected 0\n"
    assert not Account.objects.exists()


def test_a_mapping_file_stands_over_the_guess(write):
    make_administrator()
    mapping = write(json.dumps({"Who": "name", "City": None}), "mapping.json")
    call_command("import_accounts", write("Who,City\nAcme,Oslo\n"), mapping=mapping)
    account = Account.objects.get()
    assert (account.name, account.city) == ("Acme", "")


def test_every_account_is_within_reach_of_the_operator(write, capsys):
    make_account(name="Acme", city="Oslo")
    call_command("import_accounts", write("name,city\nAcme,Rome\n"))
    assert capsys.readouterr().out == "created 0, updated 1, unchanged 0, rejected 0\n"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"owner": "nobody@example.com"}, "nobody@example.com"),
        ({"team": "Nowhere"}, "Nowhere"),
        ({"mapping": "missing.json"}, "missing.json"),
    ],
)
def test_wrong_options_stop_with_one_line(write, options, says):
    with pytest.raises(CommandError, match=says):
        call_command("import_accounts", write("name\nAcme\n"), **options)


@pytest.mark.parametrize(("text", "says"), [("", "empty"), ("phone,fax\n1,2\n", "Which column is the name")])
def test_unusable_files_stop_with_one_line(write, text, says):
    with pytest.raises(CommandError, match=says):
        call_command("import_accounts", write(text))


def test_a_missing_file_stops_with_one_line():
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_accounts", "no such file.csv")
