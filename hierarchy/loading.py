"""Load an edition of the catalogue from YAML: the one with which a new installation starts."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from audit import trail
from hierarchy.drafting import LEVEL, set_addressed
from hierarchy.models import Edition, Indicator, Level, Play, PlayAction
from hierarchy.publishing import publish

FIRST_EDITION = Path(__file__).with_name("first_edition.yaml")


@transaction.atomic
def load_edition(path: Path) -> Edition:
    """Create a draft with the content of the file at `path`."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    about = content["edition"]
    edition = Edition.objects.create(held_at=about["held_at"], **_both("name", about["name"]))
    for item in content["levels"]:
        _load_level(edition, item)
    indicators = {indicator.code: indicator for indicator in edition.indicators.all()}
    for order, item in enumerate(content["plays"]):
        _load_play(edition, order, item, indicators)
    trail.record("edition.loaded", edition, by=None, after={"name": edition.name})
    return edition


@transaction.atomic
def load_first_edition() -> Edition | None:
    """Load and publish the first edition; None, and no change, when an edition exists."""
    if Edition.objects.exists():
        return None
    return publish(load_edition(FIRST_EDITION), by=None)


def _load_level(edition: Edition, item: dict[str, Any]) -> None:
    texts = [_both(name, item[name]) for name in LEVEL]
    Level.objects.create(edition=edition, rank=item["rank"], **{key: text[key] for text in texts for key in text})
    for order, indicator in enumerate(item["indicators"]):
        Indicator.objects.create(
            edition=edition,
            rank=item["rank"],
            code=indicator["code"],
            order=item["rank"] * 100 + order,
            **_both("customer", indicator["customer"]),
            **_both("team", indicator["team"]),
        )


def _load_play(edition: Edition, order: int, item: dict[str, Any], indicators: dict[str, Indicator]) -> None:
    play = Play.objects.create(
        edition=edition,
        code=item["code"],
        from_rank=item["step"][0],
        to_rank=item["step"][1],
        order=order,
        **_both("title", item["title"]),
        **_both("why", item["why"]),
    )
    for place, action in enumerate(item["actions"]):
        title = _both("title", action["title"])
        PlayAction.objects.create(play=play, days=action["days"], order=place, **title)
    set_addressed(play, [indicators[code] for code in item["addresses"]])


def _both(name: str, texts: dict[str, str]) -> dict[str, str]:
    return {f"{name}_en": texts["en"], f"{name}_nl": texts["nl"]}
