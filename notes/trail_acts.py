"""The acts on notes, in words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from audit.acts import Act

ACTS = (
    Act(
        "note.added",
        _("%(who)s wrote a note."),
        several=ngettext_lazy("%(who)s wrote %(n)s note.", "%(who)s wrote %(n)s notes.", "n"),
    ),
    Act("note.changed", _("%(who)s changed a note.")),
    Act("note.deleted", _("%(who)s deleted a note.")),
    Act("note.restored", _("%(who)s took the deletion of a note back.")),
)
