import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.filters import SORTS
from accounts.models import Account, Contact, ExchangeRate, Tag, User
from audit.models import Event
from tests.factories import make_account, make_administrator, make_contact, make_team, make_user, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


def typed(account=None, **fields):
    """What a browser sends for the account form."""
    defaults = {"name": "Northwind", "currency": "EUR", "owner": account.owner_id if account else ""}
    if account:
        defaults |= {"name": account.name, "version": account.version}
    return defaults | fields


def names(response):
    return [account.name for account in response.context["page"]]


class TestList:
    def test_searches_name_external_id_and_city(self, client, manager):
        make_account(name="Alfa", owner=manager)
        make_account(name="Beta", external_id="C-7", owner=manager)
        make_account(name="Gamma", city="Delft", owner=manager)
        assert names(client.get(reverse("accounts:list"), {"q": "alf"})) == ["Alfa"]
        assert names(client.get(reverse("accounts:list"), {"q": "c-7"})) == ["Beta"]
        assert names(client.get(reverse("accounts:list"), {"q": "delft"})) == ["Gamma"]

    def test_a_search_finds_nothing_of_another_team(self, client, manager):
        make_account(name="Secret")
        assert names(client.get(reverse("accounts:list"), {"q": "Secret"})) == []

    def test_filters_offer_no_owner_team_or_segment_of_accounts_one_may_not_see(self, client, manager):
        make_account(owner=make_user(name="Hidden Owner"), segment="Hidden Segment", team=make_team(name="Hidden Team"))
        page = client.get(reverse("accounts:list")).content.decode()
        assert "Hidden" not in page

    @pytest.fixture
    def views(self, manager):
        make_account(name="theirs", customer_level=3, customer_position=3, team_level=5, team_position=5, owner=manager)
        make_account(name="theirs alone", customer_level=2, customer_position=2.5, owner=manager)
        make_account(name="ours", team_level=3, team_position=3.2, owner=manager)
        make_account(name="neither", owner=manager)

    @pytest.mark.parametrize(
        ("level", "found"),
        [(3, ["theirs"]), (2, ["theirs alone"]), (5, []), ("ours", ["ours"]), ("none", ["neither"])],
    )
    def test_level_is_the_customers_and_those_without_are_told_apart(self, client, views, level, found):
        assert names(client.get(reverse("accounts:list"), {"level": level})) == found

    def test_sorts_by_the_customers_level(self, client, views):
        assert names(client.get(reverse("accounts:list"), {"sort": "-level"}))[:2] == ["theirs", "theirs alone"]

    @pytest.mark.parametrize("level", ["ours", "none"])
    @pytest.mark.parametrize("sort", ["level", "-level", "gap"])
    def test_sorts_those_without_by_name(self, client, manager, level, sort):
        for name in ("B", "A"):
            make_account(name=name, owner=manager, team_level=3 if level == "ours" else None)
        assert names(client.get(reverse("accounts:list"), {"level": level, "sort": sort})) == ["A", "B"]

    def test_says_whose_each_level_is(self, client, manager):
        make_account(customer_level=3, team_level=5, owner=manager)
        page = client.get(reverse("accounts:list")).content.decode()
        assert ">They</a></th>" in page and '<th scope="col">We</th>' in page
        assert '<td class="theirs"><small class="whose">They</small><span class="lv lv3' in page
        assert '<td class="ours"><small class="whose">We</small><span class="lv our' in page

    def test_targets_to_climb_and_to_hold_are_told_apart(self, client, manager):
        for kind in ("climb", "hold"):
            make_account(name=kind, owner=manager, target_level=3, target_kind=kind, target_status="reached")
        make_account(owner=manager)
        for kind in ("climb", "hold"):
            assert names(client.get(reverse("accounts:list"), {"status": "reached", "kind": kind})) == [kind]

    @pytest.mark.parametrize(
        ("currency", "shown"),
        [
            ("EUR", "€ 200</td>"),
            ("USD", "€ 100<small>$ 200</small></td>"),
            ("JPY", "JPY 200<small>no exchange rate</small></td>"),
        ],
    )
    def test_revenue_is_in_the_reporting_currency_with_its_own_below(self, client, manager, currency, shown):
        ExchangeRate.objects.create(currency="USD", rate="0.5", as_of="2026-01-01")
        make_account(revenue=200, currency=currency, owner=manager)
        assert shown in client.get(reverse("accounts:list")).content.decode()

    def test_filters_by_target_status_owner_team_and_segment(self, client, manager):
        team = make_team(members=[manager])
        mate = make_user()
        team.members.add(mate)
        make_account(name="A", owner=manager, segment="Energy", target_status="at_risk")
        make_account(name="B", owner=mate, team=team)
        for query, expected in (
            ({"status": "at_risk"}, ["A"]),
            ({"owner": mate.pk}, ["B"]),
            ({"team": team.pk}, ["B"]),
            ({"segment": "Energy"}, ["A"]),
        ):
            assert names(client.get(reverse("accounts:list"), query)) == expected

    def test_sorts_by_worth_across_currencies_with_unknown_ones_last(self, client, manager):
        ExchangeRate.objects.create(currency="USD", rate="0.5", as_of="2026-01-01")
        make_account(name="dollars", revenue=300, currency="USD", owner=manager)
        make_account(name="euros", revenue=200, currency="EUR", owner=manager)
        make_account(name="no rate", revenue=900, currency="JPY", owner=manager)
        assert names(client.get(reverse("accounts:list"), {"sort": "-revenue"})) == ["euros", "dollars", "no rate"]
        assert names(client.get(reverse("accounts:list"), {"sort": "revenue"})) == ["dollars", "euros", "no rate"]

    def test_archived_accounts_show_only_when_asked_for(self, client, manager):
        make_account(name="gone", status="archived", owner=manager)
        assert names(client.get(reverse("accounts:list"))) == []
        assert names(client.get(reverse("accounts:list"), {"state": "archived"})) == ["gone"]

    @pytest.mark.parametrize(
        "query", [{"page": "x"}, {"page": "999"}, {"sort": "'; drop"}, {"level": "9"}, {"owner": "0"}, {"owner": "9" * 30}]
    )
    def test_an_odd_query_still_gives_a_page(self, client, manager, query):
        assert client.get(reverse("accounts:list"), query).status_code == 200

    def test_a_nul_byte_in_the_query_is_not_found(self, client, manager):
        assert client.get(reverse("accounts:list") + "?q=%00").status_code == 404

    def test_htmx_gets_the_rows_and_going_back_gets_the_page(self, client, manager):
        rows = client.get(reverse("accounts:list"), headers={"HX-Request": "true"})
        assert b"<html" not in rows.content and b'id="rows"' in rows.content
        assert "HX-Request" in rows.headers["Vary"]
        back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
        assert b"<html" in client.get(reverse("accounts:list"), headers=back).content

    @pytest.mark.parametrize("rows", [1, 200])
    def test_costs_the_same_whatever_the_rows(self, client, manager, rows, django_assert_num_queries):
        Account.objects.bulk_create(Account(name=f"Account {n}", owner=manager) for n in range(rows))
        # session, user, teams, state of the data; how they stand, owners, teams and tags, segments and countries; accounts, their
        # results, saved views
        with django_assert_num_queries(10):
            client.get(reverse("accounts:list"))
        with django_assert_num_queries(7):  # how they stand and the choices are at hand
            client.get(reverse("accounts:list"))

    @pytest.mark.parametrize("sort", [f"{way}{key}" for key in SORTS for way in ("", "-")])
    def test_no_order_costs_more_than_twelve_statements(self, client, manager, sort, django_assert_max_num_queries):
        Account.objects.bulk_create(Account(name=f"Account {n}", owner=manager) for n in range(60))
        first = client.get(reverse("accounts:list"), {"sort": sort})
        with django_assert_max_num_queries(12):
            client.get(reverse("accounts:list"), {"sort": sort, "after": first.context["page"].after})

    def test_an_order_is_told_to_those_who_cannot_see_it(self, client, manager):
        make_account(owner=manager)
        page = client.get(reverse("accounts:list"), {"sort": "-status"}).text
        assert page.count('aria-sort="descending"') == 1
        assert set(re.findall(r"[?;]sort=([a-z]+)", page)) >= set(SORTS) - {"status"}

    def test_next_previous_first_and_last_lead_through_the_list(self, client, manager):
        Account.objects.bulk_create(Account(name=f"Account {n:02}", owner=manager, segment="Food") for n in range(60))
        steps = [("next", 25, 49), ("prev", 0, 24), ("last", 35, 59), ("prev", 10, 34), ("first", 0, 24)]
        page = client.get(reverse("accounts:list"), {"segment": "Food", "sort": "name"}).text
        assert 'rel="prev"' not in page
        for rel, low, high in steps:
            answer = client.get(reverse("accounts:list") + html.unescape(re.search(rf'rel="{rel}" href="([^"]*)"', page)[1]))
            assert (names(answer)[0], names(answer)[-1]) == (f"Account {low:02}", f"Account {high:02}")
            page = answer.text
            assert "segment=Food" in re.search(r'rel="(?:next|prev)" href="([^"]*)"', page)[1]
            assert "60 accounts" in page

    def test_the_old_numbers_of_pages_show_the_first(self, client, manager):
        Account.objects.bulk_create(Account(name=f"Account {n:02}", owner=manager) for n in range(60))
        assert names(client.get(reverse("accounts:list"), {"page": 2}))[0] == "Account 00"

    def test_a_new_order_begins_at_the_first_page(self, client, manager):
        Account.objects.bulk_create(Account(name=f"Account {n:02}", owner=manager) for n in range(60))
        page = client.get(reverse("accounts:list"), {"before": "end"}).text
        assert all("before" not in link for link in re.findall(r'aria-sort="[^"]*"><a href="([^"]*)"', page))

    def test_the_number_of_accounts_follows_every_change(self, client, manager):
        make_account(owner=manager)
        assert client.get(reverse("accounts:list")).context["count"] == 1
        client.post(reverse("accounts:new"), typed(owner=manager.pk))
        assert client.get(reverse("accounts:list")).context["count"] == 2

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"gap": "rosier"}, ["A"]),
            ({"gap": "same"}, ["B"]),
            ({"gap": "gloomier"}, ["C"]),
            ({"country": "NL"}, ["A", "B"]),
            ({"aim": "4"}, ["A"]),
            ({"revenue": "1000"}, ["B", "C"]),
            ({"revenue": "1000", "country": "NL"}, ["B"]),
            ({"status": "no_target"}, ["B", "C"]),
            ({"status": "at_risk"}, ["A"]),
            ({"heard": "year"}, ["A"]),
            ({"heard": "not"}, ["B", "C"]),
            ({"revenue": "x"}, ["A", "B", "C"]),  # what is refused narrows nothing
        ],
    )
    def test_filters_by_what_it_shows(self, client, manager, query, expected):
        heard = timezone.localdate()
        make_account(name="A", owner=manager, customer_level=2, team_level=3, country="NL", revenue=999, target_level=4,
                     target_due_on=heard, target_status="at_risk", last_heard_on=heard)  # fmt: skip
        make_account(name="B", owner=manager, customer_level=2, team_level=2, country="NL", revenue=1000)
        make_account(name="C", owner=manager, customer_level=3, team_level=2, revenue=2000)
        answer = client.get(reverse("accounts:list"), query)
        assert names(answer) == expected and answer.context["count"] == len(expected)
        for sort in SORTS:
            assert sorted(names(client.get(reverse("accounts:list"), query | {"sort": f"-{sort}"}))) == expected

    def test_filters_by_tag_and_by_the_name_of_an_owner(self, client, manager):
        team = make_team(members=[manager])
        make_account(name="A", owner=manager).tags.create(name="key")
        make_account(name="B", owner=make_user(name="Jan de Boer", email="jan@example.com"), team=team)
        tag = Tag.objects.get()
        for query, expected in (({"tag": tag.pk}, ["A"]), ({"owner": "boer"}, ["B"]), ({"owner": "JAN@example.com"}, ["B"])):
            assert names(client.get(reverse("accounts:list"), query)) == expected

    def test_where_there_are_very_many_owners_one_types(self, client, manager, monkeypatch):
        monkeypatch.setattr("accounts.filters.MOST_OWNERS", 0)
        make_account(owner=manager)
        assert '<input type="text" name="owner"' in client.get(reverse("accounts:list")).text

    def test_each_filter_that_is_set_stands_in_words_with_a_way_to_take_it_away(self, client, manager):
        team = make_team(name="Benelux", members=[manager])
        make_account(owner=manager, team=team, customer_level=3, status="archived")
        asked = {"q": "x", "level": "3", "state": "archived", "team": team.pk, "heard": "", "sort": "-gap"}
        tokens = client.get(reverse("accounts:list"), asked).context["tokens"]
        assert [(token.label, token.words) for token in tokens] == [
            ("Team", "Benelux"), ("Their level", "3"), ("State", "archived"),
        ]  # fmt: skip
        assert [token.query for token in tokens] == [
            "q=x&level=3&state=archived&sort=-gap", f"q=x&state=archived&team={team.pk}&sort=-gap", f"q=x&level=3&team={team.pk}&sort=-gap",
        ]  # fmt: skip


