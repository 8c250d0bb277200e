from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and accounts")

    def ready(self) -> None:
        from accounts.import_kinds import ACCOUNT_LIST, CONTACT_LIST
        from accounts.importing.kinds import kind

        kind(ACCOUNT_LIST)
        kind(CONTACT_LIST)
