"""What the pages of leads and executives are narrowed to, and where their numbers lead; every choice stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.filter_choices import MOST_OWNERS
from accounts.filters import AccountFilter
from accounts.models import Account, User
from accounts.querysets import AccountQuerySet, a_year_before
from assessments.models import EARLIEST
from core.choice_order import Offered
from core.countries import countries_by_name
from core.forms import typed_id
from portfolio.compared_days import out_of_order, possible


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What one asked for; None or an empty text: all of them."""

    segment: str = ""
    team: int | None = None
    country: str = ""
    owner: int | None = None
    family: int | None = None  # a parent account, with all below it

    def __bool__(self) -> bool:
        return bool(self.stated)

    @property
    def stated(self) -> dict[str, Any]:
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}

    def within(self, accounts: AccountQuerySet) -> AccountQuerySet:
        """The accounts that fit."""
        stated = self.stated
        family = stated.pop("family", None)
        found = accounts.filter(**stated)
        return found.of_family(family) if family else found


def family_of(user: User, typed: str) -> Account | None:
    """The account whose family the address names, if `user` may see it. One statement; none without a number."""
    pk = typed_id(typed)
    return None if pk is None else Account.objects.visible_to(user).only("name").filter(pk=pk).first()


NO_SUCH = _("No such choice: all of them are counted.")


class NarrowForm(forms.Form):
    """A field that is wrong says so and counts as empty; the others hold."""

    segment = forms.ChoiceField(label=_("Segment"), required=False)
    team = forms.TypedChoiceField(label=_("Team"), required=False, coerce=int, empty_value=None)
    country = forms.ChoiceField(label=_("Country"), required=False)
    owner = forms.CharField(label=_("Owner"), required=False, max_length=120)

    def __init__(self, data, *, offered: Offered, family: Account | None = None):
        typed = data.copy()
        super().__init__(typed)
        self.owners = dict(offered.owners)
        self.chosen_owner: int | None = None  # by number, where names are typed
        self.family = family
        self.no_family = bool(data.get("family")) and family is None
        countries = countries_by_name(offered.countries)
        segments = [(name, name) for name in offered.segments]
        for name, found in (("segment", segments), ("team", offered.teams), ("country", countries)):
            field = self.fields[name]
            field.choices = [("", _("all")), *found]  # type: ignore[attr-defined]
            field.widget.attrs["class"] = "form-select"
            field.error_messages["invalid_choice"] = NO_SUCH
        self._offer_owners(offered, typed)

    def clean_owner(self) -> int | None:
        """By number, as links name them; else by name, or a part of it that only one person has."""
        typed = self.cleaned_data["owner"]
        if self.chosen_owner or not typed:
            return self.chosen_owner
        found = {pk for pk, name in self.owners.items() if typed.casefold() == name.casefold() or typed == str(pk)}
        found = found or {pk for pk, name in self.owners.items() if typed.casefold() in name.casefold()}
        if len(found) > 1:
            raise ValidationError(_("Several people are called so: all of them are counted."), code="several")
        if not found:
            raise ValidationError(NO_SUCH, code="invalid_choice")
        return found.pop()

    def _offer_owners(self, offered: Offered, typed: QueryDict) -> None:
        field = self.fields["owner"]
        if len(offered.owners) <= MOST_OWNERS:
            field.widget = forms.Select(choices=[("", _("anyone")), *offered.owners], attrs={"class": "form-select"})
            return
        field.widget = forms.TextInput(attrs={"class": "form-control", "placeholder": _("Name"), "maxlength": 120})
        chosen = typed_id(typed.get("owner", ""))
        if chosen in self.owners:
            self.chosen_owner = chosen
            typed["owner"] = self.owners[chosen]  # a number would say nothing

    def narrowed(self) -> Narrowed:
        """What holds of it."""
        self.is_valid()
        found = {name: self.cleaned_data[name] for name in NarrowForm.base_fields if self.cleaned_data.get(name)}
        return Narrowed(**found, family=self.family.pk if self.family else None)


class TwoDays(NarrowForm):
    """The same with two days to compare, `from` and `to`: without them today and a year before."""

    def __init__(self, data, *, offered: Offered, today: date, family: Account | None = None):
        super().__init__(data, offered=offered, family=family)
        self.today = today
        limits = {"type": "date", "min": EARLIEST.isoformat(), "max": today.isoformat(), "class": "form-control"}
        for name, label in (("from", _("From")), ("to", _("Until"))):  # “from” is a word of Python
            widget = forms.DateInput(attrs=limits, format="%Y-%m-%d")
            self.fields[name] = forms.DateField(label=label, required=False, widget=widget)

    def clean_from(self) -> date | None:
        return possible(self.cleaned_data["from"], self.today)

    def clean_to(self) -> date | None:
        return possible(self.cleaned_data["to"], self.today)

    def clean(self) -> None:
        if "to" in self.errors:
            return
        since, at = self.cleaned_data.get("from"), self.cleaned_data.get("to") or self.today
        if wrong := out_of_order(since, at):
            self.add_error("from", wrong)

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.errors.keys() & {"from", "to"}:
            # A browser shows nothing of what is no date in a field for dates.
            self.fields[name].widget.input_type = "text"

    def days(self) -> tuple[date, date]:
        """The days that hold. A day that is wrong counts as not given, and with a wrong `to` so does `from`."""
        self.is_valid()
        at = self.cleaned_data.get("to") or self.today
        since = None if "to" in self.errors else self.cleaned_data.get("from")
        return since or max(EARLIEST, a_year_before(at)), at


class Leading:
    """The address of the accounts list narrowed as the page is, and further; empty where the list cannot be narrowed so."""

    def __init__(self, stated: Mapping[str, Any]) -> None:
        self.stated = dict(stated)

    def __call__(self, **further: Any) -> str:
        wanted = {name: value for name, value in (self.stated | further).items() if value}
        if not wanted.keys() <= AccountFilter.base_filters.keys():
            return ""
        return f"{reverse('accounts:list')}?{encoded(wanted)}"


def encoded(wanted: Mapping[str, Any]) -> str:
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in wanted.items()})
    return query.urlencode()
