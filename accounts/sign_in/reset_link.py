"""The e-mail with the link to choose a new password."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.tasks import task
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from mailing.mail import Mail, mailbox


@task
def send_reset_link(user_id: int, language: str) -> None:
    """Task: e-mail the user a link to choose a new password.

    The task creates the link itself, so that no queue stores it.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    context = {"user": user, "link": reset_link_of(user), "site": settings.BASE_URL}
    with translation.override(language):
        subject = render_to_string("account/email/password_reset_key_subject.txt", context).strip()
        text = render_to_string("account/email/password_reset_key_message.txt", context).strip()
    Mail(subject, text, None, [mailbox(user.name, user.email)]).send()


def reset_link_of(user: User) -> str:
    """A link to choose a new password, as an address; it works once and is stored nowhere."""
    key = default_token_generator.make_token(user)
    return settings.BASE_URL + reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
