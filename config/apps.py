from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ConfigConfig(AppConfig):
    """The top of the house: settings, addresses, and the commands that start the site."""

    name = "config"

    def ready(self) -> None:
        """Have each app name its letters, events, kinds of imports and derived columns to the apps below it."""
        autodiscover_modules("start_up")
