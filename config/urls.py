"""The addresses: each app has its own, here they come together."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from config import health

handler500 = "config.errors.server_error"

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("portfolio.urls")),
    path("", include("accounts.urls")),
    path("", include("assessments.urls")),
    path("", include("plans.urls")),
    path("hierarchy/", include("hierarchy.urls")),
    path("language/", set_language, name="set_language"),
    path("live", health.live, name="live"),
    path("ready", health.ready, name="ready"),
    path("admin/", admin.site.urls),
    path("", include("allauth.account.urls")),
]
