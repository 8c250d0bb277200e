"""The acts on saved views and the first hour, in words."""

from django.utils.translation import gettext_lazy as _

from audit.acts import Act

ACTS = (
    Act("view.saved", _("%(who)s saved a view.")),
    Act("view.replaced", _("%(who)s replaced a saved view.")),
    Act("view.renamed", _("%(who)s renamed a saved view.")),
    Act("view.start_set", _("%(who)s chose a saved view as the start page.")),
    Act("view.start_unset", _("%(who)s no longer starts with a saved view.")),
    Act("organisation.first_hour_over", _("%(who)s closed the checklist of the first hour.")),
    Act("view.deleted", _("%(who)s deleted a saved view.")),
)
