"""Every field of the list is read and written by programs."""

import pytest

from accounts.fields import ACCOUNT, CONTACT
from accounts.models import Account, Contact
from tests.factories import make_account
from tests.field_samples import account_fields, contact_fields, stored, values_of, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(manager):
    return make_account(owner=manager)


def test_every_field_of_an_account_is_changed_and_given(api, account):
    sent = written(account_fields())
    changed = api.patch(f"/accounts/{account.pk}", sent, if_match='"v1"')
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in sent} == sent
    assert values_of(Account.objects.get(), account_fields()) == stored(account_fields())


def test_a_new_account_is_made_with_every_field(api):
    made = api.post("/accounts", written(account_fields()))
    assert made.status_code == 201
    assert values_of(Account.objects.get(), account_fields()) == stored(account_fields())


def test_what_is_not_filled_in_is_null_and_what_is_not_sent_stays(api, account):
    before = api.get(f"/accounts/{account.pk}").json()
    names = {"state" if field.name == "status" else field.name for field in ACCOUNT}
    assert names <= before.keys()
    assert (before["phone"], before["turnover"], before["renewal_on"]) == (None, None, None)
    after = api.patch(f"/accounts/{account.pk}", {"phone": "06"}, if_match='"v1"').json()
    assert after == before | {"phone": "06", "version": 2}


def test_every_field_of_a_contact_is_sent_and_given(api, account):
    made = api.post(f"/accounts/{account.pk}/contacts", written(contact_fields()))
    assert made.status_code == 201
    assert {name: made.json()[name] for name in written(contact_fields())} == written(contact_fields())
    assert {field.name for field in CONTACT} <= made.json().keys()
    assert values_of(Contact.objects.get(), contact_fields()) == stored(contact_fields())


def test_a_contact_without_part_in_the_decision_needs_a_reason(api, account):
    sent = {"name": "Ines", "buying_role": "user", "part_of_decision": False}
    refused = api.post(f"/accounts/{account.pk}/contacts", sent)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/not_part_because")


def test_the_description_names_every_field(api):
    shapes = api.client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    for shape, fields in (("AccountIn", ACCOUNT), ("AccountOut", ACCOUNT), ("ContactIn", CONTACT), ("ContactOut", CONTACT)):
        names = {"state" if field.name == "status" else field.name for field in fields}
        assert names - {"state"} <= shapes[shape]["properties"].keys()
    assert shapes["AccountIn"]["properties"]["turnover"]["description"] == "What this customer sells in a year."
