"""Fields that an account's own system owns: who may change them, and who may not."""

import html
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.acts import bulk_change
from accounts.acts.bulk_change import Act, Order, Why
from accounts.models import Account, BulkBatch, CrmSource
from audit.models import Event
from core import job_runner
from importing.models import ImportJob
from tests.factories import make_account, make_administrator, make_team, make_user
from tests.importing.running import import_list

pytestmark = pytest.mark.django_db
PAGE = "/settings/crm/"


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def account(manager):
    return make_account(
        name="Adler", source="Salesforce", external_id="C-17", segment="Food", revenue=100, employees=7, owner=manager
    )


def own(*names, source="Salesforce") -> CrmSource:
    return CrmSource.objects.create(source=source, key=source.casefold(), owned=list(names))


def typed(account, **fields):
    """What a browser sends, were no field closed."""
    sent = {
        "name": account.name, "source": account.source, "external_id": account.external_id, "segment": account.segment,
        "revenue": account.revenue, "currency": account.currency, "employees": account.employees, "owner": account.owner_id,
        "version": account.version,
    }  # fmt: skip
    return {name: value for name, value in (sent | fields).items() if value is not None}


def send(client, account, **fields):
    return client.post(reverse("accounts:edit", args=[account.pk]), typed(account, **fields))


def run(user, text) -> ImportJob:
    new_segment = {"answers": {"segment": {"retail": "Retail"}}}
    return import_list(text, user, skip_rejected=True, options=new_segment).job


def why(change):
    return {pk: reason for batch in change.batches.all() for pk, reason in (batch.kept or batch.left)}


@pytest.mark.one_database
class TestForm:
    def test_shows_owned_fields_closed_and_says_where_to_change_them(self, client, account):
        own("name", "revenue")
        response = client.get(reverse("accounts:edit", args=[account.pk]))
        form, page = response.context["form"], html.unescape(response.text)
        assert {name for name, field in form.fields.items() if field.disabled} == {
            "name", "revenue", "currency", "external_id", "source",
        }  # fmt: skip
        assert "This account comes from Salesforce." in page and "change them in Salesforce" in page
        assert page.count("From Salesforce</div>") == 5

    def test_the_other_fields_are_changed_as_ever(self, client, account):
        own("name", "revenue", "owner")
        closed = dict.fromkeys(("name", "source", "external_id", "revenue", "currency", "owner"))
        assert send(client, account, segment="Retail", **closed).status_code == 302
        account.refresh_from_db()
        assert (account.name, account.segment, account.external_id, account.revenue) == ("Adler", "Retail", "C-17", 100)

    @pytest.mark.parametrize(
        ("owned", "sent"),
        [
            ("name", {"name": "Forged"}),
            ("segment", {"segment": "Forged"}),
            ("country", {"country": "BE"}),
            ("city", {"city": "Forged"}),
            ("website", {"website": "https://forged.example"}),
            ("employees", {"employees": "8"}),
            ("revenue", {"revenue": "101"}),
            ("revenue", {"currency": "USD"}),
            ("customer_since", {"customer_since": "2020-01-01"}),
            ("parent", {"parent": "Above"}),
            ("tags", {"tags": "forged"}),
            ("name", {"source": "Forged"}),
            ("name", {"external_id": "Forged"}),
        ],
    )
    def test_what_is_sent_for_an_owned_field_changes_nothing_and_is_said_beside_it(self, client, manager, account, owned, sent):
        own(owned)
        make_account(name="Above", owner=manager)
        before = Account.objects.values().get(pk=account.pk)
        response = send(client, account, notes="What I had to say", **sent)
        assert response.status_code == 422
        assert list(response.context["form"].errors) == list(sent)
        assert "Salesforce owns this field: it stays as it is here. Change it in Salesforce." in html.unescape(response.text)
        assert "What I had to say" in response.text
        if owned != "country":  # picked, not typed
            assert f"You wrote: {next(iter(sent.values()))}" in response.text
        assert Account.objects.values().get(pk=account.pk) == before and not account.tags.exists()

    def test_owner_and_team_cannot_be_forged(self, client, account, manager):
        own("owner", "team")
        team = make_team(members=[manager], leads=[manager])
        mate = make_user()
        team.members.add(mate)
        response = send(client, account, owner=mate.pk, team=team.pk)
        assert (response.status_code, set(response.context["form"].errors)) == (422, {"owner", "team"})
        account.refresh_from_db()
        assert (account.owner, account.team) == (manager, None)

    def test_a_form_from_before_the_rule_is_taken_where_it_changes_nothing_owned(self, client, account):
        account.tags.create(name="key")
        account.tags.create(name="north")
        own("name", "tags", "revenue", "employees", "owner")
        assert send(client, account, tags="north, key", notes="New").status_code == 302
        account.refresh_from_db()
        assert (account.notes, account.tags.count()) == ("New", 2)

    def test_an_owner_who_left_does_not_stand_in_the_way(self, client, account):
        own("owner")
        Account.objects.filter(pk=account.pk).update(owner=make_user(is_active=False, role="viewer"))
        client.force_login(make_administrator())
        assert send(client, account, owner=None, notes="New").status_code == 302

    def test_other_sources_and_accounts_without_one_are_open(self, client, manager):
        own("name")
        for source in ("", "HubSpot"):
            other = make_account(name="Beta", source=source, external_id="C-18", owner=manager)
            assert send(client, other, name="Gamma", source=f"{source} 2").status_code == 302

    def test_a_source_is_the_same_however_it_is_capitalised(self, client, account):
        own("name", source="SALESFORCE")
        assert send(client, account, name="Forged").status_code == 422

    def test_archiving_is_refused_where_the_system_says_so(self, client, account):
        own("status")
        address = reverse("accounts:archive", args=[account.pk])
        assert address not in client.get(reverse("accounts:edit", args=[account.pk])).text
        response = client.post(address, {"version": account.version, "archived": "yes"}, follow=True)
        assert "Salesforce says whether this account is archived: change it there." in response.text
        account.refresh_from_db()
        assert account.status == "active"

    def test_the_form_costs_one_statement_more_and_none_without_a_source(self, client, account, manager):
        plain = make_account(owner=manager)

        def cost(one):
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("accounts:edit", args=[one.pk]))
            return len(captured)

        assert cost(account) - cost(plain) == 1


