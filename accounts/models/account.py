"""The customer organisation, and where it stands."""

import pycountry
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import name_keys
from accounts.models.money import check_currency
from accounts.models.people import Team, User
from accounts.querysets import AccountQuerySet
from core.countries import country_name
from core.folding import search_key
from core.organisation import reporting_currency
from core.stored_keys import Keyed, SearchIndex, StoredKey
from core.versions import Versioned

#: Columns that the list is sorted by, beside the name, and the word for each in the names of its indexes.
SORTED = {
    "customer_level": "level",
    "gap": "gap",
    "last_heard_on": "heard",
    "target_level": "target",
    "target_due_on": "due",
    "urgency": "urgency",
    "worth": "worth",
}
#: Target statuses, the most pressing first.
URGENCY = ("off_track", "at_risk", "too_early", "on_track", "reached")
LEVELS = [MinValueValidator(1), MaxValueValidator(5)]


def check_country(value: str) -> None:
    if pycountry.countries.get(alpha_2=value) is None:
        raise ValidationError(
            _("“%(value)s” is not a country code. Write two letters, for example NL or US."),
            code="country", params={"value": value},
        )  # fmt: skip


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Account(Keyed, Versioned):
    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        ARCHIVED = "archived", _("archived")

    class TargetStatus(models.TextChoices):
        ON_TRACK = "on_track", _("on track")
        AT_RISK = "at_risk", _("at risk")
        OFF_TRACK = "off_track", _("off track")
        REACHED = "reached", _("reached")
        TOO_EARLY = "too_early", _("too early to tell")
        NO_TARGET = "no_target", _("no target")

    class TargetKind(models.TextChoices):
        """Whether the target lies above the level at which it was set."""

        CLIMB = "climb", _("to climb")
        HOLD = "hold", _("to hold")

    name = models.CharField(_("name"), max_length=200)
    source = models.CharField(
        _("source"), max_length=60, blank=True, help_text=_("The system that the external id comes from, if there are several.")
    )  # fmt: skip
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    segment = models.CharField(_("segment"), max_length=120, blank=True, help_text=_("An industry or class."))
    country = models.CharField(_("country"), max_length=2, blank=True, validators=[check_country])
    city = models.CharField(_("city"), max_length=120, blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    turnover = models.DecimalField(
        _("their turnover a year"), max_digits=15, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0, _("Turnover is zero or more."))], help_text=_("What this customer sells in a year."),
    )  # fmt: skip
    turnover_currency = models.CharField(
        _("currency of the turnover"), max_length=3, blank=True, default=reporting_currency, validators=[check_currency]
    )
    # 15 digits: SQLite keeps a number as a float, which holds no more of them for certain.
    revenue = models.DecimalField(
        _("revenue a year"), max_digits=15, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0, _("Revenue is zero or more."))], help_text=_("What we sell to this customer in a year."),
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, default=reporting_currency, validators=[check_currency])
    customer_since = models.DateField(_("customer since"), null=True, blank=True)
    renewal_on = models.DateField(_("renewal on"), null=True, blank=True)
    owner = models.ForeignKey(User, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="accounts")
    team = models.ForeignKey(
        Team, verbose_name=_("team"), on_delete=models.PROTECT, null=True, blank=True, related_name="accounts"
    )
    parent = models.ForeignKey(
        "self", verbose_name=_("parent account"), on_delete=models.SET_NULL, null=True, blank=True, related_name="children"
    )  # fmt: skip
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.ACTIVE)
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), related_name="accounts", blank=True)
    #: The account that this one was merged into. It keeps its own external id, by which that one is found (`external_ids`).
    merged_into = models.ForeignKey(
        "self", verbose_name=_("merged into"), on_delete=models.SET_NULL, null=True, blank=True, editable=False,
        related_name="merged",
    )  # fmt: skip

    # The account sheet of Miller and Heiman
    charter = models.TextField(_("charter"), blank=True, help_text=_("What we want to be for this customer, in two sentences."))
    strengths = models.TextField(_("strengths"), blank=True)
    vulnerabilities = models.TextField(_("vulnerabilities"), blank=True)
    trends = models.TextField(_("trends"), blank=True)
    opportunities = models.TextField(_("opportunities"), blank=True)
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    # Derived from assessments, targets, exchange rates and the day; one writer: accounts.derived.refresh
    customer_position = models.FloatField(null=True, editable=False)
    customer_level = models.PositiveSmallIntegerField(null=True, editable=False)
    team_position = models.FloatField(null=True, editable=False)
    team_level = models.PositiveSmallIntegerField(null=True, editable=False)
    told_to_us = models.BooleanField(default=False, editable=False)  # some of what the customer's level comes from
    last_heard_on = models.DateField(null=True, editable=False)
    target_level = models.PositiveSmallIntegerField(null=True, editable=False)
    target_due_on = models.DateField(null=True, editable=False)
    target_status = models.CharField(max_length=10, choices=TargetStatus, default=TargetStatus.NO_TARGET, editable=False)
    target_kind = models.CharField(max_length=5, choices=TargetKind, blank=True, editable=False)
    #: The chance 0..1 that the target is reached; None without a target, without the customer's word, or with too little history.
    target_chance = models.FloatField(null=True, editable=False)
    #: The customer's level twelve months before the day of the last refresh. Both levels known and different: it climbed or slid.
    customer_level_year_ago = models.PositiveSmallIntegerField(null=True, editable=False)
    #: The revenue in the reporting currency; None without revenue or without a rate for its currency.
    worth = models.DecimalField(max_digits=30, decimal_places=2, null=True, editable=False)

    # What the database computes from its own row
    #: The level to work from on the page of one account: the customer's where there is one, else ours. Figures of many
    #: accounts count `customer_level`.
    level = models.GeneratedField(
        expression=Coalesce("customer_level", "team_level"), output_field=models.PositiveSmallIntegerField(), db_persist=True
    )
    #: The perception gap, team level minus customer level: positive when we see it rosier than they do.
    gap = models.GeneratedField(
        expression=F("team_level") - F("customer_level"), output_field=models.SmallIntegerField(), db_persist=True
    )
    #: How pressing the target status is: 0 off track … 4 reached; None without a target.
    urgency = models.GeneratedField(
        expression=Case(*(When(target_status=status, then=Value(rank)) for rank, status in enumerate(URGENCY))),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )

    search_key = StoredKey(of=("name", "external_id", "city"), make=search_key)
    name_key = StoredKey(of=("name",), make=name_keys.name_key)
    domain_key = StoredKey(of=("website",), make=name_keys.domain_key)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="account_external_id_once",
                violation_error_message=_("Another account has this external id."),
            ),
            models.CheckConstraint(
                condition=Q(revenue=None) | Q(revenue__gte=0), name="account_revenue_not_negative",
                violation_error_message=_("Revenue is zero or more."),
            ),
            models.CheckConstraint(
                condition=Q(turnover=None) | Q(turnover__gte=0), name="account_turnover_not_negative",
                violation_error_message=_("Turnover is zero or more."),
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")), name="account_not_its_own_parent",
                violation_error_message=_("An account is not its own parent."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="account_has_a_name"),
            models.CheckConstraint(
                condition=Q(status__in=["active", "archived"]), name="account_status_known"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(status="archived"), name="account_merged_is_archived",
                violation_error_message=_("This account was merged into another one: take that back first."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")), name="account_not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=(Q(customer_level=None) | Q(customer_level__range=(1, 5)))
                & (Q(team_level=None) | Q(team_level__range=(1, 5)))
                & (Q(target_level=None) | Q(target_level__range=(1, 5))),
                name="account_levels_1_to_5",
            ),
            models.CheckConstraint(
                condition=Q(target_chance=None) | Q(target_chance__range=(0, 1)), name="account_target_chance_0_to_1"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["status", "name", "id"], name="account_by_name"),
            models.Index(fields=["owner", "status", "name", "id"], name="account_by_owner"),
            models.Index(fields=["team", "status", "name", "id"], name="account_by_team"),
            models.Index(fields=["segment"], name="account_by_segment"),
            models.Index(fields=["country"], name="account_by_country"),
            models.Index(fields=["name_key"], name="account_by_name_key"),
            models.Index(fields=["domain_key"], name="account_by_domain_key", condition=~Q(domain_key="")),
            SearchIndex(fields=["search_key", "merged_into"], name="account_search_key"),
            # Two for each column: rows of one value go by name upwards, whichever way the column goes.
            *(
                models.Index(fields=["status", f"{way}{column}", "name", "id"], name=f"account_{word}_{end}")
                for column, word in SORTED.items()
                for way, end in (("", "up"), ("-", "down"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("portfolio:account", args=[self.pk])

    @property
    def people_url(self) -> str:
        """The tab of its page with the contacts."""
        return reverse("portfolio:account_people", args=[self.pk])

    def clean(self) -> None:
        self.turnover_currency = self.turnover_currency or reporting_currency()
        if self.parent_id and self.parent_id in {self.pk, *self.descendant_ids()}:
            raise ValidationError({"parent": _("This would make a circle: the chosen parent is this account or one below it.")})

    def descendant_ids(self) -> set[int]:
        """All accounts below this one; one statement a generation."""
        found: set[int] = set()
        generation = {self.pk} if self.pk else set()
        while generation:
            generation = set(Account.objects.filter(parent__in=generation).exclude(pk__in=found).values_list("pk", flat=True))
            found |= generation
        return found

    @property
    def is_archived(self) -> bool:
        return self.status == self.Status.ARCHIVED

    @property
    def is_merged(self) -> bool:
        return self.merged_into_id is not None

    @property
    def lacks_rate(self) -> bool:
        """Whether the revenue is in no sum, for want of an exchange rate."""
        return bool(self.revenue) and self.worth is None

    @property
    def position(self) -> float | None:
        return self.customer_position if self.customer_level else self.team_position

    @property
    def country_name(self) -> str:
        return country_name(self.country)
