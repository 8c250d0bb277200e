"""Which e-mail addresses we can write to: those that a mail server without extensions takes.

A domain with accents is taken as it is typed, and written as IDNA (`xn--…`) when mail goes out. What stands before the @
has no such way of writing.
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
    """The sentence, not translated yet, that says why no mail can be sent to `text`; "" when it can."""
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
