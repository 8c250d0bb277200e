"""Every call of the API × every kind of person, each with a key of their own that may write. A call without a row fails."""

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Account, User
from api.endpoints import api as description
from tests import test_permissions
from tests.api.conftest import Caller
from tests.factories import make_account, make_contact
from tests.test_permissions import WHO

prepared, scene = test_permissions.prepared, test_permissions.scene

pytestmark = [pytest.mark.usefixtures("fresh_cache"), pytest.mark.one_database]
TODAY = timezone.localdate().isoformat()
ALL = {200, 201, 204}


def signed_in(answer, **others) -> dict:
    return dict.fromkeys(WHO, answer) | {"anonymous": 401, "disabled": 401} | others


EVERYONE = signed_in(ALL)
SEES = signed_in(ALL, stranger=404)
CHANGES = signed_in(ALL, stranger=404, viewer=403, mate=403)
ADDS = signed_in(ALL, viewer=403)

#: method and path of the description: who may, and what is sent.
TABLE = {
    "GET /catalogue": (EVERYONE, None),
    "GET /accounts": (EVERYONE, None),
    "POST /accounts": (ADDS, {"name": "Adler"}),
    "GET /accounts/{id}": (SEES, None),
    "PATCH /accounts/{id}": (CHANGES, {"city": "Delft"}),
    "DELETE /accounts/{id}": (CHANGES, None),
    # What one may not see is not there: it is made, and one's own.
    "PUT /accounts/by-external-id/{source}/{external_id}": (signed_in(ALL, viewer=403, mate=403), {"name": "Adler"}),
    "GET /accounts/by-external-id/{source}/{external_id}": (SEES, None),
    "POST /accounts/{id}/merge": (CHANGES, {"account": None, "etag": "*"}),
    "POST /accounts/{id}/unmerge": (
        CHANGES | dict.fromkeys(("owner", "lead", "administrator"), 422),
        {"account": None, "etag": "*"},
    ),
    "GET /contacts/{contact}": (SEES, None),
    "POST /contacts/{contact}/merge": (CHANGES, {"contact": None, "etag": "*"}),
    "POST /contacts/{contact}/move": (CHANGES, {"account": None}),
    "GET /accounts/{id}/contacts": (SEES, None),
    "POST /accounts/{id}/contacts": (CHANGES, {"name": "Ines", "buying_role": "user"}),
    "GET /accounts/{id}/notes": (SEES, None),
    "POST /accounts/{id}/notes": (CHANGES, {"held_on": TODAY, "kind": "call", "text": "They grow."}),
    "GET /notes/{note}": (SEES, None),
    "PATCH /notes/{note}": (CHANGES, {"text": "They shrink."}),
    "DELETE /notes/{note}": (CHANGES, None),
    "GET /accounts/{id}/assessments": (SEES, None),
    "POST /accounts/{id}/assessments": (CHANGES, {"held_on": TODAY}),
    "GET /assessments/{round}": (SEES, None),
    "POST /assessments/{round}/responses": (CHANGES, {"side": "customer", "answers": {"1a": 3}}),
    "POST /assessments/{round}/close": (CHANGES, None),
    "GET /accounts/{id}/history": (SEES, None),
    "GET /accounts/{id}/target": (SEES, None),
    "PUT /accounts/{id}/target": (CHANGES, {"level": 4, "due_on": None}),
    "GET /accounts/{id}/plans": (SEES, None),
    "POST /accounts/{id}/plans": (CHANGES, {"from_level": 3, "to_level": 4, "goal": "More"}),
    "GET /plans/{plan}/actions": (SEES, None),
    "POST /plans/{plan}/actions": (CHANGES, {"title": "Call", "due_on": TODAY}),
    "GET /actions/{action}": (SEES, None),
    "GET /actions/{action}/comments": (SEES, None),
    "PATCH /actions/{action}": (CHANGES, {"outcome": "Good"}),
    "GET /portfolio": (EVERYONE, None),
    "GET /benchmarks/migration": (EVERYONE, None),
    "GET /events": (EVERYONE, None),
}
#: The id in the address of the description is that of another thing than the account.
THINGS = {
    "/contacts/{id}": "/contacts/{contact}",
    "/notes/{id}": "/notes/{note}",
    "/assessments/{id}": "/assessments/{round}",
    "/plans/{id}": "/plans/{plan}",
    "/actions/{id}": "/actions/{action}",
}


