"""The users of the demo: five who can sign in with the password `demo`, and colleagues who only own accounts."""

from random import Random

from accounts.models import Team, User
from demo.names import REGIONS, Region, person
from demo.stories import is_own

MANAGED = "Benelux"  # the team of the lead and the manager who sign in
ACCOUNTS_EACH = 40
PASSWORD = "demo"  # noqa: S105 - printed at the start, for trying only
SIGN_INS = (
    ("admin@example.com", "Ada Kramer", User.Role.ADMINISTRATOR, "administrator: back-office, catalogue, users"),
    ("lead@example.com", "Lena Vos", User.Role.MANAGER, "team lead: sees and edits all accounts of team Benelux"),
    ("manager@example.com", "Mila Vermeer", User.Role.MANAGER, "account manager in Benelux: own accounts, reads the team's"),
    ("other@example.com", "Olof Strand", User.Role.MANAGER, "account manager in team Nordics: none of Benelux"),
    ("viewer@example.com", "Vera Blom", User.Role.VIEWER, "executive: reads everything, changes nothing"),
)


def make(teams: dict[str, Team], accounts: int, chance: Random) -> dict[str, list[User]]:
    """Create the users and add them to their teams; returns account managers by team, those who sign in first.

    `accounts` is the number of accounts of a team.
    """
    known = {email: _sign_in(email, name, role) for email, name, role, _ in SIGN_INS}
    lead, manager, other = known["lead@example.com"], known["manager@example.com"], known["other@example.com"]
    staff: dict[str, list[User]] = {MANAGED: [manager, lead], "Nordics": [other]}
    for region in REGIONS:
        names: set[str] = {name for _, name, _, _ in SIGN_INS}
        team, owners = teams[region.team], staff.setdefault(region.team, [])
        colleagues = [
            _colleague(region.team, number, _new_name(names, region, chance))
            for number in range(1, 3 + accounts // ACCOUNTS_EACH)
        ]
        team.members.add(*owners, *colleagues)
        team.leads.add(lead if region.team == MANAGED else colleagues[0])
        owners.extend(colleagues)
    return staff


def owner_of(staff: list[User], index: int, *, managed: bool) -> User:
    """The owner of the account `index` of a team with this staff."""
    if managed:
        if is_own(index):
            return staff[0]
        staff = staff[1:]
    return staff[index % len(staff)]


def _new_name(names: set[str], region: Region, chance: Random) -> str:
    """A name that nobody of the team has, with a middle initial when the names of the region are used up."""
    for attempt in range(1000):
        name = person(region, chance)
        if attempt >= 20:
            first, last = name.split(" ", 1)
            name = f"{first} {chance.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
        if name not in names:
            break
    names.add(name)
    return name


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
