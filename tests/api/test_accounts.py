"""Accounts and contacts through the API."""

import pytest

from accounts.models import Account, Contact
from audit.models import Event
from tests.factories import make_account, make_contact, make_team, make_user

pytestmark = pytest.mark.django_db
WHOLE = {
    "name": "Adler", "source": "crm", "external_id": "A-17", "segment": "Manufacturing", "country": "NL", "city": "Delft",
    "website": "https://adler.example", "employees": 120, "revenue": 1250000.5, "currency": "EUR",
    "customer_since": "2019-02-01", "tags": ["key", "north"], "charter": "Be their first call.", "notes": "Known for long.",
}  # fmt: skip


def test_an_account_is_given_back_as_it_was_sent(api, manager, team):
    made = api.post("/accounts", WHOLE)
    assert made.status_code == 201
    told = made.json()
    assert {name: told[name] for name in WHOLE} == WHOLE
    assert (told["owner"], told["team"], told["state"], told["status"]) == ("mila@example.com", "Benelux", "active", "no_target")
    assert told["customer_level"] is told["team_level"] is None
    read = api.get(f"/accounts/{told['id']}")
    assert (read.json(), read["ETag"]) == (told, made["ETag"])


def test_a_name_is_enough(api, manager):
    told = api.post("/accounts", {"name": "Adler"}).json()
    assert Account.objects.get(pk=told["id"]).owner == manager
    assert Event.objects.get(act="account.created").actor == manager


def test_owner_and_team_are_named_by_address_and_name_or_by_id(caller, edition, fresh_cache, team):
    lead, mate = make_user(), make_user(email="mate@example.com")
    team.leads.add(lead)
    team.members.add(lead, mate)
    call = caller(lead)
    for owner, its_team in (("MATE@example.com", "benelux"), (mate.pk, team.pk)):
        told = call.post("/accounts", {"name": "Adler", "owner": owner, "team": its_team}).json()
        assert (told["owner"], told["team"]) == ("mate@example.com", "Benelux")


@pytest.mark.parametrize("sent", [{"owner": "nobody@example.com"}, {"owner": 987654}, {"team": "Nordics"}, {"team": 987654},
                                  {"parent": 987654}, {"country": "XX"}, {"currency": "XXX-"}, {"website": "x y"}, {"tags": ["a,b"]}])  # fmt: skip
def test_what_may_not_be_chosen_is_refused_beside_its_field(api, sent):
    make_user(email="elsewhere@example.com")
    make_team(name="Nordics")
    refused = api.post("/accounts", {"name": "Adler"} | sent)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].split("/")[1] in sent
    assert not Account.objects.exists()


def test_a_change_touches_only_what_is_sent(api):
    told = api.post("/accounts", WHOLE).json()
    changed = api.patch(f"/accounts/{told['id']}", {"segment": None, "revenue": 10}, if_match='"v1"').json()
    assert changed == told | {"segment": None, "revenue": 10, "revenue_in_reporting_currency": 10, "version": 2}
    event = Event.objects.get(act="account.changed")
    assert event.after.keys() == {"segment", "revenue"}
    assert float(event.after["revenue"]) == 10


def test_delete_archives_and_it_can_be_taken_back(api, account):
    path = f"/accounts/{account.pk}"
    assert api.delete(path, if_match=api.get(path)["ETag"]).status_code == 204
    assert api.get("/accounts").json()["items"] == []
    assert [one["id"] for one in api.get("/accounts?state=archived").json()["items"]] == [account.pk]
    back = api.patch(path, {"state": "active", "city": "Delft"}, if_match=api.get(path)["ETag"])
    assert (back.json()["state"], back.json()["city"]) == ("active", "Delft")
    assert [one["id"] for one in api.get("/accounts").json()["items"]] == [account.pk]


