"""Where a filter of the list begins and ends, what it does with odd values, and what it says of itself."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from accounts.filters import MOST_CHOSEN, AccountListFilter, query_of, sort_of
from accounts.models import Account
from core import days
from tests.factories import make_account, make_team, make_user, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return make_user(name="Mila Vermeer", email="mila@example.com")


def made(typed, user):
    return AccountListFilter(QueryDict(typed), user=user, queryset=Account.objects.visible_to(user))


def names(typed, user):
    return sorted(made(typed, user).qs.values_list("name", flat=True))


class TestHeard:
    @pytest.mark.parametrize(("ago", "within"), [(0, True), (364, True), (365, True), (366, False)])
    def test_a_year_is_365_days_and_its_first_day_counts(self, manager, ago, within):
        make_account(name="A", owner=manager, last_heard_on=days.today() - timedelta(days=ago))
        assert names("heard=year", manager) == (["A"] if within else [])
        assert names("heard=not", manager) == ([] if within else ["A"])

    def test_who_was_never_heard_is_among_those_not_heard(self, manager):
        make_account(name="A", owner=manager)
        assert (names("heard=not", manager), names("heard=year", manager)) == (["A"], [])


class TestRevenue:
    @pytest.mark.parametrize(("least", "found"), [("999.99", True), ("1000", True), ("1000.01", False), ("0", True)])
    def test_is_from_an_amount_on(self, manager, least, found):
        make_account(name="A", owner=manager, revenue=1000)
        assert names(f"revenue={least}", manager) == (["A"] if found else [])

    def test_without_revenue_or_without_a_rate_there_is_nothing_to_compare(self, manager):
        make_account(owner=manager)
        make_account(owner=manager, revenue=10**6, currency="JPY")
        assert names("revenue=0", manager) == []

    @pytest.mark.parametrize("typed", ["-1", "x", "1,5x", "NaN"])
    def test_what_is_no_amount_narrows_nothing(self, manager, typed):
        make_account(name="A", owner=manager)
        assert names(f"revenue={typed}", manager) == ["A"]


class TestLevelsAndGaps:
    @pytest.mark.parametrize(
        ("theirs", "ours", "found"),
        [(2, 3, "rosier"), (3, 2, "gloomier"), (3, 3, "same"), (None, 3, None), (3, None, None), (None, None, None)],
    )
    def test_a_gap_needs_both_sides(self, manager, theirs, ours, found):
        make_account(name="A", owner=manager, customer_level=theirs, team_level=ours)
        assert [gap for gap in ("rosier", "same", "gloomier") if names(f"gap={gap}", manager)] == ([found] if found else [])

    @pytest.mark.parametrize("level", range(1, 6))
    def test_each_level_finds_its_own(self, manager, level):
        for rank in range(1, 6):
            make_account(name=f"L{rank}", owner=manager, customer_level=rank)
        assert names(f"level={level}", manager) == [f"L{level}"]
        assert names("level=none", manager) == []

    @pytest.mark.parametrize("status", ["on_track", "at_risk", "off_track", "reached", "too_early", "no_target"])
    def test_each_status_finds_its_own(self, manager, status):
        for one in Account.TargetStatus.values:
            make_account(name=one, owner=manager, target_status=one)
        assert names(f"status={status}", manager) == [status]

    @pytest.mark.parametrize("typed", ["level=0", "level=6", "gap=big", "status=late", "aim=9", "heard=never", "state=deleted"])
    def test_a_value_that_is_not_offered_narrows_nothing(self, manager, typed):
        make_account(name="A", owner=manager)
        assert names(typed, manager) == ["A"]


class TestOwnersTeamsAndTags:
    @pytest.mark.parametrize("typed", ["mila@example.com", "MILA@example.com", "mila", "Vermeer", "ver mi", "VERMÉÉR"])
    def test_an_owner_is_found_by_the_whole_address_or_by_words_of_the_name(self, manager, typed):
        make_account(name="A", owner=manager)
        assert names(f"owner={typed}", manager) == ["A"]

    @pytest.mark.parametrize("typed", ["example.com", "mila@", "nobody", "0", "999999", "9" * 30, "1.0"])
    def test_a_part_of_the_address_or_a_number_of_nobody_finds_nothing(self, manager, typed):
        make_account(name="A", owner=manager)
        assert names(f"owner={typed}", manager) == []

    def test_several_people_of_one_name_are_all_meant(self, manager):
        viewer = make_viewer()
        for name in ("Jan de Boer", "Jan Jansen"):
            make_account(name=name, owner=make_user(name=name))
        assert names("owner=jan", viewer) == ["Jan Jansen", "Jan de Boer"]

    @pytest.mark.parametrize("field", ["team", "tag"])
    @pytest.mark.parametrize("typed", ["0", "-1", "x", "9" * 30, "999999"])
    def test_a_team_or_tag_that_is_none_finds_nothing(self, manager, field, typed):
        make_account(name="A", owner=manager)
        assert names(f"{field}={typed}", manager) == []

    def test_a_team_of_others_shows_only_what_one_sees_of_it(self, manager):
        team = make_team()
        make_account(name="Mine", owner=manager, team=team)
        make_account(name="Theirs", team=team)
        assert names(f"team={team.pk}", manager) == ["Mine"]

    def test_an_account_with_several_tags_is_found_once_by_each(self, manager):
        account = make_account(name="A", owner=manager)
        tags = [account.tags.create(name=name) for name in ("key", "growth")]
        assert [names(f"tag={tag.pk}", manager) for tag in tags] == [["A"], ["A"]]


class TestTicked:
    def test_ticked_ones_alone_are_found_and_filters_narrow_them_further(self, manager):
        a, b, _c = (make_account(name=name, owner=manager, segment=name) for name in "ABC")
        assert names(f"account={a.pk}&account={b.pk}", manager) == ["A", "B"]
        assert names(f"account={a.pk}&account={b.pk}&segment=B", manager) == ["B"]

    def test_a_tick_that_is_no_number_is_none(self, manager):
        make_account(name="A", owner=manager)
        assert names("account=x", manager) == names("account=", manager) == []

    def test_an_archived_one_is_found_only_where_archived_ones_are_shown(self, manager):
        gone = make_account(name="Gone", owner=manager, status="archived")
        assert names(f"account={gone.pk}", manager) == []
        assert names(f"account={gone.pk}&state=archived", manager) == ["Gone"]

    def test_what_one_does_not_see_is_not_found(self, manager):
        assert names(f"account={make_account().pk}", manager) == []

    def test_only_so_many_are_read_of_an_address(self, manager):
        typed = "&".join(f"account={n}" for n in range(1, MOST_CHOSEN + 2))
        assert made(typed, manager).chosen == list(range(1, MOST_CHOSEN + 1))


class TestFamily:
    def test_the_account_and_three_generations_below_it_are_found_and_no_fourth(self, manager):
        above = None
        for name in ("0", "1", "2", "3", "4"):
            above = make_account(name=name, owner=manager, parent=above)
        assert names(f"family={Account.objects.get(name='0').pk}", manager) == ["0", "1", "2", "3"]
        assert names(f"family={Account.objects.get(name='3').pk}", manager) == ["3", "4"]

    def test_below_one_that_one_does_not_see_nothing_is_found(self, manager):
        parent = make_account(name="Secret")
        make_account(owner=manager, parent=parent)
        found = made(f"family={parent.pk}", manager)
        assert (found.parent, list(found.qs)) == (None, [])

    @pytest.mark.parametrize("typed", ["x", "0", "999999", "9" * 30])
    def test_one_that_is_none_finds_nothing(self, manager, typed):
        make_account(owner=manager)
        assert names(f"family={typed}", manager) == []


class TestWhatItSays:
    @pytest.mark.parametrize(
        ("typed", "narrowed"),
        [
            ("", False),
            ("sort=level&page=2", False),
            ("segment=", False),
            ("q=x", True),
            ("state=active", True),
            ("segment=Food&q=x&state=archived", True),
            ("account=7", True),
            ("family=7", True),
        ],
    )
    def test_whether_anything_narrows(self, manager, typed, narrowed):
        assert made(typed, manager).is_narrowed is narrowed

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ("", {}),
            ("level=9&segment=", {}),
            ("segment=Food&level=3", {"segment": "Food", "level": "3"}),
            ("account=7&account=9", {"ticked": 2}),
            ("account=x", {"ticked": 0}),
        ],
    )
    def test_what_the_trail_hears_of_it(self, manager, typed, told):
        assert made(typed, manager).told == told


class TestTheOrder:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (None, "name"),
            ("", "name"),
            ("-", "name"),
            ("level", "level"),
            ("-level", "-level"),
            ("--level", "name"),
            ("owner__password", "name"),
            ("-nothing", "name"),
            ("-name", "-name"),
        ],
    )
    def test_an_order_that_is_not_known_is_by_name(self, text, expected):
        assert str(sort_of(text)) == expected

    @pytest.mark.parametrize(
        ("typed", "sort", "expected"),
        [
            ("level=none", "-level", "name"),
            ("level=none", "gap", "name"),
            ("level=none", "-heard", "-heard"),
            ("status=no_target", "-status", "name"),
            ("status=no_target", "target", "name"),
            ("status=no_target", "-due", "name"),
            ("status=at_risk", "-due", "-due"),
            ("", "-level", "-level"),
        ],
    )
    def test_where_nothing_has_what_it_looks_at_the_rows_come_by_name(self, manager, typed, sort, expected):
        assert str(made(typed, manager).order(sort_of(sort))) == expected

    def test_an_address_begins_with_the_filters_of_all_pages_and_leaves_out_what_is_empty(self):
        assert query_of({"level": 3, "owner": None, "q": ""}, segment="Oil & gas", team=7) == "segment=Oil+%26+gas&team=7&level=3"
