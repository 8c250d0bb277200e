"""The vocabulary of accounts: which ones, in the words of the business."""

from datetime import date, timedelta
from typing import Any, Protocol

from django.db import models
from django.db.models import Q


class Person(Protocol):
    """What the querysets ask of a person: `accounts.models.User`, which stands above them."""

    is_active: Any
    teams: Any
    led_teams: Any

    @property
    def is_authenticated(self) -> bool: ...
    @property
    def reads_only(self) -> bool: ...
    @property
    def is_administrator(self) -> bool: ...
    @property
    def sees_all_accounts(self) -> bool: ...
    @property
    def seen_team_ids(self) -> frozenset[int]: ...


def a_year_before(day: date) -> date:
    """365 days before `day`: a customer that was heard on or after it was heard within a year."""
    return day - timedelta(days=365)


class AccountQuerySet(models.QuerySet):
    def visible_to(self, user: Person, *, teams_first: bool = False):
        """Accounts that `user` may see: the one place where this is decided.

        `teams_first` asks for the teams at once, one statement for who does not see all: for the long list, which the
        database walks along an index if many of its accounts are seen, and picks out if few are. It has to know which.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all_accounts:
            return self
        if teams_first:
            return self.filter(Q(owner=user) | Q(team__in=user.seen_team_ids))
        # Membership by subquery: a join would give an account once for each member.
        return self.filter(Q(owner=user) | Q(team__in=user.teams.all()) | Q(team__in=user.led_teams.all()))

    def changeable_by(self, user: Person):
        """Accounts that `user` may change: own ones and those of teams that `user` leads."""
        if not user.is_authenticated or not user.is_active or user.reads_only:
            return self.none()
        if user.is_administrator:
            return self
        return self.filter(Q(owner=user) | Q(team__in=user.led_teams.all()))

    def active(self):
        return self.filter(status="active")

    def archived(self):
        return self.filter(status="archived")

    def unheard_since(self, day: date):
        """Accounts whose customer side was not heard on or after `day`."""
        return self.filter(Q(last_heard_on=None) | Q(last_heard_on__lt=day))

    def of_family(self, pk: int):
        """The account with this id and those below it, three generations deep; whoever lies between need not be among them."""
        every = self.model._default_manager.order_by()
        # One after the other, each along the index of the parent: as alternatives they would be looked for in every account.
        tree = every.filter(pk=pk).values("pk").union(*generations_below(every, pk), all=True)
        return self.filter(pk__in=tree)


GENERATIONS = ("parent", "parent__parent", "parent__parent__parent")


def generations_below(accounts: models.QuerySet, pk: int) -> list[models.QuerySet]:
    """The ids of children, grandchildren and their children, each for itself."""
    return [accounts.filter(**{path: pk}).values("pk") for path in GENERATIONS]
