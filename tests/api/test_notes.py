"""Notes through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mailing.models import Letter
from notes.models import Note
from tests.factories import make_contact, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def path(account):
    return f"/accounts/{account.pk}/notes"


def body(**fields):
    return {"held_on": TODAY.isoformat(), "kind": "call", "text": "They grow."} | fields


def test_a_note_is_made_read_changed_and_deleted(api, account, path):
    anna = make_contact(account)
    made = api.post(path, body(contacts=[anna.pk]))
    assert made.status_code == 201
    told = made.json()
    assert {name: told[name] for name in ("account", "held_on", "kind", "text", "contacts", "author", "mentions")} == {
        "account": account.pk, "held_on": TODAY.isoformat(), "kind": "call", "text": "They grow.", "contacts": [anna.pk],
        "author": api.user.email, "mentions": [],
    }  # fmt: skip
    one = f"/notes/{told['id']}"
    assert api.get(path).json()["items"] == [told]
    read = api.get(one)
    assert (read.json(), read["ETag"]) == (told, made["ETag"])
    changed = api.patch(one, {"text": "They shrink."}, If_Match=read["ETag"])
    assert changed.json() == told | {"text": "They shrink.", "version": 2}
    assert api.patch(one, {"contacts": []}, If_Match=changed["ETag"]).json()["contacts"] == []
    assert api.delete(one, If_Match="*").status_code == 204
    assert api.get(one).status_code == 404


def test_a_change_names_the_version_that_it_saw(api, path):
    one = f"/notes/{api.post(path, body()).json()['id']}"
    assert api.patch(one, {"text": "x"}).status_code == 428
    assert api.patch(one, {"text": "x"}, If_Match='"v9"').status_code == 412
    assert api.delete(one).status_code == 428
    assert api.delete(one, If_Match='"v9"').status_code == 412


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"held_on": (TODAY + timedelta(days=1)).isoformat()}, "held_on"),
        ({"kind": "fax"}, "kind"),
        ({"text": " "}, "text"),
        ({"text": ""}, "text"),
        ({"contacts": [999999]}, "contacts"),
        ({"contact": []}, "contact"),
    ],
)
def test_what_is_wrong_is_refused_beside_its_field(api, path, wrong, pointer):
    answer = api.post(path, body(**wrong))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(f"#/{pointer}")
    assert not Note.objects.exists()


def test_people_of_another_account_are_refused(api, path):
    assert api.post(path, body(contacts=[make_contact().pk])).status_code == 422


def test_mentions_are_told_once_and_only_to_who_sees_the_account(api, account, path):
    mate, stranger = make_user(name="Jan Vos"), make_user()
    account.team.members.add(mate)
    made = api.post(path, body(text="@Jan Vos", mentions=[stranger.pk])).json()
    assert made["mentions"] == [mate.pk]
    api.patch(f"/notes/{made['id']}", {"mentions": [mate.pk]}, If_Match="*")
    assert Letter.objects.count() == 1
