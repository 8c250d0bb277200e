"""One question has one number, in whichever place somebody looks: every pair of places is compared, for each kind of reader.

The numbers are read from what is sent: pages, files, JSON and the mail (`tests.portfolio.pages_of_figures`).
"""

from collections import defaultdict
from datetime import timedelta
from itertools import combinations

import pytest
from django.utils import timezone

from accounts import derived
from accounts.models import Account, Team, User
from accounts.templatetags.standing import likelihood
from tests.catalogue import publish_first_edition
from tests.demo.demos import build
from tests.factories import make_account, make_result, make_target
from tests.portfolio.pages_of_figures import BESIDE, LEVELS, PLACES, STATUSES, Reader, Shown
from tests.sharing import stored_once

pytestmark = pytest.mark.django_db

PEOPLE = ("manager@example.com", "lead@example.com", "viewer@example.com", "admin@example.com")


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo, with a few accounts of the kinds in which numbers came apart."""
    with stored_once(django_db_blocker):
        publish_first_edition()
        build(180)
        _make_hard_cases(User.objects.get(email="manager@example.com"), Team.objects.get(name="Benelux"))
        yield


def _make_hard_cases(manager, team):
    """Revenue without a rate; our own view that moves, comes later, or stands alone; targets to hold; archived accounts."""
    today = timezone.localdate()
    long_ago, lately, now = (today - timedelta(days=days) for days in (500, 100, 10))
    lives = [
        ((long_ago, None, 1.5), (lately, None, 4.5)),  # only our view, which climbs
        ((long_ago, None, 4.5), (lately, 2.5, 4.5)),  # the customer's first word
        ((long_ago, 3.5, 3.5), (lately, 3.4, 4.5), (now, None, 1.5)),  # our view changes alone afterwards
        ((long_ago, 2.5, 3.5), (lately, 4.5, None)),  # the customer speaks alone afterwards
        ((long_ago, 4.5, None), (lately, 2.5, None)),  # never a view of ours
        ((long_ago, 2.5, 2.5),),  # not heard within a year
        (),
    ]
    for number, life in enumerate(lives):
        for status, currency in ((Account.Status.ACTIVE, ("JPY", "EUR", "USD")[number % 3]), (Account.Status.ARCHIVED, "SEK")):
            account = make_account(
                owner=manager, team=team, status=status, currency=currency, revenue=1_000_000 + number, segment="Logistics"
            )
            for held_on, customer, ours in life:
                make_result(account, held_on, customer=customer, team=ours)
            if life:
                make_target(account, set_on=long_ago, level=2 + number % 3, baseline=2.5)
            derived.refresh([account.pk])


def differences(reader):
    """The questions that two places answer differently, with what each says; and how many pairs were compared."""
    answers = defaultdict(list)
    for place, tell in PLACES.items():
        for question, answer in tell(reader):
            answers[question].append((place, answer))
    pairs = [(question, one, other) for question, told in answers.items() for one, other in combinations(told, 2)]
    return [(question, *one, *other) for question, one, other in pairs if one[1] != other[1]], pairs


class TestEveryPair:
    @pytest.mark.parametrize("email", PEOPLE)
    def test_says_the_same(self, demo, email):
        found, pairs = differences(Reader(User.objects.get(email=email)))
        assert found == []
        asked = {question for question, _one, _other in pairs}
        levels = {f"{what} on {code}" for what in ("accounts", "revenue") for code in (*LEVELS, *BESIDE)}
        assert levels | {
            "accounts", "revenue", "climbed", "slid", "heard by both days", "climbs reached", "holds reached", "targets expected", "mean gap",
            "with both views", "heard", "without a rate", *STATUSES,
        } <= asked  # fmt: skip
        assert len(pairs) > 1000
        assert ("mine: accounts" in asked) is (email in {"manager@example.com", "lead@example.com"})

    def test_a_difference_would_be_found(self, demo, monkeypatch):
        monkeypatch.setitem(PLACES, "a place", lambda reader: iter([("climbed", -1)]))
        found, _pairs = differences(Reader(User.objects.get(email="viewer@example.com")))
        assert {(place, other) for _question, other, _n, place, _m in found} >= {
            ("a place", "dashboard"),
            ("a place", "API migration"),
        }

    @pytest.mark.parametrize("email", PEOPLE)
    def test_parts_add_up_to_their_whole(self, demo, email):
        said = dict(PLACES["dashboard"](Reader(User.objects.get(email=email))))
        assert sum(said[f"accounts on {code}"] for code in (*LEVELS, *BESIDE)) == said["accounts"]
        assert sum(said[f"revenue on {code}"] for code in (*LEVELS, *BESIDE)) == said["revenue"]
        assert said["shares together"] == 100

    @pytest.mark.parametrize("email", ["lead@example.com", "admin@example.com"])
    def test_the_mail_says_it_too(self, demo, email):
        reader = Reader(User.objects.get(email=email))
        assert dict(PLACES["mail"](reader))["need attention"] == dict(PLACES["dashboard"](reader))["need attention"]


class TestAccountPage:
    def test_says_what_its_row_says_in_the_list_the_files_and_the_api(self, demo):
        """Of every ninth account: both levels, the gap, the target, and how sure."""
        reader = Reader(User.objects.get(email="admin@example.com"))
        rows = {row["Account name"]: row for row in reader.file("csv")}
        for item in reader.account_items()[::9]:
            row = rows[item["name"]]
            page = Shown(reader.client.get(f"/accounts/{item['id']}/").content.decode())
            told = (item["customer_level"], item["team_level"], item["target_level"])
            assert tuple(int(row[name]) if row[name] else None for name in ("Their level", "Our level", "Target level")) == told
            if item["customer_level"]:
                assert f"They level {item['customer_level']} " in page.words
            if item["team_level"]:
                assert f"We our view: level {item['team_level']}" in page.words
            if item["target_level"]:
                assert f"target: level {item['target_level']}" in page.words
                assert str(Account.TargetStatus(item["status"]).label) in page.words
                assert row["Target chance"] == ("" if item["target_chance"] is None else str(item["target_chance"]))
            if item["target_chance"] not in {None, 0, 1}:
                target = reader.told(f"/accounts/{item['id']}/target")
                assert target["forecast"]["probability"] == item["target_chance"]
                assert target["status"] == item["status"]
                assert f"{likelihood(item['target_chance'])} likely" in page.words
