"""Registers what the rooms below use of this one; `config.apps` loads this module when the site starts."""

from accounts.acts.erasure import keeps
from mailing import outbox
from surveys import letters
from surveys.contact_data import KEEPER
from surveys.invitations import INVITATION, REMINDER

keeps(KEEPER)
outbox.kind(INVITATION, letters.write_invitation, letters.invitation_settled)
outbox.kind(REMINDER, letters.write_reminder, letters.reminder_settled)
