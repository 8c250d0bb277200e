"""The form of an account: whom and what it offers, what it takes however it is typed, and what it refuses."""

import pytest
from django.urls import reverse

from accounts.forms import MAX_TAGS
from accounts.models import Account, Tag, User
from audit.models import Event
from tests.factories import make_account, make_administrator, make_team, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


def page(client, account=None):
    return client.get(reverse("accounts:edit", args=[account.pk]) if account else reverse("accounts:new"))


def offered(client, name, account=None):
    """The names in the list of a field."""
    return [str(choice) for choice in page(client, account).context["form"].fields[name].queryset]


def send(client, by, account=None, **fields):
    """The answer to the form as a browser sends it, with `fields` typed."""
    sent = {"name": "Northwind", "currency": "EUR", "owner": account.owner_id if account else by.pk}
    if account:
        sent |= {"name": account.name, "version": account.version, "team": account.team_id or ""}
    return client.post(reverse("accounts:edit", args=[account.pk]) if account else reverse("accounts:new"), sent | fields)


def errors(answer, name):
    assert answer.status_code == 422
    return " ".join(answer.context["form"].errors.get(name, []))


class TestOwners:
    def test_a_manager_gives_accounts_to_nobody_else(self, client, manager):
        make_team(members=[manager, make_user(name="Mate")])
        make_administrator(name="Admin")
        assert offered(client, "owner") == ["Mila Vermeer"]

    def test_a_lead_gives_them_to_the_people_of_the_teams_each_once_by_name(self, client, manager):
        zoe, ada = make_user(name="Zoe"), make_user(name="Ada")
        make_team(leads=[manager], members=[zoe, ada])
        make_team(leads=[manager], members=[zoe])
        make_team(members=[make_user(name="Stranger")])
        assert offered(client, "owner") == ["Ada", "Mila Vermeer", "Zoe"]

    def test_an_administrator_gives_them_to_everybody_who_may_own_one(self, client):
        client.force_login(make_administrator(name="Admin"))
        make_user(name="Mate")
        make_user(name="Left", is_active=False)
        make_viewer(name="Reader")
        assert offered(client, "owner") == ["Admin", "Mate"]

    @pytest.mark.parametrize("fields", [{"is_active": False}, {"role": User.Role.VIEWER}])
    def test_who_left_or_only_reads_is_not_offered_to_the_lead_either(self, client, manager, fields):
        make_team(leads=[manager], members=[make_user(name="Zoe", **fields)])
        assert offered(client, "owner") == ["Mila Vermeer"]

    def test_the_present_owner_stays_for_a_lead_who_could_not_choose_them(self, client, manager):
        account = make_account(owner=make_user(name="Elsewhere"), team=make_team(leads=[manager]))
        assert offered(client, "owner", account) == ["Elsewhere", "Mila Vermeer"]
        assert send(client, manager, account, city="Delft").status_code == 302
        account.refresh_from_db()
        assert (account.city, account.owner.name) == ("Delft", "Elsewhere")

    def test_an_owner_who_only_reads_by_now_has_to_be_replaced(self, client, manager):
        reader = make_viewer()
        account = make_account(owner=reader, team=make_team(leads=[manager]))
        assert errors(send(client, manager, account), "owner") == "Someone who only reads cannot own an account."
        assert send(client, manager, account, owner=manager.pk).status_code == 302

    def test_without_an_owner_there_is_no_account(self, client, manager):
        assert errors(send(client, manager, owner=""), "owner")
        assert not Account.objects.exists()


