"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.erasure import keeps
from core import job_runner
from mailing import outbox
from surveys import letters
from surveys.bulk_rounds import BulkRoundsKind
from surveys.contact_data import KEEPER
from surveys.invitations import INVITATION, REMINDER
from surveys.models import BulkRounds

keeps(KEEPER)
job_runner.kind(BulkRoundsKind(BulkRounds, _("Asking the customers")))
outbox.kind(INVITATION, letters.write_invitation, letters.invitation_settled)
outbox.kind(REMINDER, letters.write_reminder, letters.reminder_settled)
