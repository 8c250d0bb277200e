"""Registers what the rooms below use of this one; `config.apps` loads this module when the site starts."""

from audit import acts
from mailing import outbox
from people import inviting
from people.trail_acts import ACTS

acts.register_acts(*ACTS)
outbox.register_letter(inviting.INVITATION, inviting.write_invitation, inviting.invitation_settled)
