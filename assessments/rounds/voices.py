"""What each person said in closed rounds: position, weight, words and answers, read in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Case, CharField, OuterRef, StringAgg, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from accounts.models import Contact
from assessments.models import Answer, Assessment, Response

OF_ANSWER, OF_VALUE = "\n", ":"
READ = (
    "assessment", "side", "buying_role", "weight", "position", "level", "comment", "contact__name", "contact__erased_on",
    "user__name", "user__email", "entered_by__name", "entered_by__email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """A submitted response. It counts for the level when it has a position."""

    round: int  # the id of its assessment
    side: str  # customer or team
    name: str  # empty where nobody is named
    role: str  # the buying role, as it was when answering; empty for our own people
    weight: int
    position: float | None  # 0..5
    level: int | None  # 1..5
    comment: str = ""
    entered_by: str = ""  # the colleague who typed it in, when it is somebody else's
    is_erased: bool = False  # the contact
    answers: Mapping[int, int | None] = field(default_factory=dict)  # by id of the indicator; None is *don't know*

    @property
    def is_ours(self) -> bool:
        return self.side == Response.Side.TEAM

    @property
    def counts(self) -> bool:
        return self.position is not None

    @property
    def role_label(self) -> str:
        return str(dict(Contact.BuyingRole.choices).get(self.role, ""))

    @property
    def influence_label(self) -> str:
        return str(dict(Contact.Influence.choices).get(self.weight, ""))


def voice_of(response: Response, answers: Mapping[int, int | None] | None = None) -> Voice:
    """The voice of a submitted response. No statement when contact, user and entered_by are loaded."""
    typed_in = response.entered_by_id not in {None, response.user_id}
    return Voice(
        response.assessment_id,
        response.side,
        response.who,
        response.buying_role,
        response.weight,
        response.position,
        response.level,
        response.comment,
        str(response.entered_by) if typed_in else "",
        bool(response.contact and response.contact.erased_on),
        answers or {},
    )


def voices_in(rounds: Sequence[Assessment], *, answers_of: Assessment | None) -> list[Voice]:
    """The voices of these rounds, in the order in which they came; with their answers in the round `answers_of`. One statement."""
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
    return [voice_of(response, _answers(response.given)) for response in responses]


def _answers(packed: str | None) -> dict[int, int | None]:
    pairs = (line.split(OF_VALUE, 1) for line in (packed or "").split(OF_ANSWER) if line)
    return {int(indicator): int(value) if value else None for indicator, value in pairs}
