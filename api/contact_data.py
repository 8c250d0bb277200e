"""What the API holds of a contact: the answers that it keeps for calls that are sent again."""

from accounts.acts.erasure import ContactData
from accounts.models import Contact
from api.models import IdempotencyRecord


def erase(contact: Contact) -> dict[str, int]:
    """Empty all of them: an answer may name the person, and is kept for a day only."""
    answered = IdempotencyRecord.objects.filter(status__isnull=False)
    answered.update(body="", headers={}, status=IdempotencyRecord.EMPTIED)
    return {}


CONTACT_DATA = ContactData(erase=erase)
