"""The addresses: each app has its own, here they come together."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.language import choose_language
from accounts.signin import sign_in_urls
from config import demo, health
from config.api import api
from config.archive.views import archive

handler400 = "config.errors.bad_request"
handler429 = "config.errors.too_many_requests"  # of allauth: rate limits
handler500 = "config.errors.server_error"

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("portfolio.urls")),
    path("settings/archive/", archive, name="archive"),
    path("", include("accounts.urls")),
    path("", include("assessments.urls")),
    path("", include("plans.urls")),
    path("hierarchy/", include("hierarchy.urls")),
    path("language/", choose_language, name="set_language"),
    path("api/v1/", api.urls),
    path("live", health.live, name="live"),
    path("ready", health.ready, name="ready"),
    # One door, one way to a new password: the ones that the rest of the site has, and that leave a trail.
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    *sign_in_urls(demo.sign_ins),
]
