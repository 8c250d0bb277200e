"""Owners and teams in an import: whom the importer may name, and finding them by what the file calls them."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.assignable import assignable_owners, assignable_teams
from accounts.models import Account, Team, User
from core.folding import same_text
from core.text_values import shortened
from importing.unknown_values import NO_ANSWER, Answers, UnknownValue, answer_for

_WITH_ADDRESS = re.compile(
    r"(?P<name>[^<>()]*?)\s*[<(]\s*(?P<email>[^<>()@\s]+@[^<>()@\s]+)\s*[>)]"
)  # as HubSpot and mail write it
DAY_FIRST = {"dmy": True, "mdy": False}  # how a page and a command write it


@dataclass(frozen=True, slots=True)
class Options:
    """Who imports, and what holds where the file says nothing.

    `by` None is the operator at the command line, who may do what an administrator may. `answers` is what was said of values that
    nobody knows.
    """

    by: User | None
    owner: User | None = None
    team: Team | None = None
    currency: str = ""
    day_first: bool | None = None  # of dates such as 3/4/2024; None where the file itself tells
    answers: Answers = field(default_factory=dict)

    @property
    def asks(self) -> bool:
        """Whether somebody can be asked what a value is; at the command line nobody can."""
        return self.by is not None


def options_of(user: User | None, stored: dict) -> Options:
    """The stored choices as they hold now: what `user` may no longer choose counts as not chosen."""
    return Options(
        by=user,
        owner=assignable_owners(user).filter(pk=stored.get("owner") or 0).first(),
        team=assignable_teams(user).filter(pk=stored.get("team") or 0).first(),
        currency=stored.get("currency", ""),
        day_first=DAY_FIRST.get(stored.get("dates", "")),
        answers=stored.get("answers", {}),
    )


class Directory:
    """People and teams by e-mail address and name; five statements, whatever the number of rows."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._people: dict[str, set[User]] = defaultdict(set)
        self._teams = {same_text(team.name): team for team in Team.objects.all()}
        self._assignable = set(assignable_owners(options.by).values_list("pk", flat=True))
        self._teams_by_id = {team.pk: team for team in assignable_teams(options.by)}
        self._teams_of: dict[int, list[int]] = defaultdict(list)
        self._people_by_id: dict[int, User] = {}
        for person in User.objects.only("pk", "name", "email"):
            self._people_by_id[person.pk] = person
            self._people[same_text(person.email)].add(person)
            if person.name:
                self._people[same_text(person.name)].add(person)
        for person_id, team_id in Team.members.through.objects.values_list("user_id", "team_id"):
            self._teams_of[person_id].append(team_id)

    def owner(self, text: str, account: Account | None) -> User | None:
        """The person whom a cell names; None where a person said to do as if it named none.

        UnknownValue for none, for two, for whom the importer may not name, unless it is the owner already.
        """
        found = self._called(text)
        if account is not None and any(person.pk == account.owner_id for person in found):
            return account.owner
        allowed = [person for person in found if person.pk in self._assignable]
        if len(found) == 1 and allowed:
            return allowed[0]
        said = answer_for(self.options.answers, "owner", text)
        if said == "":
            return None
        if said is not NO_ANSWER and said in self._assignable:  # who may no longer be named is asked for again
            return self._people_by_id[said]
        if len(found) > 1:
            reason = _("More than one person is called “%(text)s”. Write the e-mail address.")
        else:  # one sentence for both: whether someone is here at all is not told
            reason = _("“%(text)s” cannot be made owner by you. Write an e-mail address, or leave the column out.")
        raise UnknownValue("owner", text, reason % {"text": shortened(text)})

    def _called(self, text: str) -> set[User]:
        """The people of this address or name; of “Name (address)” those of the address, else those of the name."""
        whole = same_text(text)
        with_address = _WITH_ADDRESS.fullmatch(whole)
        names = (whole, with_address["email"], with_address["name"]) if with_address else (whole,)
        return next((self._people[name] for name in names if self._people.get(name)), set())

    def team(self, text: str, account: Account | None) -> Team | None:
        """The team that a cell names; None where a person said to do as if it named none.

        UnknownValue for none, and for one that the importer may not name, unless the account is in it.
        """
        found = self._teams.get(same_text(text))
        if found is not None and (found.pk in self._teams_by_id or (account is not None and account.team_id == found.pk)):
            return found
        said = answer_for(self.options.answers, "team", text)
        if said == "":
            return None
        if said is not NO_ANSWER and said in self._teams_by_id:
            return self._teams_by_id[said]
        reason = _("“%(text)s” is not a team of yours. Write the name of one, or leave the column out.")
        raise UnknownValue("team", text, reason % {"text": shortened(text)})

    def team_for(self, owner: User) -> Team | None:
        """The team of a new account: the one that was chosen, else the owner's if it is only one."""
        if self.options.team is not None:
            return self.options.team
        teams = self._teams_of[owner.pk]
        return self._teams_by_id.get(teams[0]) if len(teams) == 1 else None
