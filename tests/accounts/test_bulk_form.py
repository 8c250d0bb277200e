"""The form of a change of many accounts: whom and what it offers, how an owner and a tag are typed, and whose changes are shown."""

import re

import pytest
from django.urls import reverse

from accounts.acts import bulk_change
from accounts.acts.bulk_change import NAMED, Act, Order
from accounts.models import Account, BulkChange, Tag, User
from audit.models import Event
from core import job_runner
from tests.factories import make_account, make_administrator, make_team, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ALL = reverse("accounts:bulk") + "?all=1"


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer", email="mila@example.com")
    client.force_login(user)
    return user


def send(client, address=ALL, **fields):
    page = client.get(address).text
    carried = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("form_key", "seen")}
    return client.post(address, carried | fields)


def offered(client, name):
    field = client.get(ALL).context["form"].fields[name]
    found = field.queryset if name != "owner" else [words for value, words in field.widget.choices if value]
    return [str(one) for one in found]


def do(user, act, value=None, name="") -> BulkChange:
    return bulk_change.start(Account.objects.all(), Order(act, value, name), by=user)


class TestTheOwner:
    def test_a_manager_can_take_accounts_and_give_them_to_nobody(self, client, manager):
        make_team(members=[manager, make_user(name="Mate")])
        assert offered(client, "owner") == ["Mila Vermeer"]

    def test_a_lead_gives_them_to_the_people_of_the_teams_each_once_by_name(self, client, manager):
        zoe, ada = make_user(name="Zoe"), make_user(name="Ada")
        make_team(leads=[manager], members=[zoe, ada])
        make_team(leads=[manager], members=[zoe, make_viewer(name="Reader"), make_user(name="Left", is_active=False)])
        make_user(name="Stranger")
        assert offered(client, "owner") == ["Ada", "Mila Vermeer", "Zoe"]

    def test_an_administrator_gives_them_to_all_who_may_own_accounts(self, client):
        client.force_login(make_administrator(name="Admin"))
        make_user(name="Mate")
        make_viewer(name="Reader")
        make_user(name="Left", is_active=False)
        assert offered(client, "owner") == ["Admin", "Mate"]

    @pytest.mark.parametrize("typed", ["anna@example.com", " ANNA@Example.com ", "Anna de Wit", "anna  de   wit", "ANNA DE WIT"])
    def test_is_typed_by_address_or_full_name_however_it_is_spaced_or_capitalised(self, client, typed):
        client.force_login(make_administrator())
        anna = make_user(name="Anna de Wit", email="anna@example.com")
        account = make_account()
        assert send(client, act="owner", owner=typed).status_code == 302
        account.refresh_from_db()
        assert account.owner == anna

    @pytest.mark.parametrize("typed", ["Anna", "de Wit", "anna@", "anna@example.co", "0", "-1", "1.5", "9" * 30, "%"])
    def test_a_part_of_it_or_a_number_of_nobody_is_refused(self, client, typed):
        client.force_login(make_administrator())
        make_user(name="Anna de Wit", email="anna@example.com")
        make_account()
        answer = send(client, act="owner", owner=typed)
        assert answer.status_code == 422 and "Nobody of that name or address can be made owner by you." in answer.text
        assert not BulkChange.objects.exists()

    def test_of_two_of_one_name_the_address_tells_which(self, client):
        client.force_login(make_administrator())
        make_user(name="Twin", email="one@example.com")
        second = make_user(name="Twin", email="two@example.com")
        make_account()
        assert "More than one person is called so. Write the e-mail address." in send(client, act="owner", owner="twin").text
        assert send(client, act="owner", owner="two@example.com").status_code == 302
        assert Account.objects.get().owner == second

    @pytest.mark.parametrize(("most", "typed"), [(1, False), (0, True)])
    def test_as_many_as_a_list_holds_are_chosen_and_one_more_is_typed(self, client, manager, monkeypatch, most, typed):
        monkeypatch.setattr("accounts.pages.bulk_forms.MOST_OWNERS", most)
        make_account(owner=manager)
        assert ('<input type="text" name="owner"' in client.get(ALL).text) == typed