class TestTeams:
    def test_those_that_one_is_in_or_leads_are_offered(self, client, manager):
        make_team(name="Member", members=[manager])
        make_team(name="Lead").leads.add(manager)  # without being a member
        make_team(name="Both", members=[manager], leads=[manager])
        make_team(name="Other")
        assert offered(client, "team") == ["Both", "Lead", "Member"]

    def test_the_administrator_chooses_among_all(self, client):
        client.force_login(make_administrator())
        make_team(name="Other")
        assert offered(client, "team") == ["Other"]

    def test_the_present_team_stays_for_an_owner_outside_of_it(self, client, manager):
        account = make_account(owner=manager, team=make_team(name="Former"))
        assert offered(client, "team", account) == ["Former"]
        assert send(client, manager, account, city="Delft").status_code == 302
        account.refresh_from_db()
        assert (account.city, account.team.name) == ("Delft", "Former")

    def test_a_team_of_others_is_refused(self, client, manager):
        assert errors(send(client, manager, team=make_team().pk), "team")
        assert not Account.objects.exists()

    def test_no_team_is_a_choice(self, client, manager):
        account = make_account(owner=manager, team=make_team(members=[manager]))
        assert send(client, manager, account, team="").status_code == 302
        account.refresh_from_db()
        assert account.team is None


class TestWhatStandsInItAtFirst:
    def test_a_new_account_is_ones_own_and_of_ones_first_team(self, client, manager):
        make_team(name="Zeeland", members=[manager])
        first = make_team(name="Achterhoek", members=[manager])
        form = page(client).context["form"]
        assert (form["owner"].value(), form["team"].value()) == (manager.pk, first.pk)

    def test_without_a_team_none_is_chosen(self, client, manager):
        make_team()
        assert page(client).context["form"]["team"].value() is None

    def test_the_name_that_a_link_brings_along_is_filled_in_and_cut_where_it_is_too_long(self, client, manager):
        answer = client.get(reverse("accounts:new"), {"name": "Zilverberg" + "x" * 300})
        assert answer.context["form"]["name"].value() == "Zilverberg" + "x" * 190

    def test_an_account_comes_with_its_tags_and_its_parent(self, client, manager):
        account = make_account(owner=manager, parent=make_account(name="Holding", owner=manager))
        account.tags.set([Tag.objects.create(name="key"), Tag.objects.create(name="growth")])
        form = page(client, account).context["form"]
        assert (form["tags"].value(), form["parent"].value()) == ("growth, key", "Holding")


class TestTags:
    def tags(self):
        return sorted(Account.objects.get().tags.values_list("name", flat=True))

    @pytest.mark.parametrize(
        ("typed", "stored"),
        [
            ("key", ["key"]),
            (" key ,growth", ["growth", "key"]),
            ("key, key,key", ["key"]),
            (",, ,", []),
            ("a b", ["a b"]),
            ("Key, key", ["Key", "key"]),
            ("x" * 60, ["x" * 60]),
        ],
    )
    def test_are_divided_by_commas_and_stored_once(self, client, manager, typed, stored):
        assert send(client, manager, tags=typed).status_code == 302
        assert self.tags() == stored

    def test_one_that_is_here_already_is_shared(self, client, manager):
        key = Tag.objects.create(name="key")
        send(client, manager, tags="key")
        assert list(key.accounts.all()) == [Account.objects.get()] and Tag.objects.count() == 1

    def test_as_many_as_an_account_may_have_and_no_more(self, client, manager):
        too_many = ",".join(f"t{n}" for n in range(MAX_TAGS + 1))
        assert errors(send(client, manager, tags=too_many), "tags") == "At most 20 tags."
        assert not Account.objects.exists() and not Tag.objects.exists()
        assert send(client, manager, tags=too_many.rpartition(",")[0]).status_code == 302
        assert len(self.tags()) == MAX_TAGS

    def test_one_that_is_too_long_is_named(self, client, manager):
        assert errors(send(client, manager, tags=f"key, {'x' * 61}"), "tags") == f"“{'x' * 61}” is longer than 60 characters."

    def test_those_that_are_taken_out_go_and_the_others_stay(self, client, manager):
        account = make_account(owner=manager)
        account.tags.set([Tag.objects.create(name="key"), Tag.objects.create(name="growth")])
        assert send(client, manager, account, tags="growth").status_code == 302
        assert self.tags() == ["growth"]


