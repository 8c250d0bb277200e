"""What hangs on a colleague: how much there is of each kind, and where it is listed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from assessments.models import Assessment
from plans.models import Action, ActionPlan
from portfolio.models import SavedView

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Holding:
    label: "StrOrPromise"
    count: int
    address: str  # of the page that lists them; "" where no page does


def holdings_of(person: User) -> list[Holding]:
    """Accounts, plans, actions, rounds and views in the name of `person`, also those with none. One statement."""
    counts: dict[str, int] = (
        User.objects.filter(pk=person.pk)
        .values(
            number_of_accounts=_number(Account.objects.active().filter(owner=OuterRef("pk")), "owner"),
            number_of_plans=_number(ActionPlan.objects.filter(owner=OuterRef("pk"), state=ActionPlan.State.OPEN), "owner"),
            number_of_actions=_number(Action.objects.pending().filter(owner=OuterRef("pk")), "owner"),
            number_of_rounds=_number(
                Assessment.objects.filter(opened_by=OuterRef("pk"), state=Assessment.State.OPEN), "opened_by"
            ),
            number_of_saved=_number(SavedView.objects.filter(user=OuterRef("pk")), "user"),
        )
        .get()
    )
    mine = f"{reverse('accounts:list')}?owner={person.pk}"
    return [
        Holding(_("accounts"), counts["number_of_accounts"], mine),
        Holding(_("open plans"), counts["number_of_plans"], ""),
        Holding(_("open actions"), counts["number_of_actions"], f"{reverse('plans:actions')}?tab=team&who={person.pk}"),
        Holding(_("open rounds"), counts["number_of_rounds"], ""),
        Holding(_("saved views"), counts["number_of_saved"], ""),
    ]


def holds_anything(holdings: Iterable[Holding]) -> bool:
    return any(one.count for one in holdings)


def _number(rows: QuerySet, column: str) -> Coalesce:
    counted = rows.order_by().values(column).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
