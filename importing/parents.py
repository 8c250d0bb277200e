"""Parents in an import: an account that is stored, or one that the same file makes, never in a circle."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import batched

from accounts.models import Account
from core.cached_translations import gettext as _
from core.cycles import nodes_on_cycles
from core.text_values import shortened
from importing.matching import BATCH, StoredAccounts
from importing.whole_file import Key, WholeFile

type Node = int  # the id of a stored account; or, below zero, the line of a row that makes an account

GENERATIONS = 20  # statements; above them all parents are read at once


@dataclass(slots=True)
class Parents:
    """By the line of a row. Rows whose own account is not made are no parents: `orphans` tells which rows that leaves."""

    of: dict[int, Node] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)  # of the rows that are parents
    orphans: dict[int, int] = field(default_factory=dict)  # the line of the parent that is rejected

    def settle(self, rejected: set[int]) -> dict[int, int]:
        """Find the orphans: children of these rows, and so on down; without those that are rejected themselves."""
        children: dict[int, list[int]] = defaultdict(list)
        for line, node in self.of.items():
            if node < 0:
                children[-node].append(line)
        going = [line for line in self.names if line in rejected]
        while going:
            above = going.pop()
            for line in children[above]:
                if line not in rejected and line not in self.orphans:
                    self.orphans[line] = above
                    going.append(line)
        return self.orphans


def resolve_parents(whole: WholeFile, stored: StoredAccounts, account_of: Callable[[Key], int | None]) -> Parents:
    """Whose parent is which; and why not, of those whose parent is unknown, ambiguous or circular.

    `account_of` tells which stored account a row speaks of.
    """
    found = Parents()
    if not whole.parents:
        return found
    nodes, by_id, by_name = _callable(whole, account_of)
    lines: dict[Node, int] = {}  # the first row of each node that has a parent
    for key in whole.keys:
        text = key.parent
        if not text:
            continue
        possible = by_id.get(text, set()) | {pk for _source, pk in stored.by_external_id.get(text, ())}
        possible = possible or by_name.get(text.casefold(), set()) | set(stored.by_name.get(text.casefold(), ()))
        own = nodes.get(key.line, -key.line)
        if not possible:
            reason = _("No account here or in the file is called “%(text)s”.")
            found.problems[key.line] = reason % {"text": shortened(text)}
        elif len(possible) > 1:
            reason = _("More than one account is called “%(text)s”. Write the external id.")
            found.problems[key.line] = reason % {"text": shortened(text)}
        elif possible == {own}:
            found.problems[key.line] = _("An account is not its own parent.")
        else:
            (found.of[key.line],) = possible
            lines.setdefault(own, key.line)
    made = {-node for node in found.of.values() if node < 0}
    found.names = {key.line: key.name for key in whole.keys if key.line in made}
    for node in nodes_on_cycles(_above(found, lines)):
        if node in lines:
            found.problems[lines[node]] = _("This would make a circle: the parent is this account or one below it.")
    return found


def _callable(
    whole: WholeFile, account_of: Callable[[Key], int | None]
) -> tuple[dict[int, Node], dict[str, set[Node]], dict[str, set[Node]]]:
    """The accounts of rows by their lines, and the rows that parents can be by external id and by name, where a row asks for them.

    At most two of one name: which one is not clear by then, and 100 000 would be gone through for each row that asks.
    """
    nodes: dict[int, Node] = {}
    by_id: dict[str, set[Node]] = defaultdict(set)
    by_name: dict[str, set[Node]] = defaultdict(set)
    for key in whole.keys:
        name = key.name.casefold()
        called_by_id = key.identity is not None and key.identity[1] in whole.parents
        called_by_name = bool(name) and name in whole.folded_parents
        if not (key.parent or called_by_id or called_by_name):
            continue
        account = account_of(key)
        if account:
            nodes[key.line] = account
        if called_by_id and key.identity and len(by_id[key.identity[1]]) < 2:
            by_id[key.identity[1]].add(account or -key.line)
        if called_by_name and len(by_name[name]) < 2:
            by_name[name].add(account or -key.line)
    return nodes, by_id, by_name


def _above(found: Parents, lines: dict[Node, int]) -> dict[Node, Node]:
    """The parent of each account as it would be: of the rows, and of what is stored above them."""
    above: dict[Node, Node] = {}
    # Only where a stored account gets another parent can what is stored above it be part of a circle.
    if any(node > 0 for node in lines):
        above = stored_ancestry({node for node in found.of.values() if node > 0})
    return above | {node: found.of[line] for node, line in lines.items()}


def stored_ancestry(ids: set[int]) -> dict[Node, Node]:
    """The parent of each of these accounts and of all above them; a statement for each 500 of a generation.

    Above `GENERATIONS` of them all parents are read, of other accounts too.
    """
    above: dict[Node, Node] = {}
    generation = ids
    for _generation in range(GENERATIONS):
        if not generation:
            return above
        fresh = {pk: parent for batch in batched(sorted(generation), BATCH) for pk, parent in _parents_of(batch)}
        above |= fresh
        generation = set(fresh.values()) - above.keys()
    return dict(Account.objects.exclude(parent=None).order_by().values_list("pk", "parent_id").iterator())


def _parents_of(ids: Iterable[int]) -> Iterable[tuple[int, int]]:
    return Account.objects.filter(pk__in=ids).exclude(parent=None).order_by().values_list("pk", "parent_id")
