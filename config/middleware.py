"""What every request passes: no NUL bytes, and the language and time zone of the person who asks."""

import zoneinfo

from django.http import Http404
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation


class RefuseNulBytesMiddleware:
    """Answer 404 to an address that holds a NUL byte: PostgreSQL cannot store or compare one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404
        return None


class LanguageMiddleware(LocaleMiddleware):
    """The language of the cookie, else the browser's: for whoever is not signed in."""


class PersonalMiddleware:
    """The language and time zone that the signed-in person chose in the settings."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        if user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone) if user.time_zone else None):
            return self.get_response(request)
