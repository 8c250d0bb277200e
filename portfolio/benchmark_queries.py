"""The queries of the benchmarks: all accounts that a person may see, all results of their customers, all completed plays.

All of it is read in three statements, packed (`core.packed`), whatever the number of rows; `portfolio.figures.benchmarks` and its
neighbours compute on the arrays.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Case, Count, F, IntegerField, Q, Value, When
from django.db.models.functions import Cast, Coalesce, Ord, Substr

from accounts.models import Account, User
from accounts.querysets import ONLY_OUR_VIEW, AccountQuerySet
from assessments.models import Assessment
from core.packed import Ordinal, Packed, columns, unpacked
from plans.forecast.expected import packed_target
from plans.models import Action
from portfolio.figures.benchmark_figures import NOBODY, OURS, THEIRS, MemberGroup, Members, Results
from portfolio.figures.benchmarks import Completed, percentile_of
from portfolio.figures.gaps import NO_GAP

_ALIKE = 1e-9  # positions that differ by less are equal
_LETTERS = 1 << 21  # more than there are in Unicode
_DETAILS = 1 << 29  # more than a day, a gap and a level can be together; an id stands above them


def members_of(accounts: AccountQuerySet) -> Members:
    """One statement. The countries of a group come packed, too: in fewer groups PostgreSQL need not sort the accounts."""
    view = Case(When(customer_level__isnull=False, then=THEIRS), When(ONLY_OUR_VIEW, then=OURS), default=NOBODY)
    gap = Coalesce(F("gap") + 4, Value(NO_GAP), output_field=IntegerField())
    names = ("segment", "team", "team__name")
    rows = list(
        accounts.order_by()
        .values_list(*names)
        .annotate(
            ids=Packed("pk"),
            countries=Packed(_letter(1) * _LETTERS + _letter(2)),
            targets=Packed(packed_target()),
            views=Packed(view * 16 + gap),
        )
    )
    empty = [np.zeros(0, np.int64)] * 4
    packed = [[unpacked(column) for column in row[3:]] for row in rows]
    ids, countries, targets, views = (np.concatenate(column) for column in zip(empty, *packed, strict=True))
    row = np.repeat(np.arange(len(rows)), [len(one[0]) for one in packed])
    kinds, group = np.unique(row * _LETTERS**2 + countries, return_inverse=True)
    groups = tuple(_group(rows[kind // _LETTERS**2], kind % _LETTERS**2) for kind in kinds.tolist())
    order = np.argsort(ids)
    views, gaps = views[order] >> 4, views[order] & 15
    gaps = np.where(gaps == NO_GAP, NO_GAP, gaps - 4)
    return Members(ids[order], group[order], groups, targets[order], views, gaps)


def _letter(place: int) -> Coalesce:
    return Coalesce(Ord(Substr("country", place, 1)), 0)  # SQLite knows no number of an empty text


def _group(row: Any, country: int) -> MemberGroup:
    segment, team, name = row[:3]
    letters = (chr(letter) for letter in divmod(country, _LETTERS) if letter)
    return MemberGroup(segment, team, name or "", "".join(letters))


def results_of(accounts: AccountQuerySet | None) -> Results:
    """One statement, read from one index (`assessment_heard_in_time`) without looking at the table.

    None: of all accounts, which takes a third less time, for a person who sees them all; `Results.of` picks those that count.
    """
    heard = Assessment.objects.closed().filter(customer_level__isnull=False)
    if accounts is not None:
        heard = heard.filter(account__in=accounts.values("pk"))
    detail = (Ordinal("held_on") * 16 + Coalesce(F("gap") + 4, Value(NO_GAP), output_field=IntegerField())) * 8
    result = F("account_id") * _DETAILS + Cast(detail + F("customer_level"), BigIntegerField())
    rows = heard.order_by("account_id", "held_on", "closed_at", "pk").values_list(Cast(result, BigIntegerField()), "edition_id")
    found, editions = columns(rows, 8, 4)
    details = found & (_DETAILS - 1)
    gaps = (details >> 3) & 15
    return Results(found >> 29, details >> 7, details & 7, np.where(gaps == NO_GAP, NO_GAP, gaps - 4), editions)


def completed_by(accounts: AccountQuerySet | None) -> dict[str, Completed]:
    """The accounts that completed actions of each play, by its code, which a play has in every edition. One statement.

    None: of all accounts; `effects_of` uses only those whose histories it gets.
    """
    done = Action.objects.filter(state=Action.State.DONE, play__isnull=False)
    if accounts is not None:
        done = done.filter(plan__account__in=accounts.values("pk"))
    rows = (
        done.order_by()
        .values_list("play__code")
        .annotate(accounts=Packed("plan__account"), days=Packed(Ordinal("done_on")))
        .values_list("play__code", "accounts", "days")
    )
    return {code: Completed(unpacked(accounts), unpacked(days)) for code, accounts, days in rows}


@dataclass(frozen=True, slots=True)
class Among:
    """The rank of an account within its segment by customer position."""

    below: int
    equal: int  # itself too
    of: int

    @property
    def percentile(self) -> float | None:
        """0..1; None below five accounts."""
        return percentile_of(self.below, self.equal, self.of)


def among_its_like(account: Account, user: User) -> Among | None:
    """The rank of the account among the active accounts of its segment that `user` may see and that have a customer level.

    One statement; None for an account without a customer level, or without a segment.
    """
    if account.customer_position is None or not account.segment or account.is_archived:
        return None
    here = account.customer_position
    like = Account.objects.visible_to(user).active().filter(segment=account.segment, customer_position__isnull=False)
    found = like.aggregate(
        below=Count("pk", filter=Q(customer_position__lt=here - _ALIKE)),
        equal=Count("pk", filter=Q(customer_position__range=(here - _ALIKE, here + _ALIKE))),
        of=Count("pk"),
    )
    return Among(**found)
