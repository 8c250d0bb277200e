from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.address_mark import LONG_AGO, AddressMark, since_of
from accounts.models.account import Account
from accounts.name_keys import domain_key
from core.cycles import nodes_on_cycles
from core.folding import search_key
from core.stored_keys import Keyed, KeyedQuerySet, SearchIndex, StoredKey
from core.versions import Versioned

#: Why nobody is put below someone who stands below them.
CIRCLE = _("This would make a circle: the one named reports to this person, directly or by way of others.")
#: Why somebody is not left out of the decision without a reason.
NO_REASON = _("Say why this person has no part in the decision.")


class Contact(Keyed, Versioned):
    """A person at the customer. Contacts are seen by whoever sees the account."""

    class BuyingRole(models.TextChoices):
        ECONOMIC = "economic", _("economic buyer")
        USER = "user", _("user buyer")
        TECHNICAL = "technical", _("technical buyer")
        COACH = "coach", _("coach")

    class Influence(models.IntegerChoices):
        LOW = 1, _("low")
        MEDIUM = 2, _("medium")
        HIGH = 3, _("high")

    account = models.ForeignKey(Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    title = models.CharField(_("job title"), max_length=120, blank=True)
    buying_role = models.CharField(_("buying role"), max_length=10, choices=BuyingRole)
    influence = models.PositiveSmallIntegerField(_("influence"), choices=Influence, default=Influence.MEDIUM)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, blank=True)
    part_of_decision = models.BooleanField(_("part of the decision"), default=True)
    not_part_because = models.CharField(
        _("why no part in the decision"), max_length=200, blank=True, help_text=_("Needed where they have no part in it.")
    )
    reports_to = models.ForeignKey(
        "self", verbose_name=_("reports to"), on_delete=models.SET_NULL, null=True, blank=True, related_name="reports"
    )
    active = models.BooleanField(_("still there"), default=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    do_not_ask = models.BooleanField(_("do not ask"), default=False, help_text=_("Does not want survey invitations."))
    erased_on = models.DateField(null=True, editable=False)
    #: The same person at the account where they worked before; their answers stay there.
    former = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="later")
    search_key = StoredKey(of=("name", "email"), make=search_key)
    domain_key = StoredKey(of=("email",), make=domain_key)
    address_mark = AddressMark()

    objects = KeyedQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-active", "-influence", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "account", Lower("email"), condition=~Q(email=""), name="contact_email_once_an_account",
                violation_error_message=_("This account already has a contact with this e-mail address."),
            ),
            models.CheckConstraint(
                condition=Q(part_of_decision=True) | ~Q(not_part_because=""), name="contact_not_part_has_a_reason",
                violation_error_message=NO_REASON,
            ),
            models.CheckConstraint(condition=Q(influence__range=(1, 3)), name="contact_influence_1_to_3"),
            models.CheckConstraint(condition=Q(former=None) | ~Q(former=F("pk")), name="contact_not_their_own_former"),
            models.CheckConstraint(
                condition=Q(buying_role__in=["economic", "user", "technical", "coach"]), name="contact_buying_role_known"
            ),
        ]  # fmt: skip
        indexes = [
            SearchIndex(fields=["search_key", "account"], name="contact_search_key"),
            models.Index(fields=["domain_key"], name="contact_by_domain_key", condition=~Q(domain_key="")),
        ]

    def __str__(self) -> str:
        return gettext("Erased person") if self.erased_on else self.name

    @property
    def address_since(self) -> datetime:
        """Since when they have their e-mail address, or are here without one."""
        return since_of(self.address_mark) if self.address_mark else LONG_AGO

    def get_absolute_url(self) -> str:
        """Their place on the page of the account."""
        return f"{self.account.people_url}#person-{self.pk}"

    def clean(self) -> None:
        if self.pk and self.reports_to_id and self.pk in nodes_on_cycles(self._superiors() | {self.pk: self.reports_to_id}):
            raise ValidationError({"reports_to": CIRCLE}, code="circle")
        if self.lacks_reason(self.part_of_decision, self.not_part_because):
            raise ValidationError({"not_part_because": NO_REASON}, code="required")

    @staticmethod
    def lacks_reason(part_of_decision: bool, not_part_because: str) -> bool:
        """Whether somebody is left out of the decision and nothing says why."""
        return not part_of_decision and not not_part_because

    def _superiors(self) -> dict[int, int]:
        """Whom each contact of the account reports to. One statement."""
        led = Contact.objects.filter(account=self.account_id, reports_to__isnull=False).order_by()
        return dict(led.values_list("pk", "reports_to_id"))
