"""The people of the demo portfolio: five who sign in with the password `demo`, and colleagues who only own accounts."""

from random import Random

from accounts.models import Team, User
from portfolio.demo.names import REGIONS, person

PASSWORD = "demo"  # noqa: S105 - printed at the start, for trying only
SIGN_INS = (
    ("admin@example.com", "Ada Kramer", User.Role.ADMINISTRATOR, "administrator: back-office, catalogue, users"),
    ("lead@example.com", "Lena Vos", User.Role.MANAGER, "team lead: sees and edits all accounts of team Benelux"),
    ("manager@example.com", "Mila Vermeer", User.Role.MANAGER, "account manager in Benelux: own accounts, reads the team's"),
    ("other@example.com", "Olof Strand", User.Role.MANAGER, "account manager in team Nordics: none of Benelux"),
    ("viewer@example.com", "Vera Blom", User.Role.VIEWER, "executive: reads everything, changes nothing"),
)


def make(teams: dict[str, Team], chance: Random) -> dict[str, list[User]]:
    """Make the people and put them in their teams; gives, by team name, those who own accounts."""
    known = {email: _sign_in(email, name, role) for email, name, role, _ in SIGN_INS}
    staff: dict[str, list[User]] = {}
    for region in REGIONS:
        colleagues = [_colleague(region.team, number, person(region, chance)) for number in (1, 2)]
        staff[region.team] = colleagues
        teams[region.team].members.add(*colleagues)
        if region.team != "Benelux":
            teams[region.team].leads.add(colleagues[0])
    lead, manager, other = known["lead@example.com"], known["manager@example.com"], known["other@example.com"]
    teams["Benelux"].members.add(lead, manager)
    teams["Benelux"].leads.add(lead)
    teams["Nordics"].members.add(other)
    staff["Benelux"] = [manager, lead, manager, *staff["Benelux"]]
    staff["Nordics"] = [other, *staff["Nordics"]]
    return staff


def _sign_in(email: str, name: str, role: str) -> User:
    user = User.objects.filter(email=email).first() or User(email=email)
    user.name, user.role = name, role
    user.set_password(PASSWORD)
    user.save()
    return user


def _colleague(team: str, number: int, name: str) -> User:
    user, new = User.objects.get_or_create(email=f"{team.lower()}{number}@example.com", defaults={"name": name})
    if new:
        user.set_unusable_password()
        user.save()
    return user
