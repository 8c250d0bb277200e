"""The acts on imports, in words; those on the accounts and contacts of a list are told by `accounts`."""

from django.utils.translation import gettext_lazy as _

from audit.acts import Act

ACTS = (
    Act("import.taken_back", _("%(who)s took an import back.")),
    Act("import.mapping_remembered", _("%(who)s had the columns of a list remembered.")),
    Act("import.answers_remembered", _("%(who)s had what was said of a list's values remembered.")),
    Act("account.removed", _("%(who)s took an import back, and an account with it."), is_news=False),
    Act("contact.removed", _("%(who)s took an import back, and a contact with it.")),
)
