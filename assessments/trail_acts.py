"""The acts on assessments and views, in words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from audit.acts import Act

#: Of an event about a response the back-office shows whose it is, whether it was given blind, and nothing that was answered.
WHOSE = frozenset({"side", "contact", "user", "unblinded"})

ACTS = (
    Act("assessment.opened", _("%(who)s opened an assessment."), heading=_("Opened")),
    Act("assessment.changed", _("%(who)s changed the open assessment."), heading=_("Details changed")),
    Act("assessment.closed", _("%(who)s closed an assessment."), heading=_("Closed")),
    Act("assessment.reopened", _("%(who)s reopened an assessment."), heading=_("Reopened")),
    Act(
        "assessment.recorded",
        _("%(who)s brought in a past result."),
        several=ngettext_lazy("%(who)s brought in %(n)s past result.", "%(who)s brought in %(n)s past results.", "n"),
        heading=_("Recorded"),
    ),
    Act(
        "assessment.record_changed",
        _("%(who)s changed a past result."),
        several=ngettext_lazy("%(who)s changed %(n)s past result.", "%(who)s changed %(n)s past results.", "n"),
        heading=_("Record changed"),
    ),
    Act("assessment.removed", _("%(who)s took an import back, and a past result with it.")),
    Act("response.drafted", _("%(who)s wrote on a view."), is_news=False, shown=WHOSE),  # it is not given yet
    Act(
        "response.submitted",
        _("%(who)s submitted a view."),
        several=ngettext_lazy("%(who)s submitted %(n)s view.", "%(who)s submitted %(n)s views.", "n"),
        by_link=ngettext_lazy("%(n)s person at the customer answered.", "%(n)s people at the customer answered.", "n"),
        shown=WHOSE,
    ),
    Act(
        "response.corrected",
        _("%(who)s corrected a view of ours after the customer had answered; the first one counts."),
        shown=WHOSE,
    ),
    Act(
        "response.changed",
        _("%(who)s changed a view that was submitted."),
        by_link=ngettext_lazy("Someone at the customer changed an answer.", "People at the customer changed their answers.", "n"),
        shown=WHOSE,
    ),
)