def test_an_account_of_another_system_is_made_and_then_changed(api):
    path = "/accounts/by-external-id/crm/A-17"
    first = api.put(path, {"name": "Adler", "city": "Delft"})
    second = api.put(path, {"name": "Adler BV"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert (second.json()["name"], second.json()["city"], second.json()["source"]) == ("Adler BV", "Delft", "crm")
    assert api.put("/accounts/by-external-id/-/A-17", {"name": "Other"}).json()["source"] is None
    assert Account.objects.count() == 2


class TestAnExternalIdThatAnUnseenAccountHas:
    """It is told from a free one only by storing: nobody finds out without making an account, which the trail tells."""

    BY_ID = "/accounts/by-external-id/crm/{}"

    @pytest.fixture(autouse=True)
    def hidden(self, db):
        return make_account(name="Hidden", source="crm", external_id="taken")

    def answers(self, api, **body):
        """The same calls for the id that is taken and for one that is free, without what names it."""
        for id_ in ("taken", "free"):
            account = {"source": "crm", "external_id": id_} | body
            yield api.put(self.BY_ID.format(id_), body), api.post("/accounts", account)

    @pytest.mark.parametrize(
        "wrong", [{"country": "XX"}, {"owner": "nobody@example.com"}, {"revenue": -1}, {"name": ""}, {"parent": 999}]
    )
    def test_is_not_told_beside_what_else_is_wrong(self, api, wrong):
        taken, free = self.answers(api, **{"name": "Mine"} | wrong)
        for one, other in zip(taken, free, strict=True):
            assert (one.status_code, one.json()) == (other.status_code, other.json())
            assert one.status_code == 422 and "external" not in one.text

    def test_is_not_told_to_who_names_a_version(self, api):
        taken, free = (api.put(self.BY_ID.format(id_), {"name": "Mine"}, If_Match="*") for id_ in ("taken", "free"))
        assert (taken.status_code, taken.json()) == (412, free.json())
        assert Account.objects.count() == 1

    def test_is_not_told_to_a_change_of_a_version_that_is_no_more(self, api, account):
        path = f"/accounts/{account.pk}"
        sent = [api.patch(path, {"source": "crm", "external_id": id_}, If_Match='"v9"') for id_ in ("taken", "free")]
        assert [one.status_code for one in sent] == [412, 412]

    def test_is_refused_in_a_sentence_that_tells_of_no_account(self, api, account):
        wanted = {"name": "Mine", "source": "crm", "external_id": "taken"}
        changed = api.patch(f"/accounts/{account.pk}", wanted, If_Match='"v1"')
        for refused in (api.put(self.BY_ID.format("taken"), {"name": "Mine"}), api.post("/accounts", wanted), changed):
            assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/external_id")
            assert refused.json()["detail"] == "This external id cannot be used here. Write another, or another source."

    def test_costs_an_account_that_stays_also_when_it_is_given_out_of_sight(self, manager, team, edition, fresh_cache, caller):
        mate = make_user()
        make_team(members=[mate], leads=[manager])
        body = {"name": "Mine", "owner": mate.email, "team": None}
        made = caller(manager).put(self.BY_ID.format("free"), body, Idempotency_Key="one")
        assert made.status_code == 201
        assert Account.objects.get(external_id="free").owner == mate


def test_an_external_id_that_one_sees_at_another_account_is_named(api, account):
    make_account(name="Other", owner=account.owner, source="crm", external_id="A-17")
    refused = api.post("/accounts", WHOLE)
    assert "Another account has this external id." in refused.json()["detail"]


def test_a_version_that_is_named_is_kept_to_by_external_id_too(api):
    path = "/accounts/by-external-id/crm/A-17"
    first = api.put(path, {"name": "Adler"})
    assert api.put(path, {"name": "Adler BV"}, If_Match=first["ETag"]).status_code == 200
    assert api.put(path, {"name": "Adler NV"}, If_Match=first["ETag"]).status_code == 412
    assert api.put(path, {"name": "Adler NV"}).status_code == 200


def test_a_parent_that_one_may_not_see_is_not_told_and_stays(api, account):
    account.parent = make_account(name="Hidden")
    account.save()
    path = f"/accounts/{account.pk}"
    assert api.get(path).json()["parent"] is None
    assert api.patch(path, {"city": "Delft"}, if_match="*").json()["parent"] is None
    account.refresh_from_db()
    assert account.parent.name == "Hidden"


def test_a_parent_goes_by_id_and_makes_no_circle(api, account):
    child = api.post("/accounts", {"name": "Child", "parent": account.pk}).json()
    assert child["parent"] == account.pk
    refused = api.patch(f"/accounts/{account.pk}", {"parent": child["id"]}, if_match="*")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/parent")


def test_a_list_is_walked_to_its_end_by_cursors(api, manager):
    ids = [make_account(owner=manager).pk for _ in range(7)]
    walked, path = [], "/accounts?limit=3"
    while path:
        page = api.get(path).json()
        walked += [one["id"] for one in page["items"]]
        path = page["next"] and f"/accounts?limit=3&cursor={page['next']}"
    assert walked == ids


def test_a_list_ends_where_the_rows_after_its_cursor_are_gone(api, manager):
    for _ in range(2):
        last = make_account(owner=manager)
    cursor = api.get("/accounts?limit=1").json()["next"]
    last.delete()
    assert api.get(f"/accounts?limit=1&cursor={cursor}").json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    "cursor", ["x", "WyJhIl0", "Wzld", "bnVsbA", "Wy01XQ", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTld", "WzEsImEiLDFd"]
)
def test_a_cursor_that_no_list_gave_is_refused(api, manager, cursor):
    """`[9]` is one that a list gives; the others are no base64, a text, no list, less than one, too large, of another order."""
    assert api.get(f"/accounts?cursor={cursor}").status_code == (200 if cursor == "Wzld" else 422)


def test_a_list_is_narrowed(api, manager):
    adler = make_account(
        name="Adler", owner=manager, team=manager.teams.get(), segment="Retail", customer_level=3, target_status="at_risk"
    )
    make_account(name="Brand", owner=manager)
    for query in ("q=adl", "team=benelux", "segment=Retail", "level=3", "status=at_risk"):
        assert [one["id"] for one in api.get(f"/accounts?{query}").json()["items"]] == [adler.pk], query
    assert api.get("/accounts?status=unheard-of").status_code == 422


def test_contacts_are_added_and_listed(api, account):
    make_contact(account, name="Gone", erased_on="2026-01-01")
    sent = {"name": "Ines", "email": "ines@example.com", "buying_role": "economic", "influence": "high", "language": "nl"}
    made = api.post(f"/accounts/{account.pk}/contacts", sent)
    assert made.status_code == 201
    assert made.json() == sent | {
        "id": Contact.objects.get(name="Ines").pk, "account": account.pk, "influence": 3, "title": None, "reports_to": None,
        "active": True, "do_not_ask": False, "phone": None, "part_of_decision": True, "not_part_because": None, "left_on": None,
        "version": 1,
    }  # fmt: skip
    assert api.get(f"/accounts/{account.pk}/contacts").json() == {"items": [made.json()], "next": None}
    again = api.post(f"/accounts/{account.pk}/contacts", sent)
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (422, "#/email")


@pytest.mark.parametrize(
    "wrong", [{"buying_role": "boss"}, {"influence": 4}, {"influence": "huge"}, {"email": "x"}, {"language": "fr"}]
)
def test_a_contact_that_cannot_be_is_refused(api, account, wrong):
    refused = api.post(f"/accounts/{account.pk}/contacts", {"name": "Ines", "buying_role": "user"} | wrong)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].split("/")[1] in wrong


def test_another_teams_account_is_not_there(stranger, account, edition):
    assert stranger.get(f"/accounts/{account.pk}").status_code == 404
    assert stranger.get("/accounts").json() == {"items": [], "next": None}


def test_the_catalogue_is_the_published_edition(api, edition):
    told = api.get("/catalogue").json()
    assert told["edition"]["name"] == str(edition)
    assert [level["rank"] for level in told["levels"]] == [1, 2, 3, 4, 5]
    assert [asked["code"] for asked in told["levels"][0]["indicators"]] == ["1a", "1b", "1c", "1d"]
    assert [asked["position"] for asked in told["levels"][0]["indicators"]] == [1, 2, 3, 4]
    assert {"code", "from_level", "to_level", "title"} <= set(told["plays"][0])
    level, play = told["levels"][4], next(play for play in told["plays"] if play["code"] == "kaizen")
    assert (level["seen_as"], level["seen_as_ours"]) == (
        "The partner we cannot do without", "the partner they cannot do without",
    )  # fmt: skip
    assert play["addresses"] == ["3c", "3a", "2c"]
    assert "Levert volgens specificatie" in api.get("/catalogue", accept_language="nl").content.decode()