@pytest.mark.one_database
class TestMaking:
    def test_makes_an_account_with_tags_and_writes_it_to_the_trail(self, client, manager):
        data = typed(name="Northwind", owner=manager.pk, tags="key, key, growth", revenue="1200.50", country="NL")
        response = client.post(reverse("accounts:new"), data)
        account = Account.objects.get()
        assert response.status_code == 302
        assert sorted(account.tags.values_list("name", flat=True)) == ["growth", "key"]
        event = Event.objects.get(act="account.created")
        assert (event.actor, event.account_id, event.after["name"]) == (manager, account.pk, "Northwind")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("name", "x" * 201),
            ("revenue", "-1"),
            ("revenue", "1.2.3"),
            ("currency", "XXY"),
            ("website", "javascript:alert(1)"),
            ("country", "ZZ"),
            ("employees", "-4"),
            ("customer_since", "31 nevember"),
            ("owner", "999999"),
            ("parent", "no such account"),
            ("tags", "x" * 61),
            ("notes", "nul \x00 byte"),
        ],
    )
    def test_bad_input_is_named_beside_its_field_and_nothing_typed_is_lost(self, client, manager, field, value):
        data = typed(owner=manager.pk, charter="Be their first call") | {field: value}
        response = client.post(reverse("accounts:new"), data)
        assert response.status_code == 422
        assert response.context["form"].errors.keys() == {field}
        assert "Be their first call" in response.content.decode()
        assert not Account.objects.exists()

    def test_an_external_id_of_another_account_is_refused_even_unseen(self, client, manager):
        make_account(external_id="C1")
        response = client.post(reverse("accounts:new"), typed(owner=manager.pk, external_id="C1"))
        assert response.status_code == 422
        assert Account.objects.count() == 1

    def test_a_parent_that_one_may_not_see_is_not_found(self, client, manager):
        make_account(name="Hidden Holding")
        response = client.post(reverse("accounts:new"), typed(owner=manager.pk, parent="Hidden Holding"))
        assert "parent" in response.context["form"].errors

    def test_a_manager_gives_no_account_to_a_stranger(self, client, manager):
        response = client.post(reverse("accounts:new"), typed(owner=make_user().pk))
        assert "owner" in response.context["form"].errors

    def test_a_viewer_may_not(self, client):
        client.force_login(make_viewer())
        assert client.get(reverse("accounts:new")).status_code == 403


