"""Parents in a list of accounts: an account that is stored, or one that the same file makes, never in a circle."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import batched

from django.utils.translation import gettext as _

from accounts.models import Account
from core.cycles import nodes_on_cycles
from core.text_values import shortened

type Node = int  # the id of a stored account; or, below zero, the line of a row that makes an account

GENERATIONS = 20  # statements; above them all parents are read at once
BATCH = 500


@dataclass(slots=True)
class Parents:
    """The parent of each row that has one, by lines; and why not, of those whose parent is ambiguous or circular."""

    of: dict[int, Node] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)

    def depths(self) -> dict[int, int]:
        """How many rows each row stands below, for those below one."""
        depths: dict[int, int] = {}
        for line in self.of:
            path, step = [], line
            while step not in depths and self.of.get(step, 0) < 0:
                path.append(step)
                step = -self.of[step]
            depth = depths.get(step, 0)
            for below in reversed(path):
                depth += 1
                depths[below] = depth
        return depths

    def orphans(self, rejected: set[int]) -> dict[int, int]:
        """The rows below rejected ones, and so on down, each with the line of its parent; without those that are rejected themselves."""
        children: dict[int, list[int]] = defaultdict(list)
        for line, node in self.of.items():
            if node < 0:
                children[-node].append(line)
        found: dict[int, int] = {}
        going = [line for line in children if line in rejected]
        while going:
            above = going.pop()
            for line in children[above]:
                if line not in rejected and line not in found:
                    found[line] = above
                    going.append(line)
        return found


def resolve_parents(
    asked: Mapping[int, str], own: Mapping[int, Node], rows: Mapping[str, set[Node]], stored: Mapping[str, set[int]]
) -> Parents:
    """Whose parent is which. `asked` has what each line calls its parent, `own` the node of each line.

    `rows` and `stored` have the nodes that each text calls, in the file and among what is stored: each text is in one of them.
    """
    found = Parents()
    lines: dict[Node, int] = {}  # the first row of each node that has a parent
    for line, text in asked.items():
        possible = rows.get(text, set()) | stored.get(text, set())
        if len(possible) > 1:
            reason = _("More than one account is called “%(text)s”. Write the external id.")
            found.problems[line] = reason % {"text": shortened(text)}
        elif possible == {own[line]}:
            found.problems[line] = _("An account is not its own parent.")
        else:
            (found.of[line],) = possible
            lines.setdefault(own[line], line)
    for node in nodes_on_cycles(_above(found, lines)):
        if node in lines:
            found.problems[lines[node]] = _("This would make a circle: the parent is this account or one below it.")
            found.of.pop(lines[node], None)
    return found


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