class TestParent:
    @pytest.mark.parametrize("typed", ["Zilverberg Holding", "zilverberg HOLDING", "  Zilverberg Holding ", "H-1"])
    def test_is_found_by_its_name_however_it_is_capitalised_and_by_its_external_id(self, client, manager, typed):
        parent = make_account(name="Zilverberg Holding", external_id="H-1", owner=manager)
        assert send(client, manager, parent=typed).status_code == 302
        assert Account.objects.get(name="Northwind").parent == parent

    @pytest.mark.parametrize("typed", ["Zilverberg", "h-1", "H-", "1"])
    def test_a_part_of_it_is_not_enough(self, client, manager, typed):
        make_account(name="Zilverberg Holding", external_id="H-1", owner=manager)
        assert errors(send(client, manager, parent=typed), "parent").startswith("No account of that name or external id.")

    def test_where_two_have_the_name_the_external_id_is_asked_for(self, client, manager):
        make_account(name="Zilverberg", external_id="Z-1", owner=manager)
        wanted = make_account(name="zilverberg", external_id="Z-2", owner=manager)
        told = errors(send(client, manager, parent="Zilverberg"), "parent")
        assert told == "More than one account has that name. Write the external id instead."
        assert send(client, manager, parent="Z-2").status_code == 302
        assert Account.objects.get(name="Northwind").parent == wanted

    def test_a_name_goes_before_the_external_id_of_another(self, client, manager):
        named = make_account(name="1001", owner=manager)
        make_account(name="Other", external_id="1001", owner=manager)
        assert send(client, manager, parent="1001").status_code == 302
        assert Account.objects.get(name="Northwind").parent == named

    def test_is_taken_away_where_the_field_is_emptied(self, client, manager):
        account = make_account(owner=manager, parent=make_account(name="Holding", owner=manager))
        assert send(client, manager, account, parent="").status_code == 302
        account.refresh_from_db()
        assert account.parent is None

    def test_nobody_is_their_own_parent(self, client, manager):
        account = make_account(name="Alone", owner=manager)
        assert "circle" in errors(send(client, manager, account, parent="Alone"), "parent")

    def test_an_archived_one_may_stand_above(self, client, manager):
        parent = make_account(name="Holding", owner=manager, status="archived")
        assert send(client, manager, parent="Holding").status_code == 302
        assert Account.objects.get(name="Northwind").parent == parent


class TestExternalId:
    def test_an_account_keeps_its_own(self, client, manager):
        account = make_account(owner=manager, external_id="C-1")
        assert send(client, manager, account, external_id="C-1", city="Delft").status_code == 302
        account.refresh_from_db()
        assert (account.external_id, account.city) == ("C-1", "Delft")

    def test_one_of_an_account_that_one_sees_is_told_as_such(self, client, manager):
        make_account(owner=manager, external_id="C-1")
        told = errors(send(client, manager, external_id="C-1"), "external_id")
        assert told == "Another account has this external id. Write its own, or another source."

    def test_of_an_account_that_one_does_not_see_it_says_less(self, client, manager):
        make_account(name="Secret", external_id="C-1")
        answer = send(client, manager, external_id="C-1")
        assert errors(answer, "external_id") == "This external id cannot be used here. Write another, or another source."
        assert "Secret" not in answer.text

    def test_accounts_without_one_do_not_get_in_each_others_way(self, client, manager):
        for name in ("Alfa", "Beta"):
            assert send(client, manager, name=name, external_id="").status_code == 302
        assert Account.objects.filter(external_id="").count() == 2

    def test_one_of_an_archived_account_is_taken_too(self, client, manager):
        make_account(owner=manager, external_id="C-1", status="archived")
        assert errors(send(client, manager, external_id="C-1"), "external_id")


