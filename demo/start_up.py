"""What this room registers when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from audit import acts

acts.register_acts(
    acts.Act("demo.built", _("%(who)s began to build the demo portfolio.")),
    acts.Act("demo.batch_built", _("%(who)s built accounts of the demo portfolio.")),
)
