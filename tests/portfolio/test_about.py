"""What everybody who sees an account reads about the customer."""

from datetime import date

import pytest

from notes.acts import add_note
from tests.factories import make_account, make_contact, make_team, make_user, make_viewer

FACTS = {
    "city": "Rotterdam",
    "website": "https://www.zilverberg.example/nl",
    "employees": 12500,
    "customer_since": date(2014, 3, 1),
    "external_id": "0012-A",
    "source": "Salesforce",
}


def about(client, account) -> str:
    page = client.get(account.get_absolute_url() + "people/").text
    return page.partition('id="about"')[2].partition("</section>")[0]


@pytest.mark.django_db
class TestAboutThisCustomer:
    @pytest.mark.parametrize("who", ["viewer", "mate", "owner"])
    def test_whoever_sees_the_account_reads_it(self, client, who):
        people = {"viewer": make_viewer(), "mate": make_user(), "owner": make_user()}
        account = make_account(owner=people["owner"], team=make_team(members=[people["mate"]]), **FACTS)
        client.force_login(people[who])
        shown = about(client, account)
        for text in ("City", "Rotterdam", "Employees", "12,500", "Customer since", "1 March 2014", "0012-A in Salesforce"):
            assert text in shown
        link = '<a href="https://www.zilverberg.example/nl" rel="noopener nofollow">www.zilverberg.example/nl</a>'
        assert link in shown

    def test_in_dutch(self, client):
        client.force_login(make_viewer(language="nl"))
        shown = about(client, make_account(**FACTS))
        assert "12.500" in shown
        assert "1 maart 2014" in shown

    @pytest.mark.parametrize(
        "website", ["javascript:alert(1)", "ftp://zilverberg.example/", "zilverberg.example", "//zilverberg.example"]
    )
    def test_only_the_web_is_a_link(self, client, website):
        client.force_login(make_viewer())
        shown = about(client, make_account(website=website))
        assert website in shown
        assert "href" not in shown

    def test_what_is_empty_is_not_shown(self, client):
        client.force_login(make_viewer())
        assert about(client, make_account()) == ""
        assert about(client, make_account(city="Oslo", employees=0)).count("<dt>") == 2

    def test_an_id_without_a_system_stands_alone(self, client):
        client.force_login(make_viewer())
        shown = about(client, make_account(external_id="7"))
        assert "<dd>7</dd>" in shown


@pytest.mark.django_db
def test_phones_of_the_customer_and_its_people_can_be_tapped(client):
    account = make_account(phone="+31 10 123 45 67")
    make_contact(account, name="Anna Berg", phone="010 - 765 43 21")
    client.force_login(account.owner)
    page = client.get(account.people_url).text
    assert '<a href="tel:+31101234567"' in page
    assert '<a href="tel:0107654321"' in page


@pytest.mark.django_db
def test_people_show_when_they_were_last_met(client):
    account = make_account()
    anna = make_contact(account, name="Anna Berg")
    make_contact(account, name="Bo Dahl")
    for day, kind in ((date(2026, 3, 2), "meeting"), (date(2026, 3, 5), "mail")):
        add_note(account, by=account.owner, held_on=day, kind=kind, text="They grow.", contacts=[anna])
    client.force_login(account.owner)
    page = client.get(account.people_url).text
    assert page.count("last met") == 1
    assert "last met 2 Mar 2026" in page
