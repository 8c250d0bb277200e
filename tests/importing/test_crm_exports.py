"""An export of each CRM, with values as it writes them, goes in with its own names of columns: nothing is refused that could be asked."""

import pytest
from django.urls import reverse

from accounts.models import Account
from tests.factories import make_user
from tests.import_pages import answer, asked, check, choose, upload

pytestmark = pytest.mark.django_db

#: The file, what is asked, and what is stored of its first account.
EXPORTS = {
    "Salesforce report": (
        "Account ID,Account Name,Account Owner,Parent Account,Industry,Annual Revenue,Annual Revenue Currency,Billing Country,"
        "Billing State/Province,Website,Employees,Last Activity\n"
        "0015g00000AbCdE,Aster Corp,Sam Sales,,Manufacturing,\"1,250,000.00\",USD,United States,CA,http://,\"1,200\",3/31/2026\n"
        "0015g00000AbCdF,Berk Ltd,Sam Sales,Aster Corp,Retail,,USD,United Kingdom,,www.berk.example,12,4/1/2026\n",
        {("owner", "Sam Sales")},
        {"external_id": "0015g00000AbCdE", "turnover": 1250000, "turnover_currency": "USD", "country": "US", "employees": 1200, "website": ""},
    ),
    "Salesforce Data Loader": (
        "ID,NAME,PARENTID,INDUSTRY,ANNUALREVENUE,BILLINGCOUNTRY,BILLINGCITY,OWNERID,WEBSITE,PHONE,NUMBEROFEMPLOYEES,DESCRIPTION\n"
        "0015g00000AbCdEAAZ,Aster Corp,,Manufacturing,1250000.0,USA,Reno,0055g00000X,https://aster.example,(555) 123,1200,AT&amp;T dealer\n"
        "0015g00000AbCdFAAZ,Berk Ltd,0015g00000AbCdEAAZ,Retail,,GB,Leeds,0055g00000X,,,,\n",
        set(),
        {"turnover": 1250000, "country": "US", "city": "Reno", "notes": "AT&T dealer", "revenue": None},
    ),
    "HubSpot": (
        "Record ID,Company name,Company owner,Company Domain Name,Industry,Annual Revenue,Country/Region,City,Phone Number,"
        "Number of Employees,Last Activity Date,Parent Company\n"
        "20000000001,Aster Corp,Sam Sales (sam@old.example),aster.example,COMPUTER_SOFTWARE,1250000,Germany,Köln,+49 1,1200,2026-03-31 10:00,\n"
        "20000000002,Berk Ltd,Deactivated User (u@old.example),,RETAIL,,Deutschland,,,,,Aster Corp\n",
        {("owner", "Sam Sales (sam@old.example)"), ("owner", "Deactivated User (u@old.example)")},
        {"external_id": "20000000001", "turnover": 1250000, "country": "DE", "website": "https://aster.example"},
    ),
    "Dynamics 365": (
        "(Do Not Modify) Account,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Account Name,Account Number,Parent Account,Owner,"
        "Industry,Annual Revenue,Currency,Address 1: Country/Region,Address 1: City,Main Phone,Number of Employees,Primary Contact,"
        "Email (Primary Contact) (Contact)\n"
        "aaaaaaaa-0000-4000-8000-000000000001,x==,2026-03-31 10:00,Aster Corp,A-1,,Sam Sales,Accounting,\"1,250,000.00\",Euro,Nederland,Ede,555,1200,"
        "Jo Vos,jo@aster.example\n",
        {("owner", "Sam Sales")},
        {"external_id": "aaaaaaaa-0000-4000-8000-000000000001", "turnover": 1250000, "turnover_currency": "EUR", "country": "NL"},
    ),
    "Odoo": (
        "id,name,is_company,parent_id,street,city,zip,country_id,email,phone,website,industry_id,user_id\n"
        "__export__.res_partner_7,Aster Corp,True,,Straat 1,Ede,1234 AB,Netherlands,info@aster.example,555,http://aster.example,IT,Sam Sales\n"
        "__export__.res_partner_8,Jo Vos,False,Aster Corp,,,,,jo@aster.example,,,,\n",
        {("owner", "Sam Sales"), ("people", "people")},
        {"external_id": "__export__.res_partner_7", "country": "NL", "segment": "IT", "website": "http://aster.example"},
    ),
    "Pipedrive": (
        "Organization - ID,Organization - Name,Organization - Owner,Organization - Address,Organization - Country of Address,"
        "Organization - Labels,Organization - Industry,Organization - Annual revenue\n"
        "7,Aster Corp,Sam Sales,\"Straat 1, Ede\",Netherlands,\"Hot lead, Customer\",Food,1250000\n8,Berk Ltd,Sam Sales,,Suisse,,,\n",
        {("owner", "Sam Sales")},
        {"external_id": "7", "turnover": 1250000, "country": "NL"},
    ),
    "Zoho": (
        "Record Id,Account Name,Account Owner,Parent Account,Industry,Annual Revenue,Currency,Billing Country,Billing City,Phone,Website,"
        "Employees,Tag,Description\n"
        "zcrm_400000000001,Aster Corp,Sam Sales,,ASP,1250000,EUR,The Netherlands,Ede,555,aster.example,1200,\"hot,key\",Old friend\n",
        {("owner", "Sam Sales")},
        {"external_id": "zcrm_400000000001", "turnover": 1250000, "turnover_currency": "EUR", "country": "NL", "employees": 1200},
    ),
    "SuiteCRM": (
        "id,name,account_type,industry,annual_revenue,billing_address_country,billing_address_city,phone_office,website,employees,"
        "assigned_user_name,parent_name,description\n"
        "7b1c2d3e-0000-0000-0000-000000000001,O&#039;Brien &amp; Zn,Customer,Apparel,1250000,NL,&#039;s-Gravenhage,555,http://,1200,s.sales,,\n",
        {("owner", "s.sales")},
        {"name": "O'Brien & Zn", "city": "'s-Gravenhage", "turnover": 1250000, "website": ""},
    ),
}  # fmt: skip


@pytest.mark.parametrize("crm", EXPORTS)
def test_it_goes_in_whole_after_its_questions(client, crm):
    text, questions, first = EXPORTS[crm]
    client.force_login(make_user())
    job = upload(client, text)
    job.refresh_from_db()
    assert job.kind == "accounts"
    assert choose(client, job).status_code == 302
    page = check(client, job)
    if questions:
        assert set(asked(page)) == questions
        answer(client, job)
        page = check(client, job)
    assert page.context["review"].problems == []
    report = client.post(reverse("importing:check", args=[job.pk]), follow=True).context["report"]
    people = sum(1 for field, _text in questions if field == "people")
    assert report["created"] == text.count("\n") - 1 - people and report["rejected"] == 0
    account = Account.objects.order_by("pk").first()
    assert account is not None
    assert {name: getattr(account, name) for name in first} == first
