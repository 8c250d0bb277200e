"""What the list of accounts can be narrowed to; every filter stands in the address."""

from functools import cached_property

import django_filters
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Team, User
from accounts.querysets import a_year_before

LEVELS = [(rank, str(rank)) for rank in range(1, 6)] + [("none", _("not assessed"))]
DIGITS = 19  # of a number that no database holds
LISTED = [("active", _("active")), ("archived", _("archived"))]


class AccountFilter(django_filters.FilterSet):
    """Filters over the accounts that one person may see; choices come from those accounts alone."""

    q = django_filters.CharFilter(method="search", label=_("Search"))
    level = django_filters.ChoiceFilter(choices=LEVELS, method="by_level", label=_("Level"), empty_label=_("any"))
    status = django_filters.ChoiceFilter(
        field_name="target_status", choices=Account.TargetStatus, label=_("Target"), empty_label=_("any")
    )
    owner = django_filters.ModelChoiceFilter(queryset=User.objects.none(), label=_("Owner"), empty_label=_("anyone"))
    team = django_filters.ModelChoiceFilter(queryset=Team.objects.none(), label=_("Team"), empty_label=_("any"))
    segment = django_filters.ChoiceFilter(label=_("Segment"), empty_label=_("any"))
    heard = django_filters.ChoiceFilter(
        choices=[("year", _("within a year")), ("not", _("not within a year"))],
        method="by_heard", label=_("Customer heard"), empty_label=_("any"),
    )  # fmt: skip
    family = django_filters.CharFilter(method="by_family", label=_("Group"), widget=forms.HiddenInput)
    state = django_filters.ChoiceFilter(choices=LISTED, method="by_state", label=_("State"), empty_label=None)

    class Meta:
        model = Account
        fields: list[str] = []

    def __init__(self, data, *, user: User, queryset):
        super().__init__(data, queryset=queryset)
        self.visible = queryset
        # One statement each, whatever the number of accounts.
        self.form.fields["owner"].queryset = User.objects.filter(accounts__in=queryset).distinct().order_by("name")
        self.form.fields["team"].queryset = Team.objects.filter(accounts__in=queryset).distinct()
        segments = queryset.exclude(segment="").order_by("segment").values_list("segment", flat=True).distinct()
        self.form.fields["segment"].choices = [("", _("any")), *((name, name) for name in segments)]
        self.form.fields["q"].widget = forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name, external id or city"), "maxlength": 100}
        )
        for field in self.form.fields.values():
            css = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs["class"] = css

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the default is chosen."""
        return any(self.data.get(name) for name in self.filters)

    def filter_queryset(self, queryset):
        if not self.form.cleaned_data.get("state"):
            queryset = queryset.active()
        return super().filter_queryset(queryset)

    def search(self, queryset, name, value):
        return queryset.filter(Q(name__icontains=value) | Q(external_id__iexact=value) | Q(city__istartswith=value))

    def by_level(self, queryset, name, value):
        if value == "none":
            return queryset.filter(customer_level=None, team_level=None)
        return queryset.filter(level=int(value))

    def by_heard(self, queryset, name, value):
        today = timezone.localdate()
        quiet = queryset.unheard_since(a_year_before(today))
        return quiet if value == "not" else queryset.exclude(pk__in=quiet.values("pk"))

    def by_family(self, queryset, name, value):
        """A parent account, which one may see, and what lies below it."""
        return queryset.of_family(self.parent.pk) if self.parent else queryset.none()

    @cached_property
    def parent(self) -> Account | None:
        """The account whose family is asked for; one statement. None if there is none that this person may see."""
        pk = self.data.get("family", "")
        return self.visible.filter(pk=int(pk)).first() if pk.isascii() and pk.isdecimal() and len(pk) < DIGITS else None

    def by_state(self, queryset, name, value):
        return queryset.archived() if value == "archived" else queryset.active()


#: What each column sorts by; nulls stand last either way.
SORTS = {
    "name": "name",
    "level": "level",
    "gap": "gap",
    "heard": "last_heard_on",
    "target": "target_due_on",
    "revenue": "worth",
    "owner": "owner__name",
    "segment": "segment",
}
