"""What this room registers when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from audit import acts

acts.register_acts(acts.Act("archive.taken", _("%(who)s downloaded an archive of everything.")))