class TestAccountPage:
    def test_says_what_comes_from_where(self, client, account, edition):
        address = account.get_absolute_url() + "people/"
        assert "From Salesforce" not in client.get(address).text
        own("revenue", "name")
        assert "From Salesforce, and changed there: name, revenue and currency." in client.get(address).text

    @pytest.mark.parametrize("source", ["", "Salesforce"])
    def test_costs_twelve_statements_at_most(self, client, account, edition, source, django_assert_max_num_queries):
        own("name")
        Account.objects.filter(pk=account.pk).update(source=source)
        with django_assert_max_num_queries(12):
            client.get(account.get_absolute_url() + "people/")


class TestManyAccounts:
    @pytest.mark.parametrize(
        ("owned", "act", "name"),
        [("owner", Act.OWNER, ""), ("team", Act.TEAM, ""), ("status", Act.ARCHIVE, ""), ("tags", Act.TAG, "key")],
    )
    def test_an_act_on_an_owned_field_leaves_the_account_alone_and_names_it(self, client, account, manager, owned, act, name):
        own(owned)
        other = make_account(owner=manager)
        value = {Act.OWNER: make_user().pk, Act.TEAM: make_team().pk}.get(act)
        before = Account.objects.values("owner", "team", "status", "version").get(pk=account.pk)
        change = bulk_change.start(Account.objects.all(), Order(act, value, name), by=make_administrator())
        assert (change.changed, why(change)) == (1, {account.pk: Why.OWNED})
        assert Account.objects.values("owner", "team", "status", "version").get(pk=account.pk) == before
        other.refresh_from_db()
        assert other.version == 2
        left = bulk_change.left_alone(change, change.user)
        assert left == [(account, "the system that it comes from owns this; change it there (Salesforce)")]

    def test_an_act_on_a_field_that_is_not_owned_is_done(self, account):
        own("name", "owner")
        change = bulk_change.start(Account.objects.all(), Order(Act.ARCHIVE), by=make_administrator())
        assert (change.changed, change.left) == (1, 0)

    def test_the_outlook_counts_and_names_them_by_the_system_that_owns_something(self, manager, account):
        own("owner", "tags", "name")
        own("country", source="HubSpot")  # which no act changes
        own("status", source="Dynamics")  # from which nothing comes
        make_account(name="Bolt", source="SALESFORCE", external_id="C-18", owner=manager)
        make_account(name="Cargo", source="HubSpot", external_id="C-18", owner=manager)
        make_account(name="Of a mate", source="Salesforce", external_id="C-19")
        (held,) = bulk_change.outlook(Account.objects.all(), manager).held
        assert (held.source, held.fields, held.accounts, held.named) == ("Salesforce", ["tags", "owner"], 2, ["Adler", "Bolt"])

    def test_the_outlook_names_some_of_each_system(self, manager, account, monkeypatch):
        monkeypatch.setattr("accounts.acts.bulk_change.NAMED", 1)
        own("team")
        own("status", source="Dynamics")
        for name in ("Dock", "Eck"):
            make_account(name=name, source="Dynamics", owner=manager)
        found = bulk_change.outlook(Account.objects.all(), manager).held
        assert [(held.source, held.accounts, held.named) for held in found] == [
            ("Dynamics", 2, ["Dock"]),
            ("Salesforce", 1, ["Adler"]),
        ]

    def test_the_page_says_what_of_them_stays_before_anything_is_done(self, client, account, django_assert_max_num_queries):
        address = f"{reverse('accounts:bulk')}?all=1&q=Adler"
        assert "Salesforce" not in client.get(address).text
        own("owner", "team")
        with django_assert_max_num_queries(12):
            page = client.get(address)
        assert "1 account comes from Salesforce, which owns some of what can be changed here" in page.text
        assert "A change of this leaves them alone: owner, team." in page.text

    def test_a_rule_that_came_meanwhile_is_shown_before_it_is_done(self, client, account):
        address = f"{reverse('accounts:bulk')}?account={account.pk}"
        form = client.get(address).context
        own("status")
        sent = {"seen": form["outlook"].mark, "act": "archive"}
        assert client.post(address, sent).status_code == 409

    def test_taking_back_leaves_alone_what_is_owned_since(self, account):
        change = bulk_change.start(Account.objects.all(), Order(Act.ARCHIVE), by=make_administrator())
        own("status")
        change = job_runner.undo(change, by=change.user)
        assert (change.restored, why(change)) == (0, {account.pk: Why.OWNED})


