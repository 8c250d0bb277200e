"""The call of the API that returns the catalogue."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from core.api import ApiProblem
from hierarchy.models import Edition
from hierarchy.reading import edition_levels

router = Router(tags=["catalogue"])


class EditionOut(Schema):
    id: int
    name: str
    held_at: float


class IndicatorOut(Schema):
    code: str
    position: int
    customer_statement: str
    team_statement: str


class LevelOut(Schema):
    rank: int
    name: str
    seen_as: Annotated[str, Field(description="The customer's sentence: *we* is the customer.")]
    seen_as_ours: Annotated[str, Field(description="The same in our voice, to follow *They see us as*; may be empty.")]
    description: str
    position: str
    indicators: list[IndicatorOut]


class StepOut(Schema):
    title: str
    days: int


class PlayOut(Schema):
    code: str
    from_level: int
    to_level: int
    title: str
    why: str
    addresses: Annotated[list[str], Field(description="The codes of the statements that it works on, the most direct first.")]
    actions: list[StepOut]


class CatalogueOut(Schema):
    edition: EditionOut
    levels: list[LevelOut]
    plays: list[PlayOut]


@router.get("/catalogue", response=CatalogueOut)
def catalogue(request: HttpRequest) -> dict[str, Any]:
    """The published edition: its levels, the statements that are asked, and the plays. In the language that is asked for."""
    edition = Edition.objects.published()
    if edition is None:
        raise ApiProblem(404, _("No edition of the catalogue is published yet."))
    levels = edition_levels(edition)
    return {
        "edition": {"id": edition.pk, "name": str(edition), "held_at": float(edition.held_at)},
        "levels": [
            {
                "rank": one.rank,
                "name": one.level.name,
                "seen_as": one.level.seen_as,
                "seen_as_ours": one.level.seen_as_ours or "",
                "description": one.level.description,
                "position": one.level.position,
                "indicators": [
                    {
                        "code": asked.code,
                        "position": place,
                        "customer_statement": asked.customer,
                        "team_statement": asked.team,
                    }
                    for place, asked in enumerate(one.statements, 1)
                ],
            }
            for one in levels
            if one.level
        ],
        "plays": [
            {
                "code": play.code,
                "from_level": play.from_rank,
                "to_level": play.to_rank,
                "title": play.title,
                "why": play.why,
                "addresses": play.addressed_codes,
                "actions": [{"title": step.title, "days": step.days} for step in play.actions.all()],
            }
            for one in levels
            for play in one.plays
        ],
    }
