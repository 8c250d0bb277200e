"""Rows that would make an account and look like one that is here, or like an earlier row: offered, and done as chosen.

Without a choice such a row makes a new account: nothing is merged of itself. A choice is kept with the job by the line of the
row, and holds for this file with these columns. What the importer does not see is never offered and never counted.

A row that was said to be an account updates it as any other does, its name and external id too: so the next import of the file finds
it by itself. Only where the file gives no external id, and the name was changed by hand since, it is offered again.
"""

import re
from collections import Counter
from collections.abc import Collection, Container, Mapping
from dataclasses import astuple, dataclass, field
from itertools import batched
from typing import Any, Self

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.utils.translation import gettext as _

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
from accounts.name_keys import domain_key, name_key
from accounts.querysets import AccountQuerySet
from importing.matching import BATCH, Unmatched
from importing.models import ImportJob
from importing.owner_lookup import LEFT_OUT, Options
from importing.parents import Node
from importing.plan import PlannedRow
from importing.rows import CleanRow
from importing.whole_file import WholeFile

NEW = "new"
OFFERED = 100  # rows on one page
FIELD = re.compile(r"row_([0-9]{1,9})")
CHOICE = re.compile(rf"{NEW}|{LEFT_OUT}|[0-9]{{1,18}}")


# --- what was chosen, applied by the check


def chosen_accounts(options: Options) -> dict[int, str]:
    """Of the accounts that rows are said to be, those that are there for the importer, with their external ids; one statement for 500."""
    found: dict[int, str] = {}
    for some in batched(sorted(set(options.same.values())), BATCH):
        found |= dict(_seen_by(options).filter(pk__in=some).values_list("pk", "external_id"))
    return found


def as_chosen(line: int, found: int | None, options: Options, there: Mapping[int, str]) -> int | None:
    """The account that a row is: the one that was chosen, else `found`. Raises Unmatched if the choice no longer holds.

    `there` are the chosen accounts that the importer sees.
    """
    chosen = options.same.get(line)
    if chosen is None:
        return found
    if found is not None and found != chosen:
        raise Unmatched("name", _("By its external id or name it is another account by now than the one you chose."))
    if chosen not in there:
        raise Unmatched("name", _("The account that you chose for it is no longer there. Choose again."))
    return chosen


def keep_ids_together(clean: CleanRow, stored: str) -> None:
    """Source and external id of a row go together: a source alone would make the `stored` id that of another system."""
    if "external_id" in clean.values:
        clean.values.setdefault("source", "")
    elif stored:
        clean.values.pop("source", None)


# --- what is offered


@dataclass(slots=True)
class LookAlikeRow:
    """A row that would make an account, or for which something was chosen; what it looks like is asked later, for all at once."""

    line: int
    name: str
    name_key: str
    domain: str
    parent: Node | None = None
    chosen: int | str = NEW  # an account's id, or left out
    earlier: int | None = None  # the line of the first row that looks like it


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored account that a row looks like, or is said to be."""

    account: Account
    why: str
    hindrance: str = ""  # why the row cannot be said to be it


@dataclass(frozen=True, slots=True)
class Offer:
    """A row with what it looks like, as a person is asked about it."""

    row: LookAlikeRow
    candidates: list[Candidate]
    earlier: LookAlikeRow | None
    why_earlier: str

    @property
    def note(self) -> str:
        said = {"row": self.row.line, "name": self.row.name}
        if self.candidates:
            first = self.candidates[0]
            said |= {"id": first.account.pk, "account": first.account.name, "why": first.why}
            return _("Row %(row)s: “%(name)s” may be account %(id)s, “%(account)s”: %(why)s.") % said
        other = self.earlier.name if self.earlier else ""
        said |= {"other": self.row.earlier, "account": other, "why": self.why_earlier}
        return _("Row %(row)s: “%(name)s” may be the same as row %(other)s, “%(account)s”: %(why)s.") % said

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Value, words, and whether it is chosen."""
        chosen = self.row.chosen
        choices = [(NEW, _("Make a new account"), chosen == NEW)]
        for found in self.candidates:
            pk = found.account.pk
            if pk == chosen or not found.hindrance:
                choices.append((str(pk), _("It is %(account)s") % {"account": found.account}, pk == chosen))
        if isinstance(chosen, int) and not any(value == str(chosen) for value, _words, _is in choices):
            choices.append((str(chosen), _("An account that is no longer there"), True))
        choices.append((LEFT_OUT, _("Leave this row out"), chosen == LEFT_OUT))
        return choices


