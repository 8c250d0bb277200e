"""Since when a contact has its e-mail address: a stored key, which every way of writing a contact keeps.

Who counts in a confidential round depends on it (`assessments/rounds/in_confidence.py`), so it must not depend on whoever changes
the address remembering to note it.
"""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from core.secret_digest import digest_of
from core.stored_keys import StoredKey

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 16  # of the digest: only equality with the address of the same row is asked


class AddressMark(StoredKey):
    """A moment and a digest of the address: “2026-08-26T09:12:33.123456+00:00 9f86d081884c7d65”.

    The moment is that of the first write with this address, the digest tells whether the address is still the same. Case does
    not matter: `Anna@Example.com` is `anna@example.com`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"of": ("email",)} | kwargs)

    def made_of(self, row: Any) -> str:
        stored, digest = getattr(row, self.attname), _digest(row.email)
        return stored if digest == stored.partition(" ")[2] else _mark(digest, timezone.now())


def mark_of(email: str, since: datetime) -> str:
    return _mark(_digest(email), since)


def _mark(digest: str, since: datetime) -> str:
    return f"{since.astimezone(UTC).isoformat(timespec='microseconds')} {digest}"


def since_of(mark: str) -> datetime:
    """The moment of a mark; raises ValueError for what is none."""
    return datetime.fromisoformat(mark.partition(" ")[0])


def _digest(email: str) -> str:
    return digest_of(email.casefold())[:_DIGITS]
