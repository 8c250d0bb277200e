"""Which stored account a row speaks of.

By source and external id; else by name, whatever its case, among accounts that the importer sees. What the importer does not
see is never matched and never named.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.external_ids import LEADS_TO
from accounts.models import Account, User
from accounts.name_keys import name_key
from accounts.querysets import AccountQuerySet
from accounts.standing_ids import account_named
from core.text_values import shortened


class Unmatched(Exception):
    """The row cannot be matched; `column` is the field at fault, the message says why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def seen_by(by: User | None) -> AccountQuerySet:
    """The accounts that whoever imports may see; None is the operator, who sees all."""
    return Account.objects.visible_to(by) if by else Account.objects.all()


def changeable_of(ids: Collection[int], by: User | None) -> set[int]:
    """Those of these accounts that whoever imports may change. One statement, none for the operator."""
    if by is None or by.is_administrator:
        return set(ids)
    return set(Account.objects.changeable_by(by).filter(pk__in=ids).order_by().values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Found:
    """The account of a row.

    `by_name` where the row has an external id, which the account does not have; `former` where it has that of an account that was
    merged into this one.
    """

    account: int | None = None
    by_name: bool = False
    former: bool = False


class StoredAccounts:
    """The stored accounts that some rows may speak of, by external id and by name. Three statements at most."""

    def __init__(self, external_ids: Collection[str], names: Collection[str], by: User | None) -> None:
        """`external_ids` are texts that name an account by its id there or by that of an export from here; `names` as people write them."""
        self._by_id: dict[str, dict[str, int]] = defaultdict(dict)  # external id: source: account
        self._by_standing_id: dict[str, int] = {}
        self._hidden: set[tuple[str, str]] = set()
        self._former: set[tuple[str, int]] = set()  # external ids of accounts that were merged, with where they lead
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_name_without_id: dict[str, list[int]] = defaultdict(list)
        self.names: dict[int, str] = {}
        self.sources: dict[int, str] = {}  # by account
        self.numbered: set[int] = set()  # those that have an external id
        if external_ids:
            self._find_ids(external_ids, by)
            self._find_standing_ids({text: pk for text in external_ids if (pk := account_named(text))}, by)
        if names:
            self._find_names(names, by)

    def _find_ids(self, external_ids: Collection[str], by: User | None) -> None:
        columns = (LEADS_TO, "merged_into", "source", "external_id")
        found = list(Account.objects.filter(external_id__in=external_ids).order_by("pk").values_list(*columns))
        ids = {pk for pk, *_rest in found}
        rows = seen_by(by).filter(pk__in=ids).order_by().values_list("pk", "name", "source") if ids else ()
        seen = {pk: (name, its_source) for pk, name, its_source in rows}
        for pk, merged_into, source, external_id in found:
            if pk in seen:
                self._by_id[external_id][source] = pk
                self.names[pk], self.sources[pk] = seen[pk]
                self.numbered.add(pk)
                if merged_into:
                    self._former.add((external_id, pk))
            else:
                self._hidden.add((source, external_id))

    def _find_standing_ids(self, wanted: Mapping[str, int], by: User | None) -> None:
        """The accounts that texts of an export from here name; one that was merged leads to the one that is kept."""
        if not wanted:
            return
        leads_to = dict(Account.objects.filter(pk__in=set(wanted.values())).order_by().values_list("pk", LEADS_TO))
        columns = ("pk", "name", "source", "external_id")
        seen = {row[0]: row for row in seen_by(by).filter(pk__in=set(leads_to.values())).values_list(*columns)}
        for text, pk in wanted.items():
            if found := seen.get(leads_to.get(pk, 0)):
                self._by_standing_id[text] = found[0]
                self.names[found[0]], self.sources[found[0]] = found[1], found[2]
                if found[3]:
                    self.numbered.add(found[0])

    def _find_names(self, names: Collection[str], by: User | None) -> None:
        # The database narrows by the key, which is the same for names that differ in their case alone.
        keys = {name_key(name) for name in names}
        wanted = {name.casefold() for name in names}
        rows = (
            seen_by(by)
            .filter(name_key__in=keys, merged_into=None)
            .order_by("pk")
            .values_list("pk", "name", "source", "external_id")
        )
        for pk, name, source, external_id in rows:
            folded = name.casefold()
            if folded not in wanted:
                continue
            self.names[pk], self.sources[pk] = name, source
            self._by_name[folded].append(pk)
            if external_id:
                self.numbered.add(pk)
            else:
                self._by_name_without_id[folded].append(pk)

    def match(self, name: str, identity: tuple[str, str] | None, standing_id: str = "") -> Found:
        """The account of a row of accounts. Raises Unmatched."""
        if named := self._by_standing_id.get(standing_id):
            return Found(named)
        if identity is None:
            return Found(self._only(self._by_name.get(name.casefold(), []) if name else []))
        found = self._by_identity(*identity)
        if found is not None:
            return Found(found, former=(identity[1], found) in self._former)
        if identity in self._hidden:
            raise Unmatched("external_id", _("This external id is taken outside the accounts that you see."))
        # An account that was made by hand gets its external id from the file, if it can be no other.
        named = self._only(self._by_name_without_id.get(name.casefold(), []))
        return Found(named, by_name=named is not None)

    def called(self, text: str) -> set[int]:
        """The accounts that a text calls by an id, else by name: one, none or several."""
        by_id = set(self._by_id.get(text, {}).values())
        if not by_id and text in self._by_standing_id:
            return {self._by_standing_id[text]}
        return by_id or set(self._by_name.get(text.casefold(), []))

    def find(self, text: str, source: str, by: User | None) -> int | None:
        """The account that a row of another list speaks of: by external id, else by name. ValueError with a sentence for several."""
        if text in self._by_standing_id and text not in self._by_id:
            return self._by_standing_id[text]
        by_source = self._by_id.get(text, {})
        found = [by_source[source]] if source in by_source else [] if source else list(by_source.values())
        if len(set(found)) > 1:
            raise ValueError(
                _("Accounts from several sources have this external id. Say with --source which is meant.")
                if by is None
                else _("Accounts from several sources have this external id. Say which source is meant.")
            )
        if not found:
            named = self._by_name.get(text.casefold(), [])
            exact = [pk for pk in named if self.names[pk] == text]
            found = self._within(source, exact) or self._within(source, named)
        if len(found) > 1:
            raise ValueError(_("More than one account is called “%(text)s”. Write the external id.") % {"text": shortened(text)})
        return found[0] if found else None

    def _within(self, source: str, found: list[int]) -> list[int]:
        """With a source, those from it; else those from none, which were made by hand."""
        if not source:
            return found
        return [pk for pk in found if self.sources[pk] == source] or [pk for pk in found if not self.sources[pk]]

    def _by_identity(self, source: str, external_id: str) -> int | None:
        """With a source exactly that one; without, the one that has none either, else the only one there is."""
        by_source = self._by_id.get(external_id, {})
        if source in by_source:
            return by_source[source]
        if source or not by_source:
            return None
        if len(set(by_source.values())) > 1:
            reason = _("Accounts from several sources have this external id. Add a column for the source.")
            raise Unmatched("external_id", reason)
        return next(iter(by_source.values()))

    def _only(self, found: list[int]) -> int | None:
        if len(found) > 1:
            raise Unmatched("name", _("More than one account has this name. Give the external id of the one you mean."))
        return found[0] if found else None
