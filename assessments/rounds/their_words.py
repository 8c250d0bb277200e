"""What the customer's people wrote, as far as it may be shown, and who answered in words alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from assessments.models import Assessment, Response

THEIRS = Response.Side.CUSTOMER


@dataclass(frozen=True, slots=True)
class CustomersWords:
    """A text of one of the customer's people; without a name where the round is confidential."""

    text: str
    who: str = ""
    role: str = ""  # the buying role, in words
    alone: bool = False  # they answered in words alone: this counts for no figure


@dataclass(frozen=True, slots=True)
class UnnamedComments:
    """Comments of a confidential round, without names; for everybody who may see the result."""

    texts: tuple[str, ...] = ()
    one_is_gone: bool = False  # erased since: no text is shown


def in_words_alone(assessment_pk: OuterRef | int) -> Exists:
    """Whether somebody of the customer answered the round in words alone: as an annotation, or a condition."""
    given = Response.objects.filter(assessment=assessment_pk, side=THEIRS, submitted_at__isnull=False, position=None)
    return Exists(given.exclude(comment=""))


def their_words(assessment: Assessment, *, named: bool) -> list[CustomersWords]:
    """The comments of a closed round for its account's page. One statement.

    `named` is whether the reader may read named answers; else there are none of a named round. Of a confidential round the
    texts are those that its page shows, without names.
    """
    if assessment.is_open or not (named or assessment.is_confidential):
        return []
    given = (
        assessment.responses.filter(side=THEIRS, submitted_at__isnull=False).select_related("contact").order_by("-weight", "pk")
    )
    if assessment.is_confidential:
        return [CustomersWords(text) for text in unnamed_comments(assessment, given).texts]
    return [
        CustomersWords(
            one.comment, one.who, str(one.contact.get_buying_role_display()) if one.contact else "", alone=one.is_in_words
        )
        for one in given
        if one.comment.strip()
    ]  # fmt: skip


def unnamed_comments(assessment: Assessment, submitted: Iterable[Response]) -> UnnamedComments:
    """The comments of a confidential round in alphabetical order, shown under the same rule as its figures.

    None once one of the people was erased: the comment that disappears would be theirs.
    """
    if not assessment.is_confidential or assessment.is_open or assessment.customer_level is None:
        return UnnamedComments()
    theirs = [response for response in submitted if response.side == THEIRS]
    if any(response.contact and response.contact.erased_on for response in theirs):
        return UnnamedComments(one_is_gone=True)
    written = [response.comment for response in theirs if response.comment]
    return UnnamedComments(tuple(sorted(written, key=lambda text: (text.casefold(), text))))
