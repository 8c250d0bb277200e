"""The adapter of allauth: closes sign-up, records new passwords in the trail, sends reset links by a task."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.sign_in.reset_link import send_reset_link
from audit import trail
from core.forms import own_path


class SignInAdapter(DefaultAccountAdapter):
    """Nobody signs up: administrators add users in the back-office."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The e-mail address or the password is not right. Try again."),
        "enter_current_password": _("This is not your present password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Whether `next` may redirect to `url` after signing in or out: only to a path of this site."""
        return own_path(self.request, url or "") is not None

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:settings")

    def set_password(self, user: User, password: str) -> None:
        """Store a new password; called both for a change by the user and for a reset by a link."""
        with transaction.atomic():
            user.set_password(password)
            user.save(update_fields=["password"])
            trail.record("user.password_changed", user, by=user)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Enqueue the e-mail: then the response takes as long for a known address as for an unknown one."""
        send_reset_link.enqueue(user.pk, user.language or get_language())

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: str) -> str:
        # One counter for each e-mail address: allauth's own key also has the host name of the site.
        return credentials.get("email", "").strip().lower()
