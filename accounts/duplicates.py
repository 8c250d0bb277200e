"""Search for possible duplicates: stored accounts with the name key or the domain of a new one, see `accounts.name_keys`.

The name keys are stored with the accounts; after a change of `name_key`, `manage.py verify_derived --fix` computes them anew.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, User
from accounts.name_keys import domain_key, domain_spellings, extra_words, name_key

MAX_ACCOUNTS_OF_DOMAIN = 5  # more accounts share the domain of a group or a provider: then it identifies none of them
MAX_SHOWN = 3  # possible duplicates that are shown for one name
MAX_KEPT = 50  # accounts of one name key; people do not look through more
CHUNK_SIZE = 5000


@dataclass(slots=True)
class AccountsByKey:
    """Ids of accounts by name key and by domain."""

    by_name: dict[str, tuple[int, ...]] = field(default_factory=dict)
    by_domain: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def matches(self, name: str, domain: str) -> list[int]:
        """Ids of the accounts that match both keys, then the name only, then the domain only; each group by age."""
        named, hosted = self.by_name.get(name, ()), self.by_domain.get(domain, ())
        both = [pk for pk in hosted if pk in named]
        return list(dict.fromkeys([*both, *named, *hosted]))


def accounts_by_key(accounts: "QuerySet[Account]", names: Container[str], domains: Container[str]) -> AccountsByKey:
    """The accounts that have one of these name keys or domains. Two statements; reads the keys of all `accounts`.

    The domain of an account is that of its website, else those of its contacts' addresses.
    """
    stored, with_domain = AccountsByKey(), set()
    for pk, key, website in accounts.order_by("pk").values_list("pk", "name_key", "website").iterator(chunk_size=CHUNK_SIZE):
        if key in names:
            _add(stored.by_name, key, pk, most=MAX_KEPT)
        domain = domain_key(website) if website else ""
        if domain:
            with_domain.add(pk)
            if domain in domains:
                _add(stored.by_domain, domain, pk, most=MAX_ACCOUNTS_OF_DOMAIN + 1)
    people = Contact.objects.filter(account__in=accounts.order_by().values("pk")).exclude(email="").order_by("account_id", "pk")
    for pk, email in people.values_list("account_id", "email").iterator(chunk_size=CHUNK_SIZE):
        domain = "" if pk in with_domain else domain_key(email)
        if domain and domain in domains:
            _add(stored.by_domain, domain, pk, most=MAX_ACCOUNTS_OF_DOMAIN + 1)
    for domain in [domain for domain, found in stored.by_domain.items() if len(found) > MAX_ACCOUNTS_OF_DOMAIN]:
        del stored.by_domain[domain]
    return stored


def _add(by_key: dict[str, tuple[int, ...]], key: str, pk: int, *, most: int) -> None:
    known = by_key.get(key, ())
    if len(known) < most and known[-1:] != (pk,):  # two contacts of one account
        by_key[key] = (*known, pk)


def accounts_like(user: User, name: str, website: str, *, but: Iterable[int | None] = ()) -> list[tuple[Account, str]]:
    """The first three possible duplicates among the accounts that `user` sees, each with the reasons; without the ids `but`.

    At most four statements, whatever the number of accounts. The database narrows the domain, as it cannot for a whole file.
    """
    key, domain, left_out = name_key(name), domain_key(website), set(but)
    visible = Account.objects.visible_to(user)
    named = visible.filter(name_key=key).order_by("pk").values_list("pk", flat=True)
    stored = AccountsByKey(by_name={key: tuple(named[:MAX_KEPT])})
    if domain and len(hosted := _hosted(visible, domain)) <= MAX_ACCOUNTS_OF_DOMAIN:
        stored.by_domain[domain] = tuple(hosted)
    found = [pk for pk in stored.matches(key, domain) if pk not in left_out][:MAX_SHOWN]
    accounts = Account.objects.select_related("owner").in_bulk(found)
    return [(accounts[pk], match_reasons(name, domain, accounts[pk], stored)) for pk in found if pk in accounts]


def _hosted(accounts: "QuerySet[Account]", domain: str) -> list[int]:
    """Ids of the accounts that have this domain; two statements."""
    named, addressed = Q(), Q()
    for spelling in domain_spellings(domain):
        named |= Q(website__icontains=spelling)
        addressed |= Q(email__iendswith=spelling)
    websites = accounts.filter(named).order_by("pk").values_list("pk", "website")
    found = [pk for pk, website in websites if domain_key(website) == domain]
    people = Contact.objects.filter(addressed, account__in=accounts.order_by().values("pk")).order_by("account_id", "pk")
    for pk, email, website in people.values_list("account_id", "email", "account__website"):
        if found[-1:] != [pk] and not domain_key(website) and domain_key(email) == domain:
            found.append(pk)
    return found


def match_reasons(name: str, domain: str, account: Account, stored: AccountsByKey) -> str:
    """Why `account` may be a duplicate of the one called `name`, in words."""
    reasons = []
    if account.name_key == name_key(name):
        reasons.append(name_reason(name, account.name))
    if account.pk in stored.by_domain.get(domain, ()):
        reasons.append(domain_reason(domain))
    return ", ".join(reasons)


def name_reason(one: str, other: str) -> str:
    if one.casefold() == other.casefold():
        return _("the same name")
    extra = extra_words(one, other)
    return _("the same name but for “%(words)s”") % {"words": extra} if extra else _("the same name, written differently")


def domain_reason(domain: str) -> str:
    return _("the same domain %(domain)s") % {"domain": domain}
