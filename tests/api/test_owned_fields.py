"""Fields that an account's own system owns, through the API: that system writes by its id, everybody else does not."""

import pytest

from accounts.models import Account, CrmSource

pytestmark = pytest.mark.django_db
BY_ID = "/accounts/by-external-id/Salesforce/C-17"


@pytest.fixture
def told(api):
    """An account that Salesforce made; Salesforce owns some of its fields."""
    CrmSource.objects.create(source="Salesforce", key="salesforce", owned=["name", "revenue", "status", "parent", "tags"])
    return api.put(BY_ID, {"name": "Adler", "revenue": 10, "tags": ["north", "key"]}).json()


def test_the_system_writes_what_it_owns_by_its_own_id(api, told):
    changed = api.put(BY_ID, {"name": "Adler SE", "revenue": 20, "tags": ["key"], "state": "archived"})
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in ("name", "revenue", "tags", "state")} == {
        "name": "Adler SE", "revenue": 20, "tags": ["key"], "state": "archived",
    }  # fmt: skip
    assert api.put(BY_ID, {"name": "Adler SE", "state": "active"}).json()["state"] == "active"


def test_a_new_account_can_come_archived(api, told):
    made = api.put("/accounts/by-external-id/Salesforce/C-18", {"name": "Beta", "state": "archived"})
    assert (made.status_code, made.json()["state"]) == (201, "archived")


@pytest.mark.parametrize(
    "sent",
    [{"name": "X"}, {"revenue": 11}, {"currency": "USD"}, {"tags": []}, {"source": "Other"}, {"external_id": None}],
)
def test_a_patch_of_what_is_owned_is_refused_beside_the_field(api, told, sent):
    refused = api.patch(f"/accounts/{told['id']}", sent | {"notes": "Mine"}, if_match='"v1"')
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"#/{name}" for name in sent]
    assert "Change it in Salesforce" in refused.json()["detail"]
    assert api.get(f"/accounts/{told['id']}").json() == told


def test_a_parent_that_is_owned_cannot_be_patched(api, told):
    above = api.post("/accounts", {"name": "Above"}).json()["id"]
    refused = api.patch(f"/accounts/{told['id']}", {"parent": above}, if_match='"v1"')
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/parent")


def test_a_patch_that_says_what_is_stored_and_changes_the_rest_is_done(api, told):
    same = {name: told[name] for name in ("name", "revenue", "currency", "source", "external_id")} | {"tags": ["key", "north"]}
    changed = api.patch(f"/accounts/{told['id']}", same | {"segment": "Food", "state": "active"}, if_match='"v1"')
    assert changed.json() == told | {"segment": "Food", "version": 2}


@pytest.mark.parametrize(("method", "body"), [("DELETE", None), ("PATCH", {"state": "archived", "segment": "Food"})])
def test_archiving_is_refused_where_the_system_says_so(api, told, method, body):
    refused = api(method, f"/accounts/{told['id']}", body, if_match='"v1"')
    assert refused.status_code == 422 and "Salesforce says whether this account is archived" in refused.json()["detail"]
    assert (Account.objects.get().status, Account.objects.get().segment) == ("active", "")