class TestTheTeamAndTheTag:
    def test_teams_that_one_is_in_or_leads_are_offered(self, client, manager):
        make_team(name="Member", members=[manager])
        make_team(name="Lead").leads.add(manager)  # without being a member
        make_team(name="Other")
        assert sorted(offered(client, "team")) == ["Lead", "Member"]

    def test_tags_to_remove_are_those_of_accounts_that_one_sees(self, client, manager):
        make_account(owner=manager).tags.create(name="mine")
        make_account(owner=manager, status="archived").tags.create(name="of the archive")
        hidden = make_account().tags.create(name="secret")
        assert offered(client, "untag") == ["mine", "of the archive"]
        assert send(client, act="untag", untag=hidden.pk).status_code == 422
        assert "secret" not in client.get(ALL).text

    @pytest.mark.parametrize(("typed", "stored"), [("key", "key"), ("  big   deal ", "big deal"), ("x" * 60, "x" * 60)])
    def test_a_tag_is_stored_with_single_spaces(self, client, manager, typed, stored):
        make_account(owner=manager)
        assert send(client, act="tag", tag=typed).status_code == 302
        assert [tag.name for tag in Account.objects.get().tags.all()] == [stored]

    @pytest.mark.parametrize("typed", ["", "   ", "a,b", "a;b", ",", "x" * 61, "nul \x00"])
    def test_what_is_no_tag_is_refused_beside_its_field(self, client, manager, typed):
        make_account(owner=manager)
        answer = send(client, act="tag", tag=typed)
        assert answer.status_code == 422 and answer.context["form"].errors.keys() == {"tag"}
        assert not Tag.objects.exists()

    def test_what_is_filled_in_for_another_act_does_not_matter(self, client, manager):
        make_account(owner=manager)
        tag = Tag.objects.create(name="other")
        assert send(client, act="archive", untag="", tag="key", owner="").status_code == 302
        assert Account.objects.get().is_archived and not tag.accounts.exists()
        assert BulkChange.objects.get().title == "Archive"


class TestWhatIsSaidBefore:
    def test_the_accounts_of_others_are_named_by_name_and_some_of_very_many(self, client, manager):
        team = make_team(members=[manager])
        Account.objects.bulk_create(
            Account(name=f"Theirs {n:02}", owner=make_user(), team=team) for n in reversed(range(NAMED + 1))
        )
        make_account(owner=manager)
        outlook = client.get(ALL).context["outlook"]
        assert (outlook.mine, outlook.others) == (1, NAMED + 1)
        assert outlook.named_others == [f"Theirs {n:02}" for n in range(NAMED)]
        assert "21 accounts are left alone: they are not yours to change" in client.get(ALL).text

    def test_a_viewer_is_refused(self, client):
        client.force_login(make_viewer())
        make_account()
        assert client.get(ALL).status_code == client.post(ALL, {"act": "archive"}).status_code == 403
        assert not Account.objects.archived().exists()

    def test_only_the_ten_last_changes_of_ones_own_are_listed_the_newest_first(self, client, manager):
        for n in range(12):
            BulkChange.objects.create(user=manager, act="tag", value_name=f"tag {n}", total=1)
        BulkChange.objects.create(user=make_user(), act="tag", value_name="secret", total=1)
        answer = client.get(reverse("accounts:bulk"))
        assert [change.value_name for change in answer.context["lately"]] == [f"tag {n}" for n in range(11, 1, -1)]
        assert "secret" not in answer.text


