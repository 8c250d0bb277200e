"""The filters of every page about accounts. Their names and values stand in the address.

`AccountFilter` declares what all these pages have in common; each kind of page has a subclass: the list here, figures and
exports in `portfolio.filters`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Count, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.filter_choices import MOST_OWNERS, choices_for
from accounts.models import Account, User
from accounts.models.account import URGENCY
from accounts.permissions import scope_of
from accounts.querysets import NOT_ASSESSED, ONLY_OUR_VIEW, AccountQuerySet, a_year_before
from accounts.search import matching
from accounts.spread import LevelSpread, spread_of
from audit.figure_cache import cached_figures
from audit.trail import newest
from core import days, organisation
from core.choice_order import Offered
from core.countries import countries_by_name
from core.folding import ids_found
from core.forms import typed_id
from core.paging import FEW, Sort
from core.widgets import PlainSelect

#: The customer's level; or whose view there is where the customer has none.
LEVELS = [*((rank, str(rank)) for rank in range(1, 6)), ("ours", _("only our view")), ("none", _("not assessed"))]
UNHEARD = {"ours": ONLY_OUR_VIEW, "none": NOT_ASSESSED}
AIMS = [(rank, str(rank)) for rank in range(1, 6)]
LISTED = [("active", _("active")), ("archived", _("archived"))]
GAPS = [("rosier", _("ours is rosier")), ("same", _("the same")), ("gloomier", _("ours is gloomier"))]
MOST_CHOSEN = 2000  # accounts that are named one by one in an address

#: What each column sorts by.
SORTS = {
    "name": "name",
    "level": "customer_level",
    "gap": "gap",
    "heard": "last_heard_on",
    "target": "target_level",
    "due": "target_due_on",
    "status": "urgency",
    "revenue": "worth",
    "owner": "owner__name",
}


def sort_of(text: str | None) -> Sort:
    """The order that an address asks for; by name for one that is not known."""
    key = (text or "").removeprefix("-")
    if key not in SORTS:
        return Sort("name", "name")
    return Sort(key, SORTS[key], descending=text != key)


def query_of(stated: Mapping[str, Any], **further: Any) -> str:
    """The query of an address with these filters, encoded; without those that are empty.

    The filters of all pages stand first, in one order, so that the same choice has the same address.
    """
    wanted = {name: str(value) for name, value in {**stated, **further}.items() if value}
    shared = {name: wanted[name] for name in AccountFilter.base_filters if name in wanted}
    query = QueryDict(mutable=True)
    query.update(shared | wanted)
    return query.urlencode()


def list_address(stated: Mapping[str, Any], **further: Any) -> str:
    """The address of the list of accounts with these filters: any of `AccountListFilter`."""
    return f"{reverse('accounts:list')}?{query_of(stated, **further)}"


def how_many_listed(user: User, query: str, *, state: int) -> int:
    """How many accounts the list shows `user` for this query, cached for this state of the data. One statement if not cached.

    A filter that names people by their words or a group takes one more.
    """
    visible = Account.objects.visible_to(user, teams_first=True)
    return AccountListFilter(QueryDict(query), user=user, queryset=visible, state=state).count()


def listed_and_own(user: User, today: date, *, state: int) -> tuple[int, int]:
    """How many accounts the list shows `user` without a filter, and how many of them are their own; cached for this state of the data.

    One statement if not cached, and one for the teams of a person who does not see all.
    """

    def count() -> tuple[int, int]:
        listed = Account.objects.visible_to(user, teams_first=True).active().order_by()
        found = listed.aggregate(all=Count("pk"), own=Count("pk", filter=Q(owner=user)))
        return found["all"], found["own"]

    return cached_figures("accounts listed and own", f"user {user.pk}", today, make=count, state=state)


class AccountFilter(django_filters.FilterSet):
    """What every page about accounts can be narrowed by.

    `queryset` holds the accounts that the page can show; `user` is the reader. What a field offers occurs among the accounts
    that the reader may see: among active ones, and with `archived` also among archived ones. `offered` replaces these choices
    where they are known already.
    """

    segment = django_filters.CharFilter(field_name="segment", label=_("Segment"))
    team = django_filters.CharFilter(method="by_team", label=_("Team"))
    country = django_filters.CharFilter(field_name="country", label=_("Country"))
    owner = django_filters.CharFilter(method="by_owner", label=_("Owner"))
    family = django_filters.CharFilter(method="by_family", label=_("Group"), widget=forms.HiddenInput)

    #: Whether the page can show archived accounts.
    archived = False

    class Meta:
        model = Account
        fields: list[str] = []

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        user: User,
        queryset: AccountQuerySet,
        offered: Offered | None = None,
        state: int | None = None,
    ) -> None:
        super().__init__(data, queryset=queryset)
        self.user = user
        if offered is not None:
            self.offered = offered
        if state is not None:
            self.newest_event = state

    @cached_property
    def newest_event(self) -> int:
        """The state of the data. One statement, none where the caller gave it."""
        return newest()

    @cached_property
    def offered(self) -> Offered:
        """No statement while it is cached for this state of the data, else three at most."""
        return choices_for(self.user, archived=self.archived, state=self.newest_event)

    def options(self) -> dict[str, Sequence[tuple[Any, str]]]:
        """What each field offers, by its name; without the owners where they are too many to pick from a list."""
        found: dict[str, Sequence[tuple[Any, str]]] = {
            "segment": [(text, text) for text in self.offered.segments],
            "team": self.offered.teams,
            "country": countries_by_name(self.offered.countries),
        }
        return found | ({"owner": self.offered.owners} if len(self.offered.owners) <= MOST_OWNERS else {})

    @cached_property
    def stated(self) -> dict[str, Any]:
        """What the filters say, by their names; what is empty or was refused narrows nothing."""
        self.form.is_valid()
        cleaned = self.form.cleaned_data
        return {name: value for name in self.filters if (value := cleaned.get(name)) not in {None, ""}}

    @cached_property
    def parent(self) -> Account | None:
        """The account whose family is asked for; None if there is none that the reader may see. One statement at most."""
        pk = typed_id(self.data.get("family", ""))
        return None if pk is None else Account.objects.visible_to(self.user).only("name").filter(pk=pk).first()

    def filter_queryset(self, queryset: AccountQuerySet) -> AccountQuerySet:
        for name, value in self.stated.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    def by_team(self, queryset: AccountQuerySet, name: str, value: str | int) -> AccountQuerySet:
        return queryset.filter(team=typed_id(str(value)) or 0)

    def by_owner(self, queryset: AccountQuerySet, name: str, value: str | int) -> AccountQuerySet:
        """By number, as a list offers them; else by e-mail address or words of the name, as someone types them."""
        value = str(value)
        if (pk := typed_id(value)) is not None:
            return queryset.filter(owner=pk)
        people = User.objects.values_list("pk", "name", "email")
        if "@" in value:
            return queryset.filter(owner__in=[pk for pk, _name, email in people if email.casefold() == value.casefold()])
        return queryset.filter(owner__in=ids_found(value, ((pk, name) for pk, name, _email in people)))

    def by_family(self, queryset: AccountQuerySet, name: str, value: str | int) -> AccountQuerySet:
        """A parent account that the reader may see, and what lies below it."""
        return queryset.of_family(self.parent.pk) if self.parent else queryset.none()


class AccountListForm(forms.Form):
    field_order = (
        "q", "level", "gap", "heard", "aim", "status", "kind", "revenue", "owner", "team", "segment", "country", "tag", "family", "state",
    )  # fmt: skip


class AccountListFilter(AccountFilter):
    """The filters of the list of accounts, which changes of many accounts and exports share.

    A value that no account has is no error: it leaves no account.
    """

    q = django_filters.CharFilter(method="search", label=_("Search"))
    level = django_filters.ChoiceFilter(choices=LEVELS, method="by_level", label=_("Their level"), empty_label=_("any"))
    gap = django_filters.ChoiceFilter(choices=GAPS, method="by_gap", label=_("Gap"), empty_label=_("any"))
    heard = django_filters.ChoiceFilter(
        choices=[("year", _("within a year")), ("not", _("not within a year"))],
        method="by_heard", label=_("Customer heard"), empty_label=_("any"),
    )  # fmt: skip
    aim = django_filters.ChoiceFilter(field_name="target_level", choices=AIMS, label=_("Target level"), empty_label=_("any"))
    status = django_filters.ChoiceFilter(
        choices=Account.TargetStatus, method="by_status", label=_("Target status"), empty_label=_("any")
    )  # fmt: skip
    kind = django_filters.ChoiceFilter(
        field_name="target_kind", choices=Account.TargetKind, label=_("Target kind"), empty_label=_("any")
    )
    revenue = django_filters.NumberFilter(field_name="worth", lookup_expr="gte", label=_("Revenue from"), min_value=0)
    tag = django_filters.CharFilter(method="by_tag", label=_("Tag"))
    state = django_filters.ChoiceFilter(choices=LISTED, method="by_state", label=_("State"), empty_label=None)

    archived = True
    finds_many = False

    class Meta(AccountFilter.Meta):
        form = AccountListForm

    def options(self) -> dict[str, Sequence[tuple[Any, str]]]:
        return super().options() | {"tag": self.offered.tags}

    def offer_choices(self) -> None:
        """Fill the form, which only the page shows and no part of it."""
        fields, options = self.form.fields, self.options()
        for name, found in options.items():
            fields[name].widget = PlainSelect(choices=[("", _("anyone") if name == "owner" else _("any")), *found])
        if "owner" not in options:
            fields["owner"].widget = forms.TextInput(attrs={"placeholder": _("Name or e-mail"), "maxlength": 120})
        fields["q"].widget = forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name, person, external id or city"), "maxlength": 100}
        )
        fields["revenue"].widget.attrs |= {"step": "any", "placeholder": organisation.reporting_currency()}
        for field in fields.values():
            if isinstance(field.widget, forms.Select):
                field.widget = PlainSelect(attrs={"class": "form-select"}, choices=field.widget.choices)
            else:
                field.widget.attrs["class"] = "form-control"

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the default is chosen."""
        return any(self.data.get(name) for name in self.filters) or bool(self.chosen)

    @property
    def chosen(self) -> list[int]:
        """The accounts that are named one by one (`?account=7&account=9`)."""
        named = self.data.getlist("account") if hasattr(self.data, "getlist") else []
        return [pk for text in named[:MOST_CHOSEN] if (pk := typed_id(text)) is not None]

    @property
    def told(self) -> dict[str, Any]:
        """What narrows, for the trail: of accounts that are named one by one how many."""
        return self.stated | ({"ticked": len(self.chosen)} if "account" in self.data else {})

    def order(self, sort: Sort) -> Sort:
        """The order to read in: by name where no account that is left has what `sort` looks at, which comes to the same.

        The database would look through all the others for it.
        """
        empty = {"customer_level", "gap"} if self.stated.get("level") in UNHEARD else set()
        if self.stated.get("status") == Account.TargetStatus.NO_TARGET:
            empty |= {"target_level", "target_due_on", "urgency"}
        return Sort("name", "name") if sort.column in empty else sort

    def count(self) -> int:
        """How many accounts the filters leave, cached until something changes."""
        stated = sorted((name, str(value)) for name, value in self.stated.items())
        named = self.chosen if "account" in self.data else None
        today = days.today()
        return cached_figures(
            "count of the list", scope_of(self.user), today, stated, named, make=self.qs.order_by().count, state=self.newest_event
        )

    def spread(self) -> LevelSpread:
        """How the accounts that the filters leave stand, cached until something changes."""
        stated = sorted((name, str(value)) for name, value in self.stated.items())
        named = self.chosen if "account" in self.data else None
        today = days.today()
        return cached_figures(
            "spread of the list", scope_of(self.user), today, stated, named,
            make=lambda: spread_of(self.qs, today), state=self.newest_event,
        )  # fmt: skip

    def shown(self, name: str, value: Any) -> str:
        """The value of a filter in words. No statement for what is cached, else three at most."""
        if name == "family":
            return self.parent.name if self.parent else gettext("unknown")
        if name == "revenue":
            return f"{number_format(value, force_grouping=True)} {organisation.reporting_currency()}"
        if name == "country":
            return dict(countries_by_name([value])).get(value, value)
        if name in {"owner", "team", "tag"} and (pk := typed_id(value)) is not None:
            return self._name_of(name, pk)
        choices = dict(getattr(self.form.fields[name], "choices", ()))
        return str(choices.get(value, choices.get(typed_id(str(value)), value)))

    def _name_of(self, name: str, pk: int) -> str:
        """The name of an owner, a team or a tag that occurs among the accounts that the reader may see."""
        known = {"owner": self.offered.owners, "team": self.offered.teams, "tag": self.offered.tags}[name]
        return dict(known).get(pk) or gettext("unknown")

    def filter_queryset(self, queryset: AccountQuerySet) -> AccountQuerySet:
        if "state" not in self.stated:
            queryset = queryset.active()
        if "account" in self.data:
            queryset = queryset.filter(pk__in=self.chosen)
        return super().filter_queryset(queryset)

    def rows(self, count: int) -> AccountQuerySet:
        """The accounts that the filters leave, to be read page by page; `count` says how many they are."""
        self.finds_many = count > FEW
        return self.filter_queryset(self.queryset) if self.finds_many and "q" in self.stated else self.qs

    def search(self, queryset: AccountQuerySet, name: str, value: str) -> AccountQuerySet:
        return queryset.filter(matching(value, many=self.finds_many))

    def by_level(self, queryset: AccountQuerySet, name: str, value: str) -> AccountQuerySet:
        """By the customer's level, 1 to 5; else those of which only we have a view, or nobody."""
        return queryset.filter(UNHEARD[value] if value in UNHEARD else Q(customer_level=int(value)))

    def by_gap(self, queryset: AccountQuerySet, name: str, value: str) -> AccountQuerySet:
        return queryset.filter({"rosier": Q(gap__gt=0), "same": Q(gap=0), "gloomier": Q(gap__lt=0)}[value])

    def by_status(self, queryset: AccountQuerySet, name: str, value: str) -> AccountQuerySet:
        return queryset.filter(urgency=None if value == Account.TargetStatus.NO_TARGET else URGENCY.index(value))

    def by_heard(self, queryset: AccountQuerySet, name: str, value: str) -> AccountQuerySet:
        day = a_year_before(days.today())
        return queryset.unheard_since(day) if value == "not" else queryset.filter(last_heard_on__gte=day)

    def by_tag(self, queryset: AccountQuerySet, name: str, value: str) -> AccountQuerySet:
        tagged = Account.tags.through.objects.filter(tag=typed_id(value) or 0)
        return queryset.filter(pk__in=tagged.values("account"))

    def by_state(self, queryset: AccountQuerySet, name: str, value: str) -> AccountQuerySet:
        return queryset.archived() if value == "archived" else queryset.active()
