"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from accounts.acts.erasure import register_contact_data
from mailing import outbox
from surveys import letters
from surveys.contact_data import CONTACT_DATA
from surveys.invitations import INVITATION, REMINDER

register_contact_data(CONTACT_DATA)
outbox.kind(INVITATION, letters.write_invitation, letters.invitation_settled)
outbox.kind(REMINDER, letters.write_reminder, letters.reminder_settled)
