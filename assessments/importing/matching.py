"""Which account a row of past levels speaks of: by external id, else by exact name."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.importing.values import shortened
from accounts.models import Account


class KnownAccounts:
    """The stored accounts that a file speaks of; one statement, whatever the number of rows."""

    def __init__(self, wanted: Iterable[str], source: str = "") -> None:
        self.source = source
        texts = set(wanted)
        folded = {text.casefold() for text in texts}
        self._by_id: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._by_name: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._by_folded_name: dict[str, list[tuple[str, int]]] = defaultdict(list)
        # Names are compared here and not by the database, for which É and é differ (SQLite) or not (PostgreSQL).
        columns = Account.objects.order_by("pk").values_list("pk", "name", "source", "external_id")
        for pk, name, its_source, external_id in columns.iterator(chunk_size=5000):
            if external_id in texts:
                self._by_id[external_id].append((its_source, pk))
            if name in texts:
                self._by_name[name].append((its_source, pk))
            if name.casefold() in folded:
                self._by_folded_name[name.casefold()].append((its_source, pk))

    def find(self, text: str) -> int | None:
        """Its id; None where nobody is called so. ValueError with a sentence where several are."""
        found = self._by_id.get(text, [])
        found = [one for one in found if one[0] == self.source] or ([] if self.source else found)
        if len(found) > 1:
            raise ValueError(_("Accounts from several sources have this external id. Say with --source which is meant."))
        if not found:
            found = self._within_source(self._by_name.get(text, []))
        if not found:
            found = self._within_source(self._by_folded_name.get(text.casefold(), []))
        if len(found) > 1:
            raise ValueError(_("More than one account is called “%(text)s”. Write the external id.") % {"text": shortened(text)})
        return found[0][1] if found else None

    def _within_source(self, found: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """With a source, those from it; else those from none, which were made by hand."""
        if not self.source:
            return found
        return [one for one in found if one[0] == self.source] or [one for one in found if not one[0]]
