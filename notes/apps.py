from django.apps import AppConfig


class NotesConfig(AppConfig):
    """Dated notes of calls, meetings and mails with a customer, and the colleagues that they mention."""

    name = "notes"
