"""The fields of the filters: owners by name, days that can be compared, and what an export says of its filters."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.forms import TextInput
from django.http import QueryDict
from django.utils import translation

from accounts.models import Account
from assessments.models import EARLIEST
from core.widgets import PlainSelect
from portfolio.filters import BenchmarkFilter, DayField, ExportFilter, MovementFilter, OwnerField
from tests.factories import make_account, make_team, make_user, make_viewer

TODAY = date(2026, 11, 24)
OWNERS = {3: "Ann", 7: "Ann de Wit", 9: "Bob de Vries", 11: "Zoë É", 12: "12"}


class TestOwner:
    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("", None), ("  ", None), ("7", 7), (" 7 ", 7), ("ann de wit", 7), ("WIT", 7), ("bob", 9), ("ZOË é", 11),
            ("Ann", 3),  # the whole name counts before a part of another
            ("12", 12),  # an id before a name
        ],
    )  # fmt: skip
    def test_is_found_by_id_by_name_or_by_a_part_of_it(self, typed, found):
        assert OwnerField(OWNERS, required=False).clean(typed) == found

    @pytest.mark.parametrize(
        ("typed", "code"),
        [
            ("de", "several"), ("n", "several"), ("Carl", "invalid_choice"), ("4", "invalid_choice"), ("-7", "invalid_choice"),
            ("9" * 40, "invalid_choice"), ("x" * 121, "max_length"), ("Ann; drop", "invalid_choice"),
        ],
    )  # fmt: skip
    def test_that_is_nobody_or_several_is_refused(self, typed, code):
        with pytest.raises(ValidationError) as refused:
            OwnerField(OWNERS, required=False).clean(typed)
        assert refused.value.error_list[0].code == code

    def test_two_people_of_one_name_are_several(self):
        with pytest.raises(ValidationError, match="Several people are called so"):
            OwnerField({1: "Ann", 2: "ann"}, required=False).clean("Ann")

    @pytest.mark.parametrize(
        ("value", "shown"), [("7", "Ann de Wit"), (7, "Ann de Wit"), ("4", "4"), ("Ann", "Ann"), (None, None)]
    )
    def test_typed_names_show_instead_of_ids(self, value, shown):
        assert OwnerField(OWNERS, required=False, widget=TextInput()).prepare_value(value) == shown

    def test_a_menu_keeps_the_id_by_which_it_marks_the_choice(self):
        assert OwnerField(OWNERS, required=False, widget=PlainSelect(choices=[])).prepare_value("7") == "7"


class TestDay:
    @pytest.mark.parametrize("day", [EARLIEST, date(2020, 2, 29), TODAY])
    def test_from_the_earliest_to_today(self, day):
        assert DayField(today=TODAY).clean(day.isoformat()) == day

    def test_may_be_left_out(self):
        assert DayField(today=TODAY).clean("") is None

    @pytest.mark.parametrize(
        ("typed", "says"),
        [
            ("2026-11-25", "Choose today or an earlier day."),
            ("1989-12-31", "Choose a date from 1990 on."),
            ("2025-02-29", "Enter a valid date."),
            ("x", "Enter a valid date."),
        ],
    )
    def test_others_are_refused_in_words(self, typed, says):
        with pytest.raises(ValidationError, match=says):
            DayField(today=TODAY).clean(typed)

    def test_tells_the_browser_its_limits(self):
        html = DayField(today=TODAY).widget.render("from", date(2026, 1, 2))
        for words in ('type="date"', 'min="1990-01-01"', 'max="2026-11-24"', 'value="2026-01-02"'):
            assert words in html


@pytest.mark.django_db
class TestTwoDays:
    @pytest.fixture
    def user(self):
        return make_viewer()

    def days(self, kind, user, **typed):
        more = {"measures": []} if kind is BenchmarkFilter else {}
        query = QueryDict(mutable=True)
        query.update(typed)
        return kind(query, user=user, queryset=Account.objects.all(), today=TODAY, **more).days()

    @pytest.mark.parametrize(
        ("first", "last", "days"),
        [
            ("", "", (date(2025, 11, 24), TODAY)),
            ("2026-01-01", "", (date(2026, 1, 1), TODAY)),
            ("", "2026-06-30", (date(2025, 6, 30), date(2026, 6, 30))),
            ("2026-01-01", "2026-06-30", (date(2026, 1, 1), date(2026, 6, 30))),
            ("2026-11-23", "", (date(2026, 11, 23), TODAY)),
            ("2026-11-24", "", (date(2025, 11, 24), TODAY)),  # no two days
            ("2026-06-30", "2026-06-30", (date(2025, 6, 30), date(2026, 6, 30))),
            ("2026-07-01", "2026-06-30", (date(2025, 6, 30), date(2026, 6, 30))),
            ("2020-01-01", "x", (date(2025, 11, 24), TODAY)),  # with a wrong last day the first holds no more
            ("2020-01-01", "2999-01-01", (date(2025, 11, 24), TODAY)),
            ("x", "2026-06-30", (date(2025, 6, 30), date(2026, 6, 30))),
            ("", "1990-06-01", (EARLIEST, date(1990, 6, 1))),  # no year before the first
        ],
    )
    @pytest.mark.parametrize(("kind", "names"), [(MovementFilter, ("from", "to")), (BenchmarkFilter, ("since", "at"))])
    def test_of_both_pages_follow_the_same_rules(self, user, kind, names, first, last, days):
        assert self.days(kind, user, **dict(zip(names, (first, last), strict=True))) == days


@pytest.mark.django_db
class TestWordsOfAnExport:
    @pytest.fixture
    def manager(self):
        return make_user(name="Mila Vermeer")

    def words(self, user, **typed):
        query = QueryDict(mutable=True)
        for name, value in typed.items():
            query.setlist(name, value if isinstance(value, list) else [value])
        return ExportFilter(query, user=user, queryset=Account.objects.visible_to(user)).words()

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({}, []),
            ({"revenue": "1500000"}, ["Revenue from: 1,500,000 EUR"]),
            ({"status": "off_track"}, ["Target: off track"]),
            ({"level": "none"}, ["Level: not assessed"]),
            ({"country": "NL"}, ["Country: Netherlands"]),
            ({"q": "Zilver"}, ["Search: Zilver"]),
            ({"family": "999999"}, ["Family: unknown"]),
            ({"account": ["1"]}, ["1 ticked one"]),
            ({"account": ["1", "2"]}, ["2 ticked ones"]),
            ({"account": ["x"]}, ["0 ticked ones"]),
            ({"account": [str(n) for n in range(1, 1201)]}, ["1,200 ticked ones"]),
        ],
    )
    def test_are_those_of_the_list(self, manager, typed, words):
        make_account(owner=manager, country="NL")
        found = self.words(manager, **typed)
        assert [one.split(": ")[-1] for one in found] == [one.split(": ")[-1] for one in words]

    def test_numbers_and_countries_are_in_the_language_of_the_reader(self, manager):
        make_account(owner=manager, country="NL")
        with translation.override("nl"):
            found = self.words(manager, revenue="1500000", country="NL")
        assert {one.split(": ")[1] for one in found} == {"1.500.000 EUR", "Nederland"}

    def test_a_family_is_named_by_the_account_above_it(self, manager):
        top = make_account(owner=manager, name="Top")
        assert self.words(manager, family=str(top.pk))[0].endswith(": Top")

    def test_teams_and_owners_that_one_does_not_see_stay_unknown(self, manager):
        hidden = make_account(owner=make_user(name="Hidden"), team=make_team(name="Hidden"))
        found = self.words(manager, owner=str(hidden.owner_id), team=str(hidden.team_id))
        assert {one.split(": ")[1] for one in found} == {"unknown"}

    @pytest.mark.parametrize(("typed", "narrowed"), [({}, False), ({"q": ""}, False), ({"page": "2"}, False), ({"q": "x"}, True)])
    def test_only_a_filter_narrows(self, manager, typed, narrowed):
        query = QueryDict(mutable=True)
        query.update(typed)
        assert ExportFilter(query, user=manager, queryset=Account.objects.all()).is_narrowed == narrowed

    def test_an_empty_choice_of_accounts_narrows_to_none(self, manager):
        make_account(owner=manager)
        chosen = ExportFilter(QueryDict("account="), user=manager, queryset=Account.objects.visible_to(manager))
        assert (chosen.is_narrowed, chosen.count()) == (True, 0)
