"""The session of a survey: a signed cookie of its own, so that addresses hold no secret and nobody has to sign in.

It is independent of Django's session: a colleague who tries a link stays signed in.

In a confidential round the browser has a key besides, which lasts as long as a round: answers are shown again in the browser
that gave them and in no other, whoever holds a link (docs/decisions/0018).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.csp import CSP

from core import organisation
from surveys.invitations import AT_MOST
from surveys.models import Invitation
from surveys.survey.links import link_at
from surveys.survey.response import SurveyOver

COOKIE, BROWSER = "survey", "survey_browser"
SALT = "surveys.survey.session"
LASTS = 2 * 3600  # seconds after the last page
KNOWN_FOR = int(AT_MOST.total_seconds())  # after the last page, too
CSP_OF_SURVEY = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}


@dataclass(slots=True)
class SurveyVisit:
    """The session of one contact: the invitation, the language, and the key of the browser."""

    link_id: int
    invitation: Invitation
    language: str
    key: str  # of the browser

    @property
    def browser(self) -> str:
        """The mark of this browser on its answers, different for each invitation; "" in a named round, which needs none."""
        if not self.invitation.assessment.is_confidential:
            return ""
        return salted_hmac(SALT, f"{self.invitation.pk} {self.key}", algorithm="sha256").hexdigest()

    @property
    def mark(self) -> str:
        """A mark in every form: a form of another invitation than the session's is refused."""
        return salted_hmac(SALT, str(self.invitation.pk), algorithm="sha256").hexdigest()[:20]

    def speak(self, language: str) -> None:
        """Switch to `language`, if the site has it."""
        if language in dict(settings.LANGUAGES):
            self.language = language
            translation.activate(language)

    def keep(self, response: HttpResponse) -> None:
        """Set the cookies of the session on `response`, which extends it."""
        self._store(response, COOKIE, f"{self.link_id}-{self.language}", LASTS)
        if self.invitation.assessment.is_confidential:
            self._store(response, BROWSER, self.key, KNOWN_FOR)

    def _store(self, response: HttpResponse, name: str, value: str, seconds: int) -> None:
        response.set_signed_cookie(
            name, value, salt=SALT, max_age=seconds, path=reverse("surveys:survey"),
            secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
        )  # fmt: skip


def begin(request: HttpRequest, link_id: int, invitation: Invitation) -> SurveyVisit:
    known = invitation.language in dict(settings.LANGUAGES)
    return SurveyVisit(link_id, invitation, invitation.language if known else organisation.language(), _key_of(request))


def visit_of(request: HttpRequest) -> SurveyVisit | None:
    """The session of `request`, if its link still opens the survey. One statement."""
    value = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=LASTS)
    if not value:
        return None
    link_id, _, language = value.partition("-")
    link = link_at(int(link_id))
    if link is None or not link.invitation.is_usable:
        return None
    return SurveyVisit(link.pk, link.invitation, language, _key_of(request))


def _key_of(request: HttpRequest) -> str:
    return request.get_signed_cookie(BROWSER, default="", salt=SALT, max_age=KNOWN_FOR) or secrets.token_urlsafe(24)


def private_response(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Set headers against caches, search engines and referrers, and the content security policy of the survey."""

    @wraps(view)
    def with_headers(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response._csp_config = CSP_OF_SURVEY  # type: ignore[attr-defined]  # noqa: SLF001 as `csp_override` does
        return response

    return with_headers


def for_respondent(view: Callable[[HttpRequest, SurveyVisit], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Call the view with the session of the survey, in the respondent's language and the organisation's time zone.

    Without a session, or when the survey is over meanwhile, `over` answers.
    """

    @private_response
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        visit = visit_of(request)
        if visit is None:
            return over(request)
        try:
            with translation.override(visit.language), timezone.override(None):
                response = view(request, visit)
                response.headers["Content-Language"] = translation.get_language()
        except SurveyOver:
            return over(request)
        # Under “no-referrer” a browser sends “null” as the origin of a form, which Django refuses.
        response.headers["Referrer-Policy"] = "same-origin"
        visit.keep(response)
        return response

    return answered


def over(request: HttpRequest) -> HttpResponse:
    """The same 404 page for every link that opens no survey; it gives no name and no reason."""
    return render(request, "surveys/survey/over.html", status=404)
