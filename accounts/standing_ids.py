"""The id by which an export names an account to the imports of the same installation, also where two accounts share a name.

It is the number of the account with ten digits of an HMAC under the secret key, so that a file of another installation, where
the same number is another customer, names nobody here. When the secret key changes, older exports find accounts by external id
and name alone.
"""

import re

from django.utils.crypto import constant_time_compare, salted_hmac

_FORM = re.compile(r"([1-9][0-9]{0,17})-([0-9a-f]{10})")
_SALT = "accounts.standing_ids"


def standing_id(pk: int) -> str:
    return f"{pk}-{_mark(pk)}"


def account_named(text: str) -> int | None:
    """The number of the account that this text names; None for a text that is no such id, or one of another installation."""
    found = _FORM.fullmatch(text)
    if found is None or not constant_time_compare(found[2], _mark(int(found[1]))):
        return None
    return int(found[1])


def _mark(pk: int) -> str:
    return salted_hmac(_SALT, str(pk), algorithm="sha256").hexdigest()[:10]
