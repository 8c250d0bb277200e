"""The acts on colleagues and on the organisation, in words."""

from django.utils.translation import gettext_lazy as _

from audit.acts import Act

ACTS = (
    Act("set_up.link_made", _("%(who)s made a link to set up this installation.")),
    Act("organisation.set_up", _("%(who)s set up this installation.")),
    Act("organisation.changed", _("%(who)s changed the organisation's name, language, time zone or currency.")),
    Act("user.invited", _("%(who)s invited a colleague.")),
    Act("user.invitation_withdrawn", _("%(who)s withdrew the invitation of a colleague.")),
    Act("user.joined", _("%(who)s accepted the invitation and chose a password.")),
    Act("user.password_link", _("%(who)s made a link with which a colleague chooses a new password.")),
    Act("user.disabled", _("%(who)s disabled the sign-in of a colleague.")),
    Act("user.enabled", _("%(who)s enabled the sign-in of a colleague again.")),
)
