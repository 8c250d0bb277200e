"""The filters of figures and of exports.

Figures depend on what is asked for, and are cached under it: their filters take plain values from what the page offers, and
refuse everything else beside its field. What is refused counts as not given.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.filters import AccountFilter, AccountListFilter
from accounts.querysets import AccountQuerySet
from assessments.measurement.agreement import months_after
from assessments.models import EARLIEST
from core.forms import typed_id
from core.widgets import PlainSelect
from hierarchy.measures import Measure
from portfolio.figures.benchmark_figures import BenchmarkQuestion

ALL = "all"
MONTHS = 12  # between the two days, unless the address names others
NO_SUCH = _("No such choice: all of them are counted.")


class OwnerField(forms.CharField):
    """One of `owners` (names by id): by id, as links name them; else by name, or a part of it that only one person has."""

    def __init__(self, owners: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(max_length=120, **kwargs)
        self.owners = owners

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        if not typed:
            return None
        if (pk := typed_id(typed)) in self.owners:
            return pk
        named = typed.casefold()
        found = {pk for pk, name in self.owners.items() if named == name.casefold()}
        found = found or {pk for pk, name in self.owners.items() if named in name.casefold()}
        if len(found) > 1:
            raise ValidationError(_("Several people are called so: all of them are counted."), code="several")
        if not found:
            raise ValidationError(NO_SUCH, code="invalid_choice")
        return found.pop()

    def prepare_value(self, value: Any) -> Any:
        """The name where names are typed: there an id would say nothing."""
        pk = None if isinstance(self.widget, forms.Select) else typed_id(str(value or ""))
        return value if pk is None else self.owners.get(pk, value)


class DayField(forms.DateField):
    """A day on which results can be compared: from the first that an assessment can have to today."""

    def __init__(self, *, today: date, **kwargs: Any) -> None:
        limits = {"type": "date", "min": EARLIEST.isoformat(), "max": today.isoformat(), "class": "form-control"}
        super().__init__(required=False, widget=forms.DateInput(attrs=limits, format="%Y-%m-%d"), **kwargs)
        self.today = today

    def validate(self, value: date | None) -> None:
        if value and value > self.today:
            raise ValidationError(_("Choose today or an earlier day."), code="future")
        if value and value < EARLIEST:
            raise ValidationError(_("Choose a date from 1990 on."), code="too_early")


class PortfolioForm(forms.Form):
    field_order: Sequence[str] = ("segment", "team", "country", "owner")


class PortfolioFilter(AccountFilter):
    """The filters of the groups, and what every page with figures of active accounts can be narrowed by."""

    class Meta(AccountFilter.Meta):
        form = PortfolioForm

    @property
    def form(self) -> Any:
        """The form, whose fields refuse what they do not offer."""
        if not hasattr(self, "_form"):
            self.complete(super().form)
        return self._form

    def complete(self, form: Any) -> None:
        """Replace the fields of the filters by fields with the choices of this reader."""
        options = self.options()
        for name in form.fields.keys() & {"segment", "team", "country", "owner"}:
            field = self._field(name, [("", _("anyone") if name == "owner" else _("all")), *options.get(name, ())])
            if name not in options:
                typed = {"class": "form-control", "placeholder": _("Name"), "maxlength": 120}
                field.widget = forms.TextInput(attrs=typed)
            field.label = self.filters[name].label
            field.error_messages["invalid_choice"] = NO_SUCH
            form.fields[name] = field

    def _field(self, name: str, choices: list[tuple[Any, Any]]) -> forms.Field:
        options: dict[str, Any] = {"widget": PlainSelect(attrs={"class": "form-select"}, choices=choices), "required": False}
        if name == "owner":
            return OwnerField(dict(self.offered.owners), **options)
        if name == "team":
            return forms.TypedChoiceField(choices=choices, coerce=int, empty_value=None, **options)
        return forms.ChoiceField(choices=choices, **options)

    @cached_property
    def stated(self) -> dict[str, Any]:
        stated = super().stated
        if "family" in stated:
            stated["family"] = self.parent and self.parent.pk
        return {name: value for name, value in stated.items() if value is not None}

    @property
    def key(self) -> tuple[tuple[str, Any], ...]:
        """What the filters say, as a part of the key under which figures are cached."""
        return tuple(self.stated.items())

    @property
    def lacks_family(self) -> bool:
        """Whether the address names a family that does not exist, or whose parent account the reader may not see."""
        return bool(self.data.get("family")) and self.parent is None


class TwoDaysForm(PortfolioForm):
    """The filters with two days that are compared. A last day that is not given is today."""

    first, last = "from", "to"  # the names of the days
    today: date

    def clean(self) -> None:
        if self.last in self.errors:
            return
        since, at = self.cleaned_data.get(self.first), self.cleaned_data.get(self.last) or self.today
        if since and since >= at:
            early = gettext("Choose a day before %(at)s: the two days are compared.") % {"at": date_format(at)}
            self.add_error(self.first, ValidationError(early, code="order"))

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.errors.keys() & {self.first, self.last}:
            # A browser shows nothing of what is no date in a field for dates.
            self.fields[name].widget.input_type = "text"

    def days(self) -> tuple[date | None, date]:
        """The days that hold. A day that is wrong counts as not given, and with a wrong last day so does the first."""
        self.is_valid()
        since = None if self.last in self.errors else self.cleaned_data.get(self.first)
        return since, self.cleaned_data.get(self.last) or self.today


class MovementFilter(PortfolioFilter):
    """The filters with two days, `from` and `to`: without them twelve months before, and today."""

    day_labels = (_("From"), _("Until"))

    class Meta(PortfolioFilter.Meta):
        form = TwoDaysForm

    def __init__(self, data: Mapping[str, Any], *, today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.today = today

    def complete(self, form: Any) -> None:
        super().complete(form)
        form.today = self.today
        for name, label in zip((form.first, form.last), self.day_labels, strict=True):
            form.fields[name] = DayField(label=label, today=self.today)

    def days(self) -> tuple[date, date]:
        since, at = self.form.days()
        return since or max(EARLIEST, self.usual_start(at)), at

    def usual_start(self, at: date) -> date:
        """The first day where the address names none."""
        return months_after(at, -MONTHS)


class BenchmarkForm(TwoDaysForm):
    first, last = "since", "at"


class BenchmarkFilter(MovementFilter):
    """The filters of the benchmarks, which have an edition beside the days. Benchmarks are not narrowed by owner or family."""

    #: Every parameter of the address that the figures depend on.
    names = ("segment", "team", "country", "edition", "since", "at")
    day_labels = (_("First day"), _("Last day"))
    owner = family = None

    class Meta(MovementFilter.Meta):
        form = BenchmarkForm

    def __init__(self, data: Mapping[str, Any], *, measures: Sequence[Measure], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.measures = measures

    def complete(self, form: Any) -> None:
        known = [(measure.pk, str(measure)) for measure in self.measures]
        usual = _("the newest with enough results") if len(known) > 1 else known[0][1] if known else _("any edition")
        form.fields["edition"] = forms.ChoiceField(
            label=_("Measured with"),
            choices=[("", usual), *(known if len(known) > 1 else []), (ALL, _("all editions together"))],
            required=False,
            widget=PlainSelect(attrs={"class": "form-select"}),
            error_messages={"invalid_choice": _("There is no such edition.")},
        )
        super().complete(form)

    def question(self, newest: tuple[int, ...] | None) -> BenchmarkQuestion:
        """What holds of it, with what is usual for the rest: the editions `newest`, today, and twelve months before."""
        since, at = self.days()
        typed = self.form.cleaned_data.get("edition")
        chosen = next((one.edition_ids for one in self.measures if str(one.pk) == typed), newest)
        editions = None if typed == ALL else chosen
        return BenchmarkQuestion(since=since, at=at, editions=editions, is_now=at == self.today, **self.stated)


class ExportFilter(AccountListFilter):
    """The filters of the list of accounts. Without any of them all accounts that the reader may see, archived ones too."""

    @property
    def is_narrowed(self) -> bool:
        return any(self.data.get(name) for name in self.filters) or "account" in self.data

    def filter_queryset(self, queryset: AccountQuerySet) -> AccountQuerySet:
        return super().filter_queryset(queryset) if self.is_narrowed else queryset

    def count(self) -> int:
        return super().count() if self.is_narrowed else self.qs.order_by().count()

    def words(self) -> list[str]:
        """What narrows, in words: “Team: Benelux”, “Level: 3”. At most six statements, none for what is cached."""
        said = [f"{self.form.fields[name].label}: {self.shown(name, value)}" for name, value in self.stated.items() if value]
        if "account" in self.data:
            ticked = len(self.chosen)
            said.append(
                ngettext("%(n)s ticked one", "%(n)s ticked ones", ticked) % {"n": number_format(ticked, 0, force_grouping=True)}
            )
        return said