@pytest.mark.one_database
class TestChanging:
    def test_stores_what_changed_and_the_trail_says_from_what_to_what(self, client, manager):
        account = make_account(name="Old", owner=manager)
        client.post(reverse("accounts:edit", args=[account.pk]), typed(account, name="New"))
        account.refresh_from_db()
        assert (account.name, account.version) == ("New", 2)
        event = Event.objects.get(act="account.changed")
        assert (event.before, event.after) == ({"name": "Old"}, {"name": "New"})

    def test_a_stale_edit_gets_409_with_both_versions_and_changes_nothing(self, client, manager):
        account = make_account(name="Before", owner=manager)
        Account.objects.filter(pk=account.pk).update(name="Theirs", version=2)
        response = client.post(reverse("accounts:edit", args=[account.pk]), typed(account, name="Mine", notes="long text"))
        page = response.content.decode()
        assert response.status_code == 409
        assert "Theirs" in page and "Mine" in page and "long text" in page
        assert Account.objects.get().name == "Theirs"

    @pytest.mark.parametrize(
        ("language", "theirs", "yours"),
        [
            ("en", ["Belgium", "1,234", "1,200,000.50"], ["Netherlands", "56,789", "3,000,000"]),
            ("nl", ["België", "1.234", "1.200.000,50"], ["Nederland", "56.789", "3.000.000"]),
        ],
    )
    def test_both_versions_are_written_as_pages_write_them(self, client, manager, language, theirs, yours):
        User.objects.filter(pk=manager.pk).update(language=language)
        account = make_account(owner=manager)
        Account.objects.update(country="BE", employees=1234, revenue="1200000.50", version=2)
        sent = typed(account, country="NL", employees="56789", revenue="3000000")
        rows = client.post(reverse("accounts:edit", args=[account.pk]), sent).context["conflict"]
        assert [row["theirs"] for row in rows] == theirs
        assert [row["yours"] for row in rows] == yours

    def test_after_a_conflict_the_same_form_saves_over_it(self, client, manager):
        account = make_account(name="Before", owner=manager)
        Account.objects.filter(pk=account.pk).update(name="Theirs", version=2)
        stale = client.post(reverse("accounts:edit", args=[account.pk]), typed(account, name="Mine"))
        again = typed(account, name="Mine", version=stale.context["form"]["version"].value())
        assert client.post(reverse("accounts:edit", args=[account.pk]), again).status_code == 302
        assert Account.objects.get().name == "Mine"

    def test_the_administrator_may_give_it_to_anyone(self, client):
        client.force_login(make_administrator())
        account, other = make_account(), make_user()
        client.post(reverse("accounts:edit", args=[account.pk]), typed(account, owner=other.pk))
        assert Account.objects.get().owner == other

    def test_changing_nothing_leaves_no_trace(self, client, manager):
        account = make_account(owner=manager)
        client.post(reverse("accounts:edit", args=[account.pk]), typed(account))
        assert not Event.objects.filter(act="account.changed").exists()

    def test_a_browsers_line_ends_are_no_change(self, client, manager):
        account = make_account(owner=manager, strengths="Fixed crew\nOn time")
        page = typed(account, city="Delft", strengths="Fixed crew\r\nOn time")
        client.post(reverse("accounts:edit", args=[account.pk]), page)
        account.refresh_from_db()
        assert (account.city, account.strengths) == ("Delft", "Fixed crew\nOn time")
        assert set(Event.objects.get(act="account.changed").after) == {"city"}

    def test_the_trail_tells_of_tags_too(self, client, manager):
        account = make_account(owner=manager)
        client.post(reverse("accounts:edit", args=[account.pk]), typed(account, tags="key, growth"))
        event = Event.objects.get(act="account.changed")
        assert (event.before, event.after) == ({"tags": []}, {"tags": ["growth", "key"]})


