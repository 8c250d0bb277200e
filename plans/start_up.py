"""Registers what the rooms below use of this one; `config.apps` loads this module when the site starts."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import side_bar
from accounts.acts.erasure import register_contact_data
from accounts.acts.merge_parts import register_account_part
from accounts.derived import Occasion, register_derived_columns, register_preparation, register_watcher
from accounts.palette import (
    AccountAct,
    PaletteAct,
    register_account_acts,
    register_palette_acts,
    register_palette_find,
)
from accounts.permissions import may_add_accounts
from accounts.tabs import AccountTab, register_tab
from audit import acts
from core.in_place import register_in_place
from mailing import outbox
from notes.letters import settled
from plans import webhook_events
from plans.actions import comments
from plans.actions.acts import actions_called, my_overdue_actions
from plans.actions.in_place import ACTION_FIELDS
from plans.contact_data import CONTACT_DATA
from plans.forecast import basis
from plans.merging import PLANS, TARGETS
from plans.targets.status import target_columns
from plans.trail_acts import ACTS
from webhooks import endpoints

register_derived_columns(target_columns)
register_preparation(basis.renew)
register_contact_data(CONTACT_DATA)
register_account_part(TARGETS)
register_account_part(PLANS)
register_watcher(basis.renew_when_first_enough, Occasion.ACT)
register_watcher(webhook_events.tell_status_changes, Occasion.ACT, Occasion.NIGHT)
endpoints.register_event(webhook_events.SET, _("A target was set or revised"))
endpoints.register_event(webhook_events.STATUS, _("The status of a target changed"))
endpoints.register_event(webhook_events.OVERDUE, _("An action is overdue"))
outbox.register_letter(comments.MENTIONED, comments.write_mention, settled)
outbox.register_letter(comments.HANDED_OVER, comments.write_handed_over, settled)
acts.register_acts(*ACTS)
side_bar.register_count("actions", my_overdue_actions)
register_in_place(*ACTION_FIELDS)
register_palette_acts(
    PaletteAct(_("Go to the actions"), "plans:actions", _("tasks to do"), "g t"),
    PaletteAct(_("Add an action"), "plans:action_new", _("new task"), allowed=may_add_accounts),
    PaletteAct(_("Open the calendar address"), "plans:calendar_settings", _("agenda")),
)
register_account_acts(
    AccountAct(PaletteAct(_("Open the plan"), "plans:plan", _("play step")), "plan.change"),
    AccountAct(PaletteAct(_("Set a target"), "plans:target", _("goal")), "target.set"),
)
register_palette_find(_("Actions"), actions_called)
register_tab(AccountTab("plan", pgettext_lazy("tab", "Plan"), "plans:plan", 20))
