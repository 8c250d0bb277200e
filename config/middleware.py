"""Middleware: health checks, errors of the API, the circuit breaker, NUL bytes, language and time zone."""

import zoneinfo
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers

from config import health
from config.errors import breaker, database_away
from core import organisation
from core.api import PROBLEM, problem_response

type GetResponse = Callable[[HttpRequest], HttpResponseBase]

PROBES: dict[str, GetResponse] = {"/live": health.live, "/ready": health.ready}


class HealthMiddleware:
    """Answer health checks before the session is loaded, since the database may not be available."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = PROBES.get(request.path_info, self.get_response)
        return answer(request)


class ApiProblemMiddleware:
    """Answer every error below /api/ with problem details in JSON, also one that occurs before the API is reached."""

    PASSED_ON = ("Allow", "Retry-After", "WWW-Authenticate", "Content-Security-Policy")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path_info.startswith("/api/"):
            return response
        patch_vary_headers(response, ["Accept-Language", "Authorization"])
        response.headers.setdefault("Cache-Control", "private, no-store")
        if response.status_code < 400 or response.headers.get("Content-Type") == PROBLEM:
            return response
        kept = {name: response.headers[name] for name in self.PASSED_ON if name in response.headers}
        return problem_response(response.status_code, headers=kept | {"Cache-Control": "no-store"})


class CircuitBreakerMiddleware:
    """Answer 503 at once while the circuit breaker is open, so that requests do not queue up for the database."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return database_away() if breaker.is_open() else self.get_response(request)


class CompressPagesMiddleware(GZipMiddleware):
    """Compress pages. Django adds a random length to each answer, so that its size tells nothing of a secret in it (BREACH).

    Only pages: compression would make an ETag of the API a weak one, and workbooks are compressed already.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class RefuseNulBytesMiddleware:
    """Answer 404 to a URL with a NUL byte, and ignore cookies with one: PostgreSQL accepts none in a text."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path or "\x00" in query or "%00" in query:
            raise Http404
        for name in [name for name, value in request.COOKIES.items() if "\x00" in name + value]:
            del request.COOKIES[name]
        return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """The language of the cookie or of the browser, for people who are not signed in."""


class RefusedMethodMiddleware:
    """Give an empty 405 a page: signing in again after a POST redirects to a URL that accepts POST only."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and response.status_code == 405 and not response.content:
            response.content = render_to_string("405.html")
        return response


class PersonalMiddleware:
    """Activate the language and time zone that the user chose in the settings; no one keeps a copy of a signed-in page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        request.person_id = user.pk  # type: ignore[attr-defined]  # for the log
        if not user.is_authenticated:
            return self.get_response(request)
        if user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone) if user.time_zone else organisation.time_zone()):
            response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response