@pytest.mark.one_database
class TestArchiving:
    def archive(self, client, account, archived="yes", **more):
        data = {"archived": archived, "version": account.version} | more
        return client.post(reverse("accounts:archive", args=[account.pk]), data)

    def test_twice_is_once(self, client, manager):
        account = make_account(owner=manager)
        for _ in range(2):
            assert self.archive(client, account).status_code == 302
        assert Account.objects.get().is_archived
        assert Event.objects.filter(act="account.archived").count() == 1

    def test_an_archived_account_comes_back(self, client, manager):
        account = make_account(owner=manager, status="archived")
        self.archive(client, account, "no")
        assert not Account.objects.get().is_archived

    def test_the_page_carries_the_version_that_it_shows(self, client, manager):
        account = make_account(owner=manager, version=7)
        page = client.get(reverse("accounts:edit", args=[account.pk])).text
        form = page[page.index("/archive/") :]
        assert 'name="version" value="7"' in form[: form.index("</form>")]

    def test_an_archived_account_comes_back_by_the_form_on_its_page(self, client, manager):
        account = make_account(owner=manager, status="archived", version=7)
        page = client.get(account.get_absolute_url()).text
        form = page[page.index("/archive/") :]
        sent = dict(re.findall(r'name="(\w+)" value="(\w+)"', form[: form.index("</form>")]))
        assert client.post(reverse("accounts:archive", args=[account.pk]), sent).status_code == 302
        assert not Account.objects.get().is_archived

    def test_what_someone_changed_meanwhile_is_shown_first(self, client, manager):
        account = make_account(name="Before", owner=manager)
        Account.objects.filter(pk=account.pk).update(name="Their new name", version=2)
        answer = self.archive(client, account)
        assert answer.status_code == 409
        assert "Their new name" in answer.text and "Someone changed this account" in answer.text
        assert not Account.objects.get().is_archived
        again = answer.context["account"]
        assert self.archive(client, again).status_code == 302
        assert Account.objects.get().is_archived


