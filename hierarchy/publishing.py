"""Publish, retire and clone an edition."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from audit import trail
from audit.models import Event
from core.versions import StaleEdit
from hierarchy.measures import PublishingEffect, effect_of_publishing
from hierarchy.models import AddressedStatement, Edition, Indicator, Level, Play, PlayAction
from hierarchy.reading import addressed


@dataclass(frozen=True, slots=True)
class MissingPart:
    """Something that is missing in an edition: a message, and the part that has to be completed.

    `obj` is the incomplete part; None when a whole part of the `kind` is missing.
    """

    text: str
    kind: str  # "edition", "levels", "indicators", "plays" or "actions"
    obj: models.Model | None = None
    field: str = ""


def missing_parts(edition: Edition) -> list[MissingPart]:
    """What is missing before the edition can be published; empty when it is complete. Five statements."""
    levels = {level.rank: level for level in edition.levels.all()}
    indicators = list(edition.indicators.filter(active=True))
    plays = list(edition.plays.prefetch_related("actions", addressed()))
    actions = [action for play in plays for action in play.actions.all()]
    return [
        *_untranslated("edition", [edition], ["name"]),
        *(
            MissingPart(_("Level %(rank)s is missing.") % {"rank": rank}, "levels")
            for rank in range(1, 6)
            if rank not in levels
        ),
        *_untranslated("levels", levels.values(), ["name", "seen_as", "seen_as_ours", "description", "position"]),
        *(
            MissingPart(_("Level %(rank)s has no statement that is asked.") % {"rank": rank}, "indicators")
            for rank in range(1, 6)
            if rank not in {indicator.rank for indicator in indicators}
        ),
        *_untranslated("indicators", indicators, ["customer", "team"]),
        *(
            MissingPart(_("The step from %(low)s to %(high)s has no play.") % {"low": low, "high": low + 1}, "plays")
            for low in range(1, 5)
            if low not in {play.from_rank for play in plays}
        ),
        *_untranslated("plays", plays, ["title", "why"]),
        *(
            MissingPart(_("The play “%(play)s” has no actions.") % {"play": play}, "actions", play)
            for play in plays
            if not play.actions.all()
        ),
        *_untranslated("actions", actions, ["title"]),
        *(
            MissingPart(_("The play “%(play)s” names no statement that it works on.") % {"play": play}, "addresses", play)
            for play in plays
            if not play.addresses.all()
        ),
    ]  # fmt: skip


def missing(edition: Edition) -> list[str]:
    """The messages of `missing_parts`."""
    return [part.text for part in missing_parts(edition)]


@transaction.atomic
def publish(
    edition: Edition,
    *,
    by: trail.Actor,
    seen: int | None = None,
    seen_published: int | None = None,
    same_measure: bool = False,
) -> Edition:
    """Make `edition` the one that new assessments use, and retire the one that was published before.

    Where an edition asks the same with the same threshold, this one continues it. Where only wording differs from the
    published edition, the publisher may say that it is the `same_measure`.

    `seen` and `seen_published` are the version of the draft and the id of the published edition (0: none) that the page showed.
    Raises ValidationError with a message for each missing part, when it is no draft, or when it is called the same measure
    and is not; StaleEdit with what differs from what was seen, the draft or the published edition; DoesNotExist when it was
    deleted.
    """
    # Lock all editions in one order, so that two requests that publish different drafts do not deadlock.
    editions = {row.pk: row for row in Edition.objects.select_for_update().order_by("pk")}
    if edition.pk not in editions:
        raise Edition.DoesNotExist
    edition = editions[edition.pk]
    if edition.state != Edition.State.DRAFT:
        raise ValidationError(_("Only a draft can be published."), code="not_a_draft")
    if seen is not None and seen != edition.version:
        raise StaleEdit(edition)
    if sentences := missing(edition):
        raise ValidationError(sentences, code="incomplete")
    effect = effect_of_publishing(edition)
    if seen_published is not None and seen_published != (effect.published.pk if effect.published else 0):
        raise StaleEdit(effect.published or edition)
    before, after = _continue(edition, effect, same_measure=same_measure)
    if effect.published:
        _retire(editions[effect.published.pk], by=by)
    edition.state, edition.published_on = Edition.State.PUBLISHED, timezone.now()
    edition.published_by_id = by.pk if by else None
    edition.version += 1
    edition.save()
    trail.record(
        "edition.published", edition, by=by, before={"state": "draft"} | before, after={"state": "published"} | after
    )  # fmt: skip
    return edition


def _continue(edition: Edition, effect: PublishingEffect, *, same_measure: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Note which measure the draft continues, unsaved, and give what the trail keeps of it, before and after."""
    former, compared = effect.equal_to, effect.compared
    if former:
        edition.continued_as = Edition.Continuation.EQUAL
    elif same_measure:
        if compared is None or not compared.is_wording_only:
            raise ValidationError(_("More than wording differs, so it is not the same measure."), code="other_measure")
        former, edition.continued_as = compared.edition, Edition.Continuation.WORDING
    if former is None:
        return {}, {}
    edition.continues_id = former.measure
    said = {"continues": former.measure, "continued_as": str(edition.continued_as)}
    before: dict[str, dict[str, str]] = {}
    after: dict[str, dict[str, str]] = {}
    for one in compared.rewordings if compared else ():
        before.setdefault(one.code, {})[one.field] = one.before
        after.setdefault(one.code, {})[one.field] = one.after
    return ({"indicators": before}, said | {"indicators": after}) if before else ({}, said)


