"""Imports write search keys with each row, and their undo writes them back."""

import pytest

from accounts.models import Account, Contact
from core.bulk_insert import COPY_FROM
from core.job_runner import undo
from core.stored_keys import wrong_keys
from tests.factories import make_user
from tests.importing.contact_lists import apply
from tests.importing.running import import_list

pytestmark = pytest.mark.django_db

FIRST = "Name,External id,City,Contact,Contact e-mail\n"


def run(user, text):
    return import_list(text, user, skip_rejected=True).job


def keys():
    assert [row for model in (Account, Contact) for row, _wrong in wrong_keys(model.objects.all())] == []
    return {row.name: row.search_key for model in (Account, Contact) for row in model.objects.all()}


@pytest.mark.parametrize("rows", [1, COPY_FROM + 1])
def test_what_an_import_makes_changes_and_takes_back(rows):
    user = make_user()
    run(user, FIRST + "".join(f"Bäckerei {n},B-{n},Köln,Ünal {n},u{n}@baeckerei.example\n" for n in range(rows)))
    assert keys()["Bäckerei 0"] == " backerei 0 baeckerei 0 b 0 b0 koln koeln"
    assert Contact.objects.filter(search_key__startswith=" unal").count() == rows
    changed = run(user, FIRST + "Bäckerei Süd,B-0,Bonn,Ünal 0,sued@baeckerei.example\n")
    assert "sued" in keys()["Bäckerei Süd"] and "bonn" in keys()["Bäckerei Süd"] and "sued" in keys()["Ünal 0"]
    undo(changed, by=user)
    assert "Bäckerei Süd" not in keys() and "koln" in keys()["Bäckerei 0"]


def test_a_list_of_people():
    user = make_user()
    account = Account.objects.create(name="Bakkerij", owner=user)
    for name in ("Ünal", "Ünsal"):
        apply(user, f"Account,Name,E-mail,Buying role\nBakkerij,{name},u@example.com,user\n", choices={2: "same"})
        assert name in keys()
    assert account.contacts.count() == 1
