"""What a review for a successor adds: every open action, what is known of the people, the history of plans, levels and targets."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Contact
from assessments.history import HistoryRow, history_rows
from plans.models import Action, ActionPlan, Target
from plans.words import due_words, target_sentence
from portfolio.pages.about import CustomerFact, facts_of, facts_of_contact
from reviews.reading import ReviewFacts
from reviews.sections import ACCOUNT_SHEET, ReviewSection, last_contact


@dataclass(frozen=True, slots=True)
class OpenAction:
    action: Action
    due: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A contact with what stands below the name, and the latest contact in a named round."""

    contact: Contact
    facts: Sequence[CustomerFact]
    last: str


@dataclass(frozen=True, slots=True)
class PastPlan:
    plan: ActionPlan
    done: Sequence[Action]  # in time, with their outcomes
    total: int


@dataclass(frozen=True, slots=True)
class HandOver:
    notes: str
    about: Sequence[CustomerFact]
    sheet: Sequence[ReviewSection]  # whole: on the page before they are cut to their boxes
    actions: Sequence[OpenAction]
    people: Sequence[KnownPerson]
    plans: Sequence[PastPlan]
    history: Sequence[HistoryRow]
    targets: Sequence[tuple[Target, str]]


def handover_of(facts: ReviewFacts) -> HandOver:
    """No statement."""
    return HandOver(
        notes=facts.account.notes.strip(),
        about=facts_of(facts.account),
        sheet=[make(facts) for make in ACCOUNT_SHEET],
        actions=[OpenAction(one, due_words(one, facts.today), one.due_on < facts.today) for one in facts.pending],
        people=[KnownPerson(one, facts_of_contact(one), last_contact(one) if facts.named else "") for one in facts.people],
        plans=[_past(one) for one in sorted(facts.plans, key=lambda one: (one.started_on, one.pk), reverse=True)],
        history=history_rows(list(facts.results)),
        targets=[(one, target_sentence(one)) for one in facts.targets],
    )


def _past(plan: ActionPlan) -> PastPlan:
    every = list(plan.actions.all())
    done = sorted((one for one in every if one.done_on), key=lambda one: (one.done_on, one.pk))
    return PastPlan(plan, done, len(every))
