"""The demo users that the sign-in page of a demo lists."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from demo.people import PASSWORD

#: By e-mail address, in the order of the page.
WHO = {
    "manager@example.com": _("account manager in Benelux"),
    "lead@example.com": _("team lead of Benelux"),
    "viewer@example.com": _("executive, reads everything"),
    "other@example.com": _("account manager in Nordics"),
    "admin@example.com": _("administrator, with the back-office"),
}


def sign_ins() -> list[dict[str, Any]]:
    """E-mail address, role and password of the existing demo users; empty unless the site is a demo."""
    if not settings.DEMO:
        return []
    here = set(User.objects.filter(email__in=WHO, is_active=True).values_list("email", flat=True))
    return [{"email": email, "who": who, "password": PASSWORD} for email, who in WHO.items() if email in here]
