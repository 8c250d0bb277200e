"""The acts on targets, plans, actions and calendar feeds, in words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from audit.acts import Act

ACTS = (
    Act("target.set", _("%(who)s set a target.")),
    Act("target.revised", _("%(who)s revised the target.")),
    Act("plan.started", _("%(who)s started a plan.")),
    Act("plan.changed", _("%(who)s changed a plan.")),
    Act("plan.achieved", _("%(who)s closed a plan: the step is made.")),
    Act("plan.dropped", _("%(who)s dropped a plan.")),
    Act(
        "action.added",
        _("%(who)s added an action."),
        several=ngettext_lazy("%(who)s added %(n)s action.", "%(who)s added %(n)s actions.", "n"),
    ),
    Act(
        "action.changed",
        _("%(who)s worked on an action."),
        several=ngettext_lazy("%(who)s worked on %(n)s action.", "%(who)s worked on %(n)s actions.", "n"),
    ),
    Act(
        "comment.added",
        _("%(who)s commented on an action."),
        several=ngettext_lazy("%(who)s commented %(n)s time on actions.", "%(who)s commented %(n)s times on actions.", "n"),
    ),
    Act("comment.deleted", _("%(who)s deleted a comment on an action.")),
    Act("calendar.made", _("%(who)s made an address for a calendar.")),
    Act("calendar.renewed", _("%(who)s replaced the address for a calendar.")),
    Act("calendar.stopped", _("%(who)s ended the address for a calendar.")),
)
