"""What has changed since the last review."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.standing import signed
from assessments.models import Assessment
from hierarchy.words import quoted
from plans.models import Action, Target
from plans.words import target_sentence
from reviews.models import AccountReview
from reviews.reading import ReviewFacts

NAMED = 2  # actions or people that a line names


@dataclass(frozen=True, slots=True)
class Then:
    """Where the account stood when it was reviewed, by what is known of that day now: a reopened round has no result."""

    theirs: int | None
    ours: int | None
    target: Target | None

    @property
    def gap(self) -> int | None:
        return None if self.theirs is None or self.ours is None else self.ours - self.theirs


def then_of(results: Sequence[Assessment], targets: Sequence[Target], base: AccountReview) -> Then:
    known = [one for one in results if one.closed_at and one.closed_at <= base.marked_at and one.held_on <= base.held_on]
    theirs = next((one.customer_level for one in reversed(known) if one.customer_level is not None), None)
    ours = next((one.team_level for one in reversed(known) if one.team_level is not None), None)
    stood = (one for one in targets if one.set_on <= base.held_on and not _ended(one, base.held_on))
    return Then(theirs, ours, next(stood, None))


def changes_of(facts: ReviewFacts) -> list[str]:
    """What changed since the base, a sentence each: levels, gap, target, actions, people. Empty without a base. No statement."""
    if facts.base is None:
        return []
    then = then_of(facts.results, facts.targets, facts.base)
    return [
        *_levels(facts, then),
        *_target(facts.target, then.target),
        *_actions(facts, facts.base),
        *_people(facts, facts.base),
    ]


def _ended(target: Target, day: date) -> bool:
    return target.superseded_on is not None and target.superseded_on <= day


def _levels(facts: ReviewFacts, then: Then) -> list[str]:
    account = facts.account
    theirs, ours = account.customer_level, account.team_level
    told = [_moved(theirs, then.theirs, _("Their level: %(now)s, was %(then)s."), _("Their level: still %(now)s."))]
    if ours != then.ours:
        told.append(_moved(ours, then.ours, _("Our view: level %(now)s, was %(then)s."), ""))
    if account.gap != then.gap:
        now, before = (_("unknown") if gap is None else signed(gap) for gap in (account.gap, then.gap))
        told.append(_("Gap: %(now)s, was %(then)s.") % {"now": now, "then": before})
    return [one for one in told if one]


def _moved(now: int | None, then: int | None, moved: str, same: str) -> str:
    if now == then:
        return same % {"now": now} if now is not None else ""
    return moved % {"now": now or _("unknown"), "then": then or _("unknown")}


def _target(now: Target | None, then: Target | None) -> list[str]:
    if now is None or (then is not None and (now.level, now.due_on) == (then.level, then.due_on)):
        return []
    if then is None:
        return [_("New target: %(target)s") % {"target": target_sentence(now)}]
    before = {"level": then.level, "due": date_format(then.due_on, "F Y")}
    return [_("Target revised: it was level %(level)s by %(due)s.") % before]


def _actions(facts: ReviewFacts, base: AccountReview) -> list[str]:
    every = [action for plan in facts.plans for action in plan.actions.all()]
    done = [one for one in every if one.done_on and one.done_on > base.held_on]
    seen = set(base.seen_actions)
    added = [one for plan in facts.open_plans for one in plan.actions.all() if one.pk not in seen and one.is_pending]
    told = []
    if done:
        counted = ngettext("%(n)s action done: %(which)s.", "%(n)s actions done: %(which)s.", len(done))
        told.append(counted % {"n": len(done), "which": _titles(done)})
    if added:
        counted = ngettext("%(n)s action added: %(which)s.", "%(n)s actions added: %(which)s.", len(added))
        told.append(counted % {"n": len(added), "which": _titles(added)})
    return told


def _people(facts: ReviewFacts, base: AccountReview) -> list[str]:
    seen = set(base.seen_people)
    joined = [one.name for one in facts.people if one.active and one.pk not in seen]
    left = [one.name for one in facts.people if not one.active and one.pk in seen]
    told = []
    if joined:
        told.append(_("New: %(names)s.") % {"names": _some(joined)})
    if left:
        told.append(_("Left: %(names)s.") % {"names": _some(left)})
    return told


def _titles(actions: Sequence[Action]) -> str:
    return _some([quoted(action.title) for action in sorted(actions, key=lambda one: (one.done_on or one.due_on, one.pk))])


def _some(names: Sequence[str]) -> str:
    """The first names, and how many others there are."""
    rest = len(names) - NAMED
    if rest <= 0:
        return ", ".join(names)
    more = ngettext("%(n)s other", "%(n)s others", rest) % {"n": rest}
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:NAMED]), "last": more}
