"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from accounts.acts.erasure import keeps
from audit import acts
from mailing import outbox
from surveys import letters
from surveys.contact_data import KEEPER
from surveys.invitations import INVITATION, REMINDER
from surveys.trail_acts import ACTS

keeps(KEEPER)
outbox.kind(INVITATION, letters.write_invitation, letters.invitation_settled)
outbox.kind(REMINDER, letters.write_reminder, letters.reminder_settled)
acts.register(*ACTS)
