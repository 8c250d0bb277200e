"""Keys of the API: made, revoked, and found again by their hash."""

import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from api.models import ApiKey
from audit import trail
from core import days

PREFIX = "standing_"  # so that people and scanners of leaked secrets recognise one; `config.logs` masks what begins so
BYTES = 32  # 256 random bits, 43 characters
MOST = 20  # keys of one person that open something


@transaction.atomic
def make_key(user: User, *, by: User | None, name: str, scope: str) -> tuple[ApiKey, str]:
    """A new key for `user`; its text is told here and never again. Raises ValidationError."""
    User.objects.select_for_update().get(pk=user.pk)  # so that two windows do not pass the limit together
    if open_keys(user).count() >= MOST:
        raise ValidationError(_("You have %(most)s keys already. Revoke one that is not used.") % {"most": MOST}, code="too_many")
    secret = PREFIX + secrets.token_urlsafe(BYTES)
    key = ApiKey(user=user, name=name.strip(), scope=scope, key_hash=_digest(secret))
    key.full_clean()
    key.save()
    trail.record("api_key.made", key, by=by, after=trail.snapshot(key, "user", "name", "scope"))
    return key, secret


@transaction.atomic
def revoke_key(key: ApiKey, *, by: User, seen: int) -> bool:
    """Let the key open nothing from now on; False when it was revoked already. Raises StaleEdit."""
    if key.revoked_at is not None:
        return False
    key.revoked_at = timezone.now()
    key.save_version(seen, ["revoked_at"])
    trail.record("api_key.revoked", key, by=by, after=trail.snapshot(key, "user", "name", "scope"))
    return True


def open_keys(user: User) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(user=user, revoked_at=None)


def key_of(secret: str) -> ApiKey | None:
    """The key, with its person, that `secret` is; None for one that opens nothing, or whose person may not sign in.

    One statement; one more on the first use of a day, which is noted.
    """
    opens = ApiKey.objects.select_related("user").filter(revoked_at=None, user__is_active=True)
    key = opens.filter(key_hash=_digest(secret)).first()
    today = days.today()
    if key is not None and key.last_used_on != today:
        ApiKey.objects.filter(pk=key.pk).update(last_used_on=today)
    return key


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