@pytest.mark.one_database
class TestContacts:
    def test_adds_a_contact(self, client, manager):
        account = make_account(owner=manager)
        data = {"name": "Ines Duarte", "buying_role": "economic", "influence": 3, "active": "on", "part_of_decision": "on"}
        client.post(reverse("accounts:contact_new", args=[account.pk]), data)
        assert Contact.objects.get().account == account
        assert Event.objects.filter(act="contact.created", account_id=account.pk).exists()

    def test_the_same_address_twice_is_told_beside_the_field(self, client, manager):
        account = make_account(owner=manager)
        make_contact(account, email="ines@example.net")
        data = {"name": "Ines", "email": "Ines@example.net", "buying_role": "user", "influence": 2}
        response = client.post(reverse("accounts:contact_new", args=[account.pk]), data)
        assert response.status_code == 422 and "email" in response.context["form"].errors

    def test_a_stale_edit_gets_409(self, client, manager):
        contact = make_contact(make_account(owner=manager), version=2)
        data = {"name": "Mine", "buying_role": "user", "influence": 2, "part_of_decision": "on", "version": 1}
        response = client.post(reverse("accounts:contact_edit", args=[contact.account_id, contact.pk]), data)
        assert response.status_code == 409 and b"Mine" in response.content

    def test_a_contact_is_reached_through_its_own_account_only(self, client, manager):
        mine, contact = make_account(owner=manager), make_contact()
        assert client.get(reverse("accounts:contact_edit", args=[mine.pk, contact.pk])).status_code == 404


