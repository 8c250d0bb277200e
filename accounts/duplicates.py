"""Search for possible duplicates: stored accounts with the name key or the domain of a new one, see `accounts.name_keys`.

The keys are stored with the accounts and contacts; after a change of `name_key` or `domain_key`, `manage.py verify_derived --fix`
computes them anew.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.models import Account, Contact, User
from accounts.name_keys import domain_key, extra_words, name_key

if TYPE_CHECKING:
    from django.db.models import QuerySet

MAX_ACCOUNTS_OF_DOMAIN = 5  # more accounts share the domain of a group or a provider: then it identifies none of them
MAX_SHOWN = 3  # possible duplicates that are shown for one name
MAX_KEPT = 50  # accounts of one name key; people do not look through more


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


def accounts_by_key(accounts: "QuerySet[Account]", names: Collection[str], domains: Collection[str]) -> AccountsByKey:
    """The accounts that have one of these name keys or domains. Three statements at most.

    The domain of an account is that of its website, else those of its contacts' addresses.
    """
    stored, accounts = AccountsByKey(), accounts.filter(merged_into=None)
    if names:
        for pk, key in accounts.filter(name_key__in=names).order_by("pk").values_list("pk", "name_key"):
            _add(stored.by_name, key, pk, most=MAX_KEPT)
    if domains:
        for pk, domain in accounts.filter(domain_key__in=domains).order_by("pk").values_list("pk", "domain_key"):
            _add(stored.by_domain, domain, pk, most=MAX_ACCOUNTS_OF_DOMAIN + 1)
        without = accounts.filter(domain_key="").order_by().values("pk")
        people = Contact.objects.filter(domain_key__in=domains, account__in=without).order_by("account_id", "pk")
        for pk, domain in people.values_list("account_id", "domain_key"):
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

    Four statements at most.
    """
    key, domain, left_out = name_key(name), domain_key(website), set(but)
    stored = accounts_by_key(Account.objects.visible_to(user), {key} - {""}, {domain} - {""})
    found = [pk for pk in stored.matches(key, domain) if pk not in left_out][:MAX_SHOWN]
    accounts = Account.objects.select_related("owner").in_bulk(found)
    return [(accounts[pk], match_reasons(name, domain, accounts[pk], stored)) for pk in found if pk in accounts]


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
