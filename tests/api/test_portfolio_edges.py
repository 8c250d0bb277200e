"""The portfolio, the migration matrix, the events and the catalogue in the API, at their edges."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from audit import trail
from audit.models import Event
from hierarchy.models import Edition
from hierarchy.publishing import clone, publish
from tests.factories import make_account, make_administrator, make_plan, make_result, make_target, place

pytestmark = pytest.mark.django_db

ARCHIVED = Account.Status.ARCHIVED


class TestPortfolio:
    def test_of_nothing_it_is_nothing(self, api, manager):
        told = api.get("/portfolio").json()
        assert (told["accounts"], told["revenue"], told["not_assessed"], told["mean_gap"], told["needs_attention"]) == (
            0,
            0,
            0,
            None,
            [],
        )
        assert set(told["by_level"].values()) == set(told["by_status"].values()) == {0}

    def test_archived_accounts_do_not_count(self, api, manager):
        place(make_account(owner=manager, revenue=7, status=ARCHIVED), customer=2.5, team=5.0)
        make_account(owner=manager, revenue=5)
        told = api.get("/portfolio").json()
        assert (told["accounts"], told["revenue"], told["not_assessed"], told["mean_gap"]) == (1, 5, 1, None)
        assert [one["reason"] for one in told["needs_attention"]] == ["not_assessed"]
        assert sum(told["by_status"].values()) == 1

    def test_each_concern_has_its_level_and_revenue(self, api, manager):
        account = place(make_account(owner=manager, name="Acme", revenue=9), customer=2.5, team=5.0)
        unknown = make_account(owner=manager, name="New")
        assert api.get("/portfolio").json()["needs_attention"] == [
            {"id": account.pk, "name": "Acme", "reason": "rosy", "customer_level": 2, "team_level": 5, "revenue": 9},
            {
                "id": unknown.pk,
                "name": "New",
                "reason": "not_assessed",
                "customer_level": None,
                "team_level": None,
                "revenue": None,
            },
        ]

    def test_a_change_shows_at_once_though_figures_are_cached(self, api, manager):
        account = make_account(owner=manager)
        tag = api.get(f"/accounts/{account.pk}")["ETag"]
        assert api.get("/portfolio").json()["accounts"] == 1
        assert api.patch(f"/accounts/{account.pk}", {"revenue": 12}, if_match=tag).status_code == 200
        assert api.get("/portfolio").json()["revenue"] == 12


class TestMigration:
    def moved(self, owner, *, edition=None, **fields):
        account = make_account(owner=owner, **fields)
        today = timezone.localdate()
        for days, position in ((500, 1.5), (10, 3.5)):
            make_result(account, today - timedelta(days=days), customer=position, **({"edition": edition} if edition else {}))
        return account

    def test_archived_accounts_do_not_count(self, api, manager, edition):
        self.moved(manager)
        self.moved(manager, status=ARCHIVED)
        assert api.get("/benchmarks/migration").json()["accounts"] == 1

    @pytest.mark.parametrize(("with_newer", "counted"), [(4, 6), (5, 5)])
    def test_only_the_newest_measure_with_enough_results_counts(self, api, manager, edition, with_newer, counted):
        for _ in range(6):
            self.moved(manager)
        draft = clone(edition, by=None)
        draft.indicators.filter(code="1a").update(customer_en="Other words")
        publish(draft, by=None)
        for _ in range(with_newer):
            self.moved(manager, edition=Edition.objects.published())
        assert api.get("/benchmarks/migration").json()["accounts"] == counted

    def test_editions_of_one_measure_count_together(self, api, manager, edition):
        self.moved(manager)
        publish(clone(edition, by=None), by=None)
        self.moved(manager, edition=Edition.objects.published())
        assert api.get("/benchmarks/migration").json()["accounts"] == 2

    @pytest.mark.parametrize(
        ("months", "at", "since"),
        [
            (12, "2026-06-30", "2025-06-30"), (1, "2026-03-31", "2026-02-28"), (120, "2026-06-30", "2016-06-30"),
            (12, "1990-01-01", "1989-01-01"),
        ],
    )  # fmt: skip
    def test_says_between_which_days(self, api, edition, months, at, since):
        told = api.get(f"/benchmarks/migration?months={months}&at={at}").json()
        assert (told["since"], told["at"]) == (since, at)

    def test_without_a_date_it_is_until_today(self, api, edition):
        assert api.get("/benchmarks/migration").json()["at"] == timezone.localdate().isoformat()

    def test_today_is_allowed_and_tomorrow_is_not(self, api, edition):
        today = timezone.localdate()
        assert api.get(f"/benchmarks/migration?at={today}").status_code == 200
        refused = api.get(f"/benchmarks/migration?at={today + timedelta(days=1)}")
        assert refused.json()["errors"] == [{"parameter": "at", "detail": "Choose a date from 1990 on, today or earlier."}]

    @pytest.mark.parametrize("query", ["months=121", "months=-1", "months=1.5", "at=2026-02-30", "at=", f"segment={'x' * 121}"])
    def test_refuses_what_cannot_be_and_names_it(self, api, edition, query):
        refused = api.get(f"/benchmarks/migration?{query}")
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, query.split("=")[0])

    def test_of_a_segment_that_nobody_is_in_it_is_empty(self, api, manager, edition):
        self.moved(manager, segment="Food")
        told = api.get("/benchmarks/migration?segment=Steel").json()
        assert (told["accounts"], told["matrix"], told["counts"]) == (0, [[None] * 5] * 5, [[0] * 5] * 5)


class TestEvents:
    def event(self, obj, by=None, **fields):
        return trail.record("account.changed", obj, by=by, **{"after": {"city": "Delft"}} | fields)

    def test_begin_behind_the_id_that_one_has(self, api, account):
        first, second = self.event(account), self.event(account)
        assert [one["id"] for one in api.get(f"/events?after={first.pk}").json()["items"]] == [second.pk]
        assert api.get(f"/events?after={second.pk}").json() == {"items": [], "next": None}

    @pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 30])
    def test_refuse_an_id_that_cannot_be(self, api, after):
        refused = api.get(f"/events?after={after}")
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "after")

    def test_of_no_account_are_told_to_nobody(self, caller, account):
        who = make_administrator()
        program = caller(who)
        Event.objects.all().delete()
        trail.record("archive.taken", who, by=who)
        self.event(account)
        assert [one["act"] for one in program.get("/events").json()["items"]] == ["account.changed"]

    def test_the_acts_of_the_program_have_no_actor(self, api, account, manager):
        self.event(account)
        self.event(account, by=manager)
        assert [one["actor"] for one in api.get("/events").json()["items"]] == [None, manager.email]

    @pytest.mark.parametrize(("note", "told"), [("Why", "Why"), ("", None)])
    def test_a_note_is_told_or_null(self, api, account, note, told):
        self.event(account, note=note)
        assert api.get("/events").json()["items"][0]["note"] == told

    @pytest.mark.parametrize("make", [lambda a: make_plan(a), lambda a: make_target(a, set_on=date(2026, 1, 1)), lambda a: a])
    def test_of_accounts_targets_and_plans_have_their_content(self, api, account, make):
        obj = make(account)
        self.event(obj, before={"parent": 3, "city": ""}, after={"parent": 4, "city": "Delft"})
        (told,) = api.get("/events").json()["items"]
        assert (told["object_id"], told["account"]) == (obj.pk, account.pk)
        assert (told["before"], told["after"]) == ({"city": ""}, {"city": "Delft"})

    @pytest.mark.parametrize("side", ["before", "after"])
    def test_a_side_that_is_empty_is_null(self, api, account, side):
        self.event(account, **({"before": {"city": ""}, "after": {"city": "x"}} | {side: None}))
        assert api.get("/events").json()["items"][0][side] is None


class TestCatalogue:
    def test_before_anything_is_published_there_is_none(self, api):
        Edition.objects.filter(state="published").update(state="retired")
        refused = api.get("/catalogue")
        assert refused.status_code == 404
        assert "No edition of the catalogue is published yet." in refused.content.decode()

    def test_statements_and_actions_are_those_of_the_edition(self, api, edition):
        told = api.get("/catalogue").json()
        assert (told["edition"]["id"], told["edition"]["held_at"]) == (edition.pk, 3.5)
        for level in told["levels"]:
            asked = list(edition.indicators.filter(rank=level["rank"]))
            assert [(one["code"], one["customer_statement"], one["team_statement"]) for one in level["indicators"]] == [
                (one.code, one.customer, one.team) for one in asked
            ]
            assert [one["position"] for one in level["indicators"]] == list(range(1, len(asked) + 1))
        for play in told["plays"]:
            stored = edition.plays.get(code=play["code"])
            assert (play["from_level"], play["to_level"], play["title"], play["why"]) == (
                stored.from_rank, stored.to_rank, stored.title, stored.why,
            )  # fmt: skip
            assert play["actions"] == [{"title": step.title, "days": step.days} for step in stored.actions.all()]
        assert len(told["plays"]) == edition.plays.count()

    def test_a_statement_that_is_not_asked_is_not_told(self, api, edition):
        draft = clone(edition, by=None)
        draft.indicators.filter(code="1b").update(active=False)
        publish(draft, by=None)
        told = api.get("/catalogue").json()["levels"][0]["indicators"]
        assert [(one["code"], one["position"]) for one in told] == [("1a", 1), ("1c", 2), ("1d", 3)]


class TestTarget:
    @pytest.fixture
    def path(self, account):
        place(account, customer=2.9)
        return f"/accounts/{account.pk}/target"

    def sent(self, **fields):
        return {"level": 4, "due_on": (timezone.localdate() + timedelta(days=900)).isoformat()} | fields

    def test_there_is_nothing_to_revise_where_none_is(self, api, path):
        refused = api.put(path, self.sent(), if_match='"v1"')
        assert refused.status_code == 412
        assert "There is no target to revise any more." in refused.content.decode()
        assert api.get(path).status_code == 404

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"revision_reason": "They shrank", "rationale": "Slower"}, "They shrank"),
            ({"revision_reason": "  ", "rationale": "Slower"}, "Slower"),
            ({"rationale": " Slower "}, "Slower"),
            ({}, "Revised by another program, without a reason."),
            ({"revision_reason": None, "rationale": None}, "Revised by another program, without a reason."),
        ],
    )
    def test_the_reason_of_a_revision_is_the_surest_that_was_sent(self, api, path, account, fields, why):
        first = api.put(path, self.sent())
        assert api.put(path, self.sent(level=3, **fields), if_match=first["ETag"]).status_code == 200
        assert account.targets.exclude(superseded_on=None).get().superseded_why == why

    def test_reading_gives_the_version_for_the_revision(self, api, path):
        api.put(path, self.sent())
        assert api.put(path, self.sent(level=5), if_match=api.get(path)["ETag"]).json()["level"] == 5
