"""The door: signing in and out, and the way to a new password. allauth does the work, the pages are ours."""

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account import views as allauth_views
from allauth.core.ratelimit import respond_429
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse
from django.urls import URLPattern, path, re_path, reverse
from django.views.generic import TemplateView
from django_htmx.http import HttpResponseClientRedirect


class SignIn(allauth_views.LoginView):
    """`?as=` fills in one of the people whom `sign_ins` names: on a demo they stand on the page."""

    sign_ins: Callable[[], list[dict]] = staticmethod(list)

    def dispatch(self, request, *args, **kwargs):
        if request.htmx:  # the session ended while a page was open: a part of it is no place to sign in
            back = request.htmx.current_url_abs_path or "/"
            return HttpResponseClientRedirect(f"{reverse('account_login')}?{urlencode({'next': back})}")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(**kwargs) | {"sign_ins": self.sign_ins()}

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        person = next((one for one in self.sign_ins() if one["email"] == self.request.GET.get("as")), None)
        if person and not form.is_bound:
            form.initial["login"] = person["email"]
            form.fields["password"].widget.attrs["value"] = person["password"]
        return form

    def form_invalid(self, form) -> HttpResponse:
        if form.has_error(NON_FIELD_ERRORS, "too_many_login_attempts"):
            return respond_429(self.request)
        response = super().form_invalid(form)
        response.status_code = 422
        return response


def sign_in_urls(sign_ins: Callable[[], list[dict]] = list) -> list[URLPattern]:
    """The addresses of allauth that make sense here, by the names that allauth looks for.

    People do not sign up, and the administrator keeps their e-mail addresses.
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
