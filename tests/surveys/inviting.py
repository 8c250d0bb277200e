"""What tests about asking the customer build with."""

import re
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from accounts.models import Account, Contact
from mailing import outbox
from surveys.invitations import Ask, default_wording, invite
from surveys.models import Invitation
from surveys.survey.links import link_of

TODAY = timezone.localdate
#: What a confidential round cannot hide, in the words of the pages that ask (docs/decisions/0017).
PRICE = "A text may still give its author away, and whoever was told what one of three answered can guess at the others."
LINK = re.compile(r"https?://[^\s<>\"]+/survey/[A-Za-z0-9_-]+/")


def ask(**fields) -> Ask:
    """Named, for three weeks, in the words that are there already."""
    wording = {"en": default_wording("en"), "nl": default_wording("nl")}
    return Ask(**{"closes_on": TODAY() + timedelta(days=21), "visibility": "named", "wording": wording} | fields)


def asked(contact: Contact, *, language: str = "en", **fields) -> Invitation:
    """The contact invited as the page does it; the letter waits."""
    account = contact.account
    return invite(account, {contact.pk: language}, ask(**fields), by=account.owner).new[0]


def sent(contact: Contact, **fields) -> Invitation:
    """The same, and the mail has gone out."""
    invitation = asked(contact, **fields)
    outbox.deliver_due()
    invitation.refresh_from_db()
    return invitation


def link_in(message) -> str:
    return LINK.search(message.body).group()


def invitation_of(token: str) -> Invitation | None:
    """The invitation that the token of a link was issued for."""
    link = link_of(token)
    return link.invitation if link else None


def last_mail():
    return mail.outbox[-1]


def page_fields(account: Account, *contacts: Contact, **others) -> dict:
    """What a browser sends from the page that asks."""
    words = default_wording("en")
    return {
        "closes_on": (TODAY() + timedelta(days=21)).isoformat(),
        "visibility": "named",
        "contacts": [str(contact.pk) for contact in contacts],
        "subject-en": words.subject,
        "message-en": words.message,
        "subject-nl": words.subject,
        "message-nl": words.message,
        "round": "0",
        "version": "0",
        "send": "yes",
    } | others
