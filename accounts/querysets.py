"""The vocabulary of accounts: which ones, in the words of the business."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Case, DecimalField, ExpressionWrapper, F, OuterRef, Q, Subquery, Value, When

if TYPE_CHECKING:
    from accounts.models import User


def a_year_before(day: date) -> date:
    """365 days before `day`: a customer that was heard on or after it was heard within a year."""
    return day - timedelta(days=365)


class AccountQuerySet(models.QuerySet):
    def visible_to(self, user: "User"):
        """Accounts that `user` may see: the one place where this is decided."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all_accounts:
            return self
        # Membership by subquery: a join would give an account once for each member.
        return self.filter(Q(owner=user) | Q(team__in=user.teams.all()) | Q(team__in=user.led_teams.all()))

    def changeable_by(self, user: "User"):
        """Accounts that `user` may change: own ones and those of teams that `user` leads."""
        if not user.is_authenticated or not user.is_active or user.role == user.Role.VIEWER:
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

    def at_level(self, level: int):
        """Accounts that stand on `level`: the customer's view, else ours."""
        return self.with_level().filter(level_now=level)

    def with_level(self):
        """Adds `level_now`: the customer's level where there is one, else the team's; None without either."""
        return self.annotate(
            level_now=Case(When(customer_level__isnull=False, then=F("customer_level")), default=F("team_level"))
        )

    def with_gap(self):
        """Adds `gap_now`: team level minus customer level, None when either is missing."""
        return self.annotate(gap_now=F("team_level") - F("customer_level"))

    def with_worth(self):
        """Adds `worth`: the revenue in the reporting currency, None when it or the rate is missing."""
        from accounts.models import ExchangeRate

        rate = Case(
            When(currency=settings.REPORTING_CURRENCY, then=Value(1)),
            default=Subquery(ExchangeRate.objects.filter(currency=OuterRef("currency")).values("rate")[:1]),
            output_field=DecimalField(max_digits=18, decimal_places=8),
        )
        return self.annotate(
            worth=ExpressionWrapper(F("revenue") * rate, output_field=DecimalField(max_digits=30, decimal_places=2))
        )
