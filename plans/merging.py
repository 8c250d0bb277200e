"""Targets, plans and actions when accounts are merged."""

from collections.abc import Iterable

from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.utils.translation import gettext as _

from accounts.acts.merge_parts import AccountPair, AccountPart, Noted
from core import days
from plans.models import Action, ActionPlan, Target


def _both_aim(pair: AccountPair) -> bool:
    return Target.objects.active().filter(account__in=[pair.kept.pk, pair.merged.pk]).count() == 2


def _target_remarks(pair: AccountPair) -> list[str]:
    if not _both_aim(pair):
        return []
    told = _("Both have a target. That of %(kept)s stays; the other one goes into the history.")
    return [told % {"kept": pair.kept}]


def _supersede(pair: AccountPair) -> Noted | None:
    """End the target of the merged account where the kept one has its own."""
    if not _both_aim(pair):
        return None
    target = Target.objects.active().get(account=pair.merged.pk)
    noted = {"target": target.pk, "on": days.today().isoformat(), "why": _("The account was merged into another one.")}
    Target.objects.filter(pk=target.pk).update(
        superseded_on=days.today(), superseded_why=noted["why"], version=F("version") + 1
    )  # fmt: skip
    return noted


def _set_again(noted: Noted, pair: AccountPair) -> None:
    """Make the target active again, which the merger ended; the rows were given back already."""
    ended = Target.objects.filter(pk=noted["target"], account=pair.merged.pk, superseded_on=noted["on"])
    if not Target.objects.active().filter(account=pair.merged.pk).exists():
        ended.update(superseded_on=None, superseded_why="", version=F("version") + 1)


def lock_plans(account_ids: Iterable[int]) -> None:
    """Lock the plans of the accounts, so that nobody adds an action meanwhile. One statement."""
    list(
        ActionPlan.objects.select_for_update(of=("self",)).filter(account__in=list(account_ids)).order_by("pk").values_list("pk")
    )


def _open_twice(pair: AccountPair) -> Q:
    """Open plans of the merged account for steps for which the kept one has an open plan, too."""
    steps = ActionPlan.objects.open().filter(account=pair.kept.pk).values("from_rank")
    return Q(state=ActionPlan.State.OPEN, from_rank__in=steps)


def _plan_remarks(pair: AccountPair) -> list[str]:
    told = _(
        "Both work on the step from %(low)s to %(high)s: the actions go into the plan of %(kept)s. The other goal stays with the archived account: “%(goal)s”"
    )
    bare = _("Both work on the step from %(low)s to %(high)s: the actions go into the plan of %(kept)s.")
    return [
        (told if plan.goal else bare) % {"low": plan.from_rank, "high": plan.to_rank, "kept": pair.kept, "goal": plan.goal}
        for plan in ActionPlan.objects.filter(_open_twice(pair), account=pair.merged.pk)
    ]


def _join_actions(pair: AccountPair) -> Noted | None:
    """Move the actions of plans that stay into the kept account's plan of the same step. Three statements."""
    staying = dict(ActionPlan.objects.filter(_open_twice(pair), account=pair.merged.pk).values_list("from_rank", "pk"))
    plans = dict(ActionPlan.objects.open().filter(account=pair.kept.pk, from_rank__in=staying).values_list("from_rank", "pk"))
    to = {staying[rank]: plan for rank, plan in plans.items()}
    actions = list(Action.objects.filter(plan__in=to).order_by("pk").values_list("pk", "plan"))
    if actions:
        _point([pk for pk, _plan in actions], to)
    return {"actions": [[pk, plan, to[plan]] for pk, plan in actions]} if actions else None


def _part_actions(noted: Noted, _pair: AccountPair) -> None:
    """Give the actions back that are still in the plan that they went into. One statement for each step."""
    by_plan: dict[tuple[int, int], list[int]] = {}
    for pk, old, new in noted["actions"]:
        by_plan.setdefault((old, new), []).append(pk)
    for (old, new), pks in by_plan.items():
        if ActionPlan.objects.filter(pk=old).exists():
            _point(pks, {new: old})


def _point(pks: list[int], to: dict[int, int]) -> None:
    new = Case(*(When(plan=old, then=Value(plan)) for old, plan in to.items()), output_field=BigIntegerField())
    Action.objects.filter(pk__in=pks, plan__in=list(to)).update(plan=new, version=F("version") + 1)


TARGETS = AccountPart(Target, "account", remarks=_target_remarks, prepare=_supersede, restore=_set_again)
PLANS = AccountPart(
    ActionPlan, "account", stays=_open_twice, remarks=_plan_remarks, prepare=_join_actions, restore=_part_actions,
    lock=lock_plans,
)  # fmt: skip
