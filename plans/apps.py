from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "plans"
    verbose_name = _("Targets and plans")

    def ready(self) -> None:
        from accounts.derived import derives
        from accounts.erasure import keeps
        from plans.contact_data import KEEPER
        from plans.targets import target_columns

        derives(target_columns)
        keeps(KEEPER)