@transaction.atomic
def clone(edition: Edition, *, by: trail.Actor) -> Edition:
    """Create a draft with the same content."""
    draft = Edition.objects.get(pk=edition.pk)
    draft.pk, draft.state, draft.version = None, Edition.State.DRAFT, 1
    draft.published_on = draft.published_by = draft.continues = None
    draft.continued_as = ""
    draft._state.adding = True
    draft.name_en = _copied(draft.name_en, "draft")
    draft.name_nl = _copied(draft.name_nl, "concept")
    draft.save()
    for level in edition.levels.all():
        _copy(level, edition=draft)
    indicators = {indicator.code: _copy(indicator, edition=draft) for indicator in edition.indicators.all()}
    for play in edition.plays.prefetch_related("actions", addressed()):
        steps, codes = list(play.actions.all()), play.addressed_codes
        copied = _copy(play, edition=draft)
        for step in steps:
            _copy(step, play=copied)
        for order, code in enumerate(codes):
            AddressedStatement.objects.create(play=copied, indicator=indicators[code], order=order)
    trail.record("edition.cloned", draft, by=by, after={"from": edition.pk})
    return draft


@transaction.atomic
def draft_from(edition: Edition, *, by: trail.Actor) -> tuple[Edition, bool]:
    """A draft of `by` with the content of `edition`, and whether it is new.

    An unchanged draft that `by` made from it before is used again, so a double click creates one draft.
    """
    Edition.objects.select_for_update().get(pk=edition.pk)  # a second request waits here for the first
    made = Event.objects.filter(act="edition.cloned", actor_id=by.pk if by else None, after__from=edition.pk).values("object_id")
    untouched = Edition.objects.filter(pk__in=made, state=Edition.State.DRAFT, version=1).first()
    return (untouched, False) if untouched else (clone(edition, by=by), True)


def _retire(edition: Edition, *, by: trail.Actor) -> None:
    edition.state = Edition.State.RETIRED
    edition.version += 1
    edition.save()
    trail.record("edition.retired", edition, by=by, before={"state": "published"}, after={"state": "retired"})


def _copy[T: models.Model](obj: T, **owner: models.Model) -> T:
    obj.pk = None
    obj._state.adding = True
    for name, value in owner.items():
        setattr(obj, name, value)
    obj.save()
    return obj


def _copied(name: str | None, word: str) -> str:
    base = (name or "").removesuffix(f" ({word})")
    return f"{base[:100]} ({word})"


def _untranslated(kind: str, objects: Iterable[models.Model], fields: list[str]) -> list[MissingPart]:
    return [
        MissingPart(
            _("%(what)s: the text “%(field)s” is missing in %(language)s.")
            % {
                "what": _called(obj),
                "field": words_of_field(type(obj), field),
                "language": get_language_info(code)["name_translated"],
            },
            kind,
            obj,
            f"{field}_{code}",
        )
        for obj in objects
        for field in fields
        for code, _language in settings.LANGUAGES
        if not (getattr(obj, f"{field}_{code}") or "").strip()
    ]


def words_of_field(model: type[models.Model], name: str) -> str:
    """The name of a field as people read it."""
    field = model._meta.get_field(name)
    return str(getattr(field, "verbose_name", name))


def _called(obj: models.Model) -> str:
    """The name of the part in a message."""
    match obj:
        case Level():
            return _("Level %(rank)s") % {"rank": obj.rank}
        case Indicator():
            return _("Statement %(code)s") % {"code": obj.code}
        case Play():
            return _("The play “%(play)s”") % {"play": obj}
        case PlayAction():
            return _("An action of the play “%(play)s”") % {"play": obj.play}
    return capfirst(str(obj._meta.verbose_name))
