from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """Code that all other apps use. It imports none of them."""

    name = "core"
    verbose_name = _("foundation")
