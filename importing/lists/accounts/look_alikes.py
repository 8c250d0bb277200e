"""Rows that would make an account and look like one that is stored, or like an earlier row: offered, and done as chosen.

Without a choice such a row makes a new account: nothing is united of itself. What the importer does not see is never offered
and never counted.

A row that was said to be an account updates it as any other does, its name and external id too: so the next import of the file
finds it by itself. Only where the file gives no external id, and the name was changed by hand since, it is offered again.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.duplicates import (
    MAX_ACCOUNTS_OF_DOMAIN,
    MAX_SHOWN,
    AccountsByKey,
    accounts_by_key,
    domain_reason,
    match_reasons,
    name_reason,
)
from accounts.models import Account
from core.bulk_update import update_many
from importing.list_work import ListWork, Outcome, by_line
from importing.lists.accounts.matching import changeable_of, seen_by
from importing.models import ImportRow
from importing.row_choices import LEFT_OUT, NEW, Detail, Offer, Offers

ALIKE, SURE = "alike", "sure"  # SURE: name and domain are those of one account alone


class First(NamedTuple):
    """The first row of a name or a domain, as far as later ones ask about it."""

    line: int
    above: int | None
    parent: int | None


class LookAlikes(Offers):
    title = gettext_lazy("These may be accounts you have already")
    text = gettext_lazy(
        "They have the same name but for the way it is written, or the same domain of website or e-mail. Nothing is merged "
        "unless you say so: a row that is an account changes that account, as shown below once you keep your choices."
    )

    def __init__(self, work: ListWork) -> None:
        super().__init__(work.rows)
        self.work = work

    @property
    def sure(self) -> dict[int, str]:
        rows = self.rows.filter(ask=SURE, choice="").values_list("line", "candidates")
        return {line: str(candidates[0]) for line, candidates in rows}

    def offers(self, rows: list[ImportRow]) -> list[Offer]:
        by = self.work.options.by
        shown = {row.line: list(dict.fromkeys([*_chosen(row), *row.candidates[:MAX_SHOWN]])) for row in rows}
        wanted = {pk for found in shown.values() for pk in found}
        accounts = {account.pk: account for account in seen_by(by).select_related("owner").filter(pk__in=wanted)}
        changeable = changeable_of(accounts.keys(), by)
        stored = _stored(self.work, rows)
        spoken_of: dict[int, int] = dict(self.work.rows.filter(account__in=wanted, choice="").values_list("account", "line"))  # type: ignore[arg-type]
        earlier = {row.line: row for row in self.work.rows.filter(line__in={row.earlier for row in rows if row.earlier})}
        offers = []
        for row in rows:
            candidates = [accounts[pk] for pk in shown[row.line] if pk in accounts]
            reasons = {one.pk: match_reasons(row.values.get("name", ""), row.domain_key, one, stored) for one in candidates}
            hindrances = {one.pk: _hindrance(row, one.pk, changeable, spoken_of) for one in candidates}
            details = [_detail(one, reasons[one.pk], hindrances[one.pk]) for one in candidates]
            first = earlier.get(row.earlier or 0)
            if first:
                details.append(_earlier_detail(row, first))
            choices = _choices(row, [one for one in candidates if not hindrances[one.pk] or str(one.pk) == row.choice])
            offers.append(Offer(row, row.values.get("name", ""), details, choices, _note(row, candidates, reasons, first)))
        return offers


def _detail(account: Account, why: str, hindrance: str) -> Detail:
    archived = str(account.get_status_display()) if account.is_archived else ""
    parts = [why, account.country_name, str(account.owner), account.external_id, archived, hindrance]
    return Detail(account.name, " · ".join(part for part in parts if part), account.get_absolute_url())


def _earlier_detail(row: ImportRow, first: ImportRow) -> Detail:
    place = _("row %(row)s") % {"row": first.line}
    return Detail(first.values.get("name", ""), f"{place} · {_why_earlier(row, first)}")


def _choices(row: ImportRow, candidates: Sequence[Account]) -> list[tuple[str, str, bool]]:
    chosen = row.choice or NEW
    choices = [(NEW, _("Make a new account"), chosen == NEW)]
    choices += [(str(one.pk), _("It is %(account)s") % {"account": one}, str(one.pk) == chosen) for one in candidates]
    if chosen.isdecimal() and not any(value == chosen for value, _words, _is in choices):
        choices.append((chosen, _("An account that is no longer there"), True))
    choices.append((LEFT_OUT, _("Leave this row out"), chosen == LEFT_OUT))
    return choices


def _note(row: ImportRow, candidates: Sequence[Account], reasons: Mapping[int, str], first: ImportRow | None) -> str:
    said: dict[str, Any] = {"row": row.line, "name": row.values.get("name", "")}
    if candidates:
        found = candidates[0]
        said |= {"id": found.pk, "account": found.name, "why": reasons[found.pk]}
        return _("Row %(row)s: “%(name)s” may be account %(id)s, “%(account)s”: %(why)s.") % said
    if first is None:
        return ""
    said |= {"other": first.line, "account": first.values.get("name", ""), "why": _why_earlier(row, first)}
    return _("Row %(row)s: “%(name)s” may be the same as row %(other)s, “%(account)s”: %(why)s.") % said


def mark(work: ListWork) -> None:
    """Mark the rows that look like a stored account or an earlier row, or for which something was chosen."""
    fresh = work.rows.filter(Q(account=None, outcome=Outcome.CREATED) | Q(outcome=Outcome.PASSED_OVER) | ~Q(choice=""))
    names, domains = _times(fresh, "name_key"), _times(fresh, "domain_key")
    named: dict[str, First] = {}  # of each name that several rows have
    hosted: dict[str, First] = {}
    sure: dict[int, int] = {}  # line: account
    for some in by_line(fresh, work.most):
        for row in some:
            if domains.get(row.domain_key, 1) > MAX_ACCOUNTS_OF_DOMAIN:  # of a group or a provider
                row.domain_key = ""
        stored = _stored(work, some)
        for row in some:
            row.candidates = [pk for pk in stored.matches(row.name_key, row.domain_key) if pk != row.above_stored]
            first = _first_like(row, named, hosted, names)
            row.earlier = first.line if first else None
            if row.choice or row.candidates or row.earlier:
                row.ask = ALIKE
            of_name = stored.by_name.get(row.name_key, ())
            if not row.choice and len(of_name) == 1 and of_name[0] in stored.by_domain.get(row.domain_key, ()):
                sure[row.line] = of_name[0]
            if row.choice != LEFT_OUT:
                _remember(row, named, hosted, names, domains)
        update_many([row for row in some if row.ask], ["ask", "candidates", "earlier"])
    _mark_sure(work, sure)


def _mark_sure(work: ListWork, sure: dict[int, int]) -> None:
    """Of rows that have name and domain of an account: those that are the only one, of an account that may be changed."""
    times = Counter(sure.values())
    wanted = {account for account, found in times.items() if found == 1}
    wanted &= changeable_of(wanted, work.options.by)
    wanted -= set(work.rows.filter(account__in=wanted).values_list("account", flat=True))
    lines = [line for line, account in sure.items() if account in wanted]
    for start in range(0, len(lines), work.most):
        work.rows.filter(line__in=lines[start : start + work.most]).update(ask=SURE)


def _times(rows: QuerySet[ImportRow], key: str) -> dict[str, int]:
    """How many rows have each key that several have."""
    counted = rows.exclude(**{key: ""}).order_by().values(key).annotate(times=Count("pk")).filter(times__gt=1)
    return dict(counted.values_list(key, "times"))


def _first_like(row: ImportRow, named: dict[str, First], hosted: dict[str, First], names: dict[str, int]) -> First | None:
    """The first row that has its name, else its domain. Many of one name are a chain: each has its own external id."""
    first = named.get(row.name_key) if names.get(row.name_key, 1) <= MAX_ACCOUNTS_OF_DOMAIN else None
    if first is None and row.domain_key and (other := hosted.get(row.domain_key)):
        # Two below one parent share its site, and are two.
        parent = _parent(row)
        first = None if parent and parent == other.parent else other
    if first and (row.above == first.line or first.above == row.line):
        return None
    return first


def _remember(
    row: ImportRow, named: dict[str, First], hosted: dict[str, First], names: dict[str, int], domains: dict[str, int]
) -> None:
    first = First(row.line, row.above, _parent(row))
    if row.name_key in names:
        named.setdefault(row.name_key, first)
    if row.domain_key in domains:
        hosted.setdefault(row.domain_key, first)


def _parent(row: ImportRow) -> int | None:
    """The id of its parent that is stored, or the line of the row that makes it, below zero."""
    return -row.above if row.above else row.above_stored


def _stored(work: ListWork, rows: Sequence[ImportRow]) -> AccountsByKey:
    keys = {row.name_key for row in rows} - {""}
    return accounts_by_key(seen_by(work.options.by), keys, {row.domain_key for row in rows} - {""})


def _chosen(row: ImportRow) -> list[int]:
    return [int(row.choice)] if row.choice.isdecimal() else []


def _hindrance(row: ImportRow, pk: int, changeable: Collection[int], spoken_of: dict[int, int]) -> str:
    if pk not in changeable:
        return _("you may not change it")
    other = spoken_of.get(pk)
    if other and other != row.line:
        return _("row %(row)s speaks of it") % {"row": other}
    return ""


def _why_earlier(row: ImportRow, earlier: ImportRow) -> str:
    names = row.values.get("name", ""), earlier.values.get("name", "")
    reasons = [name_reason(*names)] if row.name_key == earlier.name_key else []
    return ", ".join(
        [*reasons, domain_reason(row.domain_key)] if row.domain_key and row.domain_key == earlier.domain_key else reasons
    )
