"""The class of every mail that is sent, and how names are written in its headers."""

from email import policy as policies
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives


def is_set_up() -> bool:
    """Whether mail goes to somebody, rather than to files."""
    return not settings.MAILERS["default"]["BACKEND"].endswith("filebased.EmailBackend")


def written_to() -> str:
    """The folder, within the checkout if it is there, that mail is written to; "" where mail is sent."""
    if is_set_up():
        return ""
    folder = Path(settings.MAILERS["default"].get("OPTIONS", {}).get("file_path", "/"))
    inside = folder.is_relative_to(settings.BASE_DIR)
    return f"{folder.relative_to(settings.BASE_DIR) if inside else folder}/"


def one_line(text: str) -> str:
    """The text without line breaks: in a header of a mail one would begin another header."""
    return " ".join(text.split())


def mailbox(name: str, address: str) -> str:
    """A name and address for a header of a mail, which is read back as exactly one address with this name.

    Raises ValueError or MessageError for what no mail can be addressed to.
    """
    found = Address(one_line(name), addr_spec=address)
    return _written(found) if "=?" in found.display_name else str(found)


class Mail(EmailMultiAlternatives):
    """A mail whose names are each written as one quoted or encoded string."""

    def message(self, *, policy: Policy | None = None) -> EmailMessage:
        return super().message(policy=_WholeNames() + (policy or policies.default))


class _WholeNames(EmailPolicy):
    """Writes each name of an address as one quoted string, or encoded from its first letter to its last.

    Python encodes only the words with an accent, and drops the quotes of a name that it breaks over lines: a comma or a
    bracket in the rest of the name then begins another address.
    """

    def fold(self, name: str, value: Any) -> str:
        return self._addresses(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self._addresses(name, value).encode("ascii") or super().fold_binary(name, value)

    def _addresses(self, name: str, value: Any) -> str:
        """The header, when it holds addresses; else ""."""
        addresses = getattr(value, "addresses", ())
        separator = f",{self.linesep} "
        return f"{name}: {separator.join(_written(one, self.linesep) for one in addresses)}{self.linesep}" if addresses else ""


def _written(address: Address, linesep: str = "\n") -> str:
    if address.display_name.isascii() and "=?" not in address.display_name:
        return str(address)
    name = Header(address.display_name, "utf-8", header_name="Reply-To").encode(linesep=linesep)
    return f"{name} <{address.addr_spec}>"
