"""Why an account needs attention, in words, and the button that mends it."""

from datetime import date

import pytest

from portfolio.queries import Concern
from portfolio.words import describe
from tests.factories import make_account, make_user, make_viewer

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


def told(reason, user=None, **fields):
    account = make_account(owner=user or make_user(), **fields)
    return account, describe(Concern(account, reason, 1), user or account.owner, TODAY)


@pytest.mark.parametrize(
    ("reason", "fields", "sentence", "button", "page"),
    [
        ("slid", {"customer_level": 2, "customer_level_year_ago": 3}, "slid from 3 to 2 within a year", "Plan", "plan/"),
        (
            "off_track", {"target_level": 4, "target_due_on": date(2028, 6, 1)},
            "off track: needs level 4 by June 2028", "Plan", "plan/",
        ),
        (
            "off_track", {"target_level": 4, "target_due_on": date(2026, 6, 1)},
            "off track: level 4 was due in June 2026", "Revise", "target/",
        ),
        (
            "at_risk", {"target_level": 4, "target_due_on": date(2028, 6, 1)},
            "at risk: needs level 4 by June 2028", "Plan", "plan/",
        ),
        (
            "off_track", {"target_level": 4, "target_due_on": date(2028, 6, 1), "target_kind": "climb", "target_chance": 0.081},
            "off track: needs level 4 by June 2028, 8 % likely", "Plan", "plan/",
        ),
        (
            "at_risk", {"target_level": 4, "target_due_on": date(2028, 6, 1), "target_kind": "hold", "target_chance": 0.2499},
            "at risk: to hold level 4 until June 2028, 24 % likely", "Plan", "plan/",
        ),
        (
            "off_track", {"target_level": 4, "target_due_on": date(2026, 6, 1), "target_kind": "climb", "target_chance": 0.0},
            "off track: level 4 was due in June 2026", "Revise", "target/",
        ),
        ("rosy", {"customer_level": 2, "team_level": 4}, "we say 4, they say 2", "Compare", ""),
        ("not_assessed", {}, "not assessed yet: nobody knows where we stand", "Assess", "assess/"),
        ("never_heard", {"team_level": 2}, "customer not heard yet; only our own view", "Ask", "invite/"),
        (
            "stale", {"customer_level": 2, "last_heard_on": date(2025, 3, 2)},
            "customer last heard in March 2025", "Ask", "invite/",
        ),
    ],
)  # fmt: skip
def test_each_reason_has_its_sentence_and_leads_to_where_one_mends_it(reason, fields, sentence, button, page):
    account, pressing = told(reason, **fields)
    assert pressing.sentence == sentence
    assert (pressing.button, pressing.url) == (button, account.get_absolute_url() + page)


def test_who_may_only_read_opens_the_account():
    account, _ = told("not_assessed")
    pressing = describe(Concern(account, "not_assessed", 1), make_viewer(), TODAY)
    assert (pressing.button, pressing.url) == ("Open", account.get_absolute_url())


@pytest.mark.parametrize(
    ("worth", "revenue", "currency", "stake"),
    [(7_800_000, 9_000_000, "USD", "€ 7.8 M"), (None, 9_000_000, "USD", "$ 9.0 M"), (None, None, "EUR", "")],
)
def test_stake_is_in_the_reporting_currency_and_in_its_own_without_a_rate(worth, revenue, currency, stake):
    _, pressing = told("not_assessed", worth=worth, revenue=revenue, currency=currency)
    assert pressing.stake == stake
