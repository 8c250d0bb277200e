"""Which stored account a row speaks of.

By source and external id; else by name, whatever its case, among accounts that the importer sees. What the
importer does not see is never matched and never named.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import batched
from sys import intern
from typing import Any, Protocol

from django.utils.translation import gettext as _

from accounts.external_ids import LEADS_TO
from accounts.models import Account, Contact
from importing.owner_lookup import Options
from importing.whole_file import WholeFile

BATCH = 500


class Unmatched(Exception):
    """The row cannot be matched; `column` is the field at fault, the message says why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


class Called(Protocol):
    """A row, as far as it tells of which account it speaks."""

    @property
    def name(self) -> str: ...
    @property
    def identity(self) -> tuple[str, str] | None: ...


@dataclass(slots=True)
class StoredAccounts:
    """The ids of stored accounts by what a file can call them; only of what the file asks for."""

    by_external_id: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)  # at most two; the others are `further`
    further: dict[tuple[str, str], int] = field(default_factory=dict)  # by source and external id
    by_name: dict[str, tuple[int, ...]] = field(default_factory=dict)  # at most two of a name: which one is not clear by then
    by_name_without_id: dict[str, tuple[int, ...]] = field(default_factory=dict)
    hidden: set[tuple[str, str]] = field(default_factory=set)
    former: set[tuple[str, int]] = field(default_factory=set)  # external ids of accounts that were merged, with where they lead
    changeable: set[int] | None = None  # None: all


def stored_accounts(whole: WholeFile, options: Options) -> StoredAccounts:
    """One pass over ids and names of all accounts: three statements at most, whatever the number of rows.

    Names are compared here and not by the database, for which É and é differ (SQLite) or not (PostgreSQL).
    """
    visible = None if options.by is None else _ids(Account.objects.visible_to(options.by))
    stored = StoredAccounts(changeable=None if options.by is None else _ids(Account.objects.changeable_by(options.by)))
    columns = Account.objects.order_by("pk").values_list(LEADS_TO, "merged_into", "name", "source", "external_id")
    for pk, merged_into, name, source, external_id in columns.iterator(chunk_size=5000):
        asked = bool(external_id) and whole.asks_external_id(external_id)
        if visible is not None and pk not in visible:
            if asked:
                stored.hidden.add((source, external_id))
            continue
        if asked:
            known = stored.by_external_id.get(external_id, ())
            if len(known) < 2:
                stored.by_external_id[external_id] = (*known, (intern(source), pk))
            else:  # of as many sources as somebody likes: a list of them would be gone through for each row
                stored.further[source, external_id] = pk
        if merged_into:
            if asked:
                stored.former.add((external_id, pk))
            continue
        folded = name.casefold()
        if whole.asks_name(folded):
            _add(stored.by_name, folded, pk)
            if not external_id:
                _add(stored.by_name_without_id, folded, pk)
    return stored


def _add(by_name: dict[str, tuple[int, ...]], name: str, pk: int) -> None:
    known = by_name.get(name, ())
    if len(known) < 2:
        by_name[name] = (*known, pk)


def match(row: Called, stored: StoredAccounts, *, name_is_unique: bool) -> int | None:
    """The id of the account that the row speaks of, None for a new one. Raises Unmatched.

    `name_is_unique`: no other row of the file has this name.
    """
    if row.identity is not None:
        found = _by_identity(row.identity, stored)
        if found is not None:
            return found
        if row.identity in stored.hidden:
            raise Unmatched("external_id", _("This external id is taken outside the accounts that you see."))
        # An account that was made by hand gets its external id from the file, if it can be no other.
        nameless = stored.by_name_without_id.get(row.name.casefold(), ())
        if not name_is_unique or not nameless:
            return None
    else:
        nameless = stored.by_name.get(row.name.casefold(), ()) if row.name else ()
    if len(nameless) > 1:
        raise Unmatched("name", _("More than one account has this name. Give the external id of the one you mean."))
    return nameless[0] if nameless else None


def load(ids: Iterable[int], *, lock: bool) -> dict[int, Account]:
    """The accounts with owner, team, tags and contacts; three statements for each 500."""
    loaded: dict[int, Account] = {}
    for batch in batched(sorted(ids), BATCH):
        accounts = Account.objects.filter(pk__in=batch).order_by("pk")
        if lock:
            accounts = accounts.select_for_update(of=("self",))
        accounts = accounts.select_related("owner", "team").prefetch_related("tags", "contacts")
        loaded |= {account.pk: account for account in accounts}
    return loaded


def hold_contacts(ids: Iterable[int]) -> None:
    """Nobody else changes these people until the transaction ends; a statement for each 500."""
    for batch in batched(sorted(ids), BATCH):
        list(Contact.objects.select_for_update().filter(pk__in=batch).order_by("pk").values_list("pk"))


def _by_identity(identity: tuple[str, str], stored: StoredAccounts) -> int | None:
    """With a source exactly that one; without, the one that has none either, else the only one there is."""
    source, external_id = identity
    found = stored.by_external_id.get(external_id, ())
    exact = next((pk for its_source, pk in found if its_source == source), None) or stored.further.get(identity)
    if exact:
        return exact
    if source or not found:
        return None
    if len({pk for _source, pk in found}) > 1:
        reason = _("Accounts from several sources have this external id. Add a column for the source.")
        raise Unmatched("external_id", reason)
    return found[0][1]


def _ids(accounts: Any) -> set[int] | None:
    """None for all of them, which need not be held."""
    return set(accounts.order_by().values_list("pk", flat=True)) if accounts.query.has_filters() else None
