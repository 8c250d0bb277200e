"""Create, revoke and look up API keys."""

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
from core.secret_digest import digest_of

PREFIX = "standing_"  # people and secret scanners recognise a key by it; `config.logs` masks words that begin with it
BYTES = 32  # 256 random bits, 43 characters
MOST = 20  # active keys of one user


@transaction.atomic
def make_key(user: User, *, by: User | None, name: str, scope: str) -> tuple[ApiKey, str]:
    """Create a key for `user`; returns it with its text, which is not stored. Raises ValidationError."""
    User.objects.select_for_update().get(pk=user.pk)  # so that two requests at once do not exceed the limit
    if open_keys(user).count() >= MOST:
        raise ValidationError(_("You have %(most)s keys already. Revoke one that is not used.") % {"most": MOST}, code="too_many")
    secret = PREFIX + secrets.token_urlsafe(BYTES)
    key = ApiKey(user=user, name=name.strip(), scope=scope, key_hash=digest_of(secret))
    key.full_clean()
    key.save()
    trail.record("api_key.made", key, by=by, after=trail.snapshot(key, "user", "name", "scope"))
    return key, secret


@transaction.atomic
def revoke_key(key: ApiKey, *, by: User, seen: int) -> bool:
    """Revoke the key; False when it was revoked before. Raises StaleEdit."""
    if key.revoked_at is not None:
        return False
    key.revoked_at = timezone.now()
    key.save_version(seen, ["revoked_at"])
    trail.record("api_key.revoked", key, by=by, after=trail.snapshot(key, "user", "name", "scope"))
    return True


def open_keys(user: User) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(user=user, revoked_at=None)


def key_of(secret: str) -> ApiKey | None:
    """The key with the text `secret`, with its user; None for an unknown or revoked key, or an inactive user.

    One statement, and one more on the first use of a day, which is stored.
    """
    active = ApiKey.objects.select_related("user").filter(revoked_at=None, user__is_active=True)
    key = active.filter(key_hash=digest_of(secret)).first()
    today = days.today()
    if key is not None and key.last_used_on != today:
        ApiKey.objects.filter(pk=key.pk).update(last_used_on=today)
    return key
