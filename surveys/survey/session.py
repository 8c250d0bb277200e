"""The customer's short session: a signed cookie of its own, so that the address needs no secret and no sign-in.

A colleague who tries a link stays signed in: this has nothing to do with Django's session of users.

In a confidential round the browser has a key besides, which lasts as long as a round: answers are shown again in the browser
that gave them and in no other, whoever holds a link (docs/decisions/0012).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.csp import CSP

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
class Visit:
    """Who answers, and in which language they read."""

    link_id: int
    invitation: Invitation
    language: str
    key: str  # of the browser

    @property
    def browser(self) -> str:
        """Stands for this browser on the answers given in it; another for each invitation. "" where nothing is kept apart."""
        if not self.invitation.assessment.is_confidential:
            return ""
        return salted_hmac(SALT, f"{self.invitation.pk} {self.key}", algorithm="sha256").hexdigest()

    @property
    def mark(self) -> str:
        """Stands in every form: one sent for another invitation than the session's must not be taken for this one's."""
        return salted_hmac(SALT, str(self.invitation.pk)).hexdigest()[:20]

    def speak(self, language: str) -> None:
        """Go on in `language`, if it is one of ours."""
        if language in dict(settings.LANGUAGES):
            self.language = language
            translation.activate(language)

    def keep(self, response: HttpResponse) -> None:
        """Let the session last on, in the browser that gets `response`."""
        self._store(response, COOKIE, f"{self.link_id}-{self.language}", LASTS)
        if self.invitation.assessment.is_confidential:
            self._store(response, BROWSER, self.key, KNOWN_FOR)

    def _store(self, response: HttpResponse, name: str, value: str, seconds: int) -> None:
        response.set_signed_cookie(
            name, value, salt=SALT, max_age=seconds, path=reverse("surveys:survey"),
            secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
        )  # fmt: skip


def begin(request: HttpRequest, link_id: int, invitation: Invitation) -> Visit:
    known = invitation.language in dict(settings.LANGUAGES)
    return Visit(link_id, invitation, invitation.language if known else settings.LANGUAGE_CODE, _key_of(request))


def visit_of(request: HttpRequest) -> Visit | None:
    """The session under way, if its link still leads to the survey. One statement."""
    value = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=LASTS)
    if not value:
        return None
    link_id, _, language = value.partition("-")
    link = link_at(int(link_id))
    if link is None or not link.invitation.is_usable:
        return None
    return Visit(link.pk, link.invitation, language, _key_of(request))


def _key_of(request: HttpRequest) -> str:
    return request.get_signed_cookie(BROWSER, default="", salt=SALT, max_age=KNOWN_FOR) or secrets.token_urlsafe(24)


def discreet(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Nothing of it is kept, found or passed on by whoever carries it, and nothing is loaded from elsewhere."""

    @wraps(view)
    def discreetly(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response._csp_config = CSP_OF_SURVEY  # type: ignore[attr-defined]  # noqa: SLF001 as `csp_override` does
        return response

    return discreetly


def for_respondent(view: Callable[[HttpRequest, Visit], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Call the view with the visit under way, in the respondent's language and the organisation's time zone.

    Without a visit, or when the survey is over meanwhile, the friendly page answers.
    """

    @discreet
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
        # A browser that tells nothing of where it comes from says “null” of a form's origin, and Django refuses that.
        response.headers["Referrer-Policy"] = "same-origin"
        visit.keep(response)
        return response

    return answered


def over(request: HttpRequest) -> HttpResponse:
    """The one friendly page for whatever leads to no survey. It names nobody and gives no hint why."""
    return render(request, "surveys/survey/over.html", status=404)
