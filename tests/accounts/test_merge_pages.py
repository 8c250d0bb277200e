"""The pages that merge accounts and contacts, move a contact, and take that back; and what other pages say of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.acts import bulk_change
from accounts.acts.contact_merging import merge_contacts
from accounts.acts.contact_moving import move_contact
from accounts.acts.merging import merge_accounts
from accounts.models import Account, Contact
from tests.core.page_forms import form_to
from tests.factories import make_account, make_assessment, make_contact, make_plan, make_target, make_team, make_user, place

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
TODAY = timezone.localdate()


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def pair(manager) -> tuple[Account, Account]:
    kept = make_account(owner=manager, name="Adler BV", source="crm", external_id="1", city="Gouda", country="NL")
    merged = make_account(owner=manager, name="Adler B.V.", source="crm", external_id="2", city="Delft", segment="Steel")
    return kept, merged


def url(name: str, *rows, query: str = "") -> str:
    return reverse(f"accounts:{name}", args=[row.pk for row in rows]) + query


def send(client, address: str, page: str | None = None, **typed):
    """The form of the page to this address as the page holds it, with what is typed."""
    shown = client.get(page or address)
    assert shown.status_code == 200
    return client.post(address, form_to(shown.text, address, page or address) | typed)


def words(response) -> str:
    return " ".join(response.text.split())


class TestFinding:
    def test_look_alikes_come_first_and_a_search_finds_others(self, client, pair, manager):
        make_account(owner=manager, name="Zeevaart BV")
        page = client.get(url("merge_find", pair[0], query="?q=zeev"))
        assert [account for account, _why in page.context["alike"]] == [pair[1]]
        assert [account.name for account in page.context["found"]] == ["Zeevaart BV"]

    def test_only_accounts_that_one_may_change_are_offered(self, client, pair, manager):
        team = make_team(members=[manager])
        make_account(name="Adler", team=team)
        page = client.get(url("merge_find", pair[0], query="?q=adler"))
        assert {account for account, _why in page.context["alike"]} == {pair[1]}
        assert page.context["found"] == [pair[1]]

    def test_the_account_page_asks_for_look_alikes_by_itself(self, client, pair):
        assert url("merge_alike", pair[0]) in client.get(pair[0].get_absolute_url() + "people/").text
        part = client.get(url("merge_alike", pair[0]), headers={"HX-Request": "true"})
        assert "Possibly the same customer" in part.text
        assert url("merge", *pair) in part.text
        assert client.get(url("merge_alike", pair[0])).url == url("merge_find", pair[0])

    def test_a_merged_account_is_no_look_alike_any_more(self, client, pair, manager):
        merge_accounts(*pair, by=manager, seen=(0, 0), choices={})
        assert client.get(url("merge_find", pair[0])).context["alike"] == []
        page = client.post(reverse("accounts:new"), {"name": "Adler  BV.", "currency": "EUR", "owner": manager.pk})
        assert [account for account, _why in page.context["alike"]] == [pair[0]]

    def test_the_form_of_a_new_account_offers_to_merge_two_that_look_like_it(self, client, pair, manager):
        page = client.post(reverse("accounts:new"), {"name": "Adler", "currency": "EUR", "owner": manager.pk})
        assert url("merge", *pair) in page.text
        Account.objects.filter(pk=pair[1].pk).update(owner=make_user(), team=make_team(members=[manager]))
        page = client.post(reverse("accounts:new"), {"name": "Adler", "currency": "EUR", "owner": manager.pk})
        assert url("merge", *pair) not in page.text


class TestMerging:
    def test_the_page_says_what_differs_what_comes_along_and_what_moves(self, client, pair):
        make_contact(pair[1])
        page = client.get(url("merge", *pair))
        preview = page.context["preview"]
        assert [choice.field.name for choice in preview.to_choose] == ["name", "city", "external_id"]
        assert [field.name for field in preview.filled] == ["segment"]
        assert next((thing.label, thing.kept, thing.moving) for thing in preview.things) == ("Contacts", 0, 1)

    def test_it_is_done_with_what_was_chosen(self, client, pair):
        answer = send(client, url("merge", *pair), **{"field-city": "merged"})
        assert answer.url == pair[0].get_absolute_url()
        for account in pair:
            account.refresh_from_db()
        assert (pair[0].city, pair[0].segment, pair[1].merged_into) == ("Delft", "Steel", pair[0])

    def test_who_is_ticked_is_the_same_person(self, client, pair):
        people = [make_contact(one, name="Ines", email="ines@adler.example") for one in pair]
        other = make_contact(pair[1], name="Petra", email="info@adler.example")
        make_contact(pair[0], name="Jan", email="info@adler.example")
        address = url("merge", *pair)
        fields = form_to(client.get(address).text, address, address)
        assert f"same-{people[1].pk}" in fields
        assert f"same-{other.pk}" not in fields
        client.post(address, {**fields, f"same-{other.pk}": "on"})
        assert sorted(pair[0].contacts.values_list("name", flat=True)) == ["Ines", "Jan"]

    def test_an_obstacle_is_told_before_anything_is_sent(self, client, pair, edition):
        for account in pair:
            make_assessment(account)
        page = client.get(url("merge", *pair))
        assert "Both have an open assessment" in page.text
        assert " disabled>" in page.text

    def test_remarks_say_what_becomes_of_targets_and_plans(self, client, pair):
        for account in pair:
            place(account, customer=2.5)
            make_target(account, set_on=TODAY - timedelta(days=1))
            make_plan(account, goal="One voice")
        remarks = " ".join(client.get(url("merge", *pair)).context["preview"].remarks)
        assert "Both have a target" in remarks
        assert "One voice" in remarks

    @pytest.mark.parametrize("name", ["version", "other_version"])
    def test_a_stale_page_is_a_conflict_and_keeps_the_choices(self, client, pair, name):
        address = url("merge", *pair)
        fields = form_to(client.get(address).text, address, address)
        answer = client.post(address, fields | {name: "7", "field-city": "merged"})
        assert answer.status_code == 409
        assert "Somebody changed one of the two" in answer.text
        again = form_to(answer.text, address, address)
        assert (again[name], again["field-city"]) == (["1"], ["merged"])
        assert client.post(address, again).status_code == 302

    def test_the_second_click_leads_to_the_same_page(self, client, pair):
        address = url("merge", *pair)
        fields = form_to(client.get(address).text, address, address)
        assert client.post(address, fields).url == client.post(address, fields).url == pair[0].get_absolute_url()

    def test_an_account_of_somebody_else_is_not_there(self, client, pair):
        assert client.get(url("merge", pair[0], make_account())).status_code == 404

    def test_a_parent_that_one_does_not_see_is_not_named(self, client, pair):
        Account.objects.filter(pk=pair[1].pk).update(parent=make_account(name="Secret Holding"))
        assert "Secret Holding" not in client.get(url("merge", *pair)).text

    @pytest.mark.parametrize("rows", [1, 10])
    def test_the_page_costs_the_same_whatever_the_rows(self, client, pair, rows, django_assert_max_num_queries):
        for account in pair:
            for n in range(rows):
                make_contact(account, email=f"a{n}@adler.example", name="Ines")
                make_plan(account, state="dropped")
        with django_assert_max_num_queries(36):
            client.get(url("merge", *pair))


class TestAfterwards:
    @pytest.fixture
    def merged(self, pair, manager):
        merge_accounts(*pair, by=manager, seen=(0, 0), choices={})
        for account in pair:
            account.refresh_from_db()
        return pair

    def test_the_merged_account_leads_to_the_other(self, client, merged):
        page = client.get(merged[1].get_absolute_url())
        assert page.status_code == 200
        assert "This account was merged into" in page.text
        assert merged[0].get_absolute_url() in page.text
        assert url("edit", merged[1]) not in page.text
        assert url("contact_new", merged[1]) not in page.text
        assert url("merge_undo", merged[1]) in page.text

    def test_who_does_not_see_the_other_is_not_told_its_name(self, client, merged):
        member = make_user()
        Account.objects.filter(pk=merged[1].pk).update(team=make_team(members=[member]))
        client.force_login(member)
        page = client.get(merged[1].get_absolute_url()).text
        assert "into one that you do not see" in page
        assert "Adler BV" not in page

    def test_the_kept_account_names_what_was_merged(self, client, merged):
        page = client.get(merged[0].get_absolute_url())
        assert "was merged into this account" in words(page)
        assert url("merge_undo", merged[1]) in page.text

    def test_it_is_taken_back_on_a_page(self, client, merged):
        answer = send(client, url("merge_undo", merged[1]))
        assert answer.url == merged[1].get_absolute_url()
        assert not Account.objects.get(pk=merged[1].pk).is_merged
        assert client.post(url("merge_undo", merged[1])).url == merged[1].get_absolute_url()

    def test_a_reason_against_it_is_shown(self, client, merged, manager):
        last = make_account(owner=manager)
        merge_accounts(last, merged[0], by=manager, seen=(0, 0), choices={})
        page = client.get(url("merge_undo", merged[1]))
        assert "can no longer be taken back" in page.text
        answer = client.post(url("merge_undo", merged[1]), {"version": page.context["account"].version, "other_version": 3})
        assert answer.status_code == 422
        assert "Take that back first" in answer.text

    def test_a_stale_page_takes_nothing_back(self, client, merged):
        assert send(client, url("merge_undo", merged[1]), version="7").status_code == 409
        assert Account.objects.get(pk=merged[1].pk).is_merged

    def test_it_cannot_be_changed_archived_or_get_people(self, client, merged):
        Account.objects.filter(pk=merged[1].pk).update(version=9)
        answer = client.post(url("archive", merged[1]), {"version": 9, "archived": "no"})
        assert answer.status_code == 302
        edited = client.post(
            url("edit", merged[1]), {"name": "Other", "currency": "EUR", "owner": merged[1].owner_id, "version": 9}
        )
        added = client.post(url("contact_new", merged[1]), {"name": "Ines", "buying_role": "user", "influence": 2})
        assert (edited.status_code, added.status_code) == (422, 422)
        account = Account.objects.get(pk=merged[1].pk)
        assert (account.name, account.status, account.contacts.count()) == ("Adler B.V.", "archived", 0)

    def test_a_change_of_many_accounts_leaves_it_in_the_archive(self, client, merged):
        other = make_account(owner=merged[0].owner, status="archived")
        order = bulk_change.Order(bulk_change.Act.RESTORE)
        assert list(Account.objects.archived()) == [other]
        change = bulk_change.start(Account.objects.filter(status="archived"), order, by=merged[0].owner)
        change.refresh_from_db()
        assert (change.changed, change.left) == (1, 1)
        assert bulk_change.left_alone(change, merged[0].owner) == [(merged[1], "it was merged into another account")]
        assert not Account.objects.get(pk=other.pk).is_archived

    def test_no_account_gets_it_as_its_parent(self, client, merged, manager):
        child = make_account(owner=manager)
        fields = {"name": child.name, "currency": "EUR", "owner": manager.pk, "version": 1}
        assert client.post(url("edit", child), fields | {"parent": "Adler B.V."}).status_code == 422
        assert client.post(url("edit", child), fields | {"parent": "2"}).status_code == 302
        assert Account.objects.get(pk=child.pk).parent == merged[0]


class TestContacts:
    @pytest.fixture
    def people(self, pair):
        return make_contact(pair[0], name="Ines Adler", email="ines@adler.example"), make_contact(
            pair[0], name="I. Adler", phone="010"
        )

    def test_the_other_is_chosen_and_merged(self, client, pair, people):
        find, compare = (
            url("contact_merge", pair[0], people[0]),
            url("contact_merge", pair[0], people[0], query=f"?with={people[1].pk}"),
        )
        assert compare in client.get(find).text
        answer = send(client, find, compare, **{"field-name": "merged"})
        assert answer.url == pair[0].people_url
        assert list(pair[0].contacts.values_list("name", "phone")) == [("I. Adler", "010")]

    def test_a_stale_page_is_a_conflict(self, client, pair, people):
        page = url("contact_merge", pair[0], people[0], query=f"?with={people[1].pk}")
        assert send(client, url("contact_merge", pair[0], people[0]), page, other_version="7").status_code == 409

    def test_somebody_of_another_account_is_not_there(self, client, pair, people):
        other = make_contact(pair[1])
        assert client.get(url("contact_merge", pair[0], people[0], query=f"?with={other.pk}")).status_code == 404

    def test_it_is_taken_back_on_the_page_of_the_contact(self, client, pair, people, manager):
        merge_contacts(*people, by=manager, seen=(0, 0), choices={})
        answer = send(client, url("contact_undo", pair[0], people[0]), url("contact_edit", pair[0], people[0]))
        assert answer.status_code == 302
        assert pair[0].contacts.count() == 2

    def test_the_account_is_found_and_they_go_there(self, client, pair, people):
        find = url("contact_move", pair[0], people[0])
        assert f"{find}?to={pair[1].pk}" in client.get(f"{find}?q=adler").text
        answer = send(client, find, f"{find}?to={pair[1].pk}", email="ines@b.example", title="Director")
        assert answer.url == pair[1].people_url
        new = pair[1].contacts.get()
        assert (new.email, new.title, new.former) == ("ines@b.example", "Director", people[0])

    def test_an_address_that_cannot_be_is_refused_and_stays_in_the_field(self, client, pair, people):
        find = url("contact_move", pair[0], people[0])
        answer = send(client, find, f"{find}?to={pair[1].pk}", email="ines")
        assert answer.status_code == 422
        assert 'value="ines"' in answer.text
        make_contact(pair[1], email="ines@b.example")
        answer = send(client, find, f"{find}?to={pair[1].pk}", email="ines@b.example")
        assert answer.status_code == 422
        assert "already has a contact" in answer.text

    def test_a_stale_page_is_a_conflict_and_keeps_what_was_typed(self, client, pair, people):
        find = url("contact_move", pair[0], people[0])
        answer = send(client, find, f"{find}?to={pair[1].pk}", email="ines@b.example", version="7")
        assert answer.status_code == 409
        assert 'value="ines@b.example"' in answer.text
        assert Contact.objects.get(pk=people[0].pk).active

    @pytest.mark.parametrize("to", ["x", "0", "99999"])
    def test_an_account_that_is_not_there_is_not_found(self, client, pair, people, to):
        assert client.get(url("contact_move", pair[0], people[0], query=f"?to={to}")).status_code == 404

    def test_both_account_pages_name_the_other_to_who_sees_it(self, client, pair, people, manager):
        move_contact(people[0], pair[1], by=manager, seen=0)
        assert pair[1].get_absolute_url() in client.get(pair[0].get_absolute_url() + "people/").text
        assert "before at" in client.get(pair[1].get_absolute_url() + "people/").text
        member = make_user()
        Account.objects.filter(pk=pair[1].pk).update(team=make_team(members=[member]))
        client.force_login(member)
        assert "before at" not in client.get(pair[1].get_absolute_url() + "people/").text

    def test_a_move_is_taken_back_on_the_page_of_the_new_contact(self, client, pair, people, manager):
        new = move_contact(people[0], pair[1], by=manager, seen=0)
        answer = send(client, url("contact_undo", pair[1], new), url("contact_edit", pair[1], new))
        assert answer.url == pair[1].people_url
        assert (pair[1].contacts.count(), Contact.objects.get(pk=people[0].pk).active) == (0, True)