@dataclass(slots=True)
class LookAlikes:
    """All the rows to ask about, in the order of the file."""

    rows: list[LookAlikeRow]
    options: Options
    stored: AccountsByKey
    taken: dict[int, int]  # accounts of which another row speaks, and its line
    sure: dict[int, int]  # by line the one account that has its name and its domain, and may be changed
    by_line: dict[int, LookAlikeRow] = field(default_factory=dict)  # the earlier rows that those look like

    def __len__(self) -> int:
        return len(self.rows)

    def as_json(self) -> dict[str, Any]:
        """To be kept with the job; `kept` gives it back."""
        there = {pk for keys in (self.stored.by_name, self.stored.by_domain) for found in keys.values() for pk in found}
        return {
            "rows": [astuple(row) for row in self.rows],
            "by_name": self.stored.by_name,
            "by_domain": self.stored.by_domain,
            "taken": [(pk, line) for pk, line in self.taken.items() if pk in there],
            "sure": list(self.sure.items()),
            "earlier": [astuple(row) for row in self.by_line.values()],
        }

    @classmethod
    def kept(cls, data: dict[str, Any], options: Options) -> Self:
        """As `as_json` gave it, with what is chosen by now."""
        by_name, by_domain = ({key: tuple(found) for key, found in data[by].items()} for by in ("by_name", "by_domain"))
        stored = AccountsByKey(by_name, by_domain)
        found = cls([LookAlikeRow(*row) for row in data["rows"]], options, stored, dict(data["taken"]), dict(data["sure"]))
        for row in found.rows:
            row.chosen = LEFT_OUT if row.line in options.passed_over else options.same.get(row.line, NEW)
        found.sure = {line: pk for line, pk in found.sure.items() if line not in options.same.keys() | options.passed_over}
        found.by_line = {row.line: row for row in (LookAlikeRow(*row) for row in data["earlier"])}
        return found

    def page(self, number: str | None) -> Page[Offer]:
        """Some of them, as people are asked about them; what is no number of a page is the first or the last. Two statements."""
        page: Any = Paginator(self.rows, OFFERED).get_page(number)
        page.object_list = self._offers(list(page.object_list))
        return page

    def notes(self) -> list[str]:
        """The first of them, a sentence each; two statements."""
        return [offer.note for offer in self._offers(self.rows[:OFFERED])]

    def _offers(self, rows: list[LookAlikeRow]) -> list[Offer]:
        found = {row.line: self.candidates_of(row)[:MAX_SHOWN] for row in rows}
        wanted = {pk for some in found.values() for pk in some} | {row.chosen for row in rows if isinstance(row.chosen, int)}
        accounts = {account.pk: account for account in _seen_by(self.options).select_related("owner").filter(pk__in=wanted)}
        changeable: Collection[int] = accounts.keys()
        if self.options.by:
            changeable = set(Account.objects.changeable_by(self.options.by).filter(pk__in=wanted).values_list("pk", flat=True))
        offers = []
        for row in rows:
            ids = found[row.line]
            if isinstance(row.chosen, int) and row.chosen not in ids:
                ids = [row.chosen, *ids]
            candidates = [self._candidate(row, accounts[pk], pk in changeable) for pk in ids if pk in accounts]
            earlier = self.by_line.get(row.earlier or 0)
            offers.append(Offer(row, candidates, earlier, _why_earlier(row, earlier) if earlier else ""))
        return offers

    def candidates_of(self, row: LookAlikeRow) -> list[int]:
        # Who stands below an account is not the account, however much they look alike.
        return [pk for pk in self.stored.matches(row.name_key, row.domain) if row.parent != pk]

    def _candidate(self, row: LookAlikeRow, account: Account, changeable: bool) -> Candidate:
        hindrance, other = "", self.taken.get(account.pk, row.line)
        if not changeable:
            hindrance = _("you may not change it")
        elif other != row.line:
            hindrance = _("row %(row)s speaks of it") % {"row": other}
        return Candidate(account, match_reasons(row.name, row.domain, account, self.stored), hindrance)