class TestImport:
    FILE = "Name,External id,Segment\nAdler,C-17,Retail\n"

    def test_a_row_that_does_not_name_the_system_is_rejected_and_says_which_field(self, account, manager):
        own("segment")
        job = run(manager, self.FILE)
        ((column, reason),) = job.rows.get().problems
        assert column == "Segment" and "name Salesforce as the source in this row" in reason
        account.refresh_from_db()
        assert account.segment == "Food"

    def test_a_row_that_changes_nothing_owned_is_taken(self, account, manager):
        own("name", "revenue", "owner", "tags", "parent")
        assert run(manager, self.FILE).report["updated"] == 1

    @pytest.mark.parametrize(
        ("owned", "header", "cell"),
        [("tags", "Tags", "key"), ("parent", "Parent", "Above"), ("revenue", "Revenue", "5"), ("status", "Status", "archived")],
    )
    def test_every_kind_of_field_is_guarded(self, account, manager, owned, header, cell):
        own(owned)
        make_account(name="Above", owner=manager)
        assert run(manager, f"Name,External id,{header}\nAdler,C-17,{cell}\n").report["rejected"] == 1

    def test_the_system_itself_may(self, account, manager):
        own("segment")
        job = run(manager, "Name,External id,Source,Segment\nAdler,C-17,Salesforce,Retail\n")
        assert job.report["updated"] == 1
        account.refresh_from_db()
        assert account.segment == "Retail"

    def test_a_file_of_names_takes_no_account_away_from_its_system(self, account, manager):
        own()
        assert run(manager, "Name,Source\nAdler,HubSpot\n").report["rejected"] == 1
        account.refresh_from_db()
        assert (account.source, account.external_id) == ("Salesforce", "C-17")

    def test_taken_back_it_leaves_what_is_owned_since(self, account, manager):
        job = run(manager, self.FILE)
        own("segment")
        job = job_runner.undo(job, by=manager)
        assert job.undo_report["left"] == [[account.pk, BulkBatch.Why.OWNED]]
        account.refresh_from_db()
        assert account.segment == "Retail"

    def test_what_came_from_the_system_itself_can_be_taken_back(self, account, manager):
        own("segment")
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            job = run(manager, "Name,External id,Source,Segment\nAdler,C-17,Salesforce,Retail\n")
            assert job_runner.undo(job, by=manager).undo_report["restored"] == 1
        account.refresh_from_db()
        assert account.segment == "Food"


