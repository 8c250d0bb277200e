"""Survey links: make one, and find it by its secret, of which only a hash is stored."""

import secrets

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from core.secret_digest import digest_of
from surveys.models import Invitation, SurveyLink

BYTES = 24  # 192 random bits, 32 characters


def issue_link(invitation: Invitation) -> str:
    """A new link to the survey, as an address. It is returned only here: the database has a hash of its secret."""
    token = secrets.token_urlsafe(BYTES)
    SurveyLink.objects.create(invitation=invitation, token_hash=digest_of(token))
    return settings.BASE_URL + reverse("surveys:survey_enter", args=[token])


def link_of(token: str) -> SurveyLink | None:
    """The link with this token, with its invitation; one statement, found or not."""
    return _with_invitation().filter(token_hash=digest_of(token)).first()


def link_at(pk: int) -> SurveyLink | None:
    """The link with this id, with its invitation, if it still exists. One statement."""
    return _with_invitation().filter(pk=pk).first()


def _with_invitation() -> QuerySet[SurveyLink]:
    return SurveyLink.objects.select_related(
        "invitation__assessment__account__owner",
        "invitation__assessment__edition",
        "invitation__contact",
        "invitation__invited_by",
    )
