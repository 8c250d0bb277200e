"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from accounts import outbox, webhooks
from accounts.derived import Occasion, derives, watches
from accounts.erasure import keeps
from accounts.importing.kinds import kind
from assessments import invite_mail, webhook_events
from assessments.contact_data import KEEPER
from assessments.history import level_columns
from assessments.importing.kind import HISTORY
from assessments.invitations import INVITATION, REMINDER

derives(level_columns)
keeps(KEEPER)
kind(HISTORY)
outbox.kind(INVITATION, invite_mail.write_invitation, invite_mail.invitation_settled)
outbox.kind(REMINDER, invite_mail.write_reminder, invite_mail.reminder_settled)
watches(webhook_events.tell_level_moves, Occasion.ACT)
webhooks.kind(webhook_events.CLOSED, _("An assessment was closed"))
webhooks.kind(webhook_events.CLIMBED, _("The level climbed"))
webhooks.kind(webhook_events.SLID, _("The level slid"))
