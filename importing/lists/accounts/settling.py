"""The rows of a list of accounts beside each other: doubles, rows that speak of one account, and parents."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import batched

from django.db.models import Count, F, Min, Q, Value, Window
from django.db.models.functions import StrIndex, Substr
from django.utils.translation import gettext as _

from core.bulk_update import update_many
from core.text_values import shortened
from importing.list_work import BATCH, ListWork, Outcome, by_line
from importing.lists.accounts.matching import StoredAccounts
from importing.lists.accounts.parents import Node, Parents, resolve_parents
from importing.unknown_values import EACH, ONCE, REPEATED_NAME, answer_for

SEPARATOR = "\x1f"  # between source and external id


def reject_doubles(work: ListWork) -> None:
    """The first row of an account counts; a later one of the same external id or name is rejected.

    Rows of one name are two accounts when both have an external id.
    """
    counted = work.rows.exclude(outcome=Outcome.PASSED_OVER)
    first = Window(Min("line"), partition_by=F("identity"))
    numbered = counted.exclude(identity="").annotate(first=first).filter(line__gt=F("first"))
    _reject_lines(
        work, dict(numbered.values_list("line", "first")), "external_id", _("“%(text)s” stands in row %(row)s already.")
    )
    reason = _("“%(text)s” stands in row %(row)s already. Give both an external id if they are two accounts.")
    named = counted.exclude(name="").filter(earlier=None)  # of those that are no doubles by now
    first = Window(Min("line"), partition_by=F("name"))
    without_id = Window(Min("line", filter=Q(identity="")), partition_by=F("name"))
    rows = named.annotate(first=first, without_id=without_id)
    _settle_repeated(work, dict(rows.filter(identity="", line__gt=F("first")).values_list("line", "first")), reason)
    later = dict(rows.exclude(identity="").filter(line__gt=F("without_id")).values_list("line", "without_id"))
    _reject_lines(work, later, "name", reason)


def _settle_repeated(work: ListWork, lines: Mapping[int, int], reason: str) -> None:
    """Rows of a name that stands in an earlier row, and without an external id: what they are is asked once for the file."""
    if not lines:
        return
    said = answer_for(work.options.answers, REPEATED_NAME, REPEATED_NAME)
    if not work.options.asks:
        _reject_lines(work, lines, "name", reason)
    elif said == ONCE:
        for some in batched(sorted(lines), BATCH):
            work.rows.filter(line__in=some).update(outcome=Outcome.PASSED_OVER)
    elif said != EACH:
        work.unknown[REPEATED_NAME, REPEATED_NAME] += len(lines)


def _reject_lines(work: ListWork, lines: Mapping[int, int], field: str, reason: str) -> None:
    """Reject the rows of these lines, each for the row of an earlier line."""
    for some in batched(sorted(lines), BATCH):
        rows = list(work.rows.filter(line__in=some).defer("cells"))
        for row in rows:
            row.earlier = lines[row.line]
            work.reject(row, field, reason % {"text": shortened(row.values.get(field, "")), "row": row.earlier})
        update_many(rows, ["outcome", "problems", "earlier"])


def reject_same_accounts(work: ListWork) -> None:
    """Of several rows that speak of one account the first counts; before one for which it was chosen, one that says so itself.

    A row that speaks of it by the id of an account that was merged into it is passed over beside them: whoever sends the list
    still has both.
    """
    matched = work.rows.exclude(account=None).filter(problems=[]).order_by()
    shared = matched.values("account").annotate(times=Count("pk")).filter(times__gt=1).values("account")
    rows = list(matched.filter(account__in=shared).values_list("account", "line", "choice", "identity", "values"))
    former = {line for _account, line, _choice, identity, values in rows if SEPARATOR in identity and "external_id" not in values}
    counts: dict[int | None, tuple[bool, bool, int]] = {}
    for account, line, choice, *_rest in rows:
        rank = (line in former, bool(choice), line)
        counts[account] = min(counts.get(account, rank), rank)
    later = {line: counts[account][2] for account, line, *_rest in rows if line != counts[account][2]}
    for some in batched(sorted(later.keys() & former), BATCH):
        work.rows.filter(line__in=some).update(outcome=Outcome.PASSED_OVER)
    rejected = {line: first for line, first in later.items() if line not in former}
    _reject_lines(work, rejected, "name", _("It is the same account as row %(row)s."))


def set_parents(work: ListWork) -> Parents:
    """Find the parent of each row that names one, and reject the others; what nothing is called is not kept in memory."""
    with_parent = work.rows.filter(values__has_key="parent").exclude(outcome=Outcome.PASSED_OVER)
    # The whole values: SQLite gives a text such as "1" as a number when it is asked for it alone.
    texts = {values["parent"] for values in with_parent.values_list("values", flat=True).iterator()}
    rows, stored = _rows_called(work, texts), _stored_called(work, texts)
    asked: dict[int, str] = {}
    own: dict[int, Node] = {}
    reason = _("No account here or in the file is called “%(text)s”.")
    for some in by_line(with_parent, work.most):
        unknown = []
        for row in some:
            text = row.values["parent"]
            if text in rows or text in stored:
                asked[row.line], own[row.line] = text, row.account or -row.line
            else:
                work.reject(row, "parent", reason % {"text": shortened(text)})
                unknown.append(row)
        update_many(unknown, ["outcome", "problems"])
    parents = resolve_parents(asked, own, rows, stored)
    _keep_parents(work, parents)
    return parents


def _rows_called(work: ListWork, texts: set[str]) -> dict[str, set[Node]]:
    """The rows that these texts call, by external id, else by name; of the texts that call any."""
    by_id: dict[str, set[Node]] = defaultdict(set)
    by_name: dict[str, set[Node]] = defaultdict(set)
    folded = {text.casefold() for text in texts}
    rows = work.rows.exclude(outcome=Outcome.PASSED_OVER).order_by("line")
    if len(texts) <= BATCH:  # of more most rows are called
        after_source = Substr("identity", StrIndex("identity", Value(SEPARATOR)) + 1)
        rows = rows.annotate(external_id=after_source).filter(Q(name__in=folded) | Q(external_id__in=texts))
    for line, account, name, identity in rows.values_list("line", "account", "name", "identity").iterator():
        external_id = identity.partition(SEPARATOR)[2]
        if external_id in texts and len(by_id[external_id]) < 2:
            by_id[external_id].add(account or -line)
        if name in folded and len(by_name[name]) < 2:
            by_name[name].add(account or -line)
    return {text: nodes for text in texts if (nodes := by_id.get(text) or by_name.get(text.casefold()))}


def _stored_called(work: ListWork, texts: set[str]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for some in batched(sorted(texts), BATCH):
        stored = StoredAccounts(some, some, work.options.by)
        found |= {text: ids for text in some if (ids := stored.called(text))}
    return found


def _keep_parents(work: ListWork, parents: Parents) -> None:
    depths = parents.depths()
    above = {-node for node in parents.of.values() if node < 0}
    for some in batched(sorted({*parents.of, *parents.problems, *above}), BATCH):
        rows = list(work.rows.filter(line__in=some).defer("cells"))
        for row in rows:
            node = parents.of.get(row.line, 0)
            row.above, row.above_stored = (-node if node < 0 else None), (node if node > 0 else None)
            row.turn, row.is_above = depths.get(row.line, 0), row.line in above
            if row.line in parents.problems:
                work.reject(row, "parent", parents.problems[row.line])
        update_many(rows, ["above", "above_stored", "turn", "is_above", "outcome", "problems"])


def reject_orphans(work: ListWork, parents: Parents) -> None:
    if not any(node < 0 for node in parents.of.values()):
        return
    rejected = set(work.rows.filter(outcome=Outcome.REJECTED, account=None).values_list("line", flat=True))
    _reject_lines(work, parents.orphans(rejected), "parent", _("Its parent, row %(row)s, is rejected."))
