"""Validate e-mail addresses: those that a mail server without SMTPUTF8 accepts.

A domain may have non-ASCII letters: it is stored as typed and encoded as IDNA (`xn--…`) when mail is sent. The part before
the @ has no such encoding.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.encoding import punycode
from django.utils.translation import gettext, gettext_noop

LETTER_BEFORE_AT = gettext_noop(
    "“%(text)s” has a letter before the @ that mail cannot be sent to, such as é or ü. Write the address without it."
)
NO_ADDRESS = gettext_noop("“%(text)s” is not an e-mail address. Write name@example.com.")


def fault_of(text: str) -> str:
    """The untranslated message that says why no mail can be sent to `text`; "" for a valid address."""
    name, at, domain = text.rpartition("@")
    if at and not name.isascii():
        return LETTER_BEFORE_AT
    try:
        validate_email(text)
        if not domain.isascii():
            punycode(domain)
    except (ValidationError, UnicodeError):
        return NO_ADDRESS
    return ""


def validate_mail_address(text: str) -> None:
    if fault := fault_of(text):
        raise ValidationError(gettext(fault), code="invalid", params={"text": text})


class MailAddressField(forms.EmailField):
    default_validators = [validate_mail_address]
