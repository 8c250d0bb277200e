"""The catalogue: editions with the five levels, the statements that measure them, and the plays for each step.

Indicators and plays refer to the edition and name levels by rank, so that a constraint can make codes unique in an edition.
"""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.versions import Versioned
from hierarchy.querysets import EditionManager, FrozenEdition, FrozenManager, refuse_frozen

__all__ = [
    "CONTENT",
    "RANKS",
    "AddressedStatement",
    "Edition",
    "EditionPart",
    "FrozenEdition",
    "Indicator",
    "Level",
    "Play",
    "PlayAction",
]

#: The fields of an edition that are its content, beside its parts.
CONTENT = ("name_en", "name_nl", "held_at", "note")
RANKS = [(rank, str(rank)) for rank in range(1, 6)]


# modeltranslation replaces the manager by a class that it makes at run time, which mypy does not find.
class Edition(Versioned):  # type: ignore[django-manager-missing]
    """A version of the catalogue: a draft that changes, or a published or retired one that is frozen."""

    # Added by modeltranslation.
    name_en: str | None
    name_nl: str | None

    to_state = "state"
    #: Fields that change also in a frozen edition, when it is published or retired.
    changes_frozen: ClassVar[frozenset[str]] = frozenset({"state", "version", "published_on", "published_by"})

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        RETIRED = "retired", _("retired")

    class Continuation(models.TextChoices):
        """Why it is the same measure as the edition that it continues."""

        EQUAL = "equal", _("the same statements and threshold")
        WORDING = "wording", _("only wording was repaired")

    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    held_at = models.DecimalField(
        _("held at"), max_digits=3, decimal_places=2, default=Decimal("3.5"),
        validators=[MinValueValidator(Decimal("1.01")), MaxValueValidator(Decimal(5))],
        help_text=_("A level is held when the mean of its answers (1 to 5) reaches this."),
    )  # fmt: skip
    note = models.TextField(
        _("note"), blank=True, help_text=_("For colleagues: what changed in this edition, and why.")
    )  # fmt: skip
    published_on = models.DateTimeField(_("published on"), null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("published by"), null=True, editable=False,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    continues = models.ForeignKey(
        "self", verbose_name=_("continues"), null=True, editable=False, on_delete=models.PROTECT, related_name="continued_by",
        help_text="The first edition of its measure; empty for that one itself, and for a draft.",
    )  # fmt: skip
    continued_as = models.CharField(max_length=10, choices=Continuation, blank=True, editable=False)

    objects: ClassVar[EditionManager] = EditionManager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="published"), name="edition_one_published",
                violation_error_message=_("Another edition is published already."),
            ),
            models.CheckConstraint(
                condition=Q(held_at__gt=1, held_at__lte=5), name="edition_held_at_in_range",
                violation_error_message=_("A level is held at a mean above 1 and up to 5."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_on=None)
                | Q(state__in=["published", "retired"], published_on__isnull=False),
                name="edition_published_on_unless_draft",
            ),
            models.CheckConstraint(
                condition=Q(continues=None) | ~Q(state="draft"), name="edition_continues_unless_draft",
                violation_error_message=_("A draft belongs to no measure yet."),
            ),
            models.CheckConstraint(
                condition=Q(continues=None) | ~Q(continues=F("id")), name="edition_does_not_continue_itself",
                violation_error_message=_("An edition does not continue itself."),
            ),
            models.CheckConstraint(
                condition=Q(continues=None, continued_as="")
                | Q(continues__isnull=False, continued_as__in=["equal", "wording"]),
                name="edition_continues_for_a_reason",
                violation_error_message=_("An edition that continues another one says why it is the same measure."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        # A draft may have a name in one language only.
        return self.name or self.name_nl or str(_("edition without a name"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = None if self._state.adding else type(self)._base_manager.get(pk=self.pk)
        if before and before.is_frozen and any(getattr(before, name) != getattr(self, name) for name in CONTENT):
            raise FrozenEdition
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        refuse_frozen(type(self)._base_manager.filter(pk=self.pk))
        return super().delete(*args, **kwargs)

    @property
    def owning_edition(self) -> "Edition":
        return self

    @property
    def measure(self) -> int:
        """The id of the first edition of its measure; its own when it continues none."""
        return self.continues_id or self.pk

    @property
    def is_frozen(self) -> bool:
        """Whether assessments may have used the edition: it is, or was, published."""
        return self.state != self.State.DRAFT


class EditionPart(models.Model):
    """A part of an edition, which changes only while the edition is a draft."""

    edition: Any  # a foreign key, or a property
    to_state = "edition__state"
    changes_frozen: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._must_not_be_frozen()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._must_not_be_frozen()
        return super().delete(*args, **kwargs)

    @property
    def owning_edition(self) -> Edition:
        return self.edition

    def _must_not_be_frozen(self) -> None:
        if self.owning_edition.is_frozen:
            raise FrozenEdition
        if not self._state.adding:  # nor may it move from a frozen edition to a draft
            refuse_frozen(type(self)._base_manager.filter(pk=self.pk))


class Level(EditionPart):
    """What one of the five levels means."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="levels")
    rank = models.PositiveSmallIntegerField(_("level"), choices=RANKS)
    name = models.CharField(_("name"), max_length=120)
    seen_as = models.CharField(_("the customer sees us as"), max_length=160)  # their sentence: "we" is the customer
    seen_as_ours = models.CharField(_("in our words: they see us as"), max_length=160, blank=True)  # follows "They see us as"
    description = models.TextField(_("description"))
    position = models.CharField(_("competitive position"), max_length=160)

    objects: ClassVar[FrozenManager] = FrozenManager()

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "rank"], name="level_once_an_edition",
                violation_error_message=_("This edition already has this level."),
            ),
            models.CheckConstraint(condition=Q(rank__range=(1, 5)), name="level_rank_1_to_5"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.rank} {self.name}"


class Indicator(EditionPart):
    """A statement that measures a level, in the wording for the customer and for our team."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="indicators")
    rank = models.PositiveSmallIntegerField(_("level"), choices=RANKS)
    code = models.SlugField(_("code"), max_length=20)
    order = models.PositiveIntegerField(_("order"), default=0)
    customer = models.CharField(_("asked of the customer"), max_length=300)
    team = models.CharField(_("asked of our team"), max_length=300)
    active = models.BooleanField(_("asked"), default=True)

    objects: ClassVar[FrozenManager] = FrozenManager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["order", "rank", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "code"], name="indicator_code_once_an_edition",
                violation_error_message=_("This edition already has a statement with this code."),
            ),
            models.CheckConstraint(condition=Q(rank__range=(1, 5)), name="indicator_rank_1_to_5"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code


class Play(EditionPart):  # type: ignore[django-manager-missing]
    """A way to climb one step, with actions for a plan."""

    title_en: str | None
    title_nl: str | None

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="plays")
    code = models.SlugField(_("code"), max_length=60)
    from_rank = models.PositiveSmallIntegerField(_("from level"), choices=RANKS[:4])
    to_rank = models.PositiveSmallIntegerField(_("to level"), choices=RANKS[1:], editable=False)
    title = models.CharField(_("title"), max_length=160)
    why = models.TextField(_("why"))
    order = models.PositiveIntegerField(_("order"), default=0)

    objects: ClassVar[FrozenManager] = FrozenManager()

    class Meta:
        verbose_name = _("play")
        verbose_name_plural = _("plays")
        ordering = ["order", "from_rank", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "code"], name="play_code_once_an_edition",
                violation_error_message=_("This edition already has a play with this code."),
            ),
            models.CheckConstraint(
                condition=Q(from_rank__range=(1, 4), to_rank=F("from_rank") + 1), name="play_climbs_one_step",
                violation_error_message=_("A play climbs exactly one step."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title or self.title_nl or self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.to_rank is None and self.from_rank is not None:
            self.to_rank = self.from_rank + 1
        super().save(*args, **kwargs)

    @property
    def addressed_codes(self) -> list[str]:
        """The codes of the statements that it works on, the most direct first. No statement once `addresses` is prefetched."""
        return [addressed.indicator.code for addressed in self.addresses.all()]


class AddressedStatement(EditionPart):
    """A statement that a play works on. Those of a play have an order: the one that it addresses most directly comes first."""

    to_state = "play__edition__state"

    play = models.ForeignKey(Play, on_delete=models.CASCADE, related_name="addresses")
    indicator = models.ForeignKey(
        Indicator, verbose_name=_("statement"), on_delete=models.CASCADE, related_name="addressed_by"
    )  # fmt: skip
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects: ClassVar[FrozenManager] = FrozenManager()

    class Meta:
        verbose_name = _("statement that the play works on")
        verbose_name_plural = _("statements that the play works on")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["play", "indicator"], name="addressed_statement_once_a_play",
                violation_error_message=_("This play already names this statement."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.indicator.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.indicator.edition_id != self.play.edition_id:  # no constraint can look at two other tables
            raise ValidationError(_("A play works on statements of its own edition."), code="other_edition")
        super().save(*args, **kwargs)

    @property
    def owning_edition(self) -> Edition:
        return self.play.edition


class PlayAction(EditionPart):
    """A template of an action, due `days` after the start of the plan."""

    title_en: str | None
    title_nl: str | None

    to_state = "play__edition__state"

    play = models.ForeignKey(Play, on_delete=models.CASCADE, related_name="actions")
    days = models.PositiveIntegerField(
        _("due after (days)"), default=30, validators=[MaxValueValidator(1095)]
    )  # fmt: skip
    title = models.CharField(_("action"), max_length=300)
    order = models.PositiveIntegerField(_("order"), default=0)

    objects: ClassVar[FrozenManager] = FrozenManager()

    class Meta:
        verbose_name = _("action of the play")
        verbose_name_plural = _("actions of the play")
        ordering = ["order", "days", "pk"]
        constraints = [models.CheckConstraint(condition=Q(days__gte=0), name="play_action_days_not_negative")]

    def __str__(self) -> str:
        return self.title or self.title_nl or ""

    @property
    def owning_edition(self) -> Edition:
        return self.play.edition
