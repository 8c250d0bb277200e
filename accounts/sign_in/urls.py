"""URLs of signing in and out and of passwords: views of allauth with templates of this site."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account import views as allauth_views
from allauth.core.ratelimit import respond_429
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, re_path, reverse
from django.views.generic import TemplateView
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from accounts.permissions import HtmxRequest


class SignIn(allauth_views.LoginView):
    """The sign-in page. On a demo it lists `sign_ins`, users with passwords; `?as=` fills in one of them."""

    sign_ins: Callable[[], list[dict[str, Any]]] = staticmethod(list)

    def dispatch(self, request: HtmxRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.htmx:  # the session ended on an open page: the whole page has to become the sign-in page
            back = request.htmx.current_url_abs_path or "/"
            return HttpResponseClientRedirect(f"{reverse('account_login')}?{urlencode({'next': back})}")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "sign_ins": self.sign_ins(),
            "nobody_yet": not User.objects.exists(),
        }

    def get_form(self, form_class: type[BaseForm] | None = None) -> BaseForm:
        form = super().get_form(form_class)
        person = next((one for one in self.sign_ins() if one["email"] == self.request.GET.get("as")), None)
        if person and not form.is_bound:
            form.initial["login"] = person["email"]
            form.fields["password"].widget.attrs["value"] = person["password"]
        return form

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        if form.has_error(NON_FIELD_ERRORS, "too_many_login_attempts"):
            return respond_429(self.request)
        response = super().form_invalid(form)
        response.status_code = 422
        return response


def sign_in_urls(sign_ins: Callable[[], list[dict[str, Any]]] = list) -> list[URLPattern]:
    """The URL patterns, with the names that allauth uses.

    Sign-up is closed, and administrators maintain the e-mail addresses of users: allauth's pages for these are left out.
    """
    closed = TemplateView.as_view(template_name="account/signup_closed.html")
    return [
        path("login/", SignIn.as_view(sign_ins=sign_ins), name="account_login"),
        path("logout/", allauth_views.logout, name="account_logout"),
        path("inactive/", allauth_views.account_inactive, name="account_inactive"),
        path("signup/", closed, name="account_signup"),
        path("password/change/", allauth_views.password_change, name="account_change_password"),
        path("password/set/", allauth_views.password_set, name="account_set_password"),
        path("password/reset/", allauth_views.password_reset, name="account_reset_password"),
        path("password/reset/done/", allauth_views.password_reset_done, name="account_reset_password_done"),
        re_path(
            r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>.{1,200})/$",
            allauth_views.password_reset_from_key,
            name="account_reset_password_from_key",
        ),
        path(
            "password/reset/key/done/",
            allauth_views.password_reset_from_key_done,
            name="account_reset_password_from_key_done",
        ),
    ]
