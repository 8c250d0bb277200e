"""Registers what the rooms below use of this one; `config.apps` loads this module when the site starts."""

from django.utils.translation import gettext_lazy as _

from accounts.acts.erasure import register_contact_data
from accounts.acts.merge_parts import register_account_part, register_contact_part, register_contradictions
from accounts.derived import Occasion, register_derived_columns, register_watcher
from accounts.list_columns import register_list_column
from accounts.palette import AccountAct, PaletteAct, register_account_acts
from assessments import webhook_events
from assessments.contact_data import CONTACT_DATA
from assessments.history import level_columns, results_with
from assessments.merging import RESPONSES, ROUNDS, answers_elsewhere
from assessments.past_levels.kind import HISTORY
from assessments.step_lines import STEPS
from assessments.trail_acts import ACTS
from audit import acts
from hierarchy.measures import register_result_counter
from importing.kinds import register_import_list
from webhooks import endpoints

register_derived_columns(level_columns)
register_list_column(STEPS, after="ours")
register_result_counter(results_with)
register_contact_data(CONTACT_DATA)
register_account_part(ROUNDS)
register_contact_part(RESPONSES)
register_contradictions(answers_elsewhere)
register_import_list(HISTORY)
register_watcher(webhook_events.tell_level_moves, Occasion.ACT)
endpoints.register_event(webhook_events.CLOSED, _("An assessment was closed"))
endpoints.register_event(webhook_events.CLIMBED, _("The level climbed"))
endpoints.register_event(webhook_events.SLID, _("The level slid"))
acts.register_acts(*ACTS)
register_account_acts(AccountAct(PaletteAct(_("Assess"), "assessments:assess", _("rate level our view"), "a"), "assessment.open"))
