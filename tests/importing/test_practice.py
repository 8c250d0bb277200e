"""Lists as people sent them elsewhere: people who share an address, customers in the archive, parents and owners, and taking back."""

import pytest
from django.urls import reverse

from accounts.models import Account, Contact
from accounts.models.bulk_change import BulkBatch
from audit import trail
from audit.models import Event
from core.job_runner import undo
from hierarchy.loading import load_first_edition
from importing.apply import finish, store_all
from importing.models import ImportJob
from tests.factories import answer, make_account, make_administrator, make_assessment, make_contact, make_team, make_user
from tests.import_pages import choose, upload
from tests.importing.running import checked, counts_of, import_list, problems_of

pytestmark = pytest.mark.django_db

Why = BulkBatch.Why


@pytest.fixture
def manager(client):
    manager = make_user(name="Anna Smit")
    client.force_login(manager)
    return manager


@pytest.fixture
def account(manager):
    return make_account(name="Verloop Glas BV", owner=manager)


def page_of(client, job, **data):
    return client.get(reverse("importing:check", args=[job.pk]), data, follow=True)


def uploaded(client, text, **fields) -> ImportJob:
    job = upload(client, text, **fields)
    assert choose(client, job).status_code == 302
    return job


def say(client, job, **choices):
    return client.post(reverse("importing:same", args=[job.pk]), choices, follow=True)


def bring_in(client, job, **data) -> ImportJob:
    client.post(reverse("importing:check", args=[job.pk]), data)
    job.refresh_from_db()
    return job


def people():
    return set(Contact.objects.values_list("name", "email"))


class TestTwoPeopleWithOneMailbox:
    TEXT = (
        "Account,Full name,E-mail,Buying role\nVerloop Glas BV,Ria Roos,balie@verloop.example,user\n"
        "Verloop Glas BV,Ruud Roos,BALIE@verloop.example,coach\n"
    )

    def test_the_reason_says_that_the_address_stands_twice_and_not_that_they_are_one_person(self, client, account):
        page = page_of(client, uploaded(client, self.TEXT))
        ((column, reason),) = [(one.column, one.reason) for one in page.context["review"].problems]
        assert column == "E-mail"
        assert reason == "The address BALIE@verloop.example is that of Ria Roos in row 2. In one account an address stands once."
        assert "same person" not in page.text
        (offer,) = page.context["offers"]
        assert [value for value, _words, _chosen in offer.choices] == ["", "alone", "out"]
        assert (offer.row.line, offer.details[0].name) == (3, "Ria Roos")

    def test_without_the_address_both_are_imported(self, client, account):
        job = uploaded(client, self.TEXT)
        say(client, job, row_3="alone")
        assert bring_in(client, job).report["created"] == 2
        assert people() == {("Ria Roos", "balie@verloop.example"), ("Ruud Roos", "")}
        again = uploaded(client, self.TEXT)
        say(client, again, row_3="alone")
        assert page_of(client, again).context["review"].counts["unchanged"] == 2

    def test_one_is_left_out(self, client, account):
        job = uploaded(client, self.TEXT)
        page = say(client, job, row_3="out")
        assert (page.context["review"].counts["created"], page.context["review"].passed_over) == (1, 1)
        assert bring_in(client, job).report["passed_over"] == 1
        assert people() == {("Ria Roos", "balie@verloop.example")}

    def test_without_a_choice_the_other_is_imported_alone(self, client, account):
        job = uploaded(client, self.TEXT)
        bring_in(client, job)
        assert not people()
        bring_in(client, job, skip="yes")
        assert people() == {("Ria Roos", "balie@verloop.example")}

    def test_what_is_no_choice_for_them_is_as_if_nothing_was_chosen(self, client, account):
        job = uploaded(client, self.TEXT)
        for choice in ("same", "other", "1", "x"):
            assert say(client, job, row_3=choice).context["review"].counts["rejected"] == 1
        bring_in(client, job, skip="yes")
        assert people() == {("Ria Roos", "balie@verloop.example")}

    def test_in_two_accounts_one_address_is_no_question(self, client, manager, account):
        make_account(name="Ander Glas BV", owner=manager)
        job = uploaded(client, self.TEXT.replace("Verloop Glas BV,Ruud", "Ander Glas BV,Ruud"))
        assert not page_of(client, job).context["review"].offers
        assert bring_in(client, job).report["created"] == 2


