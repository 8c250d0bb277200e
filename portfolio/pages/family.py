"""The family of an account: its parent, its subsidiaries, and their level together, weighted by revenue."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import CharField, OuterRef, StringAgg, Subquery, Value
from django.db.models.functions import Cast

from accounts.models import Account, User
from accounts.querysets import PARENT_PATHS
from portfolio.figures import benchmark_drawing as drawing
from portfolio.figures.ladder import LEVELS, middle_by_worth

SHOWN = 8  # subsidiaries on the card; all of them are one click away


@dataclass(frozen=True, slots=True)
class Child:
    account: Account
    under: Account | None  # the subsidiary above it, if the reader may see it
    direct: bool


@dataclass(frozen=True, slots=True)
class Together:
    """The active accounts of the family: the one on the page and those below it that the reader may see."""

    accounts: int
    worth: Decimal
    no_rate: tuple[str, ...]  # currencies of revenue that is not in the sum
    level: int | None  # by revenue: the lower weighted median of those that have the customer's level
    by_level: tuple[tuple[int, int, Decimal], ...]  # customer's level, accounts, revenue; without the empty ones
    only_our_view: tuple[int, Decimal]  # accounts, revenue
    not_assessed: int
    bar: tuple[drawing.Piece, ...]  # by revenue: levels 1 to 5, only our view, not assessed


@dataclass(frozen=True, slots=True)
class Family:
    parent: Account | None
    children: tuple[Child, ...]  # the largest first
    more: int  # children that are not among them
    together: Together | None  # None without anybody below


def ids_below() -> dict[str, Subquery]:
    """Annotations of an account with the ids of those below it, a text for each generation; for `family_card`.

    The ids are read with the account, not in a subquery of the next statement: there a database without statistics would
    run the subquery again for each visible account.
    """
    return {
        name: Subquery(
            Account.objects.filter(**{path: OuterRef("pk")})
            .order_by()
            .values(path)
            .annotate(ids=StringAgg(Cast("pk", CharField()), Value(",")))
            .values("ids")
        )
        for name, path in zip(_BELOW, PARENT_PATHS, strict=True)
    }


def family_card(account: Account, user: User) -> Family:
    """The parent, and three generations below `account`, as far as `user` may see them; `account` comes with `ids_below`.

    One statement; none for an account that stands alone.
    """
    texts = [getattr(account, name) for name in _BELOW]
    relatives = {int(pk) for text in texts if text for pk in text.split(",")}
    if account.parent_id:
        relatives.add(account.parent_id)
    if not relatives:
        return Family(None, (), 0, None)
    found = list(Account.objects.visible_to(user).filter(pk__in=relatives).only(*_NEEDED))
    parent = next((one for one in found if one.pk == account.parent_id), None)
    below = [one for one in found if one.pk not in {account.pk, account.parent_id}]
    below.sort(key=lambda one: (one.is_archived, -(one.worth or -1), one.name, one.pk))
    named = {one.pk: one for one in below}
    children = [Child(one, named.get(one.parent_id or 0), one.parent_id == account.pk) for one in below[:SHOWN]]
    active = [one for one in below if not one.is_archived]
    together = together_of([*active, *([] if account.is_archived else [account])]) if active else None
    return Family(parent, tuple(children), len(below) - len(children), together)


def together_of(accounts: Sequence[Account]) -> Together:
    heard = [(one.customer_level, one.worth or Decimal(0)) for one in accounts if one.customer_level is not None]
    ours, none = (
        [one.worth or Decimal(0) for one in accounts if one.customer_level is None and (one.team_level is not None) == is_ours]
        for is_ours in (True, False)
    )
    by_level = [(level, [worth for at, worth in heard if at == level]) for level in LEVELS]
    return Together(
        accounts=len(accounts),
        worth=sum((one.worth for one in accounts if one.worth is not None), Decimal(0)),
        no_rate=tuple(sorted({one.currency for one in accounts if one.revenue and one.worth is None})),
        level=middle_by_worth(heard),
        by_level=tuple((level, len(worths), sum(worths, Decimal(0))) for level, worths in by_level if worths),
        only_our_view=(len(ours), sum(ours, Decimal(0))),
        not_assessed=len(none),
        bar=drawing.stacked([int(sum(worths) * 100) for worths in (*(worths for _level, worths in by_level), ours, none)]),
    )


_BELOW = ("ids_of_children", "ids_of_grandchildren", "ids_of_their_children")
_NEEDED = (
    "name", "parent", "status", "customer_level", "team_level", "level", "revenue", "currency", "worth",
)  # fmt: skip
