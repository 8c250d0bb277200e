"""Rows that look like accounts that are here: offered on the check page, done as chosen, never merged of themselves."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import duplicates
from accounts.models import Account
from importing import check as checking
from importing import row_choices
from importing.check import check
from importing.models import ImportJob, ImportRow
from importing.row_choices import keep_choices
from tests.factories import make_account, make_administrator, make_contact, make_team, make_user
from tests.import_pages import choose, upload
from tests.importing.running import checked, counts_of, problems_of
from tests.jobs import work_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    manager = make_user(name="Anna Smit")
    client.force_login(manager)
    return manager


def plan_of(text, by, *, choices=None):
    """The import of a list whose rows are checked, with the work on it."""
    return checked(text, by, choices=choices)


def offered(text, by, **how):
    """The rows that are asked about, as a person is asked."""
    _job, work = plan_of(text, by, **how)
    return list(work.offers().page(None))


def offers(text, by, **how):
    """By line what each row is offered: the names of accounts with the reasons."""
    found = {}
    for offer in offered(text, by, **how):
        details = [one for one in offer.details if one.url]
        if details:
            found[offer.row.line] = [(one.name, one.text.split(" · ")[0]) for one in details]
    return found


def chosen(page):
    """What is chosen for each row that is offered."""
    return [next(value for value, _words, is_chosen in offer.choices if is_chosen) for offer in page.context["offers"]]


def counts(page):
    found = page.context["review"].counts
    return {name: found[name] for name in ("created", "updated", "unchanged", "rejected")}


def job_of(client, user, text, **options):
    """A list that is uploaded and whose columns are chosen as they are guessed."""
    job = upload(client, text)
    choose(client, job, owner=user.pk)
    return job


def say(client, job, **choices):
    return client.post(reverse("importing:same", args=[job.pk]), choices)


def look(client, job):
    return client.get(reverse("importing:check", args=[job.pk]), follow=True)


def look_anew(client, job):
    return client.post(reverse("importing:check", args=[job.pk]), {"again": "yes"}, follow=True)


def bring_in(client, job, **data):
    client.post(reverse("importing:check", args=[job.pk]), data)
    job.refresh_from_db()
    return job.report


class TestWhatIsOffered:
    def test_a_name_that_is_written_differently(self, manager):
        make_account(name="Acme", owner=manager)
        make_account(name="L'Oréal S.A.", owner=manager)
        assert offers("name\nAcme B.V.\nLOREAL\nBravo\n", manager) == {
            2: [("Acme", "the same name but for “B.V.”")],
            3: [("L'Oréal S.A.", "the same name, written differently")],
        }

    def test_the_domain_of_the_website_else_of_a_contacts_address(self, manager):
        make_account(name="Acme", owner=manager, website="https://www.acme.nl/nl")
        make_contact(make_account(name="Bravo", owner=manager), email="jo@bravo.nl")
        text = "name,website,contact name,contact email\nA,acme.nl,,\nB,https://bravo.nl,,\nC,,Jo,jo@acme.nl\n"
        assert offers(text, manager) == {
            2: [("Acme", "the same domain acme.nl")],
            3: [("Bravo", "the same domain bravo.nl")],
            4: [("Acme", "the same domain acme.nl")],
        }

    def test_both_reasons_stand_first(self, manager):
        make_account(name="Acme BV", owner=manager)
        make_account(name="Shop", owner=manager, website="https://acme.nl")
        make_account(name="ACME", owner=manager, website="https://acme.nl")
        found = offers("name,website\nAcme Ltd,acme.nl\n", manager)
        assert [name for name, _why in found[2]] == ["ACME", "Acme BV", "Shop"]
        assert found[2][0][1] == "the same name but for “Ltd”, the same domain acme.nl"

    def test_a_contacts_address_says_nothing_where_there_is_a_website(self, manager):
        account = make_account(name="Acme", owner=manager, website="https://acme.nl")
        make_contact(account, email="jo@agency.nl")
        assert offers("name,website\nThe Agency,agency.nl\n", manager) == {}

    def test_a_domain_that_many_have_says_nothing(self, manager):
        for number in range(duplicates.MAX_ACCOUNTS_OF_DOMAIN + 1):
            make_account(name=f"Part {number}", owner=manager, website="https://group.nl")
        assert offers("name,website\nNew part,group.nl\n", manager) == {}

    def test_a_domain_that_many_rows_have_says_nothing(self, manager):
        make_account(name="Group", owner=manager, website="https://group.nl")
        rows = "".join(f"Part {number},group.nl\n" for number in range(duplicates.MAX_ACCOUNTS_OF_DOMAIN + 1))
        assert offers(f"name,website\n{rows}", manager) == {}

    def test_an_account_of_the_same_name_with_another_external_id(self, manager):
        make_account(name="Acme", owner=manager, external_id="1")
        assert offers("id,name\n2,Acme\n", manager) == {2: [("Acme", "the same name")]}

    def test_not_what_the_importer_does_not_see(self, manager):
        make_account(name="Acme", website="https://acme.nl")
        make_contact(make_account(name="Other"), email="jo@acme.nl")
        _job, work = plan_of("name,website\nAcme B.V.,acme.nl\n", manager)
        assert len(work.offers()) == 0
        assert work.offers().sure == {}

    def test_what_others_have_does_not_make_a_domain_common(self, manager):
        make_account(name="Acme", owner=manager, website="https://acme.nl")
        for number in range(duplicates.MAX_ACCOUNTS_OF_DOMAIN):
            make_account(name=f"Hidden {number}", website="https://acme.nl")
        assert list(offers("name,website\nNew,acme.nl\n", manager)) == [2]

    def test_not_for_a_row_that_is_an_account_already_or_is_rejected(self, manager):
        make_account(name="Acme", owner=manager, website="https://acme.nl")
        make_account(name="Acme BV", owner=manager)
        assert offers("name,employees\nAcme,5\nACME B.V.,some\n", manager) == {}

    def test_not_the_parent_that_the_row_names(self, manager):
        make_account(name="Acme", owner=manager, website="https://acme.nl")
        assert offers("name,website,parent account\nAcme Shop,acme.nl,Acme\n", manager) == {}

    def test_what_may_not_be_changed_is_named_but_cannot_be_chosen(self, manager):
        team = make_team(members=[manager])
        acme = make_account(name="Acme", team=team)
        (offer,) = offered("name\nAcme B.V.\n", manager)
        assert offer.details[0].text.endswith("you may not change it")
        assert str(acme.pk) not in [value for value, _words, _chosen in offer.choices]

    def test_what_another_row_speaks_of_is_named_but_cannot_be_chosen(self, manager):
        make_account(name="Acme", owner=manager)
        (offer,) = offered("name\nAcme B.V.\nAcme\n", manager)
        assert offer.details[0].text.endswith("row 3 speaks of it")
        assert [value for value, _words, _chosen in offer.choices] == ["new", "out"]

    def test_the_operator_is_offered_every_account(self):
        acme = make_account(name="Acme")
        admin = make_administrator()
        _job, work = checked("name\nAcme B.V.\n", None, options={"owner": admin.pk})
        (offer,) = work.offers().page(None)
        assert str(acme.pk) in [value for value, _words, _chosen in offer.choices]


class TestRowsOfOneFile:
    def earlier(self, text, by, **how):
        found = {}
        for offer in offered(text, by, **how):
            if offer.row.earlier:
                found[offer.row.line] = (offer.row.earlier, offer.details[-1].text.split(" · ", 1)[1])
                assert offer.details[-1].text.startswith(f"row {offer.row.earlier} · ")
        return found

    def test_a_row_that_looks_like_an_earlier_one(self, manager):
        text = "name,website\nAcme,acme.nl\nBravo,\nACME B.V.,\nShop,www.acme.nl\n"
        assert self.earlier(text, manager) == {
            4: (2, "the same name but for “B.V.”"),
            5: (2, "the same domain acme.nl"),
        }

    def test_parent_and_child_and_children_of_one_parent_share_a_site(self, manager):
        text = "name,website,parent account\nAcme,acme.nl,\nAcme Shop,acme.nl,Acme\nAcme Works,acme.nl,Acme\n"
        assert self.earlier(text, manager) == {}

    def test_a_chain_of_one_name_with_ids_of_their_own_is_not_offered(self, manager):
        rows = "".join(f"{number},Acme\n" for number in range(duplicates.MAX_ACCOUNTS_OF_DOMAIN + 1))
        assert self.earlier(f"id,name\n{rows}", manager) == {}

    def test_a_row_that_is_left_out_stands_in_no_ones_way(self, manager):
        assert self.earlier("name\nAcme\nAcme BV\nAcme NV\n", manager, choices={2: "out"}) == {
            4: (3, "the same name, written differently")
        }


class TestChoosing:
    def test_without_a_choice_a_new_account_is_made(self, client, manager):
        make_account(name="Acme", owner=manager)
        job = job_of(client, manager, "name\nAcme B.V.\n")
        assert "These may be accounts you have already" in look(client, job).text
        assert bring_in(client, job)["created"] == 1
        assert set(Account.objects.values_list("name", flat=True)) == {"Acme", "Acme B.V."}

    def test_a_row_that_is_an_account_changes_it_and_shows_how(self, client, manager):
        acme = make_account(name="Acme", owner=manager, city="Oslo")
        job = job_of(client, manager, "id,name,city\n7,Acme B.V.,Rome\n")
        assert say(client, job, row_2=acme.pk).url == reverse("importing:check", args=[job.pk])
        page = look(client, job)
        assert counts(page) == {"created": 0, "updated": 1, "unchanged": 0, "rejected": 0}
        (row,) = page.context["review"].updated
        changes = {str(one.label): (one.before, one.after) for one in row.differences}
        assert changes == {"External id": ("", "7"), "Name": ("Acme", "Acme B.V."), "City": ("Oslo", "Rome")}
        assert bring_in(client, job)["updated"] == 1
        assert Account.objects.values_list("pk", "name", "external_id", "city").get() == (acme.pk, "Acme B.V.", "7", "Rome")

    @pytest.mark.parametrize("text", ["id,name\n7,Acme B.V.\n", "name\nAcme B.V.\n"])
    def test_a_second_import_of_the_file_finds_it_and_offers_nothing(self, client, manager, text):
        acme = make_account(name="Acme", owner=manager)
        job = job_of(client, manager, text)
        say(client, job, row_2=acme.pk)
        bring_in(client, job)
        page = look(client, job_of(client, manager, text))
        assert page.context["review"].counts["unchanged"] == 1
        assert not page.context["review"].offers

    def test_the_source_goes_with_the_external_id(self, client, manager):
        """An id of our system under the name of another would be taken for one of theirs."""
        acme = make_account(name="Acme", owner=manager, source="erp", external_id="1")
        bravo = make_account(name="Bravo", owner=manager, source="erp", external_id="2")
        job = job_of(client, manager, "name,id,source\nAcme B.V.,7,\nBravo B.V.,,crm\n")
        say(client, job, row_2=acme.pk, row_3=bravo.pk)
        bring_in(client, job)
        assert set(Account.objects.values_list("source", "external_id")) == {("", "7"), ("erp", "2")}

    def test_a_row_is_left_out_and_can_be_taken_back_in(self, client, manager):
        make_account(name="Acme", owner=manager)
        job = job_of(client, manager, "name\nAcme B.V.\nBravo\n")
        say(client, job, row_2="out")
        page = look(client, job)
        assert (page.context["review"].counts["created"], page.context["review"].passed_over) == (1, 1)
        assert "1 row is left out, as you chose." in page.text
        assert chosen(page) == ["out"]
        say(client, job, row_2="new")
        assert look(client, job).context["review"].counts["created"] == 2
        say(client, job, row_2="out")
        report = bring_in(client, job)
        assert (report["created"], report["rejected"], report["passed_over"]) == (1, 0, 1)
        assert "1 row was left out, as you chose." in client.get(reverse("importing:report", args=[job.pk])).text
        assert set(Account.objects.values_list("name", flat=True)) == {"Acme", "Bravo"}

    @pytest.mark.parametrize(("page", "leads_to"), [("2", "?look=2#alike"), ("1", ""), ("x", ""), ("9" * 3000, "")])
    def test_it_goes_back_to_the_page_of_offers_that_was_looked_at(self, client, manager, page, leads_to):
        job = job_of(client, manager, "name\nAcme B.V.\n")
        assert say(client, job, look=page).url == reverse("importing:check", args=[job.pk]) + leads_to

    def test_when_all_is_left_out_the_page_says_so(self, client, manager):
        make_account(name="Acme", owner=manager)
        job = job_of(client, manager, "name\nAcme B.V.\n")
        say(client, job, row_2="out")
        assert "Nothing is left to import" in look(client, job).text

    def test_the_worker_does_as_chosen(self, client, manager, monkeypatch, django_capture_on_commit_callbacks):
        monkeypatch.setattr("importing.models.LARGE", 0)
        acme = make_account(name="Acme", owner=manager)
        job = job_of(client, manager, "name,city\nAcme B.V.,Rome\nAcme N.V.,Oslo\n")
        work_on(job)
        say(client, job, row_2=acme.pk, row_3="out")
        work_on(job)
        client.post(reverse("importing:check", args=[job.pk]))
        work_on(job)
        job.refresh_from_db()
        assert (job.report["updated"], job.report["created"], job.report["passed_over"]) == (1, 0, 1)
        assert Account.objects.get().city == "Rome"

    def test_all_of_one_name_and_domain_at_once(self, client, manager):
        acme = make_account(name="Acme", owner=manager, website="https://acme.nl")
        make_account(name="Bravo", owner=manager)
        make_account(name="Delta", owner=manager, website="https://delta.nl")
        echo = make_account(name="Echo", owner=manager, website="https://echo.nl")
        text = (
            "name,website\nAcme B.V.,acme.nl\nBravo B.V.,bravo.nl\nDelta B.V.,delta.nl\nDelta N.V.,delta.nl\nEcho B.V.,echo.nl\n"
        )
        job = job_of(client, manager, text)
        assert look(client, job).context["review"].offers.sure == {2: str(acme.pk), 6: str(echo.pk)}  # two rows may be Delta
        say(client, job, all="sure", row_2="new", row_3="new", row_6="out")
        job.refresh_from_db()
        assert job.options["choices"] == {"2": str(acme.pk), "6": "out"}

    def test_sure_are_only_those_that_may_be_changed(self, manager):
        team = make_team(members=[manager])
        make_account(name="Acme", team=team, website="https://acme.nl")
        _job, work = plan_of("name,website\nAcme B.V.,acme.nl\n", manager)
        assert work.offers().sure == {}

    def test_choices_stay_when_only_the_owner_changes_and_go_with_other_columns(self, client, manager):
        acme = make_account(name="Acme", owner=manager)
        job = job_of(client, manager, "name,city\nAcme B.V.,Rome\n")
        say(client, job, row_2=acme.pk)
        address = reverse("importing:columns", args=[job.pk])
        fields = {"owner": manager.pk, "team": "", "currency": "USD", "column_0": "name", "column_1": "city"}
        client.post(address, fields)
        assert look(client, job).context["review"].counts["updated"] == 1
        client.post(address, fields | {"column_1": "segment"})
        assert look(client, job).context["review"].counts["created"] == 1

    def test_with_another_kind_of_list_the_choices_go(self, client, manager):
        job = job_of(client, manager, "name,city\nAcme B.V.,Rome\n")
        say(client, job, row_2="out")
        choose(client, job, kind="contacts", column_0="account", column_1="name")
        job.refresh_from_db()
        assert (job.kind, job.options.get("choices")) == ("contacts", None)

    @pytest.mark.parametrize("choice", ["", "x", "-1", "1.5", "1" * 30, "١"])
    def test_what_is_no_choice_is_not_kept(self, client, manager, choice):
        job = job_of(client, manager, "name\nAcme\n")
        say(client, job, row_2=choice, row_x="1", **{"row_" + "9" * 30: "1"})
        job.refresh_from_db()
        assert job.options["choices"] == {}

    def test_of_an_import_that_is_done_nothing_is_chosen(self, client, manager):
        job = job_of(client, manager, "name\nAcme\n")
        bring_in(client, job)
        assert say(client, job, row_2="out").url == reverse("importing:report", args=[job.pk])
        job.refresh_from_db()
        assert not job.options.get("choices")

    def test_an_import_that_is_done_meanwhile_keeps_nothing(self, client, manager):
        job = job_of(client, manager, "name\nAcme\n")
        ImportJob.objects.filter(pk=job.pk).update(state=ImportJob.State.RUNNING, heartbeat_at=timezone.now())
        assert not keep_choices(job, {2: "out"})

    def test_a_choice_that_was_not_kept_is_kept_and_shown_before_it_is_imported(self, client, manager):
        """The button to import sends the choices along: who forgot to keep them loses nothing and is not surprised."""
        acme = make_account(name="Acme", owner=manager)
        job = job_of(client, manager, "name,city\nAcme B.V.,Rome\n")
        assert bring_in(client, job, row_2=acme.pk) is None
        page = look(client, job)
        assert page.context["review"].counts["updated"] == 1
        assert "Nothing was imported yet: you chose anew." in page.text
        assert bring_in(client, job, row_2=acme.pk)["updated"] == 1


class TestChoicesThatNoLongerHold:
    def rejected(self, client, job):
        page = look_anew(client, job)
        assert page.context["review"].counts["rejected"] == 1
        assert bring_in(client, job) is None
        return page.context["review"].problems[0].reason, page

    def test_an_account_that_was_deleted(self, client, manager):
        acme = make_account(name="Acme", owner=manager)
        job = job_of(client, manager, "name\nAcme B.V.\n")
        say(client, job, row_2=acme.pk)
        acme.delete()
        reason, page = self.rejected(client, job)
        assert reason == "The account that you chose for it is no longer there. Choose again."
        assert "An account that is no longer there" in page.text
        say(client, job, row_2="new")
        assert bring_in(client, job)["created"] == 1

    def test_an_account_that_is_no_longer_seen_is_as_if_it_were_not_there(self, client, manager):
        acme = make_account(name="Acme", owner=manager)
        job = job_of(client, manager, "name\nAcme B.V.\n")
        say(client, job, row_2=acme.pk)
        Account.objects.update(owner=make_user(), name="Secret")
        reason, page = self.rejected(client, job)
        assert reason == "The account that you chose for it is no longer there. Choose again."
        assert "Secret" not in page.text

    def test_an_account_that_one_never_saw_cannot_be_said(self, client, manager):
        hidden = make_account(name="Acme")
        job = job_of(client, manager, "name\nAcme B.V.\n")
        say(client, job, row_2=hidden.pk)
        assert self.rejected(client, job)[0] == "The account that you chose for it is no longer there. Choose again."
        assert Account.objects.get().name == "Acme"

    def test_an_account_that_one_may_only_read(self, client, manager):
        acme = make_account(name="Acme", team=make_team(members=[manager]))
        job = job_of(client, manager, "name\nAcme B.V.\n")
        say(client, job, row_2=acme.pk)
        assert self.rejected(client, job)[0] == "You may read this account but not change it."

    def test_an_account_that_another_row_has(self, client, manager):
        """The row that names it keeps it, wherever it stands."""
        acme = make_account(name="Acme", owner=manager)
        job = job_of(client, manager, "name,city\nAcme B.V.,Rome\nAcme,Oslo\n")
        say(client, job, row_2=acme.pk)
        reason, page = self.rejected(client, job)
        assert reason == "It is the same account as row 3."
        assert page.context["review"].counts["updated"] == 1

    def test_whichever_of_the_two_comes_first_in_a_long_file(self, manager, monkeypatch):
        monkeypatch.setattr(checking, "CHUNK", 1)
        acme = make_account(name="Acme", owner=manager)
        job, _work = plan_of("name,city\nAcme B.V.,Rome\nBravo,Rome\nAcme,Oslo\n", manager, choices={2: acme.pk})
        assert problems_of(job) == ["Row 2, name: It is the same account as row 4."]

    def test_one_account_for_two_rows(self, client, manager):
        acme = make_account(name="Acme", owner=manager)
        job = job_of(client, manager, "name,city\nAcme B.V.,Rome\nAcme N.V.,Oslo\n")
        say(client, job, row_2=acme.pk, row_3=acme.pk)
        assert self.rejected(client, job)[0] == "It is the same account as row 2."

    def test_a_row_that_is_another_account_by_now(self, client, manager):
        acme = make_account(name="Acme", owner=manager)
        job = job_of(client, manager, "name\nAcme B.V.\n")
        say(client, job, row_2=acme.pk)
        make_account(name="Acme B.V.", owner=manager)
        reason, _page = self.rejected(client, job)
        assert reason == "By its external id or name it is another account by now than the one you chose."


class TestFamilies:
    def test_a_row_is_called_by_the_account_that_was_chosen_for_it(self, manager):
        """Under its new name and its old one it is one parent."""
        acme = make_account(name="Acme", owner=manager)
        text = "name,parent account\nShop,Acme B.V.\nAcme B.V.,\nWorks,Acme\n"
        job, _work = plan_of(text, manager, choices={3: acme.pk})
        assert problems_of(job) == []
        assert list(job.rows.order_by("line").values_list("above_stored", flat=True)) == [acme.pk, None, acme.pk]

    def test_who_has_a_row_that_is_left_out_for_a_parent_is_rejected(self, manager):
        job, _work = plan_of("name,parent account\nAcme B.V.,\nShop,Acme B.V.\n", manager, choices={2: "out"})
        assert problems_of(job) == ["Row 3, parent account: No account here or in the file is called “Acme B.V.”."]

    def test_a_row_that_is_left_out_is_no_double(self, manager):
        job, _work = plan_of("name\nAcme\nAcme\n", manager, choices={2: "out"})
        assert (problems_of(job), counts_of(job)["created"]) == ([], 1)
        assert job.rows.filter(outcome=ImportRow.Outcome.PASSED_OVER).count() == 1

    def test_a_row_that_is_rejected_with_its_parent_is_not_offered(self, manager):
        make_account(name="Shop", owner=manager)
        text = "name,parent account,employees\nShop B.V.,Acme,\nAcme,,some\n"
        assert offers(text, manager) == {}


class TestMany:
    def test_they_are_shown_page_by_page(self, client, manager, monkeypatch):
        monkeypatch.setattr(row_choices, "OFFERED", 2)
        Account.objects.bulk_create(Account(name=f"Acme {n}", owner=manager) for n in range(5))
        job = job_of(client, manager, "name\n" + "".join(f"Acme {n} B.V.\n" for n in range(5)))
        address = reverse("importing:check", args=[job.pk])
        assert [offer.row.line for offer in client.get(address).context["offers"]] == [2, 3]
        page = client.get(address, {"look": "3"})
        assert [offer.row.line for offer in page.context["offers"]] == [6]
        assert "5 rows look like accounts that are here, or like earlier rows." in page.text
        assert say(client, job, look="3", row_6="out").url == f"{address}?look=3#alike"
        assert [offer.row.line for offer in client.get(address, {"look": "x"}).context["offers"]] == [2, 3]

    def test_of_very_many_of_one_name_some_are_named(self, manager):
        Account.objects.bulk_create(Account(name="Acme", owner=manager) for _ in range(duplicates.MAX_KEPT + 5))
        (offer,) = offered("name\nAcme B.V.\n", manager)
        assert len(offer.details) == duplicates.MAX_SHOWN

    def statements(self, manager, rows, name, **how):
        text = "name,website\n" + "".join(f"{name.format(n)},acme{n}.nl\n" for n in range(rows))
        job, _work = checked(text, manager, **how)
        with CaptureQueriesContext(connection) as found:
            work = check(job)
        return work, [statement["sql"] for statement in found]

    def test_looking_costs_the_same_statements_whatever_the_rows(self, manager, django_assert_max_num_queries):
        counted = []
        for rows in (1, 60):
            Account.objects.all().delete()
            Account.objects.bulk_create(
                Account(name=f"Acme {n}", owner=manager, website=f"https://acme{n}.nl") for n in range(rows)
            )
            work, statements = self.statements(manager, rows, "Acme {} B.V.")
            counted.append(len(statements))
            assert (len(work.offers()), len(work.offers().sure)) == (rows, rows)
            with django_assert_max_num_queries(8):
                work.offers().page("1")
        assert counted[1] <= counted[0] + 5, counted  # the rows themselves are read and written some hundreds at a time

    def test_a_file_without_new_accounts_is_not_looked_through(self, manager):
        make_account(name="Acme 0", owner=manager)
        _work, statements = self.statements(manager, 1, "Acme {}")
        assert not [text for text in statements if '"domain_key" IN' in text and "accounts_account" in text]

    def test_chosen_accounts_are_asked_for_at_once(self, manager):
        counted = []
        for rows in (1, 20):
            accounts = [make_account(name=f"Firm {rows} {n}", owner=manager) for n in range(rows)]
            choices = {line: account.pk for line, account in enumerate(accounts, start=2)}
            counted.append(len(self.statements(manager, rows, "Acme {}", choices=choices)[1]))
        assert counted[1] <= counted[0] + 5, counted


class TestTheCommand:
    def test_it_tells_and_makes_them(self, tmp_path, capsys):
        make_administrator()
        acme = make_account(name="Acme")
        path = tmp_path / "list.csv"
        path.write_text("name\nAcme B.V.\nACME N.V.\nBravo\nBravo BV\n")
        for dry_run in (True, False):
            call_command("import_accounts", str(path), dry_run=dry_run)
            printed = capsys.readouterr()
            assert printed.out == "created 4, updated 0, unchanged 0, rejected 0\n"
            assert f"Row 2: “Acme B.V.” may be account {acme.pk}, “Acme”: the same name but for “B.V.”." in printed.err
            assert "Row 5: “Bravo BV” may be the same as row 4, “Bravo”: the same name but for “BV”." in printed.err
        call_command("import_accounts", str(path))
        assert capsys.readouterr().err == ""

    def test_of_very_many_it_tells_the_first(self, tmp_path, capsys, monkeypatch):
        monkeypatch.setattr(row_choices, "OFFERED", 1)
        make_administrator()
        make_account(name="Acme")
        path = tmp_path / "list.csv"
        path.write_text("name\nAcme B.V.\nACME N.V.\nAcme Ltd\n")
        call_command("import_accounts", str(path), dry_run=True)
        assert "and 2 more" in capsys.readouterr().err
