"""Which stored accounts look like a name and a web address: same name key or same domain, see `accounts.name_keys`.

Keys are computed, not stored: those of 100 000 accounts take a second or two, and a better key needs no migration.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, User
from accounts.name_keys import but_for, domain_key, name_key, quick_test, spellings

COMMON = 5  # a domain that more have is that of a group or a provider, and says nothing of two of them
SHOWN = 3  # look-alikes of one name
KEPT = 50  # of one name; nobody looks through more of them
CHUNK = 5000


@dataclass(slots=True)
class Stored:
    """The ids of accounts by name key and by domain; only of the keys that were asked for."""

    by_name: dict[str, tuple[int, ...]] = field(default_factory=dict)
    by_domain: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def like(self, name: str, domain: str) -> list[int]:
        """Those of both keys first, then those of the name, then those of the domain; by age."""
        named, hosted = self.by_name.get(name, ()), self.by_domain.get(domain, ())
        both = [pk for pk in hosted if pk in named]
        return list(dict.fromkeys([*both, *named, *hosted]))


def stored_like(accounts: "QuerySet[Account]", names: Container[str], domains: Container[str]) -> Stored:
    """Of these accounts those that have one of the keys. Two statements, and one pass over all the names.

    The domain of an account is that of its website, else those of its contacts' addresses.
    """
    stored, with_domain = Stored(), set()
    for pk, name, website in accounts.order_by("pk").values_list("pk", "name", "website").iterator(chunk_size=CHUNK):
        key = name_key(name)
        if key in names:
            _add(stored.by_name, key, pk, most=KEPT)
        domain = domain_key(website) if website else ""
        if domain:
            with_domain.add(pk)
            if domain in domains:
                _add(stored.by_domain, domain, pk, most=COMMON + 1)
    people = Contact.objects.filter(account__in=accounts.order_by().values("pk")).exclude(email="").order_by("account_id", "pk")
    for pk, email in people.values_list("account_id", "email").iterator(chunk_size=CHUNK):
        domain = "" if pk in with_domain else domain_key(email)
        if domain and domain in domains:
            _add(stored.by_domain, domain, pk, most=COMMON + 1)
    for domain in [domain for domain, found in stored.by_domain.items() if len(found) > COMMON]:
        del stored.by_domain[domain]
    return stored


def _add(by_key: dict[str, tuple[int, ...]], key: str, pk: int, *, most: int) -> None:
    known = by_key.get(key, ())
    if len(known) < most and known[-1:] != (pk,):  # two people of one account
        by_key[key] = (*known, pk)


def accounts_like(user: User, name: str, website: str, *, but: Iterable[int | None] = ()) -> list[tuple[Account, str]]:
    """The first three accounts that `user` sees and that look like this, each with why; not those of these ids.

    Four statements at most, whatever the number of accounts. For one name the database narrows, as it could not for a file.
    """
    key, domain, left_out = name_key(name), domain_key(website), set(but)
    visible, may_have = Account.objects.visible_to(user), quick_test(key)
    stored = Stored()
    for pk, other in visible.order_by("pk").values_list("pk", "name").iterator(chunk_size=CHUNK):
        if may_have(other) and name_key(other) == key:
            _add(stored.by_name, key, pk, most=KEPT)
    if domain and len(hosted := _hosted(visible, domain)) <= COMMON:
        stored.by_domain[domain] = tuple(hosted)
    found = [pk for pk in stored.like(key, domain) if pk not in left_out][:SHOWN]
    accounts = Account.objects.select_related("owner").in_bulk(found)
    return [(accounts[pk], why(name, domain, accounts[pk], stored)) for pk in found if pk in accounts]


def _hosted(accounts: "QuerySet[Account]", domain: str) -> list[int]:
    """Those of one domain; two statements."""
    named, addressed = Q(), Q()
    for spelling in spellings(domain):
        named |= Q(website__icontains=spelling)
        addressed |= Q(email__iendswith=spelling)
    websites = accounts.filter(named).order_by("pk").values_list("pk", "website")
    found = [pk for pk, website in websites if domain_key(website) == domain]
    people = Contact.objects.filter(addressed, account__in=accounts.order_by().values("pk")).order_by("account_id", "pk")
    for pk, email, website in people.values_list("account_id", "email", "account__website"):
        if found[-1:] != [pk] and not domain_key(website) and domain_key(email) == domain:
            found.append(pk)
    return found


def why(name: str, domain: str, account: Account, stored: Stored) -> str:
    """Why `account` may be the one called `name`, in words."""
    reasons = []
    if name_key(account.name) == name_key(name):
        reasons.append(why_name(name, account.name))
    if account.pk in stored.by_domain.get(domain, ()):
        reasons.append(why_domain(domain))
    return ", ".join(reasons)


def why_name(one: str, other: str) -> str:
    if one.casefold() == other.casefold():
        return _("the same name")
    extra = but_for(one, other)
    return _("the same name but for “%(words)s”") % {"words": extra} if extra else _("the same name, written differently")


def why_domain(domain: str) -> str:
    return _("the same domain %(domain)s") % {"domain": domain}
