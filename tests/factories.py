"""What tests build with: plain functions with defaults, each making only what it names."""

from itertools import count

from accounts.models import Account, Contact, Team, User

_number = count(1)


def make_user(**fields) -> User:
    n = next(_number)
    return User.objects.create_user(**{"email": f"person{n}@example.com", "name": f"Person {n}"} | fields)


def make_viewer(**fields) -> User:
    return make_user(role=User.Role.VIEWER, **fields)


def make_administrator(**fields) -> User:
    return make_user(role=User.Role.ADMINISTRATOR, **fields)


def make_team(*, members=(), leads=(), **fields) -> Team:
    team = Team.objects.create(**{"name": f"Team {next(_number)}"} | fields)
    team.members.set([*members, *leads])
    team.leads.set(leads)
    return team


def make_account(**fields) -> Account:
    owner = fields.pop("owner", None) or make_user()
    return Account.objects.create(owner=owner, **{"name": f"Northwind {next(_number)}"} | fields)


def make_contact(account: Account | None = None, **fields) -> Contact:
    return Contact.objects.create(
        account=account or make_account(),
        **{"name": f"Contact {next(_number)}", "buying_role": Contact.BuyingRole.USER} | fields,
    )
