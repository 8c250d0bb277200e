"""Registers what the rooms below use of this one; `config.apps` loads this module when the site starts."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.erasure import register_contact_data
from accounts.acts.merge_parts import register_account_part, register_contact_part, register_contradictions
from accounts.tabs import AccountTab, register_tab
from audit import acts
from mailing import outbox
from notes import letters, webhook_events
from notes.contact_data import CONTACT_DATA
from notes.merging import NOTES, WITH_WHOM, notes_elsewhere
from notes.trail_acts import ACTS
from webhooks import endpoints

register_contact_data(CONTACT_DATA)
register_account_part(NOTES)
register_contact_part(WITH_WHOM)
register_contradictions(notes_elsewhere)
outbox.register_letter(letters.MENTIONED, letters.write_mention, letters.settled)
endpoints.register_event(webhook_events.ADDED, _("A note was added"))
acts.register_acts(*ACTS)
register_tab(AccountTab("notes", _("Notes"), "notes:list", 50))