class TestAKnownAddressWithAnotherName:
    TEXT = "Account,Full name,E-mail,Buying role\nVerloop Glas BV,Petra Peel,info@verloop.example,economic\n"

    @pytest.fixture
    def jan(self, account):
        load_first_edition()
        jan = make_contact(account, name="Jan Kok", email="info@verloop.example")
        answer(make_assessment(account), jan, "5" * 20)
        return jan

    def test_it_is_asked_and_nobody_is_renamed(self, client, jan):
        job = uploaded(client, self.TEXT)
        page = page_of(client, job)
        assert "Jan Kok has the address info@verloop.example here." in page.context["review"].problems[0].reason
        (offer,) = page.context["offers"]
        assert [value for value, _words, _chosen in offer.choices] == ["", "same", "other", "alone", "out"]
        assert "Who are these people?" in page.text
        bring_in(client, job, skip="yes")
        assert people() == {("Jan Kok", "info@verloop.example")}

    def test_the_same_person_is_called_otherwise_now(self, client, jan):
        job = uploaded(client, self.TEXT)
        page = say(client, job, row_2="same")
        assert page.context["review"].counts["updated"] == 1 and "Jan Kok" in page.text
        assert bring_in(client, job).report["updated"] == 1
        jan.refresh_from_db()
        assert (jan.name, jan.email, jan.buying_role) == ("Petra Peel", "info@verloop.example", "economic")

    def test_somebody_else_took_over_the_address_and_the_answers_stay_where_they_are(self, client, manager, jan):
        job = uploaded(client, self.TEXT)
        page = say(client, job, row_2="other")
        assert page.context["review"].counts["created"] == 1
        job = bring_in(client, job)
        jan.refresh_from_db()
        petra = Contact.objects.get(name="Petra Peel")
        assert (jan.name, jan.email, petra.email) == ("Jan Kok", "", "info@verloop.example")
        assert petra.pk != jan.pk and jan.responses.count() == 1 and not petra.responses.exists()
        changed = Event.objects.get(act="contact.changed")
        assert (changed.object_id, changed.before, changed.after) == (jan.pk, {"email": "info@verloop.example"}, {"email": ""})
        undo(job, by=manager)
        assert people() == {("Jan Kok", "info@verloop.example")}
        assert list(trail.broken_links()) == []

    def test_somebody_else_without_the_address(self, client, jan):
        job = uploaded(client, self.TEXT)
        say(client, job, row_2="alone")
        assert bring_in(client, job).report["created"] == 1
        assert people() == {("Jan Kok", "info@verloop.example"), ("Petra Peel", "")}

    @pytest.mark.parametrize("name", ["Jan Kok", "JAN KOK", "J. Kok", "Jan de Kok", "Kok"])
    def test_another_way_of_writing_the_name_is_no_question(self, client, jan, name):
        job = uploaded(client, self.TEXT.replace("Petra Peel", name))
        assert not page_of(client, job).context["review"].problems
        bring_in(client, job)
        assert Contact.objects.count() == 1

    def test_in_a_list_of_accounts_the_stored_name_stays(self, client, manager, jan):
        text = "Name,City,Contact name,Contact title,Contact e-mail\nVerloop Glas BV,Tiel,Petra Peel,Balie,info@verloop.example\n"
        job = uploaded(client, text)
        assert bring_in(client, job).report["updated"] == 1
        jan.refresh_from_db()
        assert (jan.name, jan.title, Contact.objects.count()) == ("Jan Kok", "Balie", 1)

    def test_the_answer_is_kept_when_the_row_became_another_meanwhile(self, client, manager, jan):
        job = uploaded(client, self.TEXT)
        say(client, job, row_2="other")
        Contact.objects.filter(pk=jan.pk).update(email="")
        assert bring_in(client, job).report["created"] == 1
        assert people() == {("Jan Kok", ""), ("Petra Peel", "info@verloop.example")}


