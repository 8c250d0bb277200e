"""Registers what the rooms below use of this one; `config.apps` loads this module when the site starts."""

from accounts.acts.erasure import register_contact_data
from audit import acts
from mailing import outbox
from surveys import letters
from surveys.contact_data import CONTACT_DATA
from surveys.invitations import INVITATION, REMINDER
from surveys.trail_acts import ACTS

register_contact_data(CONTACT_DATA)
outbox.kind(INVITATION, letters.write_invitation, letters.invitation_settled)
outbox.kind(REMINDER, letters.write_reminder, letters.reminder_settled)
acts.register(*ACTS)
