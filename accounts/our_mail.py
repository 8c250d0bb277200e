"""Whether an e-mail address is one of ours: in a confidential round it is no customer's."""

from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings

from accounts.models import User
from accounts.name_keys import domain_key


@dataclass(frozen=True, slots=True)
class OurMail:
    """The mail domains of the organisation, and the addresses of its people."""

    domains: frozenset[str]
    addresses: frozenset[str]

    def has(self, address: str) -> bool:
        """Whether the address is one of our people's, or at one of our domains or their subdomains."""
        address = address.strip().casefold()
        domain = _in_ascii(address.rpartition("@")[2])
        return address in self.addresses or any(domain == ours or domain.endswith(f".{ours}") for ours in self.domains)


def our_mail() -> OurMail:
    """One statement.

    The domains are those of the setting OUR_MAIL_DOMAINS, else those of the active users and of the sender of mail, without
    public mail providers: a customer's people may have addresses there, too.
    """
    people = User.objects.filter(is_active=True).order_by().values_list("email", flat=True)
    addresses = frozenset(email.casefold() for email in people)
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    domains = settings.OUR_MAIL_DOMAINS or (domain_key(address) for address in (*addresses, sender))
    return OurMail(frozenset(filter(None, domains)), addresses)


def _in_ascii(domain: str) -> str:
    try:
        return domain.rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return domain
