"""The one list of the columns of the list of accounts, and which of them a person has chosen to see.

After the columns of how an account stands come those of `accounts.fields`. Rooms above add what only they know
(`register_list_column`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import field_kinds as kinds
from accounts.field_definitions import AccountField, Label
from accounts.fields import ACCOUNT, CURRENCY_OF
from accounts.models import Account, Contact, User
from accounts.querysets import AccountQuerySet
from accounts.templatetags.standing import likelihood, money, signed, status_tag
from core import organisation
from hierarchy.templatetags.levels import level_badge

NOTHING = '<span class="muted">–</span>'
WIDE_GAP = 2  # levels between both views from which the gap stands out, as in what needs attention


@dataclass(frozen=True, slots=True)
class RowReading:
    """What the cells of a page of rows need beside the accounts: the reader, since when a customer counts as heard, the people
    for whose sake an account was found, and what columns read for all rows at once.
    """

    user: User
    heard_since: Any
    people: Mapping[int, Sequence[Contact]]
    made: dict[str, Mapping[int, Any]] = field(default_factory=dict)


type Cell = Callable[[Account, RowReading], str]


@dataclass(frozen=True, slots=True)
class ListColumn:
    """`cell` gives HTML. `read` takes the accounts of the page and returns what `cell` finds in `made`: one statement at most.

    `related` and `many` are what the cell reads of other tables, by one row or by several.
    """

    key: str
    label: Label
    cell: Cell
    css: str = ""
    sort: str = ""
    usual: bool = False  # shown to whoever chose nothing
    related: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    read: Callable[[Sequence[Account]], Mapping[int, Any]] | None = None

    @property
    def head_css(self) -> str:
        return "r" if "r" in self.css.split() else ""


@dataclass(frozen=True, slots=True)
class ListLayout:
    """The columns that a person sees beside the name, in the order of the list, and how close the rows stand."""

    columns: tuple[ListColumn, ...]
    compact: bool

    @property
    def is_wide(self) -> bool:
        """Whether there are more columns than there is room for beside the side bar."""
        return len(self.columns) > sum(column.usual for column in list_columns())

    def joined(self, accounts: AccountQuerySet) -> AccountQuerySet:
        """`accounts` with what the columns read of other tables: one statement more for each of `many`."""
        related = {"owner", *(name for column in self.columns for name in column.related)}
        many = [name for column in self.columns for name in column.many]
        return accounts.select_related(*sorted(related)).prefetch_related(*many)

    def reading(
        self, accounts: Sequence[Account], user: User, heard_since: Any, people: Mapping[int, Sequence[Contact]]
    ) -> RowReading:
        """What the rows need: one statement for each column that reads all of them at once."""
        made = {column.key: column.read(accounts) for column in self.columns if column.read and accounts}
        return RowReading(user, heard_since, people, made)


_further: list[tuple[str, ListColumn]] = []


def register_list_column(column: ListColumn, *, after: str) -> None:
    """Show `column` after the one with the key `after`."""
    _further.append((after, column))


def list_columns() -> tuple[ListColumn, ...]:
    """Every column beside the name, in their order."""
    columns = [*STANDING, *_of_fields()]
    for after, column in _further:
        place = next(number for number, one in enumerate(columns) if one.key == after)
        columns.insert(place + 1, column)
    return tuple(columns)


def layout_of(user: User) -> ListLayout:
    """What `user` chose, else the usual columns. A column that is gone is left out. No statement."""
    chosen = user.list_layout.get("columns")
    wanted = tuple(column for column in list_columns() if (column.usual if chosen is None else column.key in chosen))
    return ListLayout(wanted, user.list_layout.get("density") == "compact")


def _stands(level: int | None, kind: str, whose: str) -> str:
    """The badge, with the words of its column, which a phone does not show over it."""
    return f'<small class="whose">{whose}</small>{level_badge(level, kind)}'


def _theirs(account: Account, _reading: RowReading) -> str:
    badge = _stands(account.customer_level, "theirs", _("They"))
    if not account.told_to_us:  # where the level comes from answers that our side typed in
        return badge
    words = _("told to us")
    return f"{badge} <small>{words}</small>"


def _ours(account: Account, _reading: RowReading) -> str:
    return _stands(account.team_level, "ours", _("We"))


def _gap(account: Account, _reading: RowReading) -> str:
    if account.gap is None:
        return NOTHING
    return f'<b class="wide">{signed(account.gap)}</b>' if abs(account.gap) >= WIDE_GAP else signed(account.gap)


def _heard(account: Account, reading: RowReading) -> str:
    if account.last_heard_on is None:
        return f'<span class="stale">{_("never")}</span>'
    month = date_format(account.last_heard_on, "M Y")
    return month if account.last_heard_on >= reading.heard_since else f'<span class="stale">{month}</span>'


def _aim(account: Account, _reading: RowReading) -> str:
    return level_badge(account.target_level, "target") if account.target_level else NOTHING


def _due(account: Account, _reading: RowReading) -> str:
    return date_format(account.target_due_on, "M Y") if account.target_due_on else NOTHING


def _status(account: Account, reading: RowReading) -> str:
    """The status of the target, and the chance while something is left to be seen; without a target the step that is missing."""
    if not account.target_level:
        return _missing(account, reading)
    tag, chance = status_tag(account.target_status), account.target_chance
    if chance is None or chance in {0, 1}:
        return tag
    words = _("%(chance)s likely") % {"chance": likelihood(chance)}
    return f"{tag} <small>{words}</small>"


def _missing(account: Account, reading: RowReading) -> str:
    user = reading.user
    if account.is_archived or user.reads_only or not (user.is_administrator or account.owner_id == user.pk):
        return f'<span class="muted">{_("no target")}</span>'
    name, words = ("assessments:assess", _("Assess")) if account.level is None else ("plans:target", _("Set target"))
    address = reverse(name, args=[account.pk])
    return f'<a class="missing" href="{address}">{words}<span class="visually-hidden">: {escape(account.name)}</span></a>'


def _revenue(account: Account, _reading: RowReading) -> str:
    """In the reporting currency, with the amount in its own below it; where no rate is known in its own, and that it is not counted."""
    if account.revenue is None:
        return NOTHING
    own = escape(money(account.revenue, account.currency))
    if account.lacks_rate:
        unconverted = _("no exchange rate")
        return f"{own}<small>{unconverted}</small>"
    if account.worth is None or account.currency == organisation.reporting_currency():
        return own
    return f"{escape(money(account.worth, organisation.reporting_currency()))}<small>{own}</small>"


def _owner(account: Account, _reading: RowReading) -> str:
    name = escape(account.owner)
    initials = escape(account.owner.initials)
    return f'<span class="av" aria-hidden="true" title="{name}">{initials}</span><span class="visually-hidden">{name}</span>'


#: How an account stands: derived columns and the owner.
STANDING: tuple[ListColumn, ...] = (
    ListColumn("level", gettext_lazy("They"), _theirs, css="theirs", sort="level", usual=True),
    ListColumn("ours", gettext_lazy("We"), _ours, css="ours", usual=True),
    ListColumn("gap", gettext_lazy("Gap"), _gap, css="r gap", sort="gap", usual=True),
    ListColumn("heard", gettext_lazy("Last heard"), _heard, css="heard", sort="heard", usual=True),
    ListColumn("target", gettext_lazy("Target"), _aim, css="aim", sort="target", usual=True),
    ListColumn("due", gettext_lazy("By"), _due, css="due", sort="due", usual=True),
    ListColumn("status", gettext_lazy("Status"), _status, css="status", sort="status", usual=True),
    ListColumn("revenue", gettext_lazy("Revenue a year"), _revenue, css="r revenue", sort="revenue", usual=True),
    ListColumn("owner", gettext_lazy("Owner"), _owner, css="owner", sort="owner", usual=True),
)
#: Fields that have a column of their own above, that stand below the name or with their amount, or of which only the reader of the
#: other account may know.
_ELSEWHERE = frozenset({"name", "source", "owner", "revenue", "parent", "status"})


def _of_fields() -> Iterable[ListColumn]:
    for one in ACCOUNT:
        if not one.column or one.name in _ELSEWHERE or one.kind in {kinds.LONG_TEXT, kinds.CURRENCY, kinds.STATE, kinds.PARENT}:
            continue
        yield ListColumn(
            one.name,
            one.import_label,
            _cell_of(one),
            css="r" if one.kind in {kinds.AMOUNT, kinds.COUNT} else "",
            related=(one.name,) if one.kind is kinds.TEAM else (),
            many=(one.name,) if one.kind is kinds.TAGS else (),
        )


def _cell_of(one: AccountField) -> Cell:
    def text(account: Account) -> str:
        if one.kind is kinds.TAGS:
            return ", ".join(tag.name for tag in account.tags.all())
        value = getattr(account, one.name)
        if value is None or value == "":
            return ""
        if one.name in CURRENCY_OF:
            return money(value, getattr(account, CURRENCY_OF[one.name]))
        return one.kind.shown(value)

    return lambda account, _reading: escape(text(account)) or NOTHING
