"""All accounts at once, and what happened, through the API."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.acts import changing
from accounts.models import Account, ExchangeRate
from assessments.models import Response
from audit import trail
from audit.models import Event
from tests.factories import answer, make_account, make_assessment, make_contact, make_result, place

pytestmark = pytest.mark.django_db


def test_the_portfolio_counts_what_one_sees(api, manager, account):
    place(account, customer=2.9, team=4.2)
    Account.objects.filter(pk=account.pk).update(worth=1000)
    make_account(owner=manager)
    place(make_account(), customer=5)
    told = api.get("/portfolio").json()
    assert (told["accounts"], told["revenue"], told["currency"], told["mean_gap"]) == (2, 1000, "EUR", 2)
    assert told["by_level"] == {"1": 0, "2": 1, "3": 0, "4": 0, "5": 0}
    assert (told["not_assessed"], told["by_status"]["no_target"], sum(told["by_status"].values())) == (1, 2, 2)
    assert [(one["name"], one["reason"]) for one in told["needs_attention"]] == [
        ("Zilverberg", "rosy"), (Account.objects.get(owner=manager, level=None).name, "not_assessed"),
    ]  # fmt: skip


def test_the_portfolio_has_what_the_contract_says_and_its_parts_add_up(api, manager):
    place(make_account(owner=manager, revenue=100), customer=4.2, team=4.2)
    place(make_account(owner=manager, revenue=30), team=2.5)
    make_account(owner=manager, revenue=7)
    for revenue, currency in ((5, "JPY"), (3, "SEK"), (0, "NOK")):
        make_account(owner=manager, revenue=revenue, currency=currency)
    told = api.get("/portfolio").json()
    assert {
        "accounts", "revenue", "without_rate", "by_level", "only_our_view", "not_assessed", "by_status", "mean_gap", "needs_attention",
    } <= set(told)  # fmt: skip
    assert (told["accounts"], told["revenue"], told["without_rate"]) == (6, 137, ["JPY", "SEK"])
    assert (told["by_level"], told["only_our_view"], told["not_assessed"]) == ({"1": 0, "2": 0, "3": 0, "4": 1, "5": 0}, 1, 4)
    assert sum(told["by_level"].values()) + told["only_our_view"] + told["not_assessed"] == told["accounts"]
    parts = told["revenue_parts"]
    assert (parts["by_level"]["4"], parts["only_our_view"], parts["not_assessed"]) == (100, 30, 7)
    assert sum(parts["by_level"].values()) + parts["only_our_view"] + parts["not_assessed"] == told["revenue"]
    assert (told["mean_gap"], told["with_both_views"]) == (0, 1)


def test_climbs_slides_and_reached_targets_are_the_customers_word(api, manager):
    for kind in ("climb", "hold", "hold"):
        make_account(owner=manager, target_level=3, target_kind=kind, target_status="reached")
    for ago, now, ours in ((2, 3, 3), (4, 2, 3), (None, 3, 3), (2, None, 4)):
        make_account(owner=manager, customer_level_year_ago=ago, customer_level=now, team_level=ours)
    told = api.get("/portfolio").json()
    assert (told["climbed"], told["slid"], told["by_status"]["reached"], told["reached"]) == (1, 1, 3, {"climb": 1, "hold": 2})


def test_an_account_tells_its_revenue_in_its_own_and_in_the_reporting_currency(api, manager):
    ExchangeRate.objects.create(currency="USD", rate=Decimal("0.5"), as_of=date(2026, 1, 1))
    made = {code: make_account(owner=manager, revenue=100, currency=code) for code in ("EUR", "USD", "JPY")}
    for code, converted in (("EUR", 100), ("USD", 50), ("JPY", None)):
        told = api.get(f"/accounts/{made[code].pk}").json()
        assert (told["revenue"], told["currency"], told["revenue_in_reporting_currency"]) == (100, code, converted)
        assert "level" not in told  # whose it would be


class TestMigration:
    def test_is_the_matrix_between_two_days(self, api, manager, edition):
        at = date(2026, 6, 1)
        for then, now, segment in ((2.5, 3.5, "Retail"), (2.1, 2.2, "Retail"), (4.0, 3.0, "Other"), (None, 3.0, "Retail")):
            one = make_account(owner=manager, segment=segment)
            if then:
                make_result(one, at - timedelta(days=400), customer=then)
            make_result(one, at - timedelta(days=10), customer=now)
            make_result(one, at + timedelta(days=10), customer=5.0)
        told = api.get("/benchmarks/migration?at=2026-06-01").json()
        assert told["counts"] == [[0] * 5, [0, 1, 1, 0, 0], [0] * 5, [0, 0, 1, 0, 0], [0] * 5]
        assert told["matrix"] == [[None] * 5, [0, 0.5, 0.5, 0, 0], [None] * 5, [0, 0, 1, 0, 0], [None] * 5]
        assert told["accounts"] == 3
        assert api.get("/benchmarks/migration?at=2026-06-01&segment=Retail").json()["accounts"] == 2
        assert api.get("/benchmarks/migration?at=2026-06-01&months=120").json()["accounts"] == 0

    @pytest.mark.parametrize("query", ["months=0", "months=x", "at=2999-01-01", "at=1989-12-31", "at=yesterday"])
    def test_refuses_what_cannot_be(self, api, query):
        refused = api.get(f"/benchmarks/migration?{query}")
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, query.split("=")[0])


class TestEvents:
    def test_are_told_from_where_one_left_off(self, api, account):
        for city in ("Delft", "Leiden", "Breda"):
            tag = api.get(f"/accounts/{account.pk}")["ETag"]
            api.patch(f"/accounts/{account.pk}", {"city": city}, if_match=tag)
        first = api.get("/events?limit=2").json()
        assert [one["after"] for one in first["items"]] == [{"city": "Delft"}, {"city": "Leiden"}]
        assert (first["items"][0]["act"], first["items"][0]["actor"], first["items"][0]["account"]) == (
            "account.changed", "mila@example.com", account.pk,
        )  # fmt: skip
        for path in (f"/events?cursor={first['next']}", f"/events?after={first['items'][-1]['id']}"):
            rest = api.get(path).json()
            assert [one["after"] for one in rest["items"]] == [{"city": "Breda"}]
            assert rest["next"] is None

    def test_never_tell_who_answered_what_or_from_where_somebody_wrote(self, api, account, manager):
        round_ = make_assessment(account)
        answer(round_, make_contact(account, name="Ines"), "5445 4434 3433 2212 1121", comment="Between us")
        api.post(f"/assessments/{round_.pk}/close")
        told = api.get("/events").json()["items"]
        assert {one["act"] for one in told} == {"response.submitted", "assessment.closed"}
        assert all(one["before"] is one["after"] is one["note"] is None for one in told)
        assert "127.0.0.1" not in str(told) and Response.objects.exists()

    def test_leave_out_what_was_taken_out_and_a_parent_that_may_be_hidden(self, api, account, manager):
        trail.record("account.changed", account, by=manager, before={"parent": 7}, after={"parent": 8, "city": "Delft"}, note="x")
        assert api.get("/events").json()["items"][0]["after"] == {"city": "Delft"}
        Event.objects.update(redacted_on=timezone.localdate())
        (told,) = api.get("/events").json()["items"]
        assert (told["before"], told["after"], told["note"]) == (None, None, None)

    def test_of_another_team_and_of_no_account_are_not_told(self, api, stranger, account, manager):
        changing.choose_language_of(manager, "nl")
        stranger_s = make_account(owner=stranger.user)
        trail.record("account.changed", stranger_s, by=stranger.user, after={"city": "Oslo"})
        assert api.get("/events").json()["items"] == []
        assert len(stranger.get("/events").json()["items"]) == 1
