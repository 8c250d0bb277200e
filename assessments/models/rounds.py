"""Assessments (rounds) of an account, and their results."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from assessments.measurement.result import CONFIDENTIAL_FROM
from assessments.models.ranges import in_range, level_with_position
from core import days
from core.versions import Versioned
from hierarchy.models import Edition

EARLIEST = date(1990, 1, 1)  # an earlier year is a typing error


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: User) -> Self:
        """Assessments of the accounts that `user` may see."""
        return self.filter(account__in=Account.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(state=Assessment.State.OPEN)

    def open_round(self) -> "Assessment | None":
        """The open assessment with its edition, or None; asked of one account, which has at most one. One statement."""
        return self.open().select_related("edition").first()

    def closed(self) -> Self:
        return self.filter(state=Assessment.State.CLOSED)

    def in_time(self) -> Self:
        """Oldest first; of two results of one day the one that was closed later comes last."""
        return self.order_by("held_on", "closed_at", "pk")


class Assessment(Versioned):
    """A round: opened on an account with an edition, answered by both sides, closed into a result."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    class Visibility(models.TextChoices):
        NAMED = "named", _("named")
        CONFIDENTIAL = "confidential", _("confidential")

    class Origin(models.TextChoices):
        MEASURED = "measured", _("measured")
        RECORDED = "recorded", _("recorded")

    class Agreement(models.TextChoices):
        SPLIT = "split", _("split")
        MIXED = "mixed", _("mixed")
        SHARED = "shared", _("shared")

    class Confidence(models.TextChoices):
        NONE = "none", _("none")
        LOW = "low", _("low")
        MEDIUM = "medium", _("medium")
        HIGH = "high", _("high")

    #: Reasons why a confidential round shows nothing of the customer: fewer than three answered, or of three or more fewer have
    #: a level.
    TOO_FEW, TOO_FEW_LEVELS = "too_few_to_tell", "too_few_levels"
    IN_WORDS = "answered_in_words"  # reason of a round whose people answered in words alone

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="assessments")
    edition = models.ForeignKey(Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="assessments")
    held_on = models.DateField(_("held on"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin, default=Origin.MEASURED)
    visibility = models.CharField(_("visibility"), max_length=12, choices=Visibility, default=Visibility.NAMED)
    closes_on = models.DateField(_("closes on"), null=True, blank=True)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    raters = models.ManyToManyField(
        User, verbose_name=_("raters"), related_name="assessments_to_rate", blank=True,
        help_text=_("Colleagues who are asked for their view too."),
    )  # fmt: skip
    unblinded = models.ManyToManyField(
        User, related_name="+", blank=True,
        help_text="Colleagues who could read the customer's answers while they had given no view of their own.",
    )  # fmt: skip

    # The result, present exactly when closed. A confidential round has neither position nor agreement of the customer's people
    # as a number (docs/decisions/0019).
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    customer_position = models.FloatField(null=True, blank=True)
    customer_level = models.PositiveSmallIntegerField(null=True, blank=True)
    team_position = models.FloatField(null=True, blank=True)
    team_level = models.PositiveSmallIntegerField(null=True, blank=True)
    gap = models.SmallIntegerField(null=True, blank=True)
    agreement = models.FloatField(null=True, blank=True)
    agreement_word = models.CharField(max_length=6, choices=Agreement, blank=True)
    confidence = models.CharField(max_length=6, choices=Confidence, blank=True)
    confidence_reasons = models.JSONField(default=list, blank=True)
    respondents = models.PositiveIntegerField(null=True, blank=True)
    told = models.PositiveIntegerField(default=0, help_text="Responses that count and were told to us.")
    unheard = models.PositiveIntegerField(null=True, blank=True, help_text="People of the decision whose answers do not count.")
    coverage = models.FloatField(null=True, blank=True, help_text="The share of the weight that was heard, 0 to 1.")
    band_low = models.PositiveSmallIntegerField(null=True, blank=True)
    band_high = models.PositiveSmallIntegerField(null=True, blank=True)
    below_specification = models.BooleanField(default=False)
    former_rule = models.BooleanField(
        _("closed under the former rule"), default=False, help_text=_("Its confidence was found before coverage counted for it.")
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(state="open"), name="assessment_one_open_an_account",
                violation_error_message=_("This account already has an open assessment."),
            ),
            models.UniqueConstraint(
                fields=["account", "held_on"], condition=Q(origin="recorded"), name="assessment_one_recorded_a_day",
                violation_error_message=_("Levels of this day are recorded already."),
            ),
            models.CheckConstraint(
                condition=Q(
                    state="open", closed_at=None, customer_level=None, customer_position=None, team_level=None,
                    team_position=None, gap=None, agreement=None, agreement_word="", confidence="", respondents=None, told=0,
                    unheard=None, coverage=None, band_low=None, band_high=None, below_specification=False, former_rule=False,
                )
                | (
                    Q(state="closed", closed_at__isnull=False, respondents__isnull=False)
                    & ~Q(confidence="")
                    # A confidential one may have to hide that there is none.
                    & (Q(customer_level__isnull=False) | Q(team_level__isnull=False) | Q(visibility="confidential"))
                ),
                name="assessment_result_exactly_when_closed",
            ),
            models.CheckConstraint(
                condition=(
                    level_with_position("customer_level", "customer_position")
                    | (Q(visibility="confidential", customer_position=None) & in_range("customer_level", 1, 5))
                )
                & level_with_position("team_level", "team_position"),
                name="assessment_levels_in_range",
            ),
            models.CheckConstraint(
                condition=~Q(visibility="confidential") | Q(customer_position=None, agreement=None, below_specification=False),
                name="assessment_no_decimals_in_confidence",
                violation_error_message=_("The result of a confidential assessment has no position and no figure of agreement."),
            ),
            models.CheckConstraint(
                condition=Q(agreement_word__in=["", "split", "mixed", "shared"])
                & (Q(agreement=None) | (in_range("agreement", 0, 1) & ~Q(agreement_word=""))),
                name="assessment_agreement_has_its_word",
            ),
            models.CheckConstraint(
                condition=Q(coverage=None) | in_range("coverage", 0, 1), name="assessment_coverage_0_to_1"
            ),
            models.CheckConstraint(
                condition=Q(band_low=None, band_high=None)
                | (
                    in_range("band_low", 1, 5) & in_range("band_high", 1, 5)
                    & Q(customer_level__gte=F("band_low"), customer_level__lte=F("band_high"), customer_level__isnull=False)
                ),
                name="assessment_level_within_its_band",
            ),
            models.CheckConstraint(
                condition=Q(told=0) | Q(respondents__isnull=False, told__lte=F("respondents")),
                name="assessment_told_among_respondents",
            ),
            models.CheckConstraint(
                condition=Q(gap=None)
                | Q(customer_level__isnull=False, team_level__isnull=False, gap=F("team_level") - F("customer_level")),
                name="assessment_gap_is_team_minus_customer",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["account", "held_on"], name="assessment_in_time"),
            # Holds all that the benchmarks read, in their order: they look at every result that the customer gave.
            models.Index(
                fields=["account", "held_on", "closed_at", "id", "customer_level", "gap", "edition"],
                condition=Q(state="closed", customer_level__isnull=False), name="assessment_heard_in_time",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.account} {self.held_on}"

    def get_absolute_url(self) -> str:
        return reverse("surveys:round", args=[self.account_id, self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_confidential(self) -> bool:
        """Whether nobody on our side may learn what one of the customer's people answered."""
        return self.visibility == self.Visibility.CONFIDENTIAL

    @property
    def is_withheld(self) -> bool:
        """Whether it shows nothing of the customer's people, though somebody answered: too few did, in confidence."""
        return not {self.TOO_FEW, self.TOO_FEW_LEVELS}.isdisjoint(self.confidence_reasons)

    @property
    def level(self) -> int | None:
        """The level of the result: the customer's where there is one, else ours."""
        return self.customer_level or self.team_level

    @property
    def customer_stands_at(self) -> float | None:
        """The customer's position; in a confidential round, which has none, their level."""
        return self.customer_level if self.customer_position is None else self.customer_position

    @property
    def respondents_shown(self) -> int | None:
        """How many of the customer's people count, as far as it may be told: of a confidential round not below three."""
        few = self.is_confidential and (self.respondents or 0) < CONFIDENTIAL_FROM
        return None if few else self.respondents

    @property
    def band(self) -> tuple[int, int] | None:
        """The lowest and the highest customer level that the result could have had with everybody heard."""
        return None if self.band_low is None or self.band_high is None else (self.band_low, self.band_high)

    def clean(self) -> None:
        # Not a database constraint: those cannot look at today.
        if self.held_on and self.held_on > days.today():
            late = ValidationError(_("An assessment is held today or earlier."), code="future")
            raise ValidationError({"held_on": late})
        if self.held_on and self.held_on < EARLIEST:
            early = ValidationError(_("Choose a date from 1990 on."), code="too_early")
            raise ValidationError({"held_on": early})
