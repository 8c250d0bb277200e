"""The acts on editions, in words."""

from django.utils.translation import gettext_lazy as _

from audit.acts import Act

ACTS = (
    Act("edition.loaded", _("%(who)s brought in an edition from a file."), heading=_("Brought in from a file")),
    Act("edition.created", _("%(who)s started an empty draft of an edition."), heading=_("Started as an empty draft")),
    Act("edition.cloned", _("%(who)s copied an edition as a draft."), heading=_("Made as a copy of another edition")),
    Act("edition.changed", _("%(who)s changed an edition."), heading=_("Changed")),
    Act("edition.published", _("%(who)s published an edition."), heading=_("Published")),
    Act("edition.retired", _("%(who)s retired an edition."), heading=_("Retired: another edition was published")),
    Act("edition.deleted", _("%(who)s deleted a draft of an edition.")),
)
