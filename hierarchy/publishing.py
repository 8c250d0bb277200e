"""Publish, retire and clone an edition."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import trail
from hierarchy.models import Edition, Indicator, Level, Play, PlayAction

PARTS = {"levels": Level, "indicators": Indicator, "plays": Play}


def missing(edition: Edition) -> list[str]:
    """What the edition still lacks before it can be published, one sentence each; empty when it is complete."""
    levels = {level.rank: level for level in edition.levels.all()}
    indicators = list(edition.indicators.filter(active=True))
    plays = list(edition.plays.prefetch_related("actions"))
    lacks = [_("Level %(rank)s is missing.") % {"rank": rank} for rank in range(1, 6) if rank not in levels]
    for rank in range(1, 6):
        if not any(indicator.rank == rank for indicator in indicators):
            lacks.append(_("Level %(rank)s has no statement that is asked.") % {"rank": rank})
    for rank in range(1, 5):
        if not any(play.from_rank == rank for play in plays):
            lacks.append(_("The step from %(low)s to %(high)s has no play.") % {"low": rank, "high": rank + 1})
    for play in plays:
        if not play.actions.all():
            lacks.append(_("The play “%(play)s” has no actions.") % {"play": play.title or play.code})
    lacks += _untranslated([edition], ["name"])
    lacks += _untranslated(levels.values(), ["name", "seen_as", "description", "position"])
    lacks += _untranslated(indicators, ["customer", "team"])
    lacks += _untranslated(plays, ["title", "why"])
    lacks += _untranslated([action for play in plays for action in play.actions.all()], ["title"])
    return lacks


@transaction.atomic
def publish(edition: Edition, *, by) -> Edition:
    """Make `edition` the one that new assessments use; the one published before is retired.

    Raises ValidationError with a sentence for each thing that is missing, or when it is no draft.
    """
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    if edition.state != Edition.State.DRAFT:
        raise ValidationError(_("Only a draft can be published."), code="not_a_draft")
    if lacks := missing(edition):
        raise ValidationError(lacks, code="incomplete")
    for before in Edition.objects.select_for_update().filter(state=Edition.State.PUBLISHED):
        before.state = Edition.State.RETIRED
        before.version += 1
        before.save()
        trail.record("edition.retired", before, by=by, before={"state": "published"}, after={"state": "retired"})
    edition.state, edition.published_on, edition.published_by = Edition.State.PUBLISHED, timezone.now(), by
    edition.version += 1
    edition.save()
    trail.record("edition.published", edition, by=by, before={"state": "draft"}, after={"state": "published"})
    return edition


@transaction.atomic
def clone(edition: Edition, *, by) -> Edition:
    """A draft with the same content."""
    draft = Edition.objects.get(pk=edition.pk)
    draft.pk, draft.state, draft.published_on, draft.published_by, draft.version = None, Edition.State.DRAFT, None, None, 1
    draft._state.adding = True
    draft.name_en = _copied(draft.name_en, "draft")
    draft.name_nl = _copied(draft.name_nl, "concept")
    draft.save()
    for level in edition.levels.all():
        _copy(level, edition=draft)
    for indicator in edition.indicators.all():
        _copy(indicator, edition=draft)
    for play in edition.plays.prefetch_related("actions"):
        steps = list(play.actions.all())
        copied = _copy(play, edition=draft)
        for step in steps:
            _copy(step, play=copied)
    trail.record("edition.cloned", draft, by=by, after={"from": edition.pk})
    return draft


def _copy(obj, **owner):
    obj.pk = None
    obj._state.adding = True
    for name, value in owner.items():
        setattr(obj, name, value)
    obj.save()
    return obj


def _copied(name: str | None, word: str) -> str:
    base = (name or "").removesuffix(f" ({word})")
    return f"{base[:100]} ({word})"


def _untranslated(objects, fields: list[str]) -> list[str]:
    languages = dict(settings.LANGUAGES)
    return [
        _("%(kind)s %(name)s: the %(field)s is missing in %(language)s.")
        % {
            "kind": str(obj._meta.verbose_name).capitalize(),
            "name": f"“{obj}”",
            "field": obj._meta.get_field(field).verbose_name,
            "language": languages[code],
        }
        for obj in objects
        for field in fields
        for code in languages
        if not (getattr(obj, f"{field}_{code}") or "").strip()
    ]
