"""What this room registers when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from accounts import side_bar
from accounts.acts.bulk_change import BulkChangeKind
from accounts.acts.merge_parts import ContactPart, register_contact_part
from accounts.filters import listed_and_own
from accounts.models import BulkChange, Contact
from accounts.pages import palette
from accounts.pages.in_place import ACCOUNT_FIELDS, CONTACT_FIELDS
from accounts.palette import register_account_acts, register_palette_acts
from accounts.trail_acts import ACTS
from audit import acts
from core import job_runner
from core.in_place import register_in_place

acts.register_acts(*ACTS)
register_contact_part(ContactPart(Contact, "reports_to"))
register_contact_part(ContactPart(Contact, "former"))
side_bar.register_count("accounts", lambda user, state, today: listed_and_own(user, today, state=state)[0])
side_bar.register_count("own_accounts", lambda user, state, today: listed_and_own(user, today, state=state)[1])
job_runner.register_job(BulkChangeKind(BulkChange, _("Change of many accounts")))
register_in_place(*ACCOUNT_FIELDS, *CONTACT_FIELDS)
register_palette_acts(*palette.ACTS)
register_account_acts(*palette.OF_ACCOUNT)