class TestAmountsAndDates:
    @pytest.mark.parametrize(
        ("field", "typed", "stored"),
        [
            ("revenue", "0", 0),
            ("revenue", "9999999999999.99", "9999999999999.99"),
            ("employees", "0", 0),
            ("employees", "2147483647", 2147483647),
            ("customer_since", "2024-02-29", "2024-02-29"),
            ("turnover_currency", "usd", "USD"),
            ("turnover_currency", "", "EUR"),
            ("currency", " gbp ", "GBP"),
            ("country", "", ""),
            ("website", "https://zilverberg.example", "https://zilverberg.example"),
            ("name", "  Zilverberg  ", "Zilverberg"),
            ("name", "x" * 200, "x" * 200),
        ],
    )
    def test_what_can_be_is_stored(self, client, manager, field, typed, stored):
        assert send(client, manager, **{field: typed}).status_code == 302
        assert str(getattr(Account.objects.get(), field)).removesuffix(".00") == str(stored)

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("name", "   "),
            ("revenue", "10000000000000"),
            ("revenue", "-0.01"),
            ("turnover", "-1"),
            ("turnover", "much"),
            ("employees", "2147483648"),
            ("employees", "1.5"),
            ("customer_since", "2023-02-29"),
            ("renewal_on", "tomorrow"),
            ("renewal_on", "10000-01-01"),
            ("currency", ""),
            ("currency", "EU"),
            ("turnover_currency", "XYZ"),
            ("website", "zilverberg"),
            ("website", f"https://zilverberg.example/{'x' * 300}"),
            ("phone", "0" * 61),
            ("segment", "x" * 121),
            ("city", "x" * 121),
            ("source", "x" * 61),
            ("external_id", "x" * 121),
            ("owner", "x"),
            ("team", "x"),
            ("parent", "x" * 201),
            ("country", "nl"),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field_alone(self, client, manager, field, typed):
        answer = send(client, manager, **{field: typed})
        assert errors(answer, field) and answer.context["form"].errors.keys() == {field}
        assert not Account.objects.exists()


class TestWhatIsSaid:
    def said(self, answer):
        return [str(message) for message in answer.context["messages"]]

    def test_of_a_new_account_what_to_do_next(self, client, manager, edition):
        answer = client.post(reverse("accounts:new"), {"name": "Zilverberg", "currency": "EUR", "owner": manager.pk}, follow=True)
        assert self.said(answer) == ["Zilverberg is here. Assess it next: how do they see us?"]
        assert answer.request["PATH_INFO"] == Account.objects.get().get_absolute_url()

    def test_of_a_change_what_was_changed(self, client, manager, edition):
        account = make_account(owner=manager)
        sent = {"name": "New", "currency": "EUR", "owner": manager.pk, "version": account.version}
        answer = client.post(reverse("accounts:edit", args=[account.pk]), sent, follow=True)
        assert self.said(answer) == ["New: name, currency changed"]
        assert answer.request["PATH_INFO"] == account.get_absolute_url()

    @pytest.mark.parametrize(
        ("had", "archived", "told"),
        [
            ("active", "yes", "Northwind is archived. It keeps its history."),
            ("archived", "no", "Northwind is back among the active accounts."),
        ],
    )
    def test_of_the_archive_which_way_it_went(self, client, manager, edition, had, archived, told):
        account = make_account(name="Northwind", owner=manager, status=had)
        sent = {"archived": archived, "version": account.version}
        answer = client.post(reverse("accounts:archive", args=[account.pk]), sent, follow=True)
        assert self.said(answer) == [told]
        event = Event.objects.get(account_id=account.pk)
        assert (event.act, event.before) == (f"account.{'archived' if archived == 'yes' else 'restored'}", {"status": had})

    def test_in_dutch_to_who_reads_dutch(self, client, manager, edition):
        User.objects.filter(pk=manager.pk).update(language="nl")
        account = make_account(name="Northwind", owner=manager)
        sent = {"archived": "yes", "version": account.version}
        answer = client.post(reverse("accounts:archive", args=[account.pk]), sent, follow=True)
        assert self.said(answer) == ["Northwind is gearchiveerd. Het account houdt zijn geschiedenis."]
