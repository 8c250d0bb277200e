"""Whose an import is, in which order its pages come, and what the command tells."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Account, User
from audit.models import Event
from importing.models import ImportJob
from tests.factories import make_account, make_administrator, make_user, make_viewer
from tests.import_pages import choose, send_file, upload

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGES = ("columns", "check", "report", "rejected")
ACTS = ("columns", "check", "same", "cancel", "undo")


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


def address(page, job):
    return reverse(f"importing:{page}", args=[job.pk])


def imported(client, text="name\nAcme\n"):
    job = upload(client, text)
    choose(client, job)
    client.post(address("check", job))
    job.refresh_from_db()
    return job


class TestWhoseItIs:
    @pytest.mark.parametrize("make", [make_user, make_administrator])
    def test_no_page_of_it_is_there_for_anybody_else(self, client, manager, make):
        waiting, done = upload(client, "name\nBravo\n"), imported(client)
        client.force_login(make())
        for job in (waiting, done):
            assert {client.get(address(page, job)).status_code for page in PAGES} == {404}
            assert {client.post(address(page, job)).status_code for page in ACTS} == {404}
        assert list(Account.objects.values_list("name", flat=True)) == ["Acme"]

    def test_who_only_reads_by_now_reaches_no_page_and_takes_nothing_back(self, client, manager):
        job = imported(client)
        User.objects.filter(pk=manager.pk).update(role=User.Role.VIEWER)
        assert {client.get(address(page, job)).status_code for page in PAGES} == {403}
        assert {client.post(address(page, job)).status_code for page in ACTS} == {403}
        assert client.get(reverse("importing:list")).status_code == 403
        assert Account.objects.exists()

    @pytest.mark.parametrize("page", ["cancel", "undo", "same"])
    def test_looking_at_the_address_of_an_act_does_nothing(self, client, manager, page):
        job = imported(client)
        assert client.get(address(page, job)).status_code == 405
        assert Account.objects.exists()

    def test_the_list_is_ones_own_the_newest_first(self, client, manager):
        for name in ("first.csv", "second.csv"):
            send_file(client, "name\nAcme\n", name=name)
        ImportJob.objects.create(user=make_user(), filename="secret.csv")
        page = client.get(reverse("importing:list"))
        assert [job.filename for job, _kind in page.context["jobs"]] == ["second.csv", "first.csv"]
        assert "secret" not in page.text


class TestTheSteps:
    def test_before_the_columns_are_chosen_every_page_leads_to_them(self, client, manager):
        job = upload(client, "name\nAcme\n")
        for page in ("check", "report"):
            assert client.get(address(page, job)).url == address("columns", job)

    def test_after_the_import_every_page_leads_to_the_report(self, client, manager):
        job = imported(client)
        for page in ("columns", "check"):
            assert client.get(address(page, job)).url == client.post(address(page, job)).url == address("report", job)
        assert Account.objects.count() == 1

    def test_the_columns_can_be_chosen_again_before_it_is_imported(self, client, manager):
        job = upload(client, "name,colour\nAcme,Red\n")
        choose(client, job, column_1="city")
        choose(client, job, column_1="segment")
        client.post(address("check", job))
        assert list(Account.objects.values_list("city", "segment")) == [("", "Red")]

    def test_what_is_there_is_looked_at_when_it_is_checked_again_and_when_it_is_imported(self, client, manager):
        job = upload(client, "name,city\nAcme,Oslo\n")
        choose(client, job)
        make_account(name="Acme", owner=manager)
        assert client.get(address("check", job)).context["review"].counts["created"] == 1
        page = client.post(address("check", job), {"again": "yes"}, follow=True)
        assert page.context["review"].counts["updated"] == 1
        Account.objects.all().delete()
        choose(client, job)
        make_account(name="Acme", owner=manager)  # since the check, which found none
        client.post(address("check", job))
        assert list(Account.objects.values_list("name", "city")) == [("Acme", "Oslo")]
        job.refresh_from_db()
        assert (job.report["created"], job.report["updated"]) == (0, 1)

    def test_what_is_not_ones_own_to_change_is_refused(self, client, manager):
        theirs = make_account(name="Acme", external_id="A-1", city="Oslo")
        job = upload(client, "Account ID,Name,City\nA-1,Acme,Rome\n")
        choose(client, job)
        client.post(address("check", job))
        theirs.refresh_from_db()
        assert theirs.city == "Oslo" and Account.objects.count() == 1

    def test_a_done_one_cannot_be_cancelled_and_says_so(self, client, manager):
        page = client.post(address("cancel", imported(client)), follow=True)
        assert "It was done already. You can take it back." in page.text
        assert Account.objects.exists()

    def test_taking_it_back_twice_says_nothing_of_too_late(self, client, manager):
        job = imported(client)
        for _ in range(2):
            page = client.post(address("undo", job), follow=True)
            assert "It can no longer be taken back." not in page.text and "Import taken back" in page.text
        assert not Account.objects.exists()

    def test_one_that_was_never_imported_cannot_be_taken_back(self, client, manager):
        job = upload(client, "name\nAcme\n")
        assert "It can no longer be taken back." in client.post(address("undo", job), follow=True).text

    def test_the_trail_names_the_file_and_who_imported_it(self, client, manager):
        imported(client)
        event = Event.objects.get(act="account.created")
        assert event.actor == manager and "list.csv" in event.note

    @pytest.mark.parametrize("kind", ["accounts", "contacts"])
    def test_the_sample_of_each_kind_is_read_as_that_kind(self, client, manager, kind):
        sample = client.get(reverse("importing:sample", args=[kind]))
        assert sample.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
        assert upload(client, sample.content).kind == kind

    def test_there_is_no_sample_of_a_kind_that_is_none(self, client, manager):
        assert client.get(reverse("importing:sample", args=["prices"])).status_code == 404


class TestTheCommand:
    @pytest.fixture
    def write(self, tmp_path):
        def write(text, name="list.csv"):
            (tmp_path / name).write_text(text)
            return str(tmp_path / name)

        return write

    def test_nobody_who_only_reads_or_left_becomes_the_owner(self, write):
        make_viewer(email="reader@example.com")
        make_user(email="left@example.com", is_active=False)
        for email in ("reader@example.com", "left@example.com"):
            with pytest.raises(CommandError, match=f"{email} is not someone here who may own accounts."):
                call_command("import_accounts", write("name\nAcme\n"), owner=email)
        assert not Account.objects.exists()

    def test_of_several_administrators_the_first_gets_the_new_accounts(self, write):
        first = make_administrator(name="Zoe")
        make_administrator(name="Ada")
        call_command("import_accounts", write("name\nAcme\n"))
        assert Account.objects.get().owner == first

    def test_a_dry_run_with_a_rejected_row_ends_in_status_1_too(self, write, capsys):
        make_administrator()
        with pytest.raises(SystemExit) as stopped:
            call_command("import_accounts", write("name,country\nAcme,NL\nBravo,Atlantis\n"), dry_run=True)
        assert stopped.value.code == 1
        assert capsys.readouterr().out.endswith("rejected 1\n") and not Account.objects.exists()

    def test_a_dry_run_that_leaves_out_rejected_rows_writes_nothing_and_says_so(self, write, capsys):
        make_administrator()
        call_command("import_accounts", write("name,country\nAcme,NL\nBravo,Atlantis\n"), dry_run=True, skip_invalid=True)
        printed = capsys.readouterr()
        assert "Nothing was written: this was a dry run." in printed.err
        assert printed.out == "created 1, updated 0, unchanged 0, rejected 1\n" and not Account.objects.exists()

    @pytest.mark.parametrize("written", ["{", "", "name"])
    def test_a_mapping_that_is_no_json_stops_it_with_one_line(self, write, written):
        make_administrator()
        with pytest.raises(CommandError, match=r"mapping\.json is not JSON"):
            call_command("import_accounts", write("name\nAcme\n"), mapping=write(written, "mapping.json"))

    def test_a_mapping_that_leaves_out_the_name_asks_for_it(self, write):
        make_administrator()
        mapping = write(json.dumps({"name": None}), "mapping.json")
        with pytest.raises(CommandError, match="Which column is the name"):
            call_command("import_accounts", write("name,city\nAcme,Oslo\n"), mapping=mapping)

    def test_dates_that_can_be_read_two_ways_are_refused(self, write, capsys):
        make_administrator()
        with pytest.raises(SystemExit):
            call_command("import_accounts", write("Account Name,Customer Since\nAdler,12/03/2021\n"))
        assert "12/03/2021" in capsys.readouterr().err and not Account.objects.exists()

    def test_the_trail_says_that_it_was_the_command_with_which_file(self, write):
        make_administrator()
        call_command("import_accounts", write("name\nAcme\n", "crm.csv"))
        event = Event.objects.get(act="account.created")
        assert (event.actor, event.note) == (None, "Import of crm.csv")

    def test_a_look_alike_is_named_and_made(self, write, capsys):
        make_administrator()
        make_account(name="Acme")
        call_command("import_accounts", write("name\nAcme B.V.\n"))
        assert "Acme" in (told := capsys.readouterr().err) and "Such rows make new accounts." in told
        assert Account.objects.count() == 2
