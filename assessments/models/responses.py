"""Responses in an assessment: the answers of one person, their notes, and later changes of a fixed view."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, User
from assessments.models.ranges import level_with_position
from assessments.models.rounds import Assessment
from core.versions import Versioned
from hierarchy.models import Indicator


class Response(Versioned):
    """What one person answered: a draft until submitted; it counts once submitted and if it has a level."""

    class Side(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        TEAM = "team", _("team")

    class Origin(models.TextChoices):
        LINK = "link", _("by link")
        TOLD = "told", _("told to us")
        API = "api", _("by API")
        OWN = "own", _("our own view")

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="responses")
    side = models.CharField(max_length=8, choices=Side)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="responses")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="responses")
    origin = models.CharField(_("origin"), max_length=4, choices=Origin)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    buying_role = models.CharField(max_length=10, blank=True, help_text="The contact's, as it was when answering.")
    weight = models.PositiveSmallIntegerField(_("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(3)])
    started_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    position = models.FloatField(null=True, blank=True)
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    strength = models.FloatField(null=True, blank=True)
    known_levels = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the levels 1 to its level.")
    pattern_error = models.BooleanField(default=False)
    below_specification = models.BooleanField(default=False)
    uniform = models.BooleanField(_("all answers alike"), default=False)
    hasty = models.BooleanField(_("filled in too fast"), default=False)
    counted = models.BooleanField(default=False, help_text="In the result, once the round is closed.")
    fixed_at = models.DateTimeField(
        _("fixed"), null=True, blank=True, help_text="Of our side: when it was there and the customer had answered."
    )
    unblinded = models.BooleanField(
        _("not blind"), default=False,
        help_text="Of our side: first given when the customer's answers could be read. It counts for nothing.",
    )  # fmt: skip
    comment = models.TextField(_("comment"), blank=True)
    # In which the statements were read; empty by API, which does not know it.
    language = models.CharField(max_length=5, blank=True)
    browser = models.CharField(max_length=64, blank=True)  # in confidence: a hash of the key of the browser that answers
    #: In confidence: since when the contact had the address that the link was mailed to.
    address_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "contact"], condition=Q(contact__isnull=False), name="response_one_a_contact"
            ),
            models.UniqueConstraint(
                fields=["assessment", "user"], condition=Q(user__isnull=False), name="response_one_a_rater"
            ),
            models.CheckConstraint(
                condition=Q(side="customer", user=None) | Q(side="team", contact=None), name="response_from_its_own_side"
            ),
            models.CheckConstraint(condition=Q(weight__range=(1, 3)), name="response_weight_1_to_3"),
            models.CheckConstraint(
                condition=Q(side="customer", origin__in=["link", "told"], contact__isnull=False)
                # What was written in confidence, from an archive, which holds neither names nor answers.
                | Q(side="customer", origin="link", contact=None, level=None, submitted_at__isnull=False)
                | Q(side="team", origin="own", user__isnull=False)
                | Q(origin="api"),
                name="response_origin_of_its_side",
            ),
            models.CheckConstraint(
                condition=Q(level=None, known_levels=None)
                | Q(level__isnull=False, known_levels__isnull=False, known_levels__range=(0, 5), known_levels__lte=F("level")),
                name="response_known_levels_with_its_level",
            ),
            models.CheckConstraint(
                condition=Q(fixed_at=None) | Q(side="team", submitted_at__isnull=False), name="response_fixed_is_a_submitted_view"
            ),
            models.CheckConstraint(
                condition=Q(unblinded=False) | Q(side="team", submitted_at__isnull=False, counted=False),
                name="response_not_blind_does_not_count",
            ),
            models.CheckConstraint(condition=~Q(origin="api", hasty=True), name="response_of_api_has_no_pace"),
            models.CheckConstraint(
                condition=level_with_position("level", "position"), name="response_level_in_range"
            ),
        ]  # fmt: skip

    @property
    def is_submitted(self) -> bool:
        return self.submitted_at is not None

    @property
    def is_sound(self) -> bool:
        """Whether it was filled in with care: neither all answers alike nor too fast."""
        return not (self.uniform or self.hasty)

    @property
    def counts(self) -> bool:
        """Whether it counts for the level of an open round: a view of ours given blind, and who answers with care.

        Unsound ones count unless the organisation set it otherwise.
        """
        known = self.is_submitted and self.position is not None and not self.unblinded
        return known and (self.is_sound or settings.UNSOUND_RESPONSES_COUNT)

    @property
    def is_in_words(self) -> bool:
        """Whether somebody answered in words alone: the comment says something, and the answers give no position."""
        return self.is_submitted and self.position is None and bool(self.comment.strip())

    @property
    def who(self) -> str:
        return str(self.contact or self.user or "")

    @property
    def account_id(self) -> int:
        """For the trail: events carry the account that they are about."""
        return self.assessment.account_id


class Answer(models.Model):
    """1 strongly disagree … 5 strongly agree; null is *don't know*. No row: not answered yet."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "indicator"], name="answer_once"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__range=(1, 5)), name="answer_1_to_5"),
        ]


class Correction(models.Model):
    """A later change of a view of ours that was fixed: kept beside it, and counted nowhere."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="corrections")
    made_at = models.DateTimeField(_("corrected"), default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField(default=dict, help_text="By the code of the statement: 1 to 5, or null for don't know.")
    evidence = models.JSONField(default=dict, help_text="By level, 1 to 5.")
    comment = models.TextField(_("comment"), blank=True)
    position = models.FloatField(null=True, blank=True)
    level = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=level_with_position("level", "position"), name="correction_level_in_range"
            ),
        ]  # fmt: skip


class Evidence(models.Model):
    """A note of the rater on one level."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="evidence")
    level = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    text = models.TextField(max_length=4000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "level"], name="evidence_once_a_level"),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="evidence_level_1_to_5"),
        ]