@pytest.mark.one_database
class TestSettings:
    def save(self, client, **fields):
        page = client.get(reverse("accounts:settings"))
        version = page.context["form"]["version"].value()
        data = {"name": "Mila", "language": "", "time_zone": "", "wants_digest": "on", "wants_keys": "on", "version": version}
        return client.post(reverse("accounts:settings"), data | fields, follow=True)

    def test_change_language_and_time_zone(self, client, manager):
        assert '<html lang="nl">' in self.save(client, language="nl", time_zone="America/New_York").text
        manager.refresh_from_db()
        assert manager.time_zone == "America/New_York"

    def test_leave_a_trail(self, client, manager):
        self.save(client, name="Mila Vermeer-de Boer")
        event = Event.objects.get(act="user.changed")
        assert (event.actor, event.object_id) == (manager, manager.pk)
        assert (event.before, event.after) == ({"name": "Mila Vermeer"}, {"name": "Mila Vermeer-de Boer"})

    def test_the_weekly_mail_is_switched_off_and_on_again_and_that_leaves_a_trail(self, client, manager):
        assert manager.wants_digest
        self.save(client, name="Mila Vermeer", wants_digest="")
        event = Event.objects.get(act="user.changed")
        assert (event.before, event.after) == ({"wants_digest": True}, {"wants_digest": False})
        manager.refresh_from_db()
        assert not manager.wants_digest
        self.save(client, name="Mila Vermeer")
        manager.refresh_from_db()
        assert manager.wants_digest

    def test_lead_to_the_address_of_the_calendar(self, client, manager):
        assert f'href="{reverse("plans:calendar_settings")}"' in client.get(reverse("accounts:settings")).text

    def test_a_stale_edit_gets_409_and_keeps_what_was_typed(self, client, manager):
        data = {"name": "Typed here", "language": "", "time_zone": "", "version": 1}
        User.objects.filter(pk=manager.pk).update(name="Typed there", version=2)
        answer = client.post(reverse("accounts:settings"), data)
        assert answer.status_code == 409
        assert "Typed here" in answer.text and "Typed there" in answer.text
        manager.refresh_from_db()
        assert manager.name == "Typed there"

    def test_a_stale_switch_is_shown_in_words(self, client, manager):
        User.objects.filter(pk=manager.pk).update(version=2)
        answer = client.post(reverse("accounts:settings"), {"name": manager.name, "wants_keys": "on", "version": 1})
        (row,) = answer.context["conflict"]
        assert (row["theirs"], row["yours"]) == ("yes", "no")

    def test_a_stale_choice_is_shown_by_its_name(self, client, manager):
        User.objects.filter(pk=manager.pk).update(language="en", version=2)
        answer = client.post(
            reverse("accounts:settings"), {"name": manager.name, "wants_digest": "on", "wants_keys": "on", "version": 1}
        )
        (row,) = answer.context["conflict"]
        assert (row["theirs"], row["yours"]) == ("English", "the browser's")

    @pytest.mark.parametrize("field", ["name", "language", "time_zone"])
    def test_bad_input_is_named_beside_its_field(self, client, manager, field):
        answer = self.save(client, **{field: "x" * 200})
        assert answer.status_code == 422 and answer.context["form"].errors.keys() == {field}
        assert "Mila Vermeer" in answer.text  # the bar shows what is stored

    def test_nobody_gives_themselves_a_role(self, client, manager):
        self.save(client, role="administrator", is_active="", email="other@example.com")
        manager.refresh_from_db()
        assert (manager.role, manager.is_active, manager.email[:6]) == ("manager", True, "person")
