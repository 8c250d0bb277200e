"""The catalogue in the API."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema

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
    seen_as: str
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
    ladder = edition_levels(edition)
    return {
        "edition": {"id": edition.pk, "name": str(edition), "held_at": float(edition.held_at)},
        "levels": [
            {
                "rank": rung.rank,
                "name": rung.level.name,
                "seen_as": rung.level.seen_as,
                "description": rung.level.description,
                "position": rung.level.position,
                "indicators": [
                    {
                        "code": asked.code,
                        "position": place,
                        "customer_statement": asked.customer,
                        "team_statement": asked.team,
                    }
                    for place, asked in enumerate(rung.statements, 1)
                ],
            }
            for rung in ladder
            if rung.level
        ],
        "plays": [
            {
                "code": play.code,
                "from_level": play.from_rank,
                "to_level": play.to_rank,
                "title": play.title,
                "why": play.why,
                "actions": [{"title": step.title, "days": step.days} for step in play.actions.all()],
            }
            for rung in ladder
            for play in rung.plays
        ],
    }
