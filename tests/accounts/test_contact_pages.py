"""The pages of a contact: what is taken and refused, field by field, what the trail keeps, and whose pages they are."""

import pytest
from django.urls import reverse

from accounts.models import Contact, User
from audit.models import Event
from core import days
from tests.factories import make_account, make_contact, make_team, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

FORM = {"name": "Ines Duarte", "buying_role": "user", "influence": 2, "active": "on", "part_of_decision": "on"}


@pytest.fixture
def manager(client):
    user = make_user()
    client.force_login(user)
    return user


@pytest.fixture
def account(manager):
    return make_account(owner=manager)


def add(client, account, **fields):
    return client.post(reverse("accounts:contact_new", args=[account.pk]), FORM | fields)


def change(client, contact, **fields):
    sent = FORM | {"name": contact.name, "version": contact.version} | fields
    return client.post(reverse("accounts:contact_edit", args=[contact.account_id, contact.pk]), sent)


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"name": ""}, {"name"}),
            ({"name": "   "}, {"name"}),
            ({"name": "x" * 121}, {"name"}),
            ({"email": "ines"}, {"email"}),
            ({"email": "ines@"}, {"email"}),
            ({"email": f"{'x' * 250}@example.com"}, {"email"}),
            ({"phone": "0" * 61}, {"phone"}),
            ({"title": "x" * 121}, {"title"}),
            ({"buying_role": ""}, {"buying_role"}),
            ({"buying_role": "boss"}, {"buying_role"}),
            ({"influence": ""}, {"influence"}),
            ({"influence": "4"}, {"influence"}),
            ({"influence": "0"}, {"influence"}),
            ({"language": "fr"}, {"language"}),
            ({"left_on": "31-31-2026"}, {"left_on"}),
            ({"part_of_decision": ""}, {"not_part_because"}),
            ({"part_of_decision": "", "not_part_because": "  "}, {"not_part_because"}),
            ({"not_part_because": "x" * 201}, {"not_part_because"}),
            ({"reports_to": "999999"}, {"reports_to"}),
            ({"reports_to": "x"}, {"reports_to"}),
            ({"title": "nul \x00 byte"}, {"title"}),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field_and_nothing_is_lost(self, client, account, fields, wrong):
        answer = add(client, account, **({"phone": "06 12345678"} | fields))
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == wrong
        assert answer.context["form"]["phone"].value() == fields.get("phone", "06 12345678")
        assert not Contact.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "stored"),
        [
            ({"name": " Ines  "}, {"name": "Ines"}),
            ({"name": "x" * 120}, {"name": "x" * 120}),
            ({"email": " ines@example.com "}, {"email": "ines@example.com"}),
            ({"language": "nl"}, {"language": "nl"}),
            ({"influence": "1"}, {"influence": 1}),
            ({"active": "", "left_on": "2024-02-29"}, {"active": False}),
            ({"do_not_ask": "on"}, {"do_not_ask": True}),
            ({"part_of_decision": "", "not_part_because": "Advises only"}, {"part_of_decision": False}),
        ],
    )
    def test_what_can_be_is_stored(self, client, account, fields, stored):
        assert add(client, account, **fields).status_code == 302
        contact = Contact.objects.get()
        assert {name: getattr(contact, name) for name in stored} == stored

    def test_one_address_stands_once_at_an_account_and_again_at_another(self, client, manager, account):
        other = make_account(owner=manager)
        assert add(client, account, email="ines@example.com").status_code == 302
        again = add(client, account, name="Other", email="INES@example.com")
        assert again.context["form"].errors["email"] == ["This account already has a contact with this e-mail address."]
        assert add(client, other, email="ines@example.com").status_code == 302

    def test_who_has_no_address_gets_in_nobodys_way(self, client, account):
        assert add(client, account, name="One").status_code == add(client, account, name="Two").status_code == 302
        assert Contact.objects.filter(email="").count() == 2

    def test_a_contact_keeps_the_address_that_they_have(self, client, account):
        contact = make_contact(account, email="ines@example.com")
        assert change(client, contact, email="Ines@example.com", title="Buyer").status_code == 302
        contact.refresh_from_db()
        assert (contact.email, contact.title) == ("Ines@example.com", "Buyer")

    def test_two_people_of_one_name_are_two_contacts(self, client, account):
        add(client, account)
        add(client, account)
        assert Contact.objects.filter(name="Ines Duarte").count() == 2


class TestWhomOneReportsTo:
    def offered(self, client, contact):
        address = reverse("accounts:contact_edit", args=[contact.account_id, contact.pk])
        return {str(one) for one in client.get(address).context["form"].fields["reports_to"].queryset}

    def test_the_others_of_the_account_are_offered_and_nobody_else(self, client, account, manager):
        contact = make_contact(account, name="Ines")
        make_contact(account, name="Boss")
        make_contact(account, name="Left", active=False)
        make_contact(account, name="Erased", erased_on=days.today())
        make_contact(make_account(owner=manager), name="Elsewhere")
        assert self.offered(client, contact) == {"Boss", "Left"}

    def test_someone_of_another_account_is_refused(self, client, account, manager):
        contact, other = make_contact(account), make_contact(make_account(owner=manager))
        assert "reports_to" in change(client, contact, reports_to=other.pk).context["form"].errors

    def test_nobody_reports_to_oneself(self, client, account):
        contact = make_contact(account)
        assert "reports_to" in change(client, contact, reports_to=contact.pk).context["form"].errors

    def test_it_is_taken_away_again(self, client, account):
        contact = make_contact(account, reports_to=make_contact(account))
        assert change(client, contact, reports_to="").status_code == 302
        contact.refresh_from_db()
        assert contact.reports_to is None


