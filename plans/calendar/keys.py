"""The secret in the address of a person's calendar: make it, renew it, stop it, and find the user by it."""

import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit import trail
from core.secret_digest import digest_of
from core.versions import StaleEdit
from plans.models.calendar_feed import CalendarFeed

BYTES = 32  # 256 random bits, 43 characters


@transaction.atomic
def renew(user: User, *, seen: int) -> str:
    """A new secret, returned once and stored as a hash; the earlier one stops working.

    `seen` is the version of the feed that the page showed, 0 for none: pressed twice, or sent again by reloading the
    page, it raises StaleEdit, and the address that was copied meanwhile goes on working.
    """
    secret = secrets.token_urlsafe(BYTES)
    feed = feed_of(user)
    act = "calendar.renewed" if feed and feed.answers else "calendar.made"
    if feed is None:
        feed = _begin(user, secret)
    else:
        feed.key_hash, feed.made_at = digest_of(secret), timezone.now()
        feed.save_version(seen, ["key_hash", "made_at"])
    trail.record(act, feed, by=user)
    return secret


@transaction.atomic
def stop(user: User, *, seen: int) -> bool:
    """Stop the feed, so that its address answers 404; False when there was none. Raises StaleEdit."""
    feed = feed_of(user)
    if feed is None or not feed.answers:
        return False
    feed.key_hash = feed.made_at = None
    feed.save_version(seen, ["key_hash", "made_at"])
    trail.record("calendar.stopped", feed, by=user)
    return True


def feed_of(user: User) -> CalendarFeed | None:
    """The feed of `user`, if one was ever made. One statement."""
    return CalendarFeed.objects.filter(user=user).first()


def reader_of(secret: str) -> User | None:
    """Whose calendar `secret` opens; None for one that was renewed, stopped or never made, and for who may not sign in.

    One statement, whatever the answer.
    """
    found = CalendarFeed.objects.select_related("user").filter(key_hash=digest_of(secret), user__is_active=True).first()
    return found.user if found else None


def _begin(user: User, secret: str) -> CalendarFeed:
    try:
        with transaction.atomic():
            return CalendarFeed.objects.create(user=user, key_hash=digest_of(secret), made_at=timezone.now())
    except IntegrityError:
        if (there := CalendarFeed.objects.filter(user=user).first()) is None:
            raise
        raise StaleEdit(there) from None  # pressed in two windows in the same moment
