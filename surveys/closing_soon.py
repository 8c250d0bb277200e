"""Open rounds that close within seven days, for the dashboard and the digest."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.querysets import AccountQuerySet
from assessments.models import Assessment, Response
from surveys.models import Invitation

SOON = timedelta(days=7)


def closing_soon(accounts: AccountQuerySet, today: date) -> QuerySet[Assessment]:
    """Open rounds of active `accounts` that close today or within seven days, the first to close first; with the account.

    Annotates `asked` and `answered`, counted as on the page of the round, and `all`, the number of such rounds. One statement.
    """
    submitted = Response.objects.filter(
        assessment=OuterRef("assessment"), contact=OuterRef("contact"), submitted_at__isnull=False
    )  # fmt: skip
    asked = Invitation.objects.filter(assessment=OuterRef("pk")).annotate(has_answered=Exists(submitted))
    return (
        Assessment.objects.open()
        .filter(account__in=accounts.active(), closes_on__range=(today, today + SOON))
        .select_related("account")
        .annotate(
            asked=_count(asked.filter(~Q(state=Invitation.State.REVOKED) | Q(has_answered=True))),
            answered=_count(asked.filter(has_answered=True)),
            all=Window(Count("pk")),
        )
        .order_by("closes_on", "account__name", "pk")
    )


def answered_words(assessment: Any) -> str:
    """How many have answered; `assessment` comes from `closing_soon`. Never what they said."""
    if not assessment.asked:
        return _("nobody is asked any more")
    return _("%(some)s of %(all)s answered") % {"some": assessment.answered, "all": assessment.asked}


def closes_words(assessment: Assessment, today: date) -> str:
    day = assessment.closes_on or today
    days = (day - today).days
    if days <= 0:
        return _("closes today")
    if days == 1:
        return _("closes tomorrow")
    return _("closes on %(day)s") % {"day": date_format(day, "l j F")}


def _count(invitations: QuerySet[Invitation]) -> Coalesce:
    number = invitations.order_by().values("assessment").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)
