"""What allauth asks us: who may sign up, how often one may err, what happens to a new password."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.sign_in.reset_link import send_reset_link
from audit import trail
from core.forms import own_path


class ClosedSignup(DefaultAccountAdapter):
    """Nobody signs up: the administrator adds people in the back-office."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The e-mail address or the password is not right. Try again."),
        "enter_current_password": _("This is not your present password."),
    }

    def is_open_for_signup(self, request) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Where `next` may lead after signing in or out: to a path of this site."""
        return own_path(self.request, url or "") is not None

    def get_password_change_redirect_url(self, request) -> str:
        return reverse("accounts:settings")

    def set_password(self, user: User, password: str) -> None:
        """Every way to a new password ends here: changed by oneself, or by the link in a mail."""
        with transaction.atomic():
            user.set_password(password)
            user.save(update_fields=["password"])
            trail.record("user.password_changed", user, by=user)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """By the worker: an address that is known takes no longer to answer than one that is not."""
        send_reset_link.enqueue(user.pk, user.language or get_language())

    def _get_login_attempts_cache_key(self, request, **credentials) -> str:
        # One count for each account: allauth would count anew for each name that the site is asked by.
        return credentials.get("email", "").strip().lower()
