"""What the pages of the customer share: their context, and the addresses of screens."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from assessments.words import asked_by
from core import organisation
from surveys.survey.session import SurveyVisit

if TYPE_CHECKING:
    from surveys.survey.response import Survey


def show(request: HttpRequest, visit: SurveyVisit, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    found: Survey | None = context.get("survey")
    invitation = visit.invitation
    asker = found.asker if found else invitation.invited_by or invitation.assessment.account.owner
    context |= {
        "visit": visit,
        "invitation": invitation,
        "account": invitation.assessment.account,
        "asker": asker,
        "asked_by": asked_by(asker),
        "organisation": organisation.name(),
        "other_language": _other_language(),
    }
    return render(request, template, context, status=status)


def screen_address(number: int, *, to_end: bool = False) -> str:
    """The address of a screen; 0 is the welcome."""
    address = reverse("surveys:survey")
    if number:
        address += f"?at={number}" + ("&end=1" if to_end else "")
    return address


def _other_language() -> tuple[str, str]:
    """The code and own name of the language to switch to."""
    return next((code, name) for code, name in settings.LANGUAGES if code != translation.get_language())
