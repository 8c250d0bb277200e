"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from accounts.palette import PaletteAct, register_palette_acts
from accounts.permissions import may_add_accounts
from audit import acts
from core import job_runner
from importing.kinds import register_import_list
from importing.lists.definitions import ACCOUNT_LIST, CONTACT_LIST
from importing.models import ImportJob
from importing.trail_acts import ACTS
from importing.work import ImportKind

job_runner.register_job(ImportKind(ImportJob, _("Import")))
register_import_list(ACCOUNT_LIST)
register_import_list(CONTACT_LIST)
acts.register_acts(*ACTS)
register_palette_acts(
    PaletteAct(_("Import a list"), "importing:upload", _("accounts contacts csv excel"), allowed=may_add_accounts)
)
