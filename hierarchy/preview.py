"""The preview of an edition in each language: its statements with the scale, and how its levels read on our pages."""

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
class PreviewLevel:
    """A level as our pages tell it, in one language."""

    rank: int
    sentence: str  # empty when the words are missing


@dataclass(frozen=True, slots=True)
class LanguagePage:
    """The preview in one language, with the labels of the scale in that language."""

    code: str
    language: str
    levels: list[PreviewLevel]
    statements: list[PreviewStatement]
    low: str
    high: str
    unknown: str
    missing: str


def pages_in_each_language(edition: Edition, wording: str) -> list[LanguagePage]:
    """A page for each language, with the active statements in their order. Two SQL statements."""
    asked, levels = list(edition.indicators.filter(active=True)), list(edition.levels.all())
    pages = []
    for code, language in settings.LANGUAGES:
        statements = [PreviewStatement(one.code, one.rank, getattr(one, f"{wording}_{code}") or "") for one in asked]
        with override(code):
            told = [PreviewLevel(level.rank, _sentence(getattr(level, f"seen_as_ours_{code}"))) for level in levels]
            scale = (
                _("strongly disagree"),
                _("strongly agree"),
                _("don't know"),
                _("This text is still missing."),
            )
        pages.append(LanguagePage(code, language, told, statements, *scale))
    return pages


def _sentence(ours: str | None) -> str:
    return _("They see us as %(seen)s.") % {"seen": ours} if ours else ""
