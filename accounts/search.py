"""The search of accounts and people by a typed text, with the same results on every database.

Every word of the text has to be in the key of the account (name, external id, city), or in that of the account and one of its
contacts (name, e-mail address) together; in any order. `core.folding` says what is compared: case, accents and marks do not
matter, three and more characters are found anywhere in a word, fewer at its start.

Whoever may see an account may see its contacts, so each condition here is for accounts that were narrowed by `visible_to`.
Nothing is left of an erased person that could be found.
"""

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from accounts.external_ids import LEADS_TO, kept_for
from accounts.models import Account, Contact
from core.folding import Alternatives, is_found, sought


def matching(text: str, *, many: bool = False) -> Q:
    """The condition on accounts for a typed text; empty for white space.

    It picks the accounts out by the indexes of the keys. With `many` it is one that is tried on each account along another index,
    which is faster where the first of many accounts are wanted.
    """
    words = sought(text)
    if not words:
        return Q()
    with_people = _people(words).order_by().values("account")
    if many:
        own = Q(*map(_in_key, words))
        return own | kept_for(own) | Q(pk__in=with_people)
    return Q(pk__in=_accounts(words).union(with_people))


def called(text: str) -> Q:
    """The condition on accounts that have every word of a typed text themselves; empty for white space."""
    words = sought(text)
    return Q(pk__in=_accounts(words)) if words else Q()


def person_called(text: str) -> Q:
    """The condition on contacts that have every word of a typed text themselves; empty for white space."""
    return Q(*map(_in_key, sought(text)))


def people_called(text: str, accounts: QuerySet[Account]) -> QuerySet[Contact]:
    """The contacts of `accounts` whose key has a word of a typed text, and with that of their account has all."""
    found = _people(sought(text)).order_by().values("pk")  # from the index of the keys alone, whatever the order of the people
    return Contact.objects.filter(pk__in=found, account__in=accounts.order_by().values("pk"))


def people_found(text: str, accounts: Iterable[Account]) -> dict[int, list[Contact]]:
    """For whose sake `accounts` were found by this text, by the id of the account; without those that have all words themselves.

    One statement at most.
    """
    words = sought(text)
    others = [account.pk for account in accounts if not is_found(words, account.search_key)]
    found: dict[int, list[Contact]] = {}
    if words and others:
        for person in _people(words).filter(account__in=others):
            found.setdefault(person.account_id, []).append(person)
    return found


def _accounts(words: Sequence[Alternatives]) -> QuerySet:
    """What an account that was merged is called leads to the one that is kept."""
    return Account.objects.order_by().filter(*map(_in_key, words)).values(found=LEADS_TO)


def _people(words: Sequence[Alternatives]) -> QuerySet[Contact]:
    if not words:
        return Contact.objects.none()
    if len(words) == 1:
        return Contact.objects.filter(_in_key(words[0]))
    people = Contact.objects.filter(Q(*map(_in_key, words), _connector=Q.OR))
    for word in words:
        people = people.filter(_in_key(word) | Q(account__in=_accounts([word])))
    return people


def _in_key(word: Alternatives) -> Q:
    return Q(*(Q(*(Q(search_key__contains=part) for part in fragments)) for fragments in word), _connector=Q.OR)
