import pytest

from accounts.models import Account
from accounts.permissions import may
from tests.factories import make_account, make_administrator, make_team, make_user, make_viewer

pytestmark = pytest.mark.django_db


def seen_by(user):
    return set(Account.objects.visible_to(user).values_list("name", flat=True))


def test_a_manager_sees_own_accounts_and_those_of_own_teams_and_no_others():
    mate, manager = make_user(), make_user()
    team = make_team(members=[mate, manager])
    make_account(name="own", owner=manager)
    make_account(name="team's", owner=mate, team=team)
    make_account(name="mate's, in no team", owner=mate)
    make_account(name="stranger's", team=make_team())

    assert seen_by(manager) == {"own", "team's"}


def test_an_account_appears_once_however_many_members_its_team_has():
    manager = make_user()
    make_account(owner=manager, team=make_team(members=[manager, make_user(), make_user()]))

    assert Account.objects.visible_to(manager).count() == 1


def test_a_lead_who_is_no_member_sees_the_teams_accounts():
    lead = make_user()
    team = make_team()
    team.leads.add(lead)
    make_account(name="team's", team=team)

    assert seen_by(lead) == {"team's"}


@pytest.mark.parametrize("make", [make_viewer, make_administrator])
def test_viewer_and_administrator_see_all(make):
    make_account(name="someone's")

    assert seen_by(make()) == {"someone's"}


def test_a_disabled_person_sees_nothing():
    manager = make_user(is_active=False)
    make_account(owner=manager)

    assert seen_by(manager) == set()


def test_who_may_change_an_account():
    owner, mate, lead, stranger_lead = make_user(), make_user(), make_user(), make_user()
    team = make_team(members=[owner, mate], leads=[lead])
    make_team(leads=[stranger_lead])
    account = make_account(owner=owner, team=team)

    allowed = {
        "owner": may(owner, "account.change", account),
        "mate": may(mate, "account.change", account),
        "lead": may(lead, "account.change", account),
        "lead of another team": may(stranger_lead, "account.change", account),
        "viewer": may(make_viewer(), "account.change", account),
        "administrator": may(make_administrator(), "account.change", account),
    }

    assert allowed == {
        "owner": True,
        "mate": False,
        "lead": True,
        "lead of another team": False,
        "viewer": False,
        "administrator": True,
    }


def test_a_viewer_who_owns_an_account_still_changes_nothing():
    viewer = make_viewer()

    assert not may(viewer, "target.set", make_account(owner=viewer))


def test_changeable_accounts_are_those_that_may_says_yes_to():
    owner, mate, lead = make_user(), make_user(), make_user()
    team = make_team(members=[owner, mate], leads=[lead])
    for account in (make_account(owner=owner, team=team), make_account(owner=mate, team=team), make_account(owner=mate)):
        for user in (owner, mate, lead, make_viewer(), make_administrator()):
            listed = Account.objects.changeable_by(user).filter(pk=account.pk).exists()
            assert listed == may(user, "account.change", account)


def test_an_unknown_act_is_an_error_and_not_a_no():
    with pytest.raises(ValueError, match="unknown act"):
        may(make_user(), "account.chnage", make_account())
