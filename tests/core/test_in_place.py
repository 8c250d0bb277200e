"""Values that are changed where they stand: the small form, what is stored, the way back, a stale edit."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.messages import get_messages
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Contact
from core.undo import undo_of
from hierarchy.loading import load_first_edition
from plans.models import Action
from tests.factories import make_account, make_action, make_contact, make_plan, make_team, make_user

SOON = timezone.localdate() + timedelta(days=30)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def there(db, client) -> SimpleNamespace:
    """An account of somebody who leads its team, a colleague, a contact and an action."""
    load_first_edition()
    owner, mate = make_user(name="Ines"), make_user(name="Bram")
    team = make_team(name="North", members=[owner, mate], leads=[owner])
    account = make_account(name="Northwind", owner=owner, team=team, segment="Ports", customer_level=2)
    contact = make_contact(account, name="Vera", buying_role="user", influence=1)
    action = make_action(make_plan(account, from_rank=2), title="Map the journey", due_in=3)
    client.force_login(owner)
    return SimpleNamespace(owner=owner, mate=mate, team=team, account=account, contact=contact, action=action)


def url(there, field: str) -> str:
    if field in {"owner", "team", "segment", "tags"}:
        return reverse("accounts:in_place", args=[there.account.pk, field])
    if field in {"buying_role", "influence"}:
        return reverse("accounts:contact_in_place", args=[there.account.pk, there.contact.pk, field])
    return reverse("plans:action_in_place", args=[there.action.pk, field])


def stored(there, field: str):
    thing = {"a": Account, "c": Contact, "p": Action}
    if field in {"owner", "team", "segment", "tags"}:
        found = thing["a"].objects.get(pk=there.account.pk)
        return found, sorted(tag.name for tag in found.tags.all()) if field == "tags" else getattr(found, field)
    if field in {"buying_role", "influence"}:
        found = thing["c"].objects.get(pk=there.contact.pk)
    else:
        found = thing["p"].objects.get(pk=there.action.pk)
    return found, getattr(found, field)


CASES = [
    ("owner", lambda there: there.mate.pk, lambda there: there.mate, "Bram now owns Northwind"),
    ("team", lambda _there: "", lambda _there: None, "Northwind is now of no team"),
    ("segment", lambda _there: "Rail", lambda _there: "Rail", "Segment of Northwind is now Rail"),
    ("tags", lambda _there: "Key, Export", lambda _there: ["Export", "Key"], "Tags of Northwind are now Export, Key"),
    ("buying_role", lambda _there: "economic", lambda _there: "economic", "Buying role of Vera is now economic buyer"),
    ("influence", lambda _there: "3", lambda _there: 3, "Influence of Vera is now high"),
    ("due_on", lambda _there: SOON.isoformat(), lambda _there: SOON, "Due date moved to"),
    ("state", lambda _there: "doing", lambda _there: "doing", "Under way: Map the journey"),
]


@pytest.mark.parametrize(("field", "sent", "expected", "told"), CASES, ids=[case[0] for case in CASES])
def test_a_value_is_stored_told_and_taken_back(client, there, field, sent, expected, told):
    before, old = stored(there, field)
    data = {field: sent(there), "version": before.version, "next": "/actions/"}
    answer = client.post(url(there, field), data)
    assert (answer.status_code, answer.url) == (302, "/actions/")
    now, value = stored(there, field)
    assert value == expected(there)
    assert now.version == before.version + 1
    [message] = get_messages(answer.wsgi_request)
    assert str(message).startswith(told)
    back = undo_of(message)
    assert back.at == f"at-{now._meta.model_name}-{now.pk}-{field}"
    undone = client.post(back.url, dict(back.fields))
    assert undone.status_code == 302
    assert stored(there, field)[1] == old


@pytest.mark.parametrize("field", [case[0] for case in CASES])
def test_the_form_asks_for_one_field(client, there, field):
    part = client.get(url(there, field) + "?next=/actions/", headers=HTMX)
    whole = client.get(url(there, field))
    assert "<html" not in part.text
    assert "<html" in whole.text
    for answer in (part, whole):
        assert "HX-Request" in answer["Vary"]
        assert f'name="{field}"' in answer.text
        assert set(answer.context["form"].fields) == {field, "version"}


@pytest.mark.parametrize(("field", "sent", "expected", "told"), CASES, ids=[case[0] for case in CASES])
def test_a_stale_value_changes_nothing_and_both_are_shown(client, there, field, sent, expected, told):
    found, old = stored(there, field)
    if field == "tags":
        client.post(url(there, field), {"tags": "Theirs", "version": found.version})
        old = ["Theirs"]
    else:
        type(found).objects.filter(pk=found.pk).update(version=found.version + 1)
    answer = client.post(url(there, field), {field: sent(there), "version": found.version}, headers=HTMX)
    assert answer.status_code == 409
    assert "Someone changed this while you were at it" in answer.text
    assert "Your fields are the same" not in answer.text
    assert stored(there, field)[1] == old


def test_a_refused_value_stays_in_the_form_at_its_spot(client, there):
    answer = client.post(url(there, "due_on"), {"due_on": "1999-01-01", "version": 1}, headers=HTMX)
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == f"#at-action-{there.action.pk}-due_on"
    assert 'value="1999-01-01"' in answer.text
    assert "Choose a date from" in answer.text
    assert "<html" not in answer.text


def test_the_same_value_again_changes_nothing_and_says_nothing(client, there):
    answer = client.post(url(there, "segment"), {"segment": "Ports", "version": there.account.version})
    assert answer.status_code == 302
    assert not list(get_messages(answer.wsgi_request))
    assert stored(there, "segment")[0].version == there.account.version


def test_who_gives_an_account_away_is_led_to_the_list_without_an_undo(client, there):
    alone = make_account(name="Alone", owner=there.owner, team=there.team)
    stranger = make_user(name="Otto")
    make_team(members=[stranger], leads=[there.owner])
    there.team.leads.clear()
    there.team.members.clear()
    where = reverse("accounts:in_place", args=[alone.pk, "owner"])
    answer = client.post(where, {"owner": stranger.pk, "version": alone.version, "next": alone.get_absolute_url()})
    assert answer.url == reverse("accounts:list")
    [message] = get_messages(answer.wsgi_request)
    assert (str(message), undo_of(message)) == ("Otto now owns Alone", None)


def test_who_only_has_the_action_moves_its_state_and_not_its_date(client, there):
    Action.objects.filter(pk=there.action.pk).update(owner=there.mate)
    client.force_login(there.mate)
    assert client.get(url(there, "state")).status_code == 200
    assert client.get(url(there, "due_on")).status_code == 403


def test_an_unknown_field_is_not_found(client, there):
    for name in ("name", "version", "nothing"):
        assert client.get(reverse("accounts:in_place", args=[there.account.pk, name])).status_code == 404


def test_an_address_of_another_site_does_not_lead_away(client, there):
    data = {"segment": "Rail", "version": there.account.version, "next": "https://evil.example/"}
    assert client.post(url(there, "segment"), data).url == there.account.get_absolute_url()


def drawn(there, may_change: bool, rf) -> str:
    template = Template('{% load in_place %}{% in_place account "segment" may_change %}')
    return template.render(Context({"account": there.account, "may_change": may_change, "request": rf.get("/here/?a=1&b=2")}))


def test_a_value_is_a_button_for_whoever_may_change_it_alone(there, rf):
    assert drawn(there, False, rf) == '<span class="">Ports</span>'
    there.account.segment = "<b>"
    text = drawn(there, True, rf)
    assert "&lt;b&gt;" in text
    assert 'role="button"' in text
    assert f"{url(there, 'segment')}?next=%2Fhere%2F%3Fa%3D1%26b%3D2" in text


def test_a_value_without_a_class_has_no_empty_attribute_for_nothing(there, rf):
    there.account.segment = ""
    assert "no segment" in drawn(there, True, rf)


def test_a_tick_and_an_archive_can_be_undone(client, there):
    move = reverse("plans:action_move", args=[there.action.pk])
    done = client.post(move, {"state": "done", "version": there.action.version, "next": "/actions/"})
    [message] = get_messages(done.wsgi_request)
    assert str(message) == "Done: Map the journey"
    client.post(undo_of(message).url, dict(undo_of(message).fields))
    assert Action.objects.get(pk=there.action.pk).state == "todo"
    archive = reverse("accounts:archive", args=[there.account.pk])
    gone = client.post(archive, {"version": there.account.version})
    message = list(get_messages(gone.wsgi_request))[-1]
    assert str(message) == "Northwind is archived. It keeps its history."
    client.post(undo_of(message).url, dict(undo_of(message).fields))
    assert Account.objects.get(pk=there.account.pk).status == "active"


def test_the_button_works_without_javascript(client, there):
    there.client = client
    client.post(
        url(there, "segment"), {"segment": "Rail", "version": there.account.version, "next": reverse("accounts:settings")}
    )
    page = client.get(reverse("accounts:settings")).text
    assert f'action="{url(there, "segment")}"' in page
    assert '<input type="hidden" name="segment" value="Ports">' in page
    assert f'<input type="hidden" name="next" value="{reverse("accounts:settings")}">' in page