class TestTheArchive:
    TEXT = "Record ID,Name,City\nARCH-7,Wal Hout BV,Tiel\nNEW-1,Dam Hout BV,Tiel\n"

    @pytest.fixture
    def archived(self, manager):
        return make_account(name="Wal Hout BV", external_id="ARCH-7", owner=manager, status=Account.Status.ARCHIVED, city="Ede")

    def test_the_page_says_so_before_anything_is_stored(self, client, archived):
        page = page_of(client, uploaded(client, self.TEXT))
        assert "1 row speaks of an account that is in the archive, where no list shows it." in page.text
        assert "Bring it back from the archive" in page.text
        archived.refresh_from_db()
        assert archived.status == Account.Status.ARCHIVED

    def test_unless_it_is_brought_back_it_stays_there(self, client, archived):
        bring_in(client, uploaded(client, self.TEXT))
        archived.refresh_from_db()
        assert (archived.status, archived.city) == (Account.Status.ARCHIVED, "Tiel")

    def test_it_is_brought_back_and_taken_back_it_is_in_the_archive_again(self, client, manager, archived):
        job = uploaded(client, self.TEXT)
        page = say(client, job, restore="yes")
        assert "in the archive, where no list" not in page.text
        (changed,) = page.context["review"].updated
        assert [str(one.label) for one in changed.differences] == ["City", "State"]
        job = bring_in(client, job)
        archived.refresh_from_db()
        assert archived.status == Account.Status.ACTIVE
        undo(job, by=manager)
        archived.refresh_from_db()
        assert (archived.status, archived.city) == (Account.Status.ARCHIVED, "Ede")

    def test_a_row_that_is_else_unchanged_brings_it_back_too(self, client, archived):
        job = uploaded(client, self.TEXT.replace("BV,Tiel", "BV,Ede", 1))
        assert page_of(client, job).context["review"].counts["unchanged"] == 1
        assert say(client, job, restore="yes").context["review"].counts["updated"] == 1
        bring_in(client, job)
        archived.refresh_from_db()
        assert archived.status == Account.Status.ACTIVE

    def test_where_the_file_says_the_status_nothing_is_offered(self, client, archived):
        job = uploaded(client, "Record ID,Name,Status\nARCH-7,Wal Hout BV,active\n")
        assert "Bring it back" not in page_of(client, job).text


class TestParentsAndOwners:
    def test_a_parent_that_stands_further_down(self, client, manager):
        bring_in(client, uploaded(client, "Account Name,Parent Account\nKind Hout,Ouder Hout\nOuder Hout,\n"))
        assert set(Account.objects.values_list("name", "parent__name")) == {("Kind Hout", "Ouder Hout"), ("Ouder Hout", None)}

    def test_parents_in_a_circle_are_all_refused_with_the_reason(self, client, manager):
        job = uploaded(client, "Name,Parent\nRing A,Ring B\nRing B,Ring C\nRing C,Ring A\n")
        found = page_of(client, job).context["review"]
        assert found.counts["rejected"] == 3 and all("circle" in one.reason for one in found.problems)
        bring_in(client, job, skip="yes")
        assert not Account.objects.exists()

    def test_a_name_with_an_ampersand_twice_is_one_account(self, client, manager):
        for outcome in ("created", "unchanged"):
            job = uploaded(client, "Account Name\nPeer & Zoon\n")
            assert page_of(client, job).context["review"].counts[outcome] == 1
            bring_in(client, job)
        assert list(Account.objects.values_list("name", flat=True)) == ["Peer & Zoon"]
        job = uploaded(client, "Account Name\nPeer &amp; Zoon\n")
        bring_in(client, job)
        assert Account.objects.filter(name="Peer & Zoon").count() == 1

    def test_an_owner_is_found_by_name_and_by_address(self, manager):
        lead = make_user()
        mate = make_user(name="Mila Vos", email="mila@example.com")
        make_team(members=[mate], leads=[lead])
        text = "Record ID,Company name,Company owner,Parent Company\n1,Oss Hout,Mila Vos,\n2,Ede Hout,mila@example.com,Oss Hout\n"
        assert import_list(text, lead).created == 2
        assert set(Account.objects.values_list("owner", "parent__name")) == {(mate.pk, None), (mate.pk, "Oss Hout")}


