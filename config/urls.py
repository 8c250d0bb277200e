"""The root URL configuration; it includes the URLs of each app."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.pages.language import choose_language
from accounts.sign_in.urls import sign_in_urls
from api.endpoints import api
from archive.pages import archive
from config import health
from demo import sign_ins

handler400 = "config.errors.bad_request"
handler429 = "config.errors.too_many_requests"  # of allauth: rate limits
handler500 = "config.errors.server_error"

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("portfolio.urls")),
    path("", include("reviews.urls")),
    path("settings/archive/", archive, name="archive"),
    path("", include("importing.urls")),
    path("", include("accounts.urls")),
    path("", include("webhooks.urls")),
    path("", include("notes.urls")),
    path("", include("api.urls")),
    path("", include("assessments.urls")),
    path("", include("surveys.urls")),
    path("", include("plans.urls")),
    path("", include("people.urls")),
    path("hierarchy/", include("hierarchy.urls")),
    path("language/", choose_language, name="set_language"),
    path("api/v1/", api.urls),
    path("live", health.live, name="live"),
    path("ready", health.ready, name="ready"),
    # The password page of the rest of the site, which writes an audit event, replaces that of the back-office.
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    *sign_in_urls(sign_ins.sign_ins),
]