class TestTheTrail:
    def test_a_change_tells_from_what_to_what_and_who(self, client, account, manager):
        contact = make_contact(account, name="Ines", title="Buyer")
        change(client, contact, title="Head of buying")
        event = Event.objects.get(act="contact.changed")
        assert (event.actor, event.account_id, event.object_id) == (manager, account.pk, contact.pk)
        assert (event.before, event.after) == ({"title": "Buyer"}, {"title": "Head of buying"})

    def test_saving_without_a_change_leaves_no_trace(self, client, account):
        assert change(client, make_contact(account)).status_code == 302
        assert not Event.objects.filter(act="contact.changed").exists()

    def test_a_refused_form_leaves_none_either(self, client, account):
        add(client, account, name="")
        change(client, make_contact(account), name="")
        assert not Event.objects.filter(act__startswith="contact.").exists()


class TestThePage:
    def test_it_goes_back_to_the_people_of_the_account_and_says_who_is_there(self, client, account, edition):
        answer = add(client, account)
        assert answer.url == account.people_url
        page = client.get(account.people_url)
        assert [str(message) for message in page.context["messages"]] == [f"Ines Duarte is now a contact of {account}"]
        assert "Ines Duarte" in page.text

    def test_a_new_one_has_no_person_to_export_or_to_erase_yet(self, client, account):
        page = client.get(reverse("accounts:contact_new", args=[account.pk])).text
        assert "Erase this person" not in page and "Export everything" not in page

    def test_one_that_is_here_leads_to_their_rights(self, client, account):
        contact = make_contact(account)
        page = client.get(reverse("accounts:contact_edit", args=[account.pk, contact.pk])).text
        for name in ("accounts:contact_export", "accounts:contact_erase"):
            assert reverse(name, args=[account.pk, contact.pk]) in page

    def test_both_versions_stand_on_the_page_of_a_conflict_and_mine_can_be_saved_over_it(self, client, account):
        contact = make_contact(account, title="Buyer")
        Contact.objects.filter(pk=contact.pk).update(title="Their title", version=2)
        stale = change(client, contact, title="My title")
        assert stale.status_code == 409 and "Their title" in stale.text and "My title" in stale.text
        assert Contact.objects.get().title == "Their title"
        again = change(client, contact, title="My title", version=stale.context["form"]["version"].value())
        assert again.status_code == 302 and Contact.objects.get().title == "My title"

    def test_a_form_without_a_version_is_stale(self, client, account):
        contact = make_contact(account, name="Ines")
        assert change(client, contact, name="Other", version="").status_code in {409, 422}
        assert Contact.objects.get().name == "Ines"

    def test_archived_accounts_keep_their_people_up_to_date(self, client, manager):
        account = make_account(owner=manager, status="archived")
        assert add(client, account).status_code == 302

    def test_in_dutch_the_sentences_are_dutch(self, client, account, manager):
        User.objects.filter(pk=manager.pk).update(language="nl")
        make_contact(account, email="ines@example.com")
        (told,) = add(client, account, email="ines@example.com").context["form"].errors["email"]
        assert told == "Dit account heeft al een contactpersoon met dit e-mailadres."


class TestWhoseTheyAre:
    @pytest.mark.parametrize("page", ["contact_new", "contact_edit", "contact_erase"])
    def test_a_member_reads_the_account_and_does_not_change_its_people(self, client, manager, page):
        contact = make_contact(make_account(team=make_team(members=[manager])))
        pks = [contact.account_id] if page == "contact_new" else [contact.account_id, contact.pk]
        address = reverse(f"accounts:{page}", args=pks)
        assert client.get(address).status_code == client.post(address, FORM).status_code == 403
        assert Contact.objects.count() == 1

    @pytest.mark.parametrize("page", ["contact_edit", "contact_erase"])
    def test_a_contact_of_another_account_is_not_there(self, client, account, page):
        contact = make_contact()
        assert client.get(reverse(f"accounts:{page}", args=[account.pk, contact.pk])).status_code == 404
        assert client.post(reverse(f"accounts:{page}", args=[account.pk, contact.pk]), FORM).status_code == 404

    @pytest.mark.parametrize("page", ["contact_edit", "contact_export"])
    def test_who_was_erased_has_no_page_and_no_export(self, client, account, page):
        contact = make_contact(account, erased_on=days.today())
        assert client.post(reverse(f"accounts:{page}", args=[account.pk, contact.pk]), FORM).status_code == 404

    def test_the_lead_of_the_team_changes_them(self, client, manager):
        contact = make_contact(make_account(team=make_team(leads=[manager])))
        assert change(client, contact, title="Buyer").status_code == 302
