"""Reads what reviews are made of: a number of statements that does not depend on the number of accounts or of their rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Account, Contact, User
from accounts.permissions import may
from accounts.querysets import AccountQuerySet
from assessments.history import deciding
from assessments.models import Assessment, Response
from assessments.rounds.responses import responses_in
from audit.models import Event
from plans.models import Action, ActionPlan, Target
from portfolio.catalogue import LevelSummary, rungs_of
from reviews.models import AccountReview
from surveys.models import Invitation
from surveys.round.comments import Quote, UnnamedComments, words_of

NAMED = Assessment.Visibility.NAMED


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What is known of one account, as far as this reader may know it.

    Of a confidential round there is its result alone: people have their answers and invitations of named rounds.
    """

    account: Account
    today: date
    named: bool  # whether the reader may know who said what
    state: int  # of all data, for the cache
    results: Sequence[Assessment]  # closed, the oldest first
    latest: Assessment | None  # the result that the level comes from
    rungs: dict[int, LevelSummary]
    target: Target | None
    targets: Sequence[Target]  # all, the newest first
    plans: Sequence[ActionPlan]  # all, with their actions
    people: Sequence[Contact]  # with the attributes of `last_contacts`
    base: AccountReview | None  # the newest one before today
    held_today: AccountReview | None
    quotes: Sequence[Quote] = field(default=())

    @property
    def open_plans(self) -> list[ActionPlan]:
        return [plan for plan in self.plans if plan.state == ActionPlan.State.OPEN]

    @property
    def pending(self) -> list[Action]:
        """The actions of the open plans that are not done, the first due first."""
        found = [action for plan in self.open_plans for action in plan.actions.all() if action.is_pending]
        return sorted(found, key=lambda action: (action.due_on, action.order, action.pk))


def review_accounts() -> AccountQuerySet:
    """Accounts with what a review needs of their row, and the state of all data; for `account_for` and `facts_of`."""
    state = Coalesce(Subquery(Event.objects.order_by("-pk").values("pk")[:1]), 0)
    return Account.objects.select_related("owner", "team").annotate(state_of_data=state)


def read_facts(accounts: Sequence[Account], user: User, today: date) -> list[ReviewFacts]:
    """The facts of accounts that `user` sees, which come from `review_accounts`, in their order.

    Eight statements, and one for the levels of an edition that are not cached.
    """
    ids = [account.pk for account in accounts]
    results = _by_account(Assessment.objects.closed().filter(account__in=ids).select_related("edition").in_time())
    targets = _by_account(Target.objects.filter(account__in=ids).select_related("set_by").order_by("-set_on", "-pk"))
    plans = _by_account(_plans(ids))
    people = _by_account(last_contacts(Contact.objects.filter(account__in=ids)))
    reviews = _by_account(AccountReview.objects.filter(account__in=ids, held_on__lte=today).select_related("by"))
    named = {account.pk for account in accounts if may(user, "customer.answers", account)}
    latest = {pk: deciding(results[pk]) for pk in ids}
    quotes = _quotes([one for pk, one in latest.items() if one and pk in named and not one.is_confidential])
    return [
        ReviewFacts(
            account=account,
            today=today,
            named=account.pk in named,
            state=account.state_of_data,  # type: ignore[attr-defined]
            results=results[account.pk],
            latest=(decides := latest[account.pk]),
            rungs=rungs_of(decides.edition_id if decides else None, state=account.state_of_data, today=today),  # type: ignore[attr-defined]
            target=next((one for one in targets[account.pk] if one.superseded_on is None), None),
            targets=targets[account.pk],
            plans=plans[account.pk],
            people=people[account.pk],
            base=next((one for one in reviews[account.pk] if one.held_on < today), None),
            held_today=next((one for one in reviews[account.pk] if one.held_on == today), None),
            quotes=quotes.get(account.pk, ()),
        )
        for account in accounts
    ]


def last_contacts(contacts: Any) -> Any:
    """Contacts, those who are there first, then by influence, with the latest they said and when they were last asked.

    Named rounds alone: who answers in confidence, or was asked to, stays out of what is printed.
    """
    given = Response.objects.filter(contact=OuterRef("pk"), submitted_at__isnull=False, assessment__visibility=NAMED)
    closed = given.filter(assessment__state=Assessment.State.CLOSED).order_by("-assessment__held_on", "-assessment__closed_at")
    asked = Invitation.objects.filter(contact=OuterRef("pk"), assessment__visibility=NAMED)
    asked = asked.exclude(state__in=[Invitation.State.REVOKED, Invitation.State.FAILED]).order_by("-invited_at", "-pk")
    return (
        contacts.filter(erased_on=None)
        .annotate(
            heard_on=Subquery(closed.values("assessment__held_on")[:1]),
            says=Subquery(closed.values("level")[:1]),
            asked_at=Subquery(asked.values("invited_at")[:1]),
        )
        .select_related("reports_to")
        .order_by("-active", F("influence").desc(), "name", "pk")
    )


def _plans(ids: Sequence[int]) -> Any:
    actions = Prefetch("actions", Action.objects.select_related("owner"))
    return ActionPlan.objects.filter(account__in=ids).select_related("owner").prefetch_related(actions)


def _quotes(rounds: Sequence[Assessment]) -> dict[int, Sequence[Quote]]:
    """What the customer's people wrote in these named rounds, by account. One statement; none without a round."""
    voices = responses_in(rounds, answers_of=None) if rounds else []
    told = {one.account_id: words_of(one, voices, UnnamedComments(), named=True) for one in rounds}
    return {pk: words.quotes for pk, words in told.items() if words}


def _by_account(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(row)
    return found