class TestSettings:
    @pytest.fixture
    def admin(self, client):
        user = make_administrator()
        client.force_login(user)
        return user

    def test_a_rule_is_made_in_the_trail_and_shown(self, client, admin, account):
        client.force_login(admin)
        response = client.post(PAGE, {"source": " Salesforce ", "owned": ["revenue", "name"]}, follow=True)
        rule = CrmSource.objects.get()
        assert (rule.source, rule.owned) == ("Salesforce", ["name", "revenue"])
        event = Event.objects.get(act="crm_source.made")
        assert (event.actor, event.after) == (admin, {"source": "Salesforce", "owned": ["name", "revenue"]})
        assert "name · revenue and currency" in response.text and "1 account" in response.text

    def test_sources_in_use_are_offered_until_they_have_a_rule(self, client, admin, manager):
        make_account(source="HubSpot", external_id="1", owner=manager)
        make_account(source="hubspot", external_id="2", owner=manager)
        client.force_login(admin)
        page = client.get(PAGE)
        assert page.context["others"] == [("HubSpot", 1), ("hubspot", 1)]
        assert 'value="HubSpot"' in client.get(PAGE, {"source": "HubSpot"}).text
        own("name", source="HubSpot")
        page = client.get(PAGE)
        assert page.context["others"] == [] and page.context["rules"][0][2] == 2

    @pytest.mark.parametrize(
        ("sent", "told"),
        [
            ({"source": "salesforce"}, "There is a rule for this system already."),
            ({"source": ""}, "This field is required."),
            ({"source": "HubSpot", "owned": ["level"]}, "level"),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field(self, client, admin, sent, told):
        own("name")
        response = client.post(PAGE, sent)
        assert response.status_code == 422 and told in response.text
        assert CrmSource.objects.count() == 1

    def test_the_same_rule_made_in_the_same_moment_is_told(self, client, admin, monkeypatch):
        own("name")
        monkeypatch.setattr("accounts.pages.crm_forms.CrmSourceForm.clean_source", lambda form: form.cleaned_data["source"])
        response = client.post(PAGE, {"source": "Salesforce", "owned": ["name"]})
        assert response.status_code == 422 and "There is a rule for this system already." in response.text

    def test_a_change_is_in_the_trail_and_counts_from_then_on(self, client, admin):
        rule = own("name")
        client.post(f"{PAGE}{rule.pk}/", {"owned": ["tags"], "version": 1})
        stored = CrmSource.objects.get()
        assert stored.owned == ["tags"] and stored.since > rule.since
        event = Event.objects.get(act="crm_source.changed")
        assert (event.before, event.after) == ({"owned": ["name"]}, {"owned": ["tags"]})

    def test_a_stale_change_shows_both(self, client, admin):
        rule = own("name")
        client.post(f"{PAGE}{rule.pk}/", {"owned": ["tags"], "version": 1})
        response = client.post(f"{PAGE}{rule.pk}/", {"owned": ["city"], "version": 1})
        assert response.status_code == 409
        assert "<td>tags</td><td>city</td>" in response.text
        assert CrmSource.objects.get().owned == ["tags"]

    def test_a_removed_rule_opens_every_field_again(self, client, admin, account):
        rule = own("name")
        client.force_login(admin)
        assert client.post(f"{PAGE}{rule.pk}/delete/", {"version": 7}).status_code == 409
        client.post(f"{PAGE}{rule.pk}/delete/", {"version": 1})
        assert not CrmSource.objects.exists() and Event.objects.filter(act="crm_source.removed").count() == 1
        assert send(client, account, name="Renamed").status_code == 302

    def test_the_page_costs_the_same_whatever_the_accounts(self, client, admin, django_assert_num_queries):
        Account.objects.bulk_create(
            Account(name=f"A {n}", source=f"S {n % 9}", external_id=str(n), owner=admin) for n in range(50)
        )
        with django_assert_num_queries(4):  # session, user; rules, sources
            client.get(PAGE)

    def test_only_the_administrator_is_led_there(self, client, admin):
        assert PAGE in client.get("/settings/").text
        client.force_login(make_user())
        assert PAGE not in client.get("/settings/").text

    @pytest.mark.parametrize(("name", "fields"), [("crm_source_once", {"key": "a"}), ("crm_source_has_a_name", {"key": ""})])
    def test_the_database_holds_the_rules(self, name, fields):
        CrmSource.objects.create(source="A", key="a")
        with pytest.raises(IntegrityError), transaction.atomic():
            CrmSource.objects.create(source="B", **fields)
