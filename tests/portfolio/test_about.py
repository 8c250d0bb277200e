"""What everybody who sees an account reads about the customer."""

from datetime import date

import pytest

from tests.factories import make_account, make_team, make_user, make_viewer

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
