"""Registers what the rooms below use of this one; `config.apps` loads this module when the site starts."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.erasure import register_contact_data
from accounts.acts.merge_parts import register_contact_part, register_contradictions, register_leaver, register_staying
from accounts.palette import AccountAct, PaletteAct, register_account_acts, register_palette_acts
from accounts.permissions import may_add_accounts
from audit import acts
from core import job_runner
from mailing import outbox
from surveys import code_letters, letters
from surveys.bulk_rounds import BulkRoundsKind
from surveys.contact_data import CONTACT_DATA
from surveys.invitations import INVITATION, REMINDER
from surveys.merging import INVITATIONS, invitations_elsewhere, withdraw_all
from surveys.models import BulkAccount, BulkRounds
from surveys.survey.codes import CODE
from surveys.trail_acts import ACTS

register_contact_data(CONTACT_DATA)
register_contact_part(INVITATIONS)
register_contradictions(invitations_elsewhere)
register_leaver(withdraw_all)
register_staying(BulkAccount, "account", "tells what became of each account that was chosen then")
job_runner.register_job(BulkRoundsKind(BulkRounds, _("Asking the customers")))
outbox.register_letter(INVITATION, letters.write_invitation, letters.invitation_settled)
outbox.register_letter(REMINDER, letters.write_reminder, letters.reminder_settled)
outbox.register_letter(CODE, code_letters.write_code, code_letters.code_settled)
acts.register_acts(*ACTS)
register_account_acts(AccountAct(PaletteAct(_("Ask the customer"), "surveys:invite", _("invite survey"), "i"), "customer.invite"))
register_palette_acts(PaletteAct(_("Ask many customers"), "surveys:rounds", _("invite survey rounds"), allowed=may_add_accounts))
