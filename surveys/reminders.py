"""Remind contacts who were invited by mail and have not answered."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.tasks import task

from accounts.models import Account, Contact
from assessments.models import Assessment, Response
from core import days
from mailing import outbox
from surveys.invitations import ASKABLE, REMINDER
from surveys.models import Invitation


def to_remind(today: date) -> list[Invitation]:
    """Invitations that get a reminder today: by mail, halfway, without an answer, not reminded yet, not on the last day.

    One statement.
    """
    answered = Response.objects.filter(
        assessment=OuterRef("assessment"), contact=OuterRef("contact"), submitted_at__isnull=False
    )  # fmt: skip
    waiting = (
        Invitation.objects.filter(
            by_mail=True,
            reminded_on=None,
            state__in=[Invitation.State.SENT, Invitation.State.UNSURE, Invitation.State.OPENED],
            expires_on__gt=today,
            assessment__state=Assessment.State.OPEN,
            assessment__account__status=Account.Status.ACTIVE,
            contact__in=Contact.objects.filter(ASKABLE).exclude(email=""),
        )
        .exclude(Exists(answered))  # also where we entered it
        .select_related("assessment", "contact")
        .order_by("pk")
    )
    return [one for one in waiting if today >= halfway(one) and not one.is_moved]


def halfway(invitation: Invitation) -> date:
    """The day in the middle between the invitation and its last day."""
    asked_on = days.day_of(invitation.invited_at)
    return asked_on + (invitation.expires_on - asked_on + timedelta(days=1)) // 2


@task
def remind_contacts() -> int:
    """Send the reminders of today; returns their number."""
    return remind(days.today())


@transaction.atomic
def remind(today: date) -> int:
    """Queue a reminder for each invitation of `to_remind`; returns their number. Calling it again sends none twice."""
    waiting = to_remind(today)
    outbox.post_many(REMINDER, {f"reminder:{invitation.pk}": invitation.pk for invitation in waiting})
    return len(waiting)
