"""Whose money a column of amounts is, asked on the page of the columns and never guessed."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Account
from tests.factories import make_user
from tests.import_pages import choose, columns, upload

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def manager(client):
    user = make_user()
    client.force_login(user)
    return user


@pytest.mark.parametrize("header", ["Annual Revenue", "Revenue", "Omzet", "Umsatz", "Chiffre d'affaires", "Turnover"])
def test_it_is_asked_with_both_explained_and_nothing_chosen(client, manager, header):
    page = columns(client, upload(client, f"Name;{header}\nAcme;1.250,00\n"))
    field = page.context["form"]["column_1"]
    assert field.value() is None and " checked" not in page.text.partition('role="radiogroup"')[2].partition("</div></div>")[0]
    assert "What they buy from us in a year" in page.text and "What they sell in a year themselves" in page.text


def test_without_a_choice_nothing_goes_on_and_the_rest_stays(client, manager):
    job = upload(client, "Name;Colour;Umsatz\nAcme;Red;5\n")
    answer = client.post(
        reverse("importing:columns", args=[job.pk]), {"column_0": "name", "column_1": "segment", "owner": manager.pk}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors["column_2"] == ["Say whose money this is: what they buy from us, or their own turnover."]
    assert answer.context["form"]["column_1"].value() == "segment"
    job.refresh_from_db()
    assert job.columns == {}


@pytest.mark.parametrize(
    ("chosen", "stored"), [("revenue", (Decimal(5), None)), ("turnover", (None, Decimal(5))), ("-", (None, None))]
)
def test_it_is_stored_as_it_is_answered(client, manager, chosen, stored):
    job = upload(client, "Name;Umsatz\nAcme;5\n")
    assert choose(client, job, column_1=chosen).status_code == 302
    client.post(reverse("importing:check", args=[job.pk]))
    assert Account.objects.values_list("revenue", "turnover").get() == stored


@pytest.mark.parametrize("chosen", ["revenue", "turnover"])
def test_the_answer_is_remembered_for_the_next_file_of_the_shape(client, manager, chosen):
    choose(client, upload(client, "Name;Umsatz\nAcme;5\n"), column_1=chosen)
    form = columns(client, upload(client, "NAME;umsatz\nBravo;6\n")).context["form"]
    assert form["column_1"].value() == chosen


def test_that_it_is_not_imported_is_remembered_too(client, manager):
    choose(client, upload(client, "Name;Umsatz\nAcme;5\n"), column_1="-")
    page = columns(client, upload(client, "Name;Umsatz\nBravo;6\n"))
    assert page.context["remembered"]


def test_both_can_be_told_and_not_the_same_twice(client, manager):
    job = upload(client, "Name;Umsatz;Revenue\nAcme;5;7\n")
    assert choose(client, job, column_1="revenue", column_2="revenue").context["form"].errors["column_2"]
    assert choose(client, job, column_1="turnover", column_2="revenue").status_code == 302
    job.refresh_from_db()
    assert job.columns == {"0": "name", "1": "turnover", "2": "revenue"}


def test_a_column_of_that_name_without_amounts_is_not_asked(client, manager):
    form = columns(client, upload(client, "Name;Sales\nAcme;Anna\n")).context["form"]
    assert form["column_1"].value() == ""


def test_in_the_export_of_a_crm_it_is_the_turnover_and_the_page_says_why(client, manager):
    page = columns(client, upload(client, "Record ID,Company name,Company owner,Annual Revenue\n1,Acme,,5\n"))
    assert page.context["form"]["column_3"].value() == "turnover"
    assert "In an export of HubSpot this is what the customer sells in a year." in page.text


@pytest.mark.parametrize("header", ["Revenue a year", "Their turnover", "Our revenue"])
def test_a_name_that_tells_needs_nothing(client, manager, header):
    assert choose(client, upload(client, f"Name;{header}\nAcme;5\n")).status_code == 302


def test_a_list_of_contacts_asks_nothing_of_it(client, manager):
    job = upload(client, "Account,Full name,Revenue\nAcme,Jo,5\n", kind="contacts")
    assert choose(client, job, kind="contacts").status_code == 302
