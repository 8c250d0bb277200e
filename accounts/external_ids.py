"""Which account an external id leads to. That of an account that was merged into another one leads to that one.

A merged account keeps its source and external id, so the constraint `account_external_id_once` guards former ids as it does
present ones: no account can take one that leads elsewhere. `Account.merged_into` is never itself merged (`acts.merging`).
"""

from collections.abc import Iterable
from itertools import batched

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.models import Account

type ExternalId = tuple[str, str]  # source, "" for none, and external id

BATCH = 5000  # ids of one statement

#: The id of the account that a row of `Account` leads to: its own, or that of the one that it was merged into.
LEADS_TO = Coalesce(F("merged_into"), F("pk"))


def accounts_by_external_id(wanted: Iterable[ExternalId]) -> dict[ExternalId, int]:
    """The ids of the accounts that these external ids lead to, of whatever account; who may see it is up to the caller.

    The source has to be the same. One statement for each 5 000 ids.
    """
    pairs = {(source, external_id) for source, external_id in wanted if external_id}
    found: dict[ExternalId, int] = {}
    for some in batched(sorted({external_id for _source, external_id in pairs}), BATCH):
        rows = Account.objects.filter(external_id__in=some).order_by().values_list("source", "external_id", LEADS_TO)
        found |= {(source, external_id): pk for source, external_id, pk in rows if (source, external_id) in pairs}
    return found


def account_by_external_id(source: str, external_id: str) -> int | None:
    """The id of the account that this external id leads to. One statement."""
    return accounts_by_external_id([(source, external_id)]).get((source, external_id))


def kept_for(merged: Q) -> Q:
    """A condition for accounts into which accounts that meet `merged` were merged, such as for a former name or external id."""
    return Q(pk__in=Account.objects.filter(merged, merged_into__isnull=False).order_by().values("merged_into"))


def has_id(external_id: str) -> Q:
    """A condition for accounts to which this external id leads, whatever its source; for accounts that are not merged."""
    return Q(external_id=external_id) | kept_for(Q(external_id=external_id))
