"""The acts on invitations, in words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from audit.acts import Act

ACTS = (
    Act(
        "invitation.made",
        _("%(who)s asked a contact."),
        several=ngettext_lazy("%(who)s asked %(n)s contact.", "%(who)s asked %(n)s contacts.", "n"),
    ),
    Act("invitation.repeated", _("%(who)s sent an invitation again.")),
    Act("invitation.link_made", _("%(who)s copied a survey link.")),
    Act("invitation.withdrawn", _("%(who)s withdrew an invitation.")),
    Act(
        "invitation.reminded",
        _("%(who)s reminded a contact who has not answered."),
        several=ngettext_lazy("%(who)s reminded %(n)s contact.", "%(who)s reminded %(n)s contacts.", "n"),
    ),
    Act("invitation.failed", _("An invitation could not be sent.")),
    Act("invitation.unsure", _("An invitation may not have been sent.")),
    # No news for the account: it is told already that a contact was asked, and that someone answered.
    Act("invitation.sent", _("An invitation was sent."), is_news=False),
    Act("invitation.opened", _("Someone at the customer opened a survey link."), is_news=False),
    Act("invitation.answered", _("Someone at the customer answered an invitation."), is_news=False),
    Act("invitation.code_asked", _("Someone at the customer asked for a code, to go on in another browser."), is_news=False),
    Act("invitation.browser_changed", _("Someone at the customer goes on in another browser."), is_news=False),
    Act("contact.asked_no_more", _("A contact asked not to be asked again.")),
)
