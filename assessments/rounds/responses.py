"""What each person said in closed rounds: position, weight, words and answers, read in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Case, CharField, OuterRef, StringAgg, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from accounts.models import Contact
from assessments.models import Answer, Assessment, Response

OF_ANSWER, OF_VALUE = "\n", ":"
READ = (
    "assessment", "side", "origin", "buying_role", "weight", "position", "level", "counted", "unblinded", "comment",
    "contact__name", "contact__erased_on", "user__name", "user__email", "entered_by__name", "entered_by__email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClosedResponse:
    """A submitted response, as pages tell of it."""

    round: int  # the id of its assessment
    side: str  # customer or team
    name: str  # empty where nobody is named
    role: str  # the buying role, as it was when answering; empty for our own people
    weight: int
    position: float | None  # 0..5
    level: int | None  # 1..5
    counts: bool  # for the level
    unblinded: bool = False  # a view of ours that was not given blind
    comment: str = ""
    entered_by: str = ""  # the colleague who typed it in, when it is somebody else's
    is_told: bool = False  # to us, instead of answered by themselves
    is_erased: bool = False  # the contact
    answers: Mapping[int, int | None] = field(default_factory=dict)  # by id of the indicator; None is *don't know*

    @property
    def is_ours(self) -> bool:
        return self.side == Response.Side.TEAM

    @property
    def role_label(self) -> str:
        return str(dict(Contact.BuyingRole.choices).get(self.role, ""))

    @property
    def influence_label(self) -> str:
        return str(dict(Contact.Influence.choices).get(self.weight, ""))


def closed_response(response: Response, answers: Mapping[int, int | None] | None = None) -> ClosedResponse:
    """Who gave a submitted response, with what it says. No statement when contact, user and entered_by are loaded."""
    typed_in = response.entered_by_id not in {None, response.user_id}
    return ClosedResponse(
        response.assessment_id,
        response.side,
        response.who,
        response.buying_role,
        response.weight,
        response.position,
        response.level,
        response.counted,
        response.unblinded,
        response.comment,
        str(response.entered_by) if typed_in else "",
        response.origin == Response.Origin.TOLD,
        bool(response.contact and response.contact.erased_on),
        answers or {},
    )


def responses_in(rounds: Sequence[Assessment], *, answers_of: Assessment | None) -> list[ClosedResponse]:
    """Who answered in these rounds, in the order in which they began; with their answers in the round `answers_of`. One statement."""
    answer = Concat(
        Cast("indicator", CharField()), Value(OF_VALUE), Coalesce(Cast("value", CharField()), Value("")), output_field=CharField()
    )
    answers = Answer.objects.filter(response=OuterRef("pk")).order_by().values("response")
    packed = answers.annotate(lines=StringAgg(answer, Value(OF_ANSWER))).values("lines")
    given = Case(
        When(assessment=answers_of.pk if answers_of else None, then=Subquery(packed)),
        default=Value(""), output_field=TextField(),
    )  # fmt: skip
    responses = Response.objects.filter(assessment__in=[one.pk for one in rounds], submitted_at__isnull=False).order_by("pk")
    responses = responses.annotate(given=given).select_related("contact", "user", "entered_by").only(*READ)
    return [closed_response(response, _answers(response.given)) for response in responses]


def _answers(packed: str | None) -> dict[int, int | None]:
    pairs = (line.split(OF_VALUE, 1) for line in (packed or "").split(OF_ANSWER) if line)
    return {int(indicator): int(value) if value else None for indicator, value in pairs}
