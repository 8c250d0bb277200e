"""Queries of accounts: those that a user may see or change, active and archived ones, and groups of accounts."""

from datetime import date, timedelta
from typing import Any, Protocol, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When

from core.stored_keys import KeyedQuerySet

#: What figures count. An account stands, climbs and slides by its customer's word alone.
ONLY_OUR_VIEW = Q(customer_level=None, team_level__isnull=False)
NOT_ASSESSED = Q(customer_level=None, team_level=None)
CLIMBED = Q(customer_level__gt=F("customer_level_year_ago"))
SLID = Q(customer_level__lt=F("customer_level_year_ago"))
CLIMB_REACHED = Q(target_status="reached", target_kind="climb")
#: The currency of revenue that is in no sum, for want of an exchange rate; else empty.
CURRENCY_WITHOUT_RATE = Case(When(revenue__gt=0, worth=None, then=F("currency")), default=Value(""))


class UserProtocol(Protocol):
    """The part of `accounts.models.User` that querysets use; a protocol, because the models import this module."""

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
    """The day 365 days before `day`: an account was heard within a year if it was heard on that day or later."""
    return day - timedelta(days=365)


class AccountQuerySet(KeyedQuerySet):
    def visible_to(self, user: UserProtocol, *, teams_first: bool = False) -> Self:
        """Accounts that `user` may see: the one place where this is decided.

        `teams_first` reads the ids of the teams first: one more statement, unless `user` sees all accounts. It is for the
        long list: from the ids the database knows whether many accounts match, which it reads along an index, or few.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all_accounts:
            return self
        if teams_first:
            return self.filter(Q(owner=user) | Q(team__in=user.seen_team_ids))
        # Membership by subquery: a join would give an account once for each member.
        return self.filter(Q(owner=user) | Q(team__in=user.teams.all()) | Q(team__in=user.led_teams.all()))

    def changeable_by(self, user: UserProtocol) -> Self:
        """Accounts that `user` may change: own ones and those of teams that `user` leads."""
        if not user.is_authenticated or not user.is_active or user.reads_only:
            return self.none()
        if user.is_administrator:
            return self
        return self.filter(Q(owner=user) | Q(team__in=user.led_teams.all()))

    def active(self) -> Self:
        return self.filter(status="active")

    def archived(self) -> Self:
        """Those that can be taken back: without those that were merged into another account."""
        return self.filter(status="archived", merged_into=None)

    def unmerged(self) -> Self:
        """Without those that were merged into another account."""
        return self.filter(merged_into=None)

    def unheard_since(self, day: date) -> Self:
        """Accounts without an answer of the customer on or after `day`."""
        return self.filter(Q(last_heard_on=None) | Q(last_heard_on__lt=day))

    def of_family(self, pk: int) -> Self:
        """The account with this id and its descendants, three generations deep.

        A descendant is found even if the accounts between are not in this queryset.
        """
        every = self.model._default_manager.order_by()
        # A union: each part reads the index of the parent. One condition with OR would read every account.
        tree = every.filter(pk=pk).values("pk").union(*_descendants_by_generation(every, pk), all=True)
        return self.filter(pk__in=tree)


#: Lookups from an account to its parent, its grandparent and its great-grandparent.
PARENT_PATHS = ("parent", "parent__parent", "parent__parent__parent")


def _descendants_by_generation(accounts: models.QuerySet, pk: int) -> list[models.QuerySet]:
    """The ids of children, of grandchildren and of great-grandchildren: one queryset each."""
    return [accounts.filter(**{path: pk}).values("pk") for path in PARENT_PATHS]
