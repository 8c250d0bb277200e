"""The acts of reviews, in words."""

from django.utils.translation import gettext_lazy as _

from audit.acts import Act

ACTS = (
    Act("review.held", _("%(who)s marked this account as reviewed.")),
    Act("review.taken_back", _("%(who)s took back that this account was reviewed.")),
    Act("slidetemplate.created", _("%(who)s added a template of slides.")),
    Act("slidetemplate.changed", _("%(who)s changed a template of slides.")),
    Act("slidetemplate.deleted", _("%(who)s deleted a template of slides.")),
)
