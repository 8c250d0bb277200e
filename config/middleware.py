"""What every request passes: the probes, no NUL bytes, and the language and time zone of the person who asks."""

import zoneinfo

from django.http import Http404
from django.middleware.locale import LocaleMiddleware
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from config import health
from config.errors import database_away, rest
from core.api import PROBLEM, problem

PROBES = {"/live": health.live, "/ready": health.ready}


class HealthMiddleware:
    """Answer the probes before anything asks for the session: it stands in the database that may be away."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = PROBES.get(request.path_info, self.get_response)
        return answer(request)


class ApiProblemMiddleware:
    """Below /api/ every error is a problem in JSON, also where no call of the API was reached."""

    PASSED_ON = ("Allow", "Retry-After", "WWW-Authenticate", "Content-Security-Policy")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not request.path_info.startswith("/api/"):
            return response
        patch_vary_headers(response, ["Accept-Language", "Authorization"])
        response.headers.setdefault("Cache-Control", "private, no-store")
        if response.status_code < 400 or response.headers.get("Content-Type") == PROBLEM:
            return response
        kept = {name: response.headers[name] for name in self.PASSED_ON if name in response.headers}
        return problem(response.status_code, headers=kept | {"Cache-Control": "no-store"})


class DatabaseRestMiddleware:
    """Answer at once where others just waited for the database in vain: a queue of visitors would wait one after another."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return database_away() if rest.lasts() else self.get_response(request)


class RefuseNulBytesMiddleware:
    """Answer 404 to an address that holds a NUL byte, and forget such cookies: PostgreSQL cannot compare with one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        query = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path or "\x00" in query or "%00" in query:
            raise Http404
        for name in [name for name, value in request.COOKIES.items() if "\x00" in name + value]:
            del request.COOKIES[name]
        return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """The language of the cookie, else the browser's: for whoever is not signed in."""


class RefusedMethodMiddleware:
    """Give an empty 405 a page: whoever signs in again after pressing a button is led to where only a form may go."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            response.content = render_to_string("405.html")
        return response


class PersonalMiddleware:
    """The language and time zone that the signed-in person chose in the settings."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        request.person_id = user.pk  # for the log
        if not user.is_authenticated:
            return self.get_response(request)
        if user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone) if user.time_zone else None):
            return self.get_response(request)
