"""HEAD wherever the API takes GET: the same call, answered without its body, as HTTP asks of every server."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver

type View = Callable[..., HttpResponse]


def with_head(pattern: URLPattern | URLResolver) -> URLPattern | URLResolver:
    """The same address, which answers HEAD as it answers GET: status and headers, `Content-Length` too, and nothing more."""
    if isinstance(pattern, URLPattern):  # the API has no addresses within addresses
        pattern.callback = _with_head(pattern.callback)
    return pattern


def _with_head(view: View) -> View:
    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method != "HEAD":
            return _telling(view(request, *args, **kwargs))
        request.method = "GET"
        try:
            response = _telling(view(request, *args, **kwargs))
        finally:
            request.method = "HEAD"
        response.headers["Content-Length"] = str(len(response.content))
        response.content = b""
        return response

    return answered


def _telling(response: HttpResponse) -> HttpResponse:
    """An answer that names the methods there are names HEAD, too."""
    if isinstance(response, HttpResponseNotAllowed):
        allowed = {name.strip() for name in response.headers["Allow"].split(",")}
        response.headers["Allow"] = ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))
    return response
