"""Throw away what was filled in at second browsers, and codes, once nobody can go on with them."""

from django.db.models import Q, QuerySet
from django.tasks import task

from assessments.models import Assessment
from core import days
from surveys.models import BrowserDraft, Invitation, SurveyCode


@task
def forget_second_browsers() -> int:
    """Each night; how many rows went."""
    over = _over()
    return sum(model._base_manager.filter(invitation__in=over).delete()[0] for model in (BrowserDraft, SurveyCode))


def _over() -> QuerySet[Invitation]:
    """Invitations that can no longer be answered: the round is closed, they were withdrawn or have expired."""
    closed = ~Q(assessment__state=Assessment.State.OPEN)
    return Invitation.objects.filter(closed | Q(state=Invitation.State.REVOKED) | Q(expires_on__lt=days.today()))
