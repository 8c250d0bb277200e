"""Owners and teams in an import: whom the importer may name, and finding them by what the file calls them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.assignable import assignable_owners, assignable_teams
from accounts.models import Account, Team, User
from core.text_values import shortened

DAY_FIRST = {"dmy": True, "mdy": False}  # how a page and a command write it


LEFT_OUT = "out"  # a choice for a row that is not to be imported


@dataclass(frozen=True, slots=True)
class Options:
    """Who imports, and what holds where the file says nothing.

    `by` None is the operator at the command line, who may do what an administrator may. Of rows that look like accounts that
    are here, by their lines: `same` has the id of the account that each one is, `passed_over` those that are left out.
    """

    by: User | None
    owner: User | None = None
    team: Team | None = None
    currency: str = ""
    day_first: bool | None = None  # of dates such as 3/4/2024; None where the file itself tells
    same: Mapping[int, int] = field(default_factory=dict)
    passed_over: frozenset[int] = frozenset()


def options_of(user: User, stored: dict) -> Options:
    """The stored choices as they hold now: what `user` may no longer choose counts as not chosen."""
    chosen = stored.get("same", {})
    return Options(
        by=user,
        owner=assignable_owners(user).filter(pk=stored.get("owner") or 0).first(),
        team=assignable_teams(user).filter(pk=stored.get("team") or 0).first(),
        currency=stored.get("currency", ""),
        day_first=DAY_FIRST.get(stored.get("dates", "")),
        same={int(line): choice for line, choice in chosen.items() if choice != LEFT_OUT},
        passed_over=frozenset(int(line) for line, choice in chosen.items() if choice == LEFT_OUT),
    )


class Directory:
    """People and teams by e-mail address and name; five statements, whatever the number of rows."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._people: dict[str, set[User]] = defaultdict(set)
        self._teams = {team.name.casefold(): team for team in Team.objects.all()}
        self._assignable = set(assignable_owners(options.by).values_list("pk", flat=True))
        self._teams_by_id = {team.pk: team for team in assignable_teams(options.by)}
        self._teams_of: dict[int, list[int]] = defaultdict(list)
        for person in User.objects.only("pk", "name", "email"):
            self._people[person.email.casefold()].add(person)
            if person.name:
                self._people[person.name.casefold()].add(person)
        for person_id, team_id in Team.members.through.objects.values_list("user_id", "team_id"):
            self._teams_of[person_id].append(team_id)

    def owner(self, text: str, account: Account | None) -> User:
        """The person whom a cell names. ValueError for none, for two, for whom the importer may not name."""
        found = self._people.get(" ".join(text.split()).casefold(), set())
        if account is not None and any(person.pk == account.owner_id for person in found):
            return account.owner
        if len(found) > 1:
            raise ValueError(
                _("More than one person is called “%(text)s”. Write the e-mail address.") % {"text": shortened(text)}
            )
        # One sentence for both: whether someone is here at all is not told.
        person = next((person for person in found if person.pk in self._assignable), None)
        if person is None:
            raise ValueError(
                _("“%(text)s” cannot be made owner by you. Write an e-mail address, or leave the column out.")
                % {"text": shortened(text)}
            )
        return person

    def team(self, text: str, account: Account | None) -> Team:
        """The team that a cell names. ValueError for none, and for one that the importer may not name."""
        found = self._teams.get(" ".join(text.split()).casefold())
        if found is None or (found.pk not in self._teams_by_id and (account is None or account.team_id != found.pk)):
            raise ValueError(
                _("“%(text)s” is not a team of yours. Write the name of one, or leave the column out.")
                % {"text": shortened(text)}
            )
        return found

    def team_for(self, owner: User) -> Team | None:
        """The team of a new account: the one that was chosen, else the owner's if it is only one."""
        if self.options.team is not None:
            return self.options.team
        teams = self._teams_of[owner.pk]
        return self._teams_by_id.get(teams[0]) if len(teams) == 1 else None
