"""Parents in an import: an account that is stored, or one that the same file makes, never in a circle."""

from collections import defaultdict
from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts.importing.matching import StoredAccounts
from accounts.importing.plan import PlannedRow
from accounts.importing.values import shortened
from accounts.models import Account

type Node = tuple[str, int]  # ("stored", account id) or ("row", line of a row that makes an account)


def resolve_parents(planned: list[PlannedRow], stored: StoredAccounts, reject: Callable[[PlannedRow, str], None]) -> None:
    """Set each row's `parent`; `reject` those whose parent is unknown, ambiguous, rejected or circular."""
    rows_by_id: dict[str, list[PlannedRow]] = defaultdict(list)
    rows_by_name: dict[str, list[PlannedRow]] = defaultdict(list)
    for row in planned:
        if "external_id" in row.clean.values:
            rows_by_id[row.clean.values["external_id"]].append(row)
        if row.clean.name:
            rows_by_name[row.clean.name.casefold()].append(row)
    of_node = {node(row): row for row in planned}
    for row in planned:
        text = row.clean.values.get("parent")
        if not text:
            continue
        found = {node(other) for other in rows_by_id.get(text, [])}
        found |= {("stored", pk) for _source, pk in stored.by_external_id.get(text, [])}
        if not found:
            found = {node(other) for other in rows_by_name.get(text.casefold(), [])}
            found |= {("stored", pk) for pk in stored.by_name.get(text.casefold(), [])}
        if not found:
            reject(row, _("No account here or in the file is called “%(text)s”.") % {"text": shortened(text)})
        elif len(found) > 1:
            reason = _("More than one account is called “%(text)s”. Write the external id.")
            reject(row, reason % {"text": shortened(text)})
        elif found == {node(row)}:
            reject(row, _("An account is not its own parent."))
        else:
            (row.parent,) = found
    _reject_circles(planned, reject)
    _reject_orphans(planned, of_node, reject)


def node(row: PlannedRow) -> Node:
    return ("stored", row.account_id) if row.account_id else ("row", row.line)


def _reject_circles(planned: list[PlannedRow], reject: Callable[[PlannedRow, str], None]) -> None:
    above = _stored_ancestry({row.parent[1] for row in planned if row.parent and row.parent[0] == "stored"})
    above |= {node(row): row.parent for row in planned if row.parent}
    for row in planned:
        seen: set[Node] = set()
        step = row.parent
        while step and step not in seen:
            if step == node(row):
                reject(row, _("This would make a circle: the parent is this account or one below it."))
                break
            seen.add(step)
            step = above.get(step)


def _stored_ancestry(ids: set[int]) -> dict[Node, Node]:
    """The parent of each of these accounts and of all above them; one statement a generation."""
    above: dict[Node, Node] = {}
    generation = ids
    while generation:
        pairs = Account.objects.filter(pk__in=generation).exclude(parent=None).values_list("pk", "parent_id")
        fresh = {("stored", pk): ("stored", parent_id) for pk, parent_id in pairs}
        generation = {parent_id for _kind, parent_id in fresh.values()} - {pk for _kind, pk in above.keys() | fresh}
        above |= fresh
    return above


def _reject_orphans(planned, of_node, reject) -> None:
    """A row whose parent would be made by a row that is rejected is rejected too, and so on down."""
    again = True
    while again:
        again = False
        for row in planned:
            above = of_node.get(row.parent) if row.parent and row.parent[0] == "row" else None
            if above is not None and above.rejected and not row.rejected:
                reject(row, _("Its parent, row %(row)s, is rejected.") % {"row": above.line})
                again = True