def other_account(scene) -> Account:
    """Another account of the same people."""
    return make_account(owner=scene.owner, team=scene.account.team)


def calls() -> set[str]:
    found = set()
    for path, methods in description.get_openapi_schema()["paths"].items():
        path = path.removeprefix("/api/v1")
        for start, named in THINGS.items():
            path = path.replace(start, named, 1) if path.startswith(start) else path
        found |= {f"{method.upper()} {path}" for method in methods}
    return found


def test_every_call_has_a_row_and_every_row_a_call():
    assert calls() == set(TABLE)


@pytest.mark.parametrize("call", TABLE)
def test_each_person_gets_what_the_table_says(call, scene):
    row, body = TABLE[call]
    method, path = call.split(" ")
    account = scene.account
    type(account).objects.filter(pk=account.pk).update(source="crm", external_id="17")
    if call == "POST /accounts/{id}/assessments":
        scene.open_round.delete()
    elif call == "POST /assessments/{round}/close":
        test_permissions.answer(scene.open_round, scene.owner, "5555 5555 3333 2222 1111")
    if body and "level" in body:
        body = body | {"due_on": timezone.localdate().replace(day=1, year=timezone.localdate().year + 2).isoformat()}
    if body and "account" in body:
        body = body | {"account": other_account(scene).pk}
    if body and "contact" in body:
        body = body | {"contact": make_contact(account).pk}
    named = {
        "id": account.pk, "round": scene.open_round.pk, "plan": scene.plan.pk, "action": scene.action.pk, "contact": scene.contact.pk,
        "note": scene.note.pk,
    }  # fmt: skip
    path = path.format(**named, source="crm", external_id="17")
    deviations = []
    for who in WHO:
        caller = Caller(None if who == "anonymous" else getattr(scene, who))
        if who == "disabled":
            User.objects.filter(pk=scene.disabled.pk).update(is_active=False)
        if who == "stranger" and "by-external-id" in path:
            continue  # tests/api/test_accounts.py: it is taken, and they are not told by whom
        with transaction.atomic():
            answered = caller(
                method,
                path,
                body,
                If_Match="*" if method in {"PATCH", "DELETE", "PUT"} or "etag" in (body or {}) or "/move" in path else "",
            )
            transaction.set_rollback(True)
        expected = row[who] if isinstance(row[who], set) else {row[who]}
        if answered.status_code not in expected:
            deviations.append(f"{who}: {answered.status_code} {answered.content.decode()}, not {expected}")
    assert not deviations, "\n".join(deviations)


@pytest.mark.parametrize("call", [call for call in TABLE if not call.startswith("GET")])
def test_a_key_that_may_only_read_changes_nothing(call, scene):
    _row, body = TABLE[call]
    method, path = call.split(" ")
    named = {
        "id": scene.account.pk, "round": scene.open_round.pk, "plan": scene.plan.pk, "action": scene.action.pk,
        "contact": scene.contact.pk, "note": scene.note.pk,
    }  # fmt: skip
    answered = Caller(scene.owner, scope="read")(method, path.format(**named, source="crm", external_id="1"), body, If_Match="*")
    assert (answered.status_code, answered["Content-Type"]) == (403, "application/problem+json")


@pytest.mark.parametrize("path", ["/accounts", "/events", "/portfolio"])
def test_lists_and_figures_hold_only_what_one_may_see(path, scene):
    assert "Zilverberg" not in Caller(scene.stranger).get(path).content.decode()
    assert Caller(scene.stranger).get("/portfolio").json()["accounts"] == 0
    assert Caller(scene.stranger).get("/events").json()["items"] == []
    assert Caller(scene.mate).get("/portfolio").json()["accounts"] == 1
    assert Caller(scene.mate).get("/accounts").json()["items"][0]["name"] == "Zilverberg"