class TestTakingBack:
    """What was there, what somebody worked on since, and what is new are told apart."""

    TEXT = (
        "Name,City,Revenue a year,Contact name,Contact e-mail\nOude Linde,Epe,200,,\nDikke Eik,Epe,300,,\n"
        "Nieuwe Beuk,Tiel,1,Nel Nijs,nel@beuk.example\nJonge Es,Tiel,1,,\n"
    )

    def test_each_is_as_it_should_be_and_it_is_done_once(self, client, manager):
        load_first_edition()
        for name, revenue in (("Oude Linde", 100), ("Dikke Eik", 100)):
            make_account(name=name, city="Ede", revenue=revenue, owner=manager)
        job = bring_in(client, uploaded(client, self.TEXT))
        assert (job.report["created"], job.report["updated"]) == (2, 2)
        oak = Account.objects.get(name="Dikke Eik")
        oak.notes = "called"
        oak.save_version(oak.version, ["notes"])
        make_assessment(Account.objects.get(name="Jonge Es"))
        page = client.post(reverse("importing:undo", args=[job.pk]), follow=True)
        assert "Dikke Eik" in page.text and "Jonge Es" in page.text and "Oude Linde" not in page.text
        found = {one.name: (one.city, one.revenue) for one in Account.objects.all()}
        assert found == {"Oude Linde": ("Ede", 100), "Dikke Eik": ("Epe", 300), "Jonge Es": ("Tiel", 1)}
        assert not Contact.objects.exists()
        job.refresh_from_db()
        assert {Account.objects.get(pk=pk).name: why for pk, why in job.undo_report["left"]} == {
            "Dikke Eik": Why.CHANGED, "Jonge Es": Why.IN_USE,
        }  # fmt: skip
        client.post(reverse("importing:undo", args=[job.pk]))
        assert Event.objects.filter(act="import.taken_back").count() == 1
        assert reverse("importing:undo", args=[job.pk]) not in page.text
        assert list(trail.broken_links()) == []


def test_in_another_language_a_short_list_is_checked_again_in_that_language(client, manager):
    job = uploaded(client, "Name,Revenue a year\nAcme,much\n")
    assert "is not an amount" in page_of(client, job).text
    manager.language = "nl"
    manager.save()
    assert page_of(client, job).templates[0].name == "importing/unchecked.html"
    told = client.post(reverse("importing:check", args=[job.pk]), {"again": "yes"}, follow=True)
    assert "is not an amount" not in told.text and "much" in told.text
    assert told.context["job"].language == "nl"


@pytest.mark.parametrize(("rows", "long"), [(1000, False), (1001, True)])
def test_from_1001_rows_on_a_list_is_left_to_the_worker(rows, long):
    job = ImportJob(user=make_administrator(), filename="list.csv", total=rows)
    assert job.is_long is long


def test_an_external_id_that_somebody_takes_between_the_check_and_the_import(manager):
    job, _work = checked("id,name\nE-1,Acme\n", manager)
    assert counts_of(job)["created"] == 1
    make_account(name="Other", external_id="E-1")
    job.store(state=job.State.RUNNING, skip_rejected=True)
    store_all(job)
    finish(job)
    assert "taken outside the accounts that you see" in problems_of(job)[0]
    assert job.report["rejected"] == 1
