"""What the benchmarks are made of: every account of a person, every result that their customers gave, every play done.

All of it is read in three statements, packed (`portfolio.packed`), whatever the number of rows; `portfolio.benchmarks` and its
neighbours compute on the arrays.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db.models import Count, F, IntegerField, Q, Value
from django.db.models.functions import Cast, Coalesce

from accounts.models import Account, User
from accounts.querysets import AccountQuerySet
from assessments.models import Assessment
from plans.models import Action
from portfolio.benchmark_figures import NO_GAP, Group, Members, Results, moves_by_segment
from portfolio.benchmarks import Completed, percentile_of
from portfolio.movement import Moves
from portfolio.packed import Ordinal, Packed, columns, unpacked

_ALIKE = 1e-9  # positions that differ by less are equal


def members_of(accounts: AccountQuerySet) -> Members:
    """One statement."""
    names = ("segment", "team", "team__name", "country")
    rows = list(accounts.order_by().values_list(*names).annotate(ids=Packed("pk")))
    groups = tuple(Group(segment, team, name or "", country) for segment, team, name, country, _ids in rows)
    packed = [unpacked(row[-1]) for row in rows]
    ids = np.concatenate([np.zeros(0, np.int64), *packed])
    group = np.repeat(np.arange(len(rows)), [len(one) for one in packed])
    order = np.argsort(ids)
    return Members(ids[order], group[order], groups)


def results_of(accounts: AccountQuerySet | None) -> Results:
    """One statement, read from one index (`assessment_heard_in_time`) without looking at the table.

    None: of all accounts there are, a third quicker, for whoever sees them all; `Results.of` then picks those that count.
    """
    heard = Assessment.objects.closed().filter(customer_level__isnull=False)
    if accounts is not None:
        heard = heard.filter(account__in=accounts.values("pk"))
    detail = (Ordinal("held_on") * 16 + Coalesce(F("gap") + 4, Value(NO_GAP), output_field=IntegerField())) * 8
    rows = heard.order_by("account_id", "held_on", "closed_at", "pk").values_list(
        "account_id", Cast(detail + F("customer_level"), IntegerField()), "edition_id"
    )
    ids, details, editions = columns(rows, 8, 4, 4)
    gaps = (details >> 3) & 15
    return Results(ids, details >> 7, details & 7, np.where(gaps == NO_GAP, NO_GAP, gaps - 4), editions)


def completed_by(accounts: AccountQuerySet | None) -> dict[str, Completed]:
    """Who completed actions of which play, by its code: the same play of another edition is the same play. One statement.

    None: of all accounts there are; `effects_of` looks only at those whose histories it is given.
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


def paces_of(accounts: AccountQuerySet, until: date, edition: int | None) -> dict[str, Moves]:
    """Account-years and moves of each segment up to a day: what a forecast stands on. Two statements over all results: keep it."""
    return moves_by_segment(members_of(accounts), results_of(accounts), until, edition)


@dataclass(frozen=True, slots=True)
class Among:
    """An account beside the others of its segment by customer position."""

    below: int
    equal: int  # itself too
    of: int

    @property
    def percentile(self) -> float | None:
        """0..1; None below five accounts."""
        return percentile_of(self.below, self.equal, self.of)


def among_its_like(account: Account, user: User) -> Among | None:
    """Where it stands among the active accounts of its segment that `user` may see and whose customer was heard.

    One statement; None for an account without the customer's voice, or without a segment.
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
