"""The export of closed rounds as a table, one row for each result.

The columns *Account*, *Held on*, *Customer position*, *Team position* and *Respondents* are those that the import of past levels
reads, with the positions as they are stored: what was recorded comes back exactly, and what was measured can be carried to
another place, where it is recorded. The import takes positions from 1 up, so a measured one below stays where it is.
The customer's figures stand as they are shown: a confidential round that fewer than three answered has none, and any other its
level in place of the position. *Heard* is the coverage 0 to 1; *Level at least* and *Level at most* are the band.
"""

from collections.abc import Iterator

from django.db.models import QuerySet

from accounts.exporting import found_columns, with_finding
from accounts.querysets import AccountQuerySet
from assessments.models import Assessment
from core.tables import BATCH, Cell, Column, table_of

COLUMNS: tuple[Column[Assessment], ...] = (
    Column("Account", lambda one: getattr(one, "finding", "")),
    Column("Held on", lambda one: one.held_on),
    Column("Customer position", lambda one: one.customer_stands_at),
    Column("Team position", lambda one: one.team_position),
    Column("Respondents", lambda one: one.respondents or None),
    # Names that the import of past levels does not know: it would have each of these twice.
    Column("Level by the customer", lambda one: one.customer_level),
    Column("Level by the team", lambda one: one.team_level),
    Column("Gap", lambda one: one.gap),
    Column("Agreement", lambda one: one.agreement),
    Column("Agreement in a word", lambda one: one.agreement_word),
    Column("Confidence", lambda one: one.confidence),
    Column("Heard", lambda one: one.coverage),
    Column("Level at least", lambda one: one.band_low),
    Column("Level at most", lambda one: one.band_high),
    Column("Told to us", lambda one: one.told),
    Column("Closed under the former rule", lambda one: "yes" if one.former_rule else ""),
    Column("Origin", lambda one: one.origin),
    Column("Visibility", lambda one: one.visibility),
    Column("Edition", lambda one: str(one.edition)),
    *found_columns(lambda one: one.account),
)


def rounds_of(accounts: AccountQuerySet) -> QuerySet[Assessment]:
    """The closed rounds of `accounts`; open rounds have no result, and their answers are not shown yet."""
    return Assessment.objects.closed().filter(account__in=accounts.order_by())


def round_rows(rounds: QuerySet[Assessment], visible: AccountQuerySet) -> Iterator[list[Cell]]:
    """The header and a row for each round, oldest first within an account, in constant memory; four statements for each 1000.

    `visible` are the accounts that the reader sees: a row names its account by what is unique among them.
    """
    ordered = rounds.select_related("account", "edition").defer("confidence_reasons")
    ordered = ordered.order_by("account__name", "account_id", "held_on", "closed_at", "pk")
    return table_of(COLUMNS, with_finding(ordered.iterator(chunk_size=BATCH), visible))