class TestWhoseChangeItIs:
    @pytest.mark.parametrize("method", ["get", "undo", "cancel"])
    def test_that_of_someone_else_is_not_there_not_even_for_the_administrator(self, client, method):
        owner = make_user()
        make_account(owner=owner)
        change = do(owner, Act.ARCHIVE)
        client.force_login(make_administrator())
        if method == "get":
            answer = client.get(change.get_absolute_url())
        else:
            answer = client.post(reverse(f"accounts:bulk_{method}", args=[change.pk]))
        assert answer.status_code == 404
        assert Account.objects.get().is_archived

    def test_accounts_that_went_out_of_sight_are_not_named_in_it(self, client, manager):
        team = make_team(members=[manager])
        make_account(owner=manager)
        theirs = make_account(name="Theirs", owner=make_user(), team=team)
        change = bulk_change.start(Account.objects.visible_to(manager), Order(Act.ARCHIVE), by=manager)
        assert "Theirs" in client.get(change.get_absolute_url()).text
        team.members.clear()
        assert "Theirs" not in client.get(change.get_absolute_url()).text
        theirs.refresh_from_db()
        assert not theirs.is_archived

    def test_the_part_alone_for_htmx_and_the_page_on_going_back(self, client, manager):
        make_account(owner=manager)
        address = do(manager, Act.ARCHIVE).get_absolute_url()
        part = client.get(address, headers={"HX-Request": "true"})
        assert "<html" not in part.text and "HX-Request" in part.headers["Vary"]
        back = client.get(address, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
        assert "<html" in back.text


class TestWhatItLeavesBehind:
    def test_of_one_account_the_trail_has_no_note_and_of_more_it_says_of_how_many(self, client, manager):
        make_account(owner=manager)
        do(manager, Act.ARCHIVE)
        assert Event.objects.get(act="account.archived").note == ""
        make_account(owner=manager)
        do(manager, Act.TAG, None, "key")
        notes = Event.objects.filter(act="account.changed").values_list("note", flat=True)
        assert set(notes) == {"One of 2 accounts changed together"}

    def test_each_account_gets_a_new_version_by_the_act_and_by_taking_it_back(self, client, manager):
        first, second = make_user(), make_user()
        make_team(leads=[manager], members=[first, second])
        team = manager.led_teams.get()
        for owner in (first, second):
            make_account(owner=owner, team=team)
        change = do(manager, Act.OWNER, manager.pk)
        assert set(Account.objects.values_list("version", flat=True)) == {2}
        job_runner.undo(change, by=User.objects.get(pk=manager.pk))
        assert set(Account.objects.values_list("owner", "version")) == {(first.pk, 3), (second.pk, 3)}

    def test_taking_back_the_archive_is_told_as_what_it_is(self, client, manager):
        account = make_account(owner=manager)
        job_runner.undo(do(manager, Act.ARCHIVE), by=manager)
        acts = list(Event.objects.filter(account_id=account.pk).order_by("pk").values_list("act", flat=True))
        assert acts == ["account.archived", "account.restored"]

    def test_who_gave_a_team_away_takes_it_back_as_the_lead_of_the_former_one(self, client, manager):
        former, other = make_team(leads=[manager]), make_team(members=[manager])
        account = make_account(team=former)
        change = do(manager, Act.TEAM, other.pk)
        job_runner.undo(change, by=User.objects.get(pk=manager.pk))
        account.refresh_from_db()
        assert account.team == former

    def test_the_administrator_takes_back_what_was_given_away(self, client):
        admin = make_administrator()
        account = make_account()
        owner = account.owner
        job_runner.undo(do(admin, Act.OWNER, make_user().pk), by=admin)
        account.refresh_from_db()
        assert account.owner == owner

    def test_who_may_no_longer_sign_in_takes_nothing_back(self, client, manager):
        make_account(owner=manager)
        change = do(manager, Act.ARCHIVE)
        User.objects.filter(pk=manager.pk).update(is_active=False)
        assert job_runner.undo(BulkChange.objects.get(pk=change.pk), by=User.objects.get(pk=manager.pk)).restored == 0
        assert Account.objects.get().is_archived
