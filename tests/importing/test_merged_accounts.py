"""The external id of an account that was merged into another one leads to that one, in every list and command."""

import pytest
from django.core.management import call_command

from accounts.acts.merging import merge_accounts
from accounts.models import Account
from tests.factories import make_account, make_user
from tests.importing.running import import_list

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def kept(owner) -> Account:
    kept = make_account(owner=owner, name="Adler BV", source="crm", external_id="1")
    merged = make_account(owner=owner, name="Adler B.V.", source="crm", external_id="2")
    merge_accounts(kept, merged, by=owner, seen=(0, 0), choices={})
    kept.refresh_from_db()
    return kept


def imported(owner, *rows: str):
    """The outcome of a list of accounts with these rows."""
    return import_list("\n".join(["source,external id,name,city,state", *rows]), owner)


class TestAccounts:
    @pytest.mark.parametrize("source", ["crm", ""])
    def test_the_former_id_changes_the_account_but_not_its_id(self, owner, kept, source):
        imported(owner, f"{source},2,Adler BV,Gouda,")
        assert Account.objects.count() == 2
        kept.refresh_from_db()
        assert (kept.city, kept.external_id, kept.source) == ("Gouda", "1", "crm")

    def test_a_second_run_changes_nothing(self, owner, kept):
        imported(owner, "crm,2,Adler BV,Gouda,")
        before = Account.objects.get(pk=kept.pk).version
        imported(owner, "crm,2,Adler BV,Gouda,")
        assert Account.objects.get(pk=kept.pk).version == before

    def test_the_name_of_both_is_that_of_the_account_that_is_kept(self, owner, kept):
        Account.objects.filter(merged_into=kept).update(name="Adler BV")
        imported(owner, ",,Adler BV,Gouda,")
        assert Account.objects.get(pk=kept.pk).city == "Gouda"

    def test_a_former_id_archives_nothing(self, owner, kept):
        report = imported(owner, "crm,2,Adler BV,Gouda,archived")
        assert "former one" in report.problems[0]
        assert not Account.objects.get(pk=kept.pk).is_archived

    def test_a_list_that_still_has_both_changes_the_one_that_is_kept(self, owner, kept):
        report = imported(owner, "crm,2,Adler B.V.,Gouda,", "crm,1,Adler BV,Ede,")
        assert (report.updated, report.rejected, report.passed_over) == (1, 0, 1)
        kept.refresh_from_db()
        assert (kept.name, kept.city, kept.external_id) == ("Adler BV", "Ede", "1")

    def test_it_leads_to_nothing_that_one_may_not_see(self, kept):
        report = imported(make_user(), "crm,2,Adler BV,Gouda,")
        assert "outside the accounts" in report.problems[0]


def test_people_of_the_former_id_go_to_the_account(owner, kept):
    import_list("external id,name,e-mail\n2,Ines Adler,ines@adler.example\n", owner, kind="contacts")
    assert kept.contacts.get().name == "Ines Adler"


def test_past_levels_of_the_former_id_go_to_the_account(kept, tmp_path, edition):
    path = tmp_path / "history.csv"
    path.write_text("account,held_on,customer_level\n2,2025-03-01,3\n")
    call_command("import_history", str(path))
    assert kept.assessments.get().customer_level == 3


def test_an_export_that_is_imported_again_changes_nothing(owner, kept, tmp_path, capsys):
    child = make_account(owner=owner, parent=kept)
    Account.objects.filter(merged_into=kept).update(name=kept.name)
    path = str(tmp_path / "all.csv")
    call_command("export_accounts", path)
    call_command("import_accounts", path, owner=owner.email)
    assert "created 0, updated 0, unchanged 2, rejected 0" in capsys.readouterr().out
    assert Account.objects.get(pk=child.pk).parent == kept
