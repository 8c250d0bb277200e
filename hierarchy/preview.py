"""The preview of an edition: its statements with the scale, in each language."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from hierarchy.models import Edition

WORDINGS = [
    ("customer", gettext_lazy("what the customer reads")),
    ("team", gettext_lazy("what our team reads")),
]


@dataclass(frozen=True, slots=True)
class PreviewStatement:
    """A statement in one language."""

    code: str
    rank: int
    text: str  # empty when it is missing


@dataclass(frozen=True, slots=True)
class LanguagePage:
    """The preview in one language, with the labels of the scale in that language."""

    code: str
    language: str
    statements: list[PreviewStatement]
    low: str
    high: str
    unknown: str
    missing: str


def pages_in_each_language(edition: Edition, wording: str) -> list[LanguagePage]:
    """A page for each language, with the active statements in their order. One SQL statement."""
    asked = list(edition.indicators.filter(active=True))
    pages = []
    for code, language in settings.LANGUAGES:
        statements = [PreviewStatement(one.code, one.rank, getattr(one, f"{wording}_{code}") or "") for one in asked]
        with override(code):
            scale = (
                _("strongly disagree"),
                _("strongly agree"),
                _("don't know"),
                _("This text is still missing."),
            )
        pages.append(LanguagePage(code, language, statements, *scale))
    return pages
