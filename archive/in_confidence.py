"""What an archive holds of confidential rounds: their results, and what was written in them without a name.

Whoever may take an archive may rate and manage accounts too, so names, answers, positions and weights of the customer's people stay
out. Their texts are on the page of the round for everybody who may see it; in the archive they stand in the order of the alphabet,
so that nothing connects a text with a response, whose number the trail connects with a person.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from assessments.models import Answer, Assessment, Evidence, Response
from surveys.models import Invitation

CUSTOMER, CONFIDENTIAL = Response.Side.CUSTOMER, Assessment.Visibility.CONFIDENTIAL
#: What is left in the record of such a response; every other column, also one that comes later, has its default.
LEFT = frozenset({"assessment", "side", "origin"})


def without_confidential_answers(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """`rows` without the answers of the customer's people in confidential rounds, and of their responses those whose text is shown."""
    if rows.model in {Answer, Evidence}:
        return rows.exclude(response__side=CUSTOMER, response__assessment__visibility=CONFIDENTIAL)
    if rows.model is not Response:
        return rows
    confidential = Q(side=CUSTOMER, assessment__visibility=CONFIDENTIAL)
    erased = Response.objects.filter(assessment=OuterRef("assessment"), side=CUSTOMER, contact__erased_on__isnull=False)
    shown = Q(assessment__state=Assessment.State.CLOSED, assessment__customer_level__isnull=False, submitted_at__isnull=False)
    return rows.filter(~confidential | (shown & ~Q(comment="") & ~Exists(erased)))


def mask(model: type[models.Model], records: Sequence[dict[str, Any]]) -> None:
    """Take out of the records what the archive does not hold; two statements at most."""
    if model is Response:
        _mask_responses(records)
    elif model is Invitation:
        _ask_again(records)


def _mask_responses(records: Sequence[dict[str, Any]]) -> None:
    """Take names and figures out, and put the texts of each round in order."""
    rounds = {record["fields"]["assessment"] for record in records if record["fields"]["side"] == CUSTOMER}
    closed = dict(Assessment.objects.filter(pk__in=rounds, visibility=CONFIDENTIAL).values_list("pk", "closed_at"))
    if not closed:
        return
    texts: dict[int, list[tuple[int, str]]] = {}
    given = without_confidential_answers(Response.objects.filter(assessment__in=closed, side=CUSTOMER)).order_by("pk")
    for pk, assessment, comment in given.values_list("pk", "assessment", "comment"):
        texts.setdefault(assessment, []).append((pk, comment))
    text_of = {
        pk: text
        for of_round in texts.values()
        for (pk, _own), text in zip(of_round, sorted(comment for _pk, comment in of_round), strict=True)
    }
    masked = [one for one in Response._meta.concrete_fields if one.name not in LEFT]
    for record in records:
        fields = record["fields"]
        if fields["side"] == CUSTOMER and fields["assessment"] in closed:
            when = closed[fields["assessment"]]
            fields |= {one.name: one.get_default() for one in masked if one.name in fields}
            fields |= {"started_at": when, "submitted_at": when, "comment": text_of[record["pk"]]}


def _ask_again(records: Sequence[dict[str, Any]]) -> None:
    """Who answered in a round that is still open may do so once more: the archive does not hold the answers."""
    given = [record["fields"] for record in records if record["fields"]["state"] == Invitation.State.ANSWERED]
    rounds = {fields["assessment"] for fields in given}
    lost = Assessment.objects.open().filter(pk__in=rounds, visibility=CONFIDENTIAL) if rounds else Assessment.objects.none()
    pks = set(lost.values_list("pk", flat=True))
    for fields in given:
        if fields["assessment"] in pks:
            fields |= {"state": str(Invitation.State.OPENED), "answered_at": None}
