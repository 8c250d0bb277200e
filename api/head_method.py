"""Answer HEAD like GET, without the body. Django Ninja answers 405 by itself."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver

type View = Callable[..., HttpResponse]


def with_head(pattern: URLPattern | URLResolver) -> URLPattern | URLResolver:
    """The same URL pattern, whose view answers HEAD with the status and headers of GET, `Content-Length` included."""
    if isinstance(pattern, URLPattern):  # the API has no nested resolvers
        pattern.callback = _with_head(pattern.callback)
    return pattern


def _with_head(view: View) -> View:
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "HEAD":
            return _with_head_in_allow(view(request, *args, **kwargs))
        request.method = "GET"
        try:
            response = _with_head_in_allow(view(request, *args, **kwargs))
        finally:
            request.method = "HEAD"
        response.headers["Content-Length"] = str(len(response.content))
        response.content = b""
        return response

    return answered


def _with_head_in_allow(response: HttpResponse) -> HttpResponse:
    """Add HEAD to the `Allow` header of a 405."""
    if isinstance(response, HttpResponseNotAllowed):
        allowed = {name.strip() for name in response.headers["Allow"].split(",")}
        response.headers["Allow"] = ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))
    return response
