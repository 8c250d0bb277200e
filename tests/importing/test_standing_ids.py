"""An export names each account by an id of this installation, so that importing it again finds each one."""

import csv
import io

import pytest
from django.core.management import call_command

from accounts.models import Account, Contact
from accounts.standing_ids import account_named, standing_id
from tests.factories import make_account, make_administrator, make_contact, make_user
from tests.importing.running import import_list

pytestmark = pytest.mark.django_db


@pytest.fixture
def twins() -> list[Account]:
    """Two accounts of one name without an external id, one below the other."""
    owner = make_administrator()
    first = make_account(owner=owner, name="Tweeling Voorbeeld", city="Ede")
    return [first, make_account(owner=owner, name="Tweeling Voorbeeld", city="Tiel", parent=first)]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_importing_an_export_again_changes_nothing_where_two_share_a_name(twins, tmp_path, capsys, ending):
    path = str(tmp_path / f"all.{ending}")
    call_command("export_accounts", path)
    call_command("import_accounts", path)
    assert "created 0, updated 0, unchanged 2, rejected 0" in capsys.readouterr().out


def test_a_change_in_the_export_goes_to_the_one_that_it_names(twins, tmp_path):
    path = tmp_path / "all.csv"
    call_command("export_accounts", str(path))
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    rows[1] |= {"Account name": "Tweeling Twee Voorbeeld", "City": "Epe"}
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    call_command("import_accounts", str(path))
    changed = account_named(rows[1]["Standing id"])
    assert (Account.objects.get(pk=changed).name, Account.objects.get(pk=changed).city) == ("Tweeling Twee Voorbeeld", "Epe")
    assert Account.objects.count() == 2


def test_people_and_levels_of_accounts_that_share_a_name_find_theirs(twins, edition):
    owner = twins[0].owner
    ids = [standing_id(account.pk) for account in twins]
    import_list(f"account,name,e-mail\n{ids[1]},Nel Voorbeeld,nel@voorbeeld.example\n", owner, kind="contacts")
    assert Contact.objects.get().account == twins[1]
    import_list(f"account,held_on,customer_level\n{ids[0]},2024-03-01,3\n", owner, kind="history")
    assert twins[0].assessments.get().customer_level == 3


def test_an_export_of_people_of_accounts_that_share_a_name_comes_back(twins, client):
    make_contact(twins[1], name="Nel Voorbeeld")
    client.force_login(twins[0].owner)
    content = b"".join(client.get("/export/contacts.csv").streaming_content)
    assert import_list(content, twins[0].owner, kind="contacts").unchanged == 1


def test_an_id_of_another_installation_names_nobody(twins, settings):
    foreign = standing_id(twins[0].pk)
    settings.SECRET_KEY = "another installation"
    assert account_named(foreign) is None
    done = import_list(f"name,standing id\nAndere Voorbeeld,{foreign}\n", twins[0].owner)
    assert done.created == 1


def test_an_account_that_one_may_not_see_is_not_found_by_its_id(twins):
    done = import_list(f"name,standing id\nAndere Voorbeeld,{standing_id(twins[0].pk)}\n", make_user())
    assert done.created == 1
    assert Account.objects.get(pk=twins[0].pk).name == "Tweeling Voorbeeld"


@pytest.mark.parametrize("text", ["", "1", "1-", "0-0000000000", "1-zzzzzzzzzz", "9" * 30 + "-0000000000", "１-0000000000"])
def test_a_text_that_is_no_such_id_names_nobody(text):
    assert account_named(text) is None
