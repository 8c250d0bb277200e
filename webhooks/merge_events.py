"""Webhook event of accounts: one was merged into another, or taken out of it again."""

from django.conf import settings

from accounts.acts.merge_parts import Merger
from accounts.models import Account
from webhooks import endpoints
from webhooks.endpoints import Told

MERGED = "account.merged"


def tell_merger(merger: Merger) -> None:
    """Tell of both accounts, since another system may know either of them; each to whoever sees that one."""
    data = {
        "kept": merger.kept,
        "merged": merger.merged,
        "taken_back": merger.is_undone,
        "url": settings.BASE_URL + Account(pk=merger.kept).get_absolute_url(),
    }
    endpoints.tell([Told(MERGED, merger.kept, data), Told(MERGED, merger.merged, data)])
