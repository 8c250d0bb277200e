"""The acts on accounts, contacts and people of ours, in words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from audit.acts import Act

ACTS = (
    Act("account.created", _("%(who)s brought this account in.")),
    Act("account.changed", _("%(who)s changed the account's details.")),
    Act("account.archived", _("%(who)s archived this account.")),
    Act("account.restored", _("%(who)s took this account back from the archive.")),
    Act("account.merged", _("%(who)s merged another account into this one.")),
    Act("account.merged_away", _("%(who)s merged this account into another one.")),
    Act("account.taken_apart", _("%(who)s took a merger with another account back.")),
    Act("account.taken_out", _("%(who)s took the merger into another account back.")),
    Act("accounts.refreshed", _("%(who)s computed levels and targets of accounts anew.")),
    Act(
        "contact.created",
        _("%(who)s added a contact."),
        several=ngettext_lazy("%(who)s added %(n)s contact.", "%(who)s added %(n)s contacts.", "n"),
    ),
    Act("contact.changed", _("%(who)s changed a contact.")),
    Act("contact.merged", _("%(who)s made one of two contacts who are the same person.")),
    Act("contact.taken_apart", _("%(who)s made two of a contact again.")),
    Act("contact.moved", _("%(who)s noted that a contact went to another account.")),
    Act("contact.arrived", _("%(who)s noted that a contact came from another account.")),
    Act("contact.move_undone", _("%(who)s took back that a contact went to another account.")),
    Act("contact.erased", _("%(who)s erased a contact.")),
    Act("contact.exported", _("%(who)s exported what is kept of a contact.")),
    Act("user.created", _("%(who)s added a user.")),
    Act("user.changed", _("%(who)s changed a user.")),
    Act("user.deleted", _("%(who)s deleted a user.")),
    Act("user.password_changed", _("%(who)s changed a password.")),
    Act("team.created", _("%(who)s added a team.")),
    Act("team.changed", _("%(who)s changed a team.")),
    Act("team.deleted", _("%(who)s deleted a team.")),
    Act("exchangerate.created", _("%(who)s added an exchange rate.")),
    Act("exchangerate.changed", _("%(who)s changed an exchange rate.")),
    Act("exchangerate.deleted", _("%(who)s deleted an exchange rate.")),
    Act("crm_source.made", _("%(who)s wrote down which fields a system owns.")),
    Act("crm_source.changed", _("%(who)s changed which fields a system owns.")),
    Act("crm_source.removed", _("%(who)s deleted the rule of which fields a system owns.")),
    Act("export.made", _("%(who)s exported a table.")),
)
