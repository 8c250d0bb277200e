from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The top of the house: settings, addresses, and the commands that start the site."""

    name = "config"