class Seeker:
    """Is shown the rows of a plan, some at a time; keeps of each that is new what it is called by."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._fresh: list[LookAlikeRow] = []
        self._taken: dict[int, int] = {}
        self._taken_by_choice: dict[int, int] = {}

    def add(self, row: PlannedRow) -> None:
        chosen = self.options.same.get(row.line)
        if row.account_id is not None:
            (self._taken if chosen is None else self._taken_by_choice).setdefault(row.account_id, row.line)
        if chosen is not None or (row.account_id is None and not row.rejected):
            self._fresh.append(_row(row.clean, row.parent, NEW if chosen is None else chosen))

    def found(self, whole: WholeFile, *, rejected: Container[int]) -> LookAlikes:
        """What they look like; three statements at most, none if no row is new. Those `rejected` in the end are not asked about."""
        options = self.options
        rows = [row for row in self._fresh if row.chosen != NEW or row.line not in rejected]
        if whole.passed_over:
            rows += [_row(clean, None, LEFT_OUT) for clean in whole.clean_rows() if clean.line in options.passed_over]
            rows.sort(key=lambda row: row.line)
        _forget_common(rows)
        _mark_earlier(rows)
        stored = AccountsByKey()
        if rows:
            stored = accounts_by_key(_seen_by(options), {row.name_key for row in rows}, {row.domain for row in rows} - {""})
        return _look_alikes(rows, options, stored, self._taken_by_choice | self._taken)


def _look_alikes(rows: list[LookAlikeRow], options: Options, stored: AccountsByKey, taken: dict[int, int]) -> LookAlikes:
    found = LookAlikes([], options, stored, taken, {})
    found.rows = [row for row in rows if row.chosen != NEW or row.earlier or found.candidates_of(row)]
    found.sure = _sure(found)
    lines = {row.earlier for row in found.rows if row.earlier}
    found.by_line = {row.line: row for row in rows if row.line in lines}
    return found


def _seen_by(options: Options) -> AccountQuerySet:
    return Account.objects.visible_to(options.by) if options.by else Account.objects.all()


def _row(clean: CleanRow, parent: Node | None, chosen: int | str) -> LookAlikeRow:
    domain = domain_key(clean.values.get("website", "")) or domain_key(clean.values.get("contact_email", ""))
    return LookAlikeRow(clean.line, clean.name, name_key(clean.name), domain, parent, chosen)


def _forget_common(rows: list[LookAlikeRow]) -> None:
    """A domain that many rows have is that of a group or a provider."""
    times = Counter(row.domain for row in rows)
    for row in rows:
        if times[row.domain] > MAX_ACCOUNTS_OF_DOMAIN:
            row.domain = ""


def _mark_earlier(rows: list[LookAlikeRow]) -> None:
    """Tell each row which one before it has its name, else its domain. Many of one name are a chain: each has its own external id."""
    times = Counter(row.name_key for row in rows)
    named: dict[str, LookAlikeRow] = {}
    hosted: dict[str, LookAlikeRow] = {}
    for row in rows:
        first = named.get(row.name_key) if times[row.name_key] <= MAX_ACCOUNTS_OF_DOMAIN else None
        if first is None and row.domain and (other := hosted.get(row.domain)):
            # Two below one parent share its site, and are two.
            first = None if row.parent and row.parent == other.parent else other
        if first and row.parent != -first.line and first.parent != -row.line:
            row.earlier = first.line
        if row.chosen != LEFT_OUT:
            named.setdefault(row.name_key, row)
            if row.domain:
                hosted.setdefault(row.domain, row)


def _why_earlier(row: LookAlikeRow, earlier: LookAlikeRow) -> str:
    reasons = [name_reason(row.name, earlier.name)] if row.name_key == earlier.name_key else []
    return ", ".join([*reasons, domain_reason(row.domain)] if row.domain and row.domain == earlier.domain else reasons)


def _sure(found: LookAlikes) -> dict[int, int]:
    """Rows without a choice that have name and domain of one account, which no other has and no other row speaks of."""
    stored, pairs = found.stored, {}
    for row in found.rows:
        named = stored.by_name.get(row.name_key, ())
        if row.chosen == NEW and len(named) == 1 and named[0] in stored.by_domain.get(row.domain, ()) and row.parent != named[0]:
            pairs[row.line] = named[0]
    times = Counter(pairs.values())
    pairs = {line: pk for line, pk in pairs.items() if times[pk] == 1 and pk not in found.taken}
    by = found.options.by
    if not pairs or by is None or by.is_administrator:
        return pairs
    changeable = set(Account.objects.changeable_by(by).order_by().values_list("pk", flat=True))
    return {line: pk for line, pk in pairs.items() if pk in changeable}


# --- keeping what was chosen


def choices_in(data: Mapping[str, str]) -> dict[int, int | str]:
    """What the page sent: by line an account's id, `new` or `out`; what is none of these is not there."""
    found: dict[int, int | str] = {}
    for name, value in data.items():
        line = FIELD.fullmatch(name)
        if line and CHOICE.fullmatch(value):
            found[int(line[1])] = int(value) if value.isdecimal() else value
    return found


def is_news(job: ImportJob, choices: Mapping[int, int | str]) -> bool:
    """Whether something else is chosen than what is kept."""
    kept = job.options.get("same", {})
    return any(kept.get(str(line), NEW) != choice for line, choice in choices.items())


@transaction.atomic
def keep_choices(job: ImportJob, choices: Mapping[int, int | str]) -> bool:
    """Note with the job what was chosen for these lines; False when it can no longer be chosen."""
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if not job.may_be_started:
        return False
    kept = job.options.get("same", {}) | {str(line): choice for line, choice in choices.items()}
    job.options["same"] = {line: choice for line, choice in kept.items() if choice != NEW}
    job.checked_at = None  # what the check found was without these choices
    job.save(update_fields=["options", "checked_at"])
    return True
