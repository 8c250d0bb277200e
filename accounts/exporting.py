"""Accounts and contacts as tables (`core.tables` writes them), which the importer reads as they were.

Column names are English in every language, so that the importer knows them; those of figures that are measured and not typed
are none that it knows. What has a code stands as its code.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import batched
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.functional import lazy

from accounts import field_kinds as kinds
from accounts.field_definitions import ListedField, Part
from accounts.field_kinds import ValueKind
from accounts.fields import CONTACT, IDENTITY, in_tables
from accounts.models import Account, Contact, User
from accounts.querysets import AccountQuerySet
from accounts.standing_ids import standing_id
from audit import trail
from core import organisation
from core.paging import Sort
from core.tables import BATCH, Cell, Column, table_of


def account_columns(account_of: Callable[[Any], Account]) -> tuple[Column[Any], ...]:
    """By which a row of something else says whose it is."""
    return (
        Column("Account name", lambda row: account_of(row).name),
        Column("External id", lambda row: account_of(row).external_id),
        Column("Source", lambda row: account_of(row).source),
    )


_revenue_header = lazy(lambda: f"Revenue in {organisation.reporting_currency()}", str)
#: The revenue in one currency, so that a column adds up; what has no exchange rate says so. The importer knows neither name.
CONVERTED: tuple[Column[Account], ...] = (
    Column(_revenue_header(), lambda account: account.worth),
    Column("Without exchange rate", lambda account: account.currency if account.lacks_rate else ""),
)
#: Where an account stands: measured, not typed, so the importer knows none of these names.
FIGURES: tuple[Column[Account], ...] = (
    Column("Their level", lambda account: account.customer_level),
    Column("Our level", lambda account: account.team_level),
    Column("Gap", lambda account: account.gap),
    Column("Told to us", lambda account: "yes" if account.told_to_us else ""),
    Column("Last heard", lambda account: account.last_heard_on),
    Column("Target level", lambda account: account.target_level),
    Column("Target date", lambda account: account.target_due_on),
    Column(
        "Target status", lambda account: str(Account.TargetStatus(account.target_status).label) if account.target_level else ""
    ),
    Column("Target chance", lambda account: account.target_chance),
)


def columns_of(field: ListedField) -> list[Column[Any]]:
    """The columns of a field; what names something else has the text by which the importer finds that."""
    whole_only = getattr(field, "whole_only", False)
    columns = _NAMING.get(field.kind) or {field.column: lambda row: field.kind.cell(getattr(row, field.name))}
    return [Column(header, value, whole_only) for header, value in columns.items()]


def _account_columns_whole() -> Iterator[Column[Account]]:
    yield from account_columns(lambda account: account)
    yield Column("Standing id", lambda account: standing_id(account.pk))
    told = [field for field in in_tables() if field.name not in IDENTITY]
    for field in told:
        if field.part is Part.WHO:
            yield from columns_of(field)
    yield from FIGURES
    for field in told:
        if field.part is not Part.WHO:
            yield from columns_of(field)
        if field.of == "revenue":
            yield from CONVERTED


_NAMING: dict[ValueKind, dict[str, Callable[[Any], Cell]]] = {
    kinds.OWNER: {"Owner": lambda account: account.owner.name, "Owner e-mail": lambda account: account.owner.email},
    kinds.TEAM: {"Team": lambda account: account.team.name if account.team else ""},
    kinds.PARENT: {"Parent account": lambda account: getattr(account, "parent_text", "")},
    kinds.TAGS: {"Tags": lambda account: _tags([tag.name for tag in account.tags.all()])},
    kinds.SUPERIOR: {
        "Reports to": lambda contact: (contact.reports_to.email or contact.reports_to.name) if contact.reports_to else ""
    },
}
COLUMNS = tuple(_account_columns_whole())
SHOWN = tuple(column for column in COLUMNS if not column.whole_only)


def found_columns(account_of: Callable[[Any], Account]) -> tuple[Column[Any], ...]:
    """The same beside a column by which the importer finds the account: names that it does not know, or it would choose."""
    name, external_id, source = account_columns(account_of)
    return Column("Name of the account", name.value), Column("Its external id", external_id.value), source


CONTACT_COLUMNS: tuple[Column[Contact], ...] = (
    Column("Account", lambda contact: getattr(contact, "finding", "")),
    *(column for field in CONTACT for column in columns_of(field)),
    *found_columns(lambda contact: contact.account),
)


def rows(
    accounts: AccountQuerySet, sort: Sort, columns: Iterable[Column[Account]], visible: AccountQuerySet
) -> Iterator[list[Cell]]:
    """The header and a row for each account, in constant memory; a few statements for each 1000.

    `visible` are the accounts among which a parent may be named.
    """
    columns = tuple(columns)
    ordered = sort.of(accounts.select_related("owner", "team")).prefetch_related("tags").iterator(chunk_size=BATCH)
    with_parents = any(column.header == "Parent account" for column in columns)
    return table_of(columns, _with_parents(ordered, visible) if with_parents else ordered)


def contacts_of(accounts: AccountQuerySet) -> QuerySet[Contact]:
    """Those who were not erased: of the others nothing is left to tell."""
    return Contact.objects.filter(account__in=accounts.order_by(), erased_on=None)


def contact_rows(contacts: QuerySet[Contact], visible: AccountQuerySet) -> Iterator[list[Cell]]:
    """The header and a row for each contact, in constant memory; four statements for each 1000.

    `visible` are the accounts among which one has to be found by its name or external id.
    """
    ordered = contacts.select_related("account", "reports_to").order_by("account__name", "account_id", "name", "pk")
    return table_of(CONTACT_COLUMNS, with_finding(ordered.iterator(chunk_size=BATCH), visible))


def with_finding[T](rows: Iterable[T], visible: AccountQuerySet) -> Iterator[T]:
    """Each row of an account with the text by which the importer finds that, as `finding`; "" for one that is not among `visible`."""
    some: Any
    for some in batched(rows, BATCH):
        found = names_that_find((row.account_id for row in some), visible)
        for row in some:
            row.finding = found.get(row.account_id, "")
            yield row


def note_export(by: User, *, what: str, kind: str, rows: int, chosen: dict[str, Any]) -> None:
    """Keep in the trail who took out what: so many rows of `what`, as csv or xlsx, of the accounts that `chosen` says.

    Before the first row leaves, since nobody knows how many arrive.
    """
    trail.record("export.made", by, by=by, after={"what": what, "as": kind, "rows": rows, "of": chosen})


def names_that_find(pks: Iterable[int | None], visible: AccountQuerySet) -> dict[int, str]:
    """The text by which the importer finds each of these accounts among `visible`: its external id, else its name.

    An account that neither names for certain is named by its Standing id. Three statements.
    """
    wanted = {pk for pk in pks if pk}
    found = {pk: (external_id, name) for pk, external_id, name in _named(visible.filter(pk__in=wanted))} if wanted else {}
    texts = {text for pair in found.values() for text in pair if text}
    by_id = _times(visible, "external_id", texts)
    by_name = _times(visible.unmerged(), "name", texts)
    finding = {}
    for pk, (external_id, name) in found.items():
        if external_id and by_id[external_id] == 1:
            finding[pk] = external_id
        elif name and name not in by_id and by_name.get(name) == 1:
            finding[pk] = name
        else:
            finding[pk] = standing_id(pk)
    return finding


def _tags(names: list[str]) -> str:
    """As the importer divides them: by commas. Where a name has a semicolon there has to be one."""
    text = ", ".join(sorted(names))
    return f"{text}," if ";" in text and "," not in text else text


def _with_parents(accounts: Iterable[Account], visible: AccountQuerySet) -> Iterator[Account]:
    """Each account with the text by which the importer finds its parent; none for one that is not among `visible`."""
    for batch in batched(accounts, BATCH):
        finding = names_that_find((account.parent_id for account in batch), visible)
        for account in batch:
            account.parent_text = finding.get(account.parent_id or 0, "")  # type: ignore[attr-defined]
            yield account


def _named(accounts: AccountQuerySet) -> QuerySet:
    return accounts.order_by().values_list("pk", "external_id", "name")


def _times(accounts: AccountQuerySet, column: str, texts: set[str]) -> dict[str, int]:
    """How many accounts have each of these texts in the column."""
    if not texts:
        return {}
    return dict(accounts.filter(**{f"{column}__in": texts}).order_by().values_list(column).annotate(Count("pk")))
