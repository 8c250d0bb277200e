"""Which stored account a row of another thing's list speaks of: by external id, else by name."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import Account, User
from core.text_values import shortened

type _Found = list[tuple[str, int]]  # source and id


class KnownAccounts:
    """The stored accounts that a file speaks of, among those that `by` sees (None: the operator, all).

    Four statements at most, whatever the number of rows; two for the operator.
    """

    def __init__(self, wanted: Iterable[str], by: User | None = None) -> None:
        texts = set(wanted)
        folded = {text.casefold() for text in texts}
        self.by = by
        self.names: dict[int, str] = {}
        self.numbered: set[int] = set()  # those that have an external id
        self._by_id: dict[str, _Found] = defaultdict(list)
        self._by_name: dict[str, _Found] = defaultdict(list)
        self._by_folded_name: dict[str, _Found] = defaultdict(list)
        accounts = Account.objects.all() if by is None else Account.objects.visible_to(by)
        # Names are compared here and not by the database, for which É and é differ (SQLite) or not (PostgreSQL).
        former: list[tuple[str, str, int]] = []
        columns = accounts.order_by("pk").values_list("pk", "name", "source", "external_id", "merged_into")
        for pk, name, source, external_id, merged_into in columns.iterator(chunk_size=5000):
            if merged_into:
                if external_id in texts:
                    former.append((source, external_id, merged_into))
                continue
            if external_id in texts:
                self._by_id[external_id].append((source, pk))
            if name in texts:
                self._by_name[name].append((source, pk))
            if name.casefold() in folded:
                self._by_folded_name[name.casefold()].append((source, pk))
            if external_id in texts or name.casefold() in folded:
                self.names[pk] = name
                if external_id:
                    self.numbered.add(pk)
        if former:  # an account that was merged into another one is found by its id alone, which leads there
            leads_to = dict(accounts.filter(pk__in=[pk for *_id, pk in former]).order_by().values_list("pk", "name"))
            for source, external_id, pk in former:
                if pk in leads_to:
                    self.names[pk] = leads_to[pk]
                    self.numbered.add(pk)
                    self._by_id[external_id].append((source, pk))
        changeable = None if by is None else Account.objects.changeable_by(by).order_by().values_list("pk", flat=True)
        self._changeable = set(self.names) if changeable is None else set(changeable)

    def find(self, text: str, source: str = "") -> int | None:
        """Its id; None where nobody is called so. ValueError with a sentence where several are, or it is not to be changed."""
        pk = self._find(text, source)
        if pk is not None and pk not in self._changeable:
            raise ValueError(_("You may read this account but not change it."))
        return pk

    def _find(self, text: str, source: str) -> int | None:
        found = self._by_id.get(text, [])
        found = [one for one in found if one[0] == source] or ([] if source else found)
        if len({pk for _source, pk in found}) > 1:
            raise ValueError(
                _("Accounts from several sources have this external id. Say with --source which is meant.")
                if self.by is None
                else _("Accounts from several sources have this external id. Say which source is meant.")
            )
        if not found:
            found = _within(source, self._by_name.get(text, []))
        if not found:
            found = _within(source, self._by_folded_name.get(text.casefold(), []))
        if len(found) > 1:
            raise ValueError(_("More than one account is called “%(text)s”. Write the external id.") % {"text": shortened(text)})
        return found[0][1] if found else None


def _within(source: str, found: _Found) -> _Found:
    """With a source, those from it; else those from none, which were made by hand."""
    if not source:
        return found
    return [one for one in found if one[0] == source] or [one for one in found if not one[0]]
