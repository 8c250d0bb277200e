"""Personal data of contacts in the API: stored answers of idempotent calls."""

from accounts.acts.erasure import ContactData
from accounts.models import Contact
from api.models import IdempotencyRecord


def erase(_contact: Contact) -> dict[str, int]:
    """Empty all stored answers: any of them may name the person, and they are kept for a day only."""
    answered = IdempotencyRecord.objects.filter(status__isnull=False)
    answered.update(body="", headers={}, status=IdempotencyRecord.EMPTIED)
    return {}


CONTACT_DATA = ContactData(erase=erase)
