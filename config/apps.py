from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ConfigConfig(AppConfig):
    """Settings, URLs, middleware, and the commands that start the site."""

    name = "config"

    def ready(self) -> None:
        """Import `start_up.py` of each app, which registers letters, events, imports and derived columns with the apps below it."""
        autodiscover_modules("start_up")
