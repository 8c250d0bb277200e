"""Pages by keyset: the same rows in the same order as one long list, from whichever end, whatever the order."""

import base64
import json
from datetime import date

import pytest

from accounts.filters import SORTS, sort_of
from accounts.models import Account
from core.paging import END, FEW, cursor_of, cursor_place, page_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db

ORDERS = [f"{sign}{key}" for key in SORTS for sign in ("", "-")]
MANY = FEW + 1


@pytest.fixture
def accounts():
    """Twenty-one, of which many share a value and some have none; two share a name."""
    owners = [make_user(name=name) for name in ("Bea", "Ada", "Bea")]
    Account.objects.bulk_create(
        Account(
            name=f"Account {n % 20:02}",
            owner=owners[n % 3],
            customer_level=n % 4 + 1 if n % 5 else None,
            team_level=n % 3 + 1 if n % 7 else None,
            last_heard_on=date(2026, 1, n % 6 + 1) if n % 4 else None,
            target_level=n % 5 + 1 if n % 6 else None,
            target_due_on=date(2028, n % 3 + 1, 1) if n % 6 else None,
            target_status=["off_track", "at_risk", "too_early", "on_track", "reached", "no_target"][n % 6],
            worth=n * 7 % 10 * 1000 if n % 3 else None,
        )
        for n in range(21)
    )
    return Account.objects.select_related("owner")


def expected(accounts, sort):
    """What a person would write: those with a value one way, those without at the end, each by name and id."""

    def value(account):
        return account.owner.name if sort.column == "owner__name" else getattr(account, sort.column)

    rows = sorted(accounts, key=lambda account: (account.name, account.pk))
    valued = sorted((row for row in rows if value(row) is not None), key=value, reverse=sort.descending)
    return [row.pk for row in [*valued, *(row for row in rows if value(row) is None)]]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("count", [FEW, MANY])
class TestOrders:
    def test_pages_forward_make_the_whole_list(self, accounts, order, count):
        sort, seen, after = sort_of(order), [], ""
        while True:
            page = page_of(accounts, sort, count=count, after=after, size=4)
            assert bool(page.before) == bool(seen)
            seen += [account.pk for account in page]
            after = page.after
            if not after:
                break
        assert seen == expected(accounts, sort)

    def test_pages_backward_from_the_end_make_it_too(self, accounts, order, count):
        sort, seen, before = sort_of(order), [], END
        while before:
            page = page_of(accounts, sort, count=count, before=before, size=3)
            assert bool(page.after) == bool(seen)
            seen = [account.pk for account in page] + seen
            before = page.before
        assert seen == expected(accounts, sort)

    def test_from_any_row_to_both_sides(self, accounts, order, count):
        sort = sort_of(order)
        whole = expected(accounts, sort)
        rows = {account.pk: account for account in accounts}
        for at, pk in enumerate(whole):
            cursor = cursor_of(rows[pk], sort)
            after = page_of(accounts, sort, count=count, after=cursor, size=5)
            assert [account.pk for account in after] == (whole[at + 1 : at + 6] or whole[:5])
            before = page_of(accounts, sort, count=count, before=cursor, size=5)
            assert [account.pk for account in before] == (whole[at - 5 : at] if at > 5 else whole[:5])


@pytest.mark.parametrize("order", ORDERS)
def test_a_page_costs_at_most_three_statements(accounts, order, django_assert_max_num_queries):
    sort = sort_of(order)
    for account in list(accounts)[::2]:
        for way in ("after", "before"):
            with django_assert_max_num_queries(3):
                page_of(accounts, sort, count=MANY, size=3, **{way: cursor_of(account, sort)})


@pytest.mark.parametrize("order", ORDERS)
def test_few_rows_cost_one_statement(accounts, order, django_assert_num_queries):
    sort = sort_of(order)
    middle = cursor_of(sort.of(accounts)[10], sort)
    for place in ({}, {"after": middle}, {"before": middle}, {"before": END}):
        with django_assert_num_queries(1):
            page_of(accounts, sort, count=FEW, size=3, **place)


def test_a_row_that_is_gone_still_marks_its_place(accounts):
    sort = sort_of("name")
    rows = list(sort.of(accounts))
    cursor = cursor_of(rows[10], sort)
    rows[10].delete()
    assert [account.pk for account in page_of(accounts, sort, count=20, after=cursor, size=3)] == [row.pk for row in rows[11:14]]


def written(*content) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "%%%",
        "A" * 5000,
        "eyJhIjoxfQ",
        written(),
        written(3, "A"),
        written(3, "A", "1"),
        written(3, "A", True),
        written(3, "A", 0),
        written(3, "A", 2**63),
        written(3, None, 1),
        written(3, "nul \0", 1),
        written([3], "A", 1),
        written(3.5, "A", 1),
        written(True, "A", 1),
        written(99999, "A", 1),
        written("three", "A", 1),
        base64.urlsafe_b64encode(b'[3,"\\ud800",1]').decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 2000).decode().rstrip("="),
    ],
)
@pytest.mark.parametrize("way", ["after", "before"])
def test_a_cursor_that_nobody_here_wrote_shows_the_first_page(accounts, cursor, way):
    sort = sort_of("level")
    first = page_of(accounts, sort, count=21, size=4)
    assert page_of(accounts, sort, count=21, size=4, **{way: cursor}) == first


@pytest.mark.parametrize(
    ("order", "value"),
    [
        ("heard", "2026-13-01"),
        ("heard", 7),
        ("due", "soon"),
        ("revenue", "NaN"),
        ("revenue", "1e99"),
        ("revenue", "x"),
        ("owner", "\0"),
    ],
)
def test_a_cursor_of_another_order_shows_the_first_page(order, value):
    assert cursor_place(written(value, "A", 1), Account, sort_of(order)) is None


@pytest.mark.parametrize("text", ["", None, "size", "-", "-size", "level ", "--level"])
def test_an_unknown_order_is_by_name(text):
    assert str(sort_of(text)) == "name"
