"""Which editions are one measure: they ask the same statements with the same threshold, or only wording was repaired.

Results of one measure are compared with each other everywhere; those of different ones are not.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.conf import settings

from hierarchy.models import Edition, Indicator

WORDINGS = ("customer", "team")

type ResultCounter = Callable[[Collection[int]], int]

_counters: list[ResultCounter] = []


@dataclass(frozen=True, slots=True)
class Measure:
    """Editions that are one measure, the newest first. Drafts belong to none."""

    pk: int  # of the first edition
    editions: tuple[Edition, ...]

    def __str__(self) -> str:
        return str(self.editions[0])

    @property
    def edition_ids(self) -> tuple[int, ...]:
        return tuple(edition.pk for edition in self.editions)


@dataclass(frozen=True, slots=True)
class AskedStatements:
    """What an edition measures with: the statements that it asks, by code, and from which mean on a level is held."""

    held_at: Decimal
    ranks: dict[str, int]
    texts: dict[str, dict[str, str]]  # of each code the texts by field: customer_en, customer_nl, team_en, team_nl


@dataclass(frozen=True, slots=True)
class Rewording:
    """A text that a draft words otherwise."""

    code: str
    field: str  # such as customer_nl
    before: str
    after: str

    @property
    def language(self) -> str:
        return self.field.rpartition("_")[2]

    @property
    def is_asked_of_customer(self) -> bool:
        return self.field.startswith("customer")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A draft beside a published or retired edition."""

    edition: Edition
    threshold: tuple[Decimal, Decimal] | None  # before and after, when it changed
    added: tuple[str, ...]  # codes
    removed: tuple[str, ...]
    moved: tuple[str, ...]  # to another level
    rewordings: tuple[Rewording, ...]

    @property
    def is_wording_only(self) -> bool:
        """Whether nothing but texts differs."""
        return not (self.threshold or self.added or self.removed or self.moved)

    @property
    def is_equal(self) -> bool:
        return self.is_wording_only and not self.rewordings


@dataclass(frozen=True, slots=True)
class PublishingEffect:
    """What publishing a draft does to the results that there are."""

    published: Edition | None  # the edition that would retire
    equal_to: Edition | None  # the newest edition that asks the same with the same threshold
    compared: Comparison | None  # with `published`, unless some edition is equal
    results: int  # with the customer's level: of the measure that the draft continues or could continue

    @property
    def may_continue(self) -> bool:
        """Whether the publisher may say that it is the same measure: only wording differs."""
        return self.compared is not None and self.compared.is_wording_only


def register_result_counter(count: ResultCounter) -> None:
    """Register a function that counts the results that were measured with editions; this room knows of no results."""
    _counters.append(count)


def results_with(editions: Collection[int]) -> int:
    """How many results with the customer's level were measured with these editions."""
    return sum(count(editions) for count in _counters)


def measures() -> list[Measure]:
    """All measures, the one with the newest edition first. One statement."""
    return measures_of(Edition.objects.exclude(state=Edition.State.DRAFT).order_by("-published_on", "-pk"))


def measures_of(editions: Iterable[Edition]) -> list[Measure]:
    """The measures of editions that are given newest first."""
    found: dict[int, list[Edition]] = {}
    for edition in editions:
        found.setdefault(edition.measure, []).append(edition)
    return [Measure(pk, tuple(of_measure)) for pk, of_measure in found.items()]


def measure_of(edition: Edition) -> Measure:
    """The measure of an edition; of a draft itself alone. One statement."""
    alike = [one for one in measures() if one.pk == edition.measure]
    return alike[0] if alike else Measure(edition.pk, (edition,))


def effect_of_publishing(draft: Edition) -> PublishingEffect:
    """Three statements."""
    frozen = list(Edition.objects.exclude(state=Edition.State.DRAFT).order_by("-published_on", "-pk"))
    asked = _asked([draft, *frozen])
    published = next((edition for edition in frozen if edition.state == Edition.State.PUBLISHED), None)
    equal_to = next((edition for edition in frozen if asked[edition.pk] == asked[draft.pk]), None)
    former = equal_to or published
    alike = [one.edition_ids for one in measures_of(frozen) if former and one.pk == former.measure]
    return PublishingEffect(
        published=published,
        equal_to=equal_to,
        compared=_compared(published, asked[published.pk], asked[draft.pk]) if published and not equal_to else None,
        results=results_with(alike[0]) if alike else 0,
    )


def _asked(editions: Sequence[Edition]) -> dict[int, AskedStatements]:
    """What each edition asks. One statement."""
    fields = [f"{wording}_{code}" for wording in WORDINGS for code, _language in settings.LANGUAGES]
    rows = (
        Indicator.objects.filter(edition__in=editions, active=True)
        .order_by("edition_id", "rank", "order", "code")
        .values("edition_id", "code", "rank", *fields)
    )
    found = {edition.pk: AskedStatements(edition.held_at, {}, {}) for edition in editions}
    for pk, of_edition in groupby(rows, key=lambda row: row["edition_id"]):
        for row in of_edition:
            found[pk].ranks[row["code"]] = row["rank"]
            found[pk].texts[row["code"]] = {field: row[field] or "" for field in fields}
    return found


def _compared(edition: Edition, before: AskedStatements, after: AskedStatements) -> Comparison:
    both = [code for code in before.ranks if code in after.ranks]
    return Comparison(
        edition=edition,
        threshold=(before.held_at, after.held_at) if before.held_at != after.held_at else None,
        added=tuple(code for code in after.ranks if code not in before.ranks),
        removed=tuple(code for code in before.ranks if code not in after.ranks),
        moved=tuple(code for code in both if before.ranks[code] != after.ranks[code]),
        rewordings=tuple(
            Rewording(code, field, text, after.texts[code][field])
            for code in both
            for field, text in before.texts[code].items()
            if text != after.texts[code][field]
        ),
    )
