"""Whether one of our people could read the customer's answers before giving a view: that view counts for nothing.

The gap compares what each side said without the other. So an own view is *blind*, or it is shown and left out of the result
(docs/decisions/0020). Nobody of ours can read answers of a confidential round while it is open: each view of it is blind.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from assessments.models import Answer, Assessment, Response


@dataclass(frozen=True, slots=True)
class Blinding:
    """How one of our people stands to the customer's answers of an open round."""

    asked: bool = False  # is a rater
    began: bool = False  # has a draft of an own view
    gave: bool = False  # submitted an own view
    unblinded: bool = False  # can read the answers, or could at some time while no own view was submitted

    @property
    def rates_first(self) -> bool:
        """Whether they give a view first, and see until then who answered, but not the answers."""
        return self.began or (self.asked and not self.gave)

    @property
    def would_be_blind(self) -> bool:
        """Whether the first view, given now, would count."""
        return not (self.gave or self.unblinded)


def blinding_of(assessment: Assessment | None, user: User) -> Blinding:
    """How `user` stands to the customer's answers of `assessment`; as nobody in particular where none is open. One statement."""
    if assessment is None or not assessment.is_open:
        return Blinding()
    return _blinding_by(assessment, user, _readable(assessment))


def _blinding_by(assessment: Assessment, user: User, answers: QuerySet[Response]) -> Blinding:
    """How `user` stands to these `answers` of the open round."""
    own = assessment.responses.filter(user=user)
    asked, began, gave, noted, readable = User.objects.values_list(
        Exists(Assessment.raters.through.objects.filter(assessment=assessment, user=user)),
        Exists(own.filter(submitted_at=None)),
        Exists(own.exclude(submitted_at=None)),
        Exists(Assessment.unblinded.through.objects.filter(assessment=assessment, user=user)),
        Exists(answers),
    ).get(pk=user.pk)
    held_back = Blinding(asked, began, gave).rates_first
    return Blinding(asked, began, gave, not assessment.is_confidential and (noted or (readable and not held_back)))


def could_read(assessment: Assessment, user: User | None, *, by_api: bool) -> bool:
    """Whether a first view that `user` saves now is not blind. A view of nobody in particular is held back by nothing. One statement.

    By API both sides arrive in any order, also where they were asked elsewhere: answers that came so do not tell that a view which
    comes after them was given after them.
    """
    answers = _readable(assessment).exclude(origin=Response.Origin.API) if by_api else _readable(assessment)
    if user is not None:
        return _blinding_by(assessment, user, answers).unblinded
    return not assessment.is_confidential and answers.exists()


def unblind(assessment: Assessment, people: Iterable[User]) -> None:
    """Note that `people` could read the customer's answers, if there are any in a named round. Three statements at most."""
    if people and not assessment.is_confidential and _readable(assessment).exists():
        assessment.unblinded.add(*people)


def unblind_who_waits(assessment: Assessment) -> None:
    """Note that raters and authors of drafts could read the answers: a closed round showed them to everybody. Four statements at most."""
    waiting = Q(assessments_to_rate=assessment) | Q(responses__assessment=assessment, responses__submitted_at=None)
    unblind(assessment, list(User.objects.filter(waiting).distinct()))


def fix_our_views(assessment: Assessment) -> None:
    """Fix the submitted views of our side; call it once the customer's answers are there. One statement.

    A view that changes after the customer's answers can be seen would only repeat them.
    """
    given = assessment.responses.filter(side=Response.Side.TEAM, fixed_at=None).exclude(submitted_at=None)
    given.update(fixed_at=timezone.now())


def _readable(assessment: Assessment) -> QuerySet[Response]:
    """The customer's answers that colleagues can read while a named round is open: submitted ones, and what we are typing in.

    A response that gives no level, such as words alone, unblinds nobody: there is no level in it to adapt to, and a round of which
    nothing counts could not be closed.
    """
    typed = Exists(Answer.objects.filter(response=OuterRef("pk"), value__isnull=False))
    submitted = Q(submitted_at__isnull=False, position__isnull=False)
    told = Q(typed, origin=Response.Origin.TOLD, submitted_at=None)
    return assessment.responses.filter(submitted | told, side=Response.Side.CUSTOMER)
