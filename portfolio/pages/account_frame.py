"""What stands above every tab of an account: its head, the strip of five cells, and the tabs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

from django.db.models import Count, Exists, FilteredRelation, OuterRef, Q, QuerySet, StringAgg, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Contact, Tag, User
from accounts.owned_fields import Owned, owned_of
from accounts.permissions import may
from accounts.querysets import AccountQuerySet
from accounts.tabs import ShownTab, tabs_of
from accounts.templatetags.standing import likelihood
from assessments import words
from assessments.history import deciding
from assessments.models import Assessment
from audit.models import Event
from core import days, organisation
from plans.models import Action, Target
from plans.targets.status import latest_of, status_of
from plans.trajectory import TrajectoryStatus
from portfolio.catalogue import SEPARATOR, LevelSummary, rungs_of
from portfolio.pages.about import CustomerFact, sheet_of
from portfolio.pages.customer_view import rounds_of, silence_of, still_to_rate
from portfolio.pages.family import ids_below

_ACTIVE_TARGET = ["active_target"]  # the filtered relation of `accounts_whole`, unknown to the model


@cache
def accounts_whole() -> AccountQuerySet:
    """Accounts with owner, team, active target, the names of their tags, the ids of those below them, what the tabs count and the
    state of all data, in the one statement that finds them. Built once; each use filters a copy of it.
    """
    names = (
        Tag.objects.filter(accounts=OuterRef("pk"))
        .order_by()
        .values("accounts")
        .annotate(names=StringAgg("name", Value(SEPARATOR)))
        .values("names")
    )
    active = FilteredRelation("targets", condition=Q(targets__superseded_on=None))
    state = Coalesce(Subquery(Event.objects.order_by("-pk").values("pk")[:1]), 0)
    whole = Account.objects.annotate(active_target=active, tag_names=Subquery(names), state_of_data=state, **ids_below())
    actions = Action.objects.filter(plan__account=OuterRef("pk"), plan__state="open").exclude(state=Action.State.DROPPED)
    return whole.annotate(
        has_merged=Exists(Account.objects.filter(merged_into=OuterRef("pk"))),
        people_count=_counted(Contact.objects.filter(account=OuterRef("pk"), active=True, erased_on=None), "account"),
        actions_kept=_counted(actions, "plan__account"),
        actions_done=_counted(actions.filter(state=Action.State.DONE), "plan__account"),
    ).select_related("owner", "team", *_ACTIVE_TARGET)


def _counted(rows: QuerySet[Any], by: str) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n")), 0)


@dataclass(frozen=True, slots=True)
class HeadAct:
    """A button of the head, or a line of its menu."""

    label: str
    url: str


@dataclass(frozen=True)
class AccountFrame:
    """The account as one person sees it, with what its tabs share."""

    account: Account
    user: User
    may_change: bool
    today: date
    rounds: Sequence[Any]  # in time, annotated by `rounds_of`
    rungs: Mapping[int, LevelSummary]
    latest: Assessment | None  # the result that decides
    open_round: Any
    target: Target | None
    status: TrajectoryStatus
    here: str  # the code of the tab that is shown
    tabs: Sequence[ShownTab]
    merged_into: Account | None
    merged_here: Sequence[tuple[Account, bool]]
    may_merge: bool

    @property
    def results(self) -> list[Any]:
        """The closed rounds, in time."""
        return [one for one in self.rounds if not one.is_open]

    @cached_property
    def owned(self) -> Owned:
        """What the system that the account comes from owns. One statement for an account that comes from one."""
        return owned_of(self.account)

    @property
    def blind(self) -> bool:
        """Whether the reader still has to give a view of the open round: no result of it is shown, not even an earlier one."""
        return still_to_rate(self.open_round)

    @property
    def may_work(self) -> bool:
        return self.may_change and not self.account.is_archived

    @property
    def headline(self) -> str:
        return words.level_sentence(self.account, self.rungs, silence=silence_of(self.rounds), latest=self.latest)

    @property
    def tags(self) -> list[str]:
        return sorted(filter(None, (getattr(self.account, "tag_names", None) or "").split(SEPARATOR)))

    @property
    def sure(self) -> str:
        """How sure the level is, in a word."""
        return words.confidence_label(self.latest) if self.latest else ""

    @property
    def sure_because(self) -> str:
        """How many said it, when, how far they agree, and what is lacking most, in one line."""
        if self.latest is None:
            return ""
        lacking = [words.confidence_reason(code) for code in self.latest.confidence_reasons if code in words.RAISES]
        if self.latest.customer_level is None:
            return lacking[0] if lacking else ""
        people = self.latest.respondents_shown or 0
        told = [
            ngettext("%(n)s person", "%(n)s people", people) % {"n": people} if people else "",
            date_format(self.latest.held_on, "M Y"),
            words.views_label(self.latest.agreement_word),
        ]
        said = ", ".join(filter(None, told))
        return "; ".join([said, *lacking[:1]])

    @property
    def chance(self) -> str:
        """The chance of the target in words; empty without one, and where nothing is left to be seen."""
        chance = self.account.target_chance
        return likelihood(chance) if chance is not None and 0 < chance < 1 else ""

    @property
    def sheet(self) -> list[CustomerFact]:
        return sheet_of(self.account)

    @property
    def head_acts(self) -> list[HeadAct]:
        """At most two: what one does with an account again and again."""
        review = HeadAct(_("Review"), reverse("reviews:review", args=[self.account.pk]))
        if not self._may_measure:
            return [review]
        return [review, HeadAct(_("Ask the customer"), reverse("surveys:invite", args=[self.account.pk]))]

    @property
    def _may_measure(self) -> bool:
        return self.may_work and not self.open_round and self.account.level is not None

    @property
    def menu(self) -> list[HeadAct]:
        """The other acts, for who may change the account."""
        pk = self.account.pk
        if not self.may_change:
            return []
        acts = [HeadAct(_("Assess"), reverse("assessments:assess", args=[pk]))] if self._may_measure else []
        acts.append(HeadAct(_("Edit the account"), reverse("accounts:edit", args=[pk])))
        if self.may_work and self.account.level:
            label = _("Revise the target") if self.target else _("Set a target")
            acts.append(HeadAct(label, reverse("plans:target", args=[pk])))
        return [*acts, HeadAct(_("Merge with another account…"), reverse("accounts:merge_find", args=[pk]))]

    def context(self) -> dict[str, Any]:
        """What the templates of the tabs read by name."""
        return {
            "section": "accounts",
            "frame": self,
            "here": self.here,
            "account": self.account,
            "may_change": self.may_change,
            "may_work": self.may_work,
            "today": self.today,
            "currency": organisation.reporting_currency(),
            "headline": self.headline,
            "tags": self.tags,
            "target": self.target,
            "status": self.status,
            "latest": self.latest,
            "open_round": self.open_round,
        }


def frame_of(account: Account, user: User, *, here: str) -> AccountFrame:
    """The frame of `account`, which comes from `accounts_whole`; `here` is the code of the tab that is shown.

    One statement, one more while the levels of the edition are not cached, and one or two for an account that was merged or into
    which others were.
    """
    today = days.today()
    rounds = list(rounds_of(account, user))
    results = [one for one in rounds if not one.is_open]
    latest = deciding(results)
    target: Target | None = getattr(account, "active_target", None)
    edition = latest.edition_id if latest else None
    return AccountFrame(
        account=account,
        user=user,
        may_change=may(user, "account.change", account) and not account.is_merged,  # what hung on it is elsewhere
        today=today,
        rounds=rounds,
        rungs=rungs_of(edition, state=account.state_of_data, today=today),  # type: ignore[attr-defined]
        latest=latest,
        open_round=next((one for one in rounds if one.is_open), None),
        target=target,
        status=status_of(target, latest_of(results, today), today, account.target_chance),
        here=here,
        tabs=tabs_of(account, here=here, notes=_notes(account, len(results))),
        merged_into=_merged_into(account, user),
        merged_here=_merged_here(account, user),
        may_merge=may(user, "account.merge", account),
    )


def _notes(account: Any, results: int) -> dict[str, str]:
    """What the tabs count: actions done of the open plans, people, results."""
    done = {"done": account.actions_done, "all": account.actions_kept}
    counts = {"people": account.people_count, "history": results}
    plan = {"plan": _("%(done)s of %(all)s") % done} if account.actions_kept else {}
    return plan | {code: str(n) for code, n in counts.items() if n}


def _merged_into(account: Account, user: User) -> Account | None:
    """The account that this one was merged into, if the reader may see it. One statement, for a merged account only."""
    return Account.objects.visible_to(user).filter(pk=account.merged_into_id or 0).first() if account.is_merged else None


def _merged_here(account: Account, user: User) -> list[tuple[Account, bool]]:
    """The accounts that were merged into this one and that the reader may see, each with whether they may take that back.

    Two statements at most, where there are any.
    """
    if not account.has_merged:  # type: ignore[attr-defined]
        return []
    merged = Account.objects.visible_to(user).filter(merged_into=account.pk).order_by("-pk")
    return [(one, may(user, "account.merge", one) and may(user, "account.merge", account)) for one in merged]
