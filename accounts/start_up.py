"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.bulk_change import BulkChangeKind
from accounts.models import BulkChange
from core import job_runner

job_runner.kind(BulkChangeKind(BulkChange, _("Change of many accounts")))
