"""What this room registers when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from audit import acts, trail

acts.register_acts(acts.Act(trail.REDACTED, _("%(who)s took content out of earlier events."), is_news=False))
