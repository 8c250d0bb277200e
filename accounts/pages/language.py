"""The page that changes the language: in a cookie for visitors, in the profile for signed-in users."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from accounts.acts.changing import choose_language_of
from core.forms import own_path


@require_http_methods(["GET", "HEAD", "POST"])
def choose_language(request: HttpRequest) -> HttpResponse:
    """Store the language and redirect to the page `next`.

    Without JavaScript the switch is a link to a page of its own: back from there, the browser still has what was typed.
    Django's own view stores the language in a cookie; the profile of a signed-in user takes precedence.
    """
    if request.method != "POST":
        context = {"next": request.GET.get("next") or "/", "languages": settings.LANGUAGES}
        return render(request, "language.html", context)
    language = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        choose_language_of(request.user, language)
    posted = request.POST.copy()
    posted["next"] = own_path(request, posted.get("next", "")) or "/"
    request.POST = posted  # type: ignore[assignment]
    return set_language(request)
