"""The benchmarks page: what it shows, hides and leads to, and to whom."""

import gzip
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts import derived
from accounts.models import Account
from hierarchy.models import Edition
from hierarchy.publishing import clone, publish
from plans.forecast.counting import SegmentPace
from tests.factories import (
    make_account,
    make_administrator,
    make_basis,
    make_result,
    make_target,
    make_team,
    make_user,
    make_viewer,
    place,
)
from tests.portfolio.lives import do, live

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def ago(days):
    return timezone.localdate() - timedelta(days=days)


@pytest.fixture
def viewer(client):
    client.force_login(user := make_viewer())
    return user


def page(client, query=""):
    return client.get(f"{reverse('portfolio:benchmarks')}{query}")


def text(response):
    return " ".join(response.content.decode().split())


def climbers(times=6, **fields):
    """Accounts that climbed from 2 to 3 within the last year."""
    return [live((ago(800), 2.5, 3.5), (ago(100), 3.5, 3.5), **fields) for _ in range(times)]


class TestFigures:
    def test_the_answer_in_words_and_each_part_below(self, client, viewer, edition):
        climbers(segment="Energy", country="NL", team=make_team(name="North"))
        shown = text(page(client))
        assert "Of 6 customers heard by both days 6 climbed and 0 slid." in shown
        for part in ("spread", "migration", "chances", "climbs", "worked", "gaps", "voice"):
            assert f'id="{part}"' in shown

    def test_who_was_not_heard_is_said(self, client, viewer):
        climbers()
        place(make_account(), team=2.5)
        assert "6 of 7 accounts have one" in text(page(client))

    def test_figures_lead_to_the_same_accounts(self, client, viewer):
        team = make_team()
        climbers(segment="Oil & gas", team=team)
        live((ago(100), 3.5), segment="Retail", team=team)
        table = page(client, f"?team={team.pk}").context["tables"][0]
        (row,) = table.rows
        url = row.cells[2].url
        assert url == f"{reverse('accounts:list')}?segment=Oil+%26+gas&team={team.pk}&level=3"
        assert client.get(url).context["count"] == row.cells[2].accounts == 6
        assert not row.cells[0].url  # nobody stands there

    def test_figures_of_another_day_lead_nowhere(self, client, viewer):
        climbers(segment="Energy")
        context = page(client, f"?at={ago(300).isoformat()}").context
        row = context["tables"][0].rows[0]
        assert [cell.accounts for cell in row.cells] == [0, 6, 0, 0, 0]
        assert (row.url, row.cells[1].url, context["quiet_url"]) == ("", "", "")

    def test_a_play_and_its_interval(self, client, viewer, edition):
        for number in range(10):
            account = live((ago(900), 2.5), *([(ago(500), 3.5)] if number < 8 else []))
            do(account, edition.plays.get(code="kaizen"), ago(800))
        (worked,) = page(client).context["worked"]
        assert (worked.title, worked.from_rank, worked.done.climbs.climbed, worked.without) == ("Kaizen", 2, 8, None)
        shown = text(page(client))
        assert "49 % – 94 %" in shown
        assert "came before, not necessarily because of" in shown

    def test_a_forecast_only_with_enough_history(self, client, viewer):
        climbers(6)  # 13 account-years
        derived.refresh_all()
        assert page(client).context["forecast"].levels == ()
        assert "Not enough history yet: this takes 20 account-years and 10 moves; at the last count there were 13 and 6." in text(
            page(client)
        )

    def test_the_chance_of_a_climb_by_the_pace_of_all(self, client, viewer):
        climbers(12)
        derived.refresh_all()
        (chance, *_others) = page(client).context["forecast"].levels
        assert (chance.level, chance.up, chance.down) == (2, 12, 0)
        assert chance.years == pytest.approx(12 * 700 / 365.25)
        assert 0.30 < chance.within_a_year < 0.40 < chance.within_three < 0.80
        # All stood at 2.5: the other quarters are unknown.
        assert chance.by_quarter == (None, None, pytest.approx(chance.within_a_year), None)

    def test_how_likely_a_climb_is_has_one_answer_for_every_reader(self, client, edition):
        """An owner of one account, a lead of a team and an executive; and of all accounts, archived ones too."""
        lead, owner = make_user(), make_user()
        team = make_team(leads=[lead])
        climbers(8)
        climbers(5, team=team)
        own = climbers(6, owner=owner)
        Account.objects.filter(pk=own[0].pk).update(status=Account.Status.ARCHIVED)
        derived.refresh_all()
        told = []
        for person in (owner, lead, make_viewer()):
            client.force_login(person)
            told.append(climbs_told(page(client)))
        assert told[0] == told[1] == told[2]
        assert "of all accounts of the organisation" in told[0]

    def test_a_segment_moves_by_its_factor_and_the_page_says_so(self, client, viewer):
        make_basis(timezone.localdate(), segments={"Energy": SegmentPace(60, 20), "Retail": SegmentPace(12, 28)})
        climbers(6, segment="Energy")
        whole, energy = (page(client, query) for query in ("", "?segment=Energy"))
        assert energy.context["forecast"].levels[1].within_a_year > whole.context["forecast"].levels[1].within_a_year
        assert "Energy moves 2.9 times as fast as all together." in text(energy)
        assert "times as fast" not in text(whole)

    def test_what_was_is_said_to_be_what_was(self, client, viewer):
        climbers(12)
        assert text(page(client)).count("This is what was; how likely a climb is from today on stands") == 2


def climbs_told(response):
    """The card with the chances of climbs, without what it says of the targets of the reader."""
    return text(response).partition('id="chances"')[2].partition("</section>")[0].partition("<h3>")[0]


class TestFewAccounts:
    def test_a_segment_below_five_is_counted_and_not_shown(self, client, viewer):
        climbers(6, segment="Energy")
        climbers(4, segment="Retail")
        assert [row.name for row in page(client).context["tables"][0].rows] == ["Energy"]
        assert "1 more has fewer than 5 accounts heard and is not shown." in text(page(client))

    def test_a_row_of_the_matrix_below_five_is_hidden(self, client, viewer):
        climbers(5)
        live((ago(800), 4.5), (ago(100), 1.5))
        matrix = page(client).context["matrix"]
        assert (matrix[1].accounts, len(matrix[1].cells)) == (5, 5)
        assert (matrix[3].accounts, matrix[3].cells) == (1, ())
        assert "hidden: fewer than 5 accounts" in text(page(client))

    def test_a_curve_below_five_is_hidden(self, client, viewer):
        climbers(5)
        assert [bool(row.steps) for row in page(client).context["climbs"]] == [False, True, True, False]

    def test_below_five_heard_all_is_hidden_and_says_what_to_do(self, client, edition):
        client.force_login(make_administrator())
        climbers(4)
        response = page(client)
        assert "tables" not in response.context
        assert "Of 4 accounts 4 have the customer's level" in text(response).replace("&#x27;", "'")
        assert "manage.py import_history" in text(response)

    def test_no_accounts_at_all(self, client):
        client.force_login(make_user())
        response = page(client)
        assert "No accounts yet" in text(response)
        assert reverse("importing:upload") in text(response)

    def test_whoever_only_reads_is_not_told_to_import(self, client, viewer):
        assert reverse("importing:upload") not in text(page(client))


class TestChoices:
    @pytest.mark.parametrize(
        ("query", "field", "message"),
        [
            ("segment=Nowhere", "segment", "No such choice"),
            ("team=999999999999999999999", "team", "No such choice"),
            ("team=-1", "team", "No such choice"),
            ("country=XX", "country", "No such choice"),
            ("edition=0", "edition", "There is no such edition."),
            ("edition=ALL", "edition", "There is no such edition."),
            ("at=yesterday", "at", "Enter a valid date."),
            ("at=9999-12-31", "at", "Choose today or an earlier day."),
            ("since=0001-01-01", "since", "Choose a date from 1990 on."),
            ("at=1990-01-01&since=1990-01-01", "since", "Choose a day before"),
            ("segment=" + "x" * 5000, "segment", "No such choice"),
        ],
    )
    def test_what_is_wrong_stands_beside_its_field(self, client, viewer, query, field, message):
        climbers(5)
        response = page(client, f"?{query}")
        assert response.status_code == 200
        assert message in response.context["form"].errors[field][0]
        assert escape(response.context["form"].errors[field][0]) in response.content.decode()

    @pytest.mark.parametrize(
        "query", ["at=1990-01-01", "since=1990-01-01", "account=x", "account=9223372036854775808", "segment=%27%22"]
    )
    def test_odd_but_possible(self, client, viewer, query):
        climbers(5)
        assert page(client, f"?{query}").status_code == 200

    def test_what_is_wrong_counts_as_empty_and_the_rest_holds(self, client, viewer):
        climbers(5, segment="Energy", country="NL")
        climbers(6, segment="Retail", country="NL")
        context = page(client, "?segment=Energy&country=XX&at=nonsense").context
        assert (context["figures"].heard, context["chosen"].at) == (5, timezone.localdate())

    def test_twelve_months_until_today_unless_told_otherwise(self, client, viewer):
        climbers(5)
        chosen = page(client).context["chosen"]
        assert (chosen.at, chosen.since.year, chosen.since.month) == (ago(0), ago(0).year - 1, ago(0).month)

    def test_nothing_fits(self, client, viewer):
        climbers(5, segment="Energy", country="NL")
        live((ago(100), 2.5), segment="Retail", country="BE")
        assert "No account fits" in text(page(client, "?segment=Energy&country=BE"))

    def test_a_hostile_name_is_escaped(self, client, viewer):
        evil = "<script>alert(1)</script>"
        climbers(5, segment=evil, team=make_team(name=evil))
        assert evil not in page(client).content.decode()


class TestEditions:
    """Figures stay on the newest measure that has enough results, and say which."""

    def publish_next(self, edition, name, *, mended=True):
        draft = clone(edition, by=None)
        Edition.objects.filter(pk=draft.pk).update(name_en=name, name_nl=name)
        if mended:
            draft.indicators.filter(code="1a").update(customer_en=f"Words of {name}")
        return publish(Edition.objects.get(pk=draft.pk), by=make_administrator())

    @pytest.fixture
    def second(self, edition):
        """A new measure, published when six customers had been heard twice with the first one."""
        climbers(6)
        return self.publish_next(edition, "Second")

    def test_publishing_does_not_empty_them(self, client, viewer, second, edition):
        found = page(client)
        assert (found.context["figures"].heard, found.context["figures"].migration.accounts) == (6, 6)
        assert "Measured with “First edition”." in text(found)
        assert "With the newer edition “Second” there are 0 results so far" in text(found)

    @pytest.mark.parametrize(("again", "measured_with"), [(4, "First edition"), (5, "Second")])
    def test_they_change_over_once_five_were_heard_twice_with_the_newer_one(self, client, viewer, second, again, measured_with):
        for number in range(6):
            live((ago(800), 2.5), *([(ago(9), 2.5)] if number < again else []))
        found = page(client)
        assert f"Measured with “{measured_with}”." in text(found)
        assert bool(found.context["newer_edition"]) is (again < 5)

    @pytest.mark.parametrize(("heard", "measured_with"), [(4, "First edition"), (5, "Second")])
    def test_where_nobody_was_heard_twice_the_newest_with_five_levels_stands(self, client, viewer, edition, heard, measured_with):
        for _number in range(5):
            live((ago(100), 2.5))
        second = self.publish_next(edition, "Second")
        for _number in range(heard):
            live((ago(50), 2.5), edition=second)
        assert page(client).context["measured_with"] == measured_with

    def test_without_enough_of_any_the_newest_stands(self, client, viewer, edition):
        climbers(4)
        self.publish_next(edition, "Second")
        assert page(client).context["measured_with"] == "Second"

    def test_the_same_statements_go_on_as_one_measure(self, client, viewer, edition):
        climbers(3)
        self.publish_next(edition, "Second", mended=False)
        climbers(3)
        found = page(client)
        assert (found.context["figures"].heard, found.context["measured_with"]) == (6, "Second")
        assert [name for name, _label in found.context["form"].fields["edition"].choices] == ["", "all"]

    def test_a_measure_that_is_asked_for_is_shown_whatever_it_has(self, client, viewer, second, edition):
        assert page(client, f"?edition={second.pk}").context["figures"].heard == 0
        assert page(client, f"?edition={edition.pk}").context["figures"].heard == 6

    def test_the_others_are_offered_while_nobody_was_heard_twice_with_it(self, client, viewer, second, edition):
        offered = [(results, url) for _name, results, url in page(client, f"?edition={second.pk}").context["other_editions"]]
        assert offered == [(12, f"?edition={edition.pk}"), (12, "?edition=all")]
        assert [page(client, url).context["figures"].heard for _results, url in offered] == [6, 6]
        assert page(client, "?edition=all").context["other_editions"] == []

    def test_they_are_not_offered_any_more_once_somebody_was(self, client, viewer, second):
        live((ago(90), 2.5), (ago(9), 2.5))
        assert page(client, f"?edition={second.pk}").context["other_editions"] == []

    def test_a_draft_is_no_choice(self, client, viewer, edition):
        draft = clone(edition, by=make_administrator())
        assert page(client, f"?edition={draft.pk}").context["form"].errors["edition"]


class TestWhoSeesWhat:
    def test_another_teams_accounts_never_count(self, client):
        manager, team = make_user(), make_team()
        climbers(6, owner=manager, segment="Energy")
        climbers(7, segment="Secret", team=team, country="FR")
        client.force_login(manager)
        context = page(client).context
        assert (context["figures"].accounts, context["figures"].migration.accounts) == (6, 6)
        assert (context["figures"].choices.segments, context["figures"].choices.teams) == (("Energy",), ())
        assert page(client, "?segment=Secret").context["form"].errors["segment"]
        assert "Secret" not in text(page(client))

    def test_who_sees_everything_shares_nothing_with_who_does_not(self, client, viewer):
        climbers(6)
        assert page(client).context["figures"].heard == 6
        client.force_login(make_user())
        assert page(client).context["figures"].heard == 0

    def test_archived_accounts_are_in_no_figure(self, client, viewer, edition):
        kaizen = edition.plays.get(code="kaizen")
        for account in [*climbers(6), *climbers(1, status="archived")]:
            do(account, kaizen, ago(700))
        context = page(client).context
        assert (context["figures"].accounts, context["figures"].migration.accounts) == (6, 6)
        assert context["worked"][0].done.climbs.of == 6

    def test_a_team_that_one_joins_counts_from_then_on(self, client):
        team, manager = make_team(), make_user()
        climbers(6, team=team)
        client.force_login(manager)
        assert page(client).context["figures"].accounts == 0
        client.force_login(make_administrator())
        join = reverse("people:membership", args=[team.pk])
        assert client.post(join, {"person": manager.pk, "act": "add"}).status_code == 302
        client.force_login(manager)
        assert page(client).context["figures"].accounts == 6


class TestBesideItsLike:
    def stand(self, *positions, **fields):
        return [live((ago(100), position), segment="Energy", **fields) for position in positions]

    def test_it_stands_above_so_many_of_the_others(self, client, viewer):
        *_others, here = self.stand(1.0, 1.5, 2.0, 2.5, 2.9)
        told = text(page(client, f"?account={here.pk}"))
        assert "it stands higher than 4 of the 4 other accounts in Energy whose customer was heard." in told
        assert "as high" not in told

    @pytest.mark.parametrize(("alike", "said"), [(1, "1 stands as high."), (2, "2 stand as high.")])
    def test_those_that_stand_alike_are_counted_apart(self, client, viewer, alike, said):
        *_others, here = self.stand(*[1.0] * 4, *[4.0] * (3 - alike), *[2.9] * (alike + 1))
        told = text(page(client, f"?account={here.pk}"))
        counted = f"higher than 4 of the 7 other accounts in Energy whose customer was heard. {said}"
        assert counted in told

    def test_hidden_below_five(self, client, viewer):
        here = self.stand(1.0, 2.0)[0]
        assert "Hidden: fewer than 5 accounts of this segment" in text(page(client, f"?account={here.pk}"))

    def test_nothing_to_compare(self, client, viewer):
        assert "Nothing to compare" in text(page(client, f"?account={make_account().pk}"))

    def test_an_account_that_one_may_not_see_is_none(self, client):
        theirs = self.stand(1.0, 2.0, 3.0, 4.0, 5.0)[0]
        client.force_login(make_user())
        assert theirs.name not in text(page(client, f"?account={theirs.pk}"))

    def test_the_account_leads_there(self, client, viewer, edition):
        here = live((ago(100), 2.5), segment="Oil & gas")
        url = f"{reverse('portfolio:benchmarks')}?segment=Oil%20%26%20gas&amp;account={here.pk}"
        assert url in client.get(reverse("portfolio:account_history", args=[here.pk])).content.decode()

    def test_an_account_that_cannot_be_compared_does_not(self, client, viewer, edition):
        silent = make_account(segment="Energy")
        place(silent, team=2.5)
        assert (
            f"{reverse('portfolio:benchmarks')}?"
            not in client.get(reverse("portfolio:account_history", args=[silent.pk])).content.decode()
        )


class TestTheTargets:
    def aiming(self, count, **fields):
        """Accounts on level 3 with two years left to level 4; of twelve the history is enough to forecast by."""
        for account in climbers(count, **fields):
            make_target(account, set_on=ago(50), due_on=ago(-700))
        derived.refresh_all()

    def test_their_sum_is_told(self, client, viewer, edition):
        self.aiming(12, segment="Energy")
        shown = text(page(client))
        expected = sum(Account.objects.values_list("target_chance", flat=True))
        assert f"Of 12 targets {round(expected)} will probably be met; nine times out of ten it is" in shown

    def test_what_has_too_little_history_is_counted(self, client, viewer, edition):
        self.aiming(5, segment="Energy")
        assert "5 more have no forecast" in text(page(client))

    def test_of_another_day_than_today_nothing_is_forecast(self, client, viewer, edition):
        self.aiming(12, segment="Energy")
        assert "will probably be met" not in text(page(client, f"?at={ago(1)}"))


class TestKept:
    def test_shown_again_without_looking_until_something_changes(self, client, django_assert_num_queries):
        client.force_login(administrator := make_administrator())
        accounts = climbers(6, owner=administrator)
        assert page(client).context["figures"].accounts == 6
        make_result(accounts[0], ago(5), customer=5.0)  # by a factory, which writes no event
        assert page(client).context["figures"].by_segment[0].counts == (0, 0, 6, 0, 0)
        client.post(reverse("accounts:archive", args=[accounts[1].pk]), {"version": accounts[1].version})
        assert page(client).context["figures"].by_segment[0].counts == (0, 0, 4, 0, 1)

    def test_each_choice_has_its_own(self, client, viewer):
        climbers(5, segment="Energy")
        climbers(6, segment="Retail")
        assert [page(client, f"?segment={one}").context["figures"].heard for one in ("Energy", "Retail", "")] == [5, 6, 11]


@pytest.mark.parametrize("rows", [5, 40])
def test_costs_the_same_whatever_the_rows(client, edition, rows, django_assert_num_queries):
    lead = make_user()
    team = make_team(leads=[lead])
    plays = list(edition.plays.all())
    for number in range(rows):
        account = live((ago(800), 2.5, 3.5), (ago(100), 1.5 + number % 3, 3.5), team=team, segment=f"Segment {number % 40}")
        do(account, plays[number % len(plays)], ago(700))
    client.force_login(lead)
    here = team.accounts.first()
    # session, person, editions, state of the data; accounts with their targets, results, history of all accounts, plays done; saved
    # views, the account, its like, titles of plays
    with django_assert_num_queries(12):
        page(client, f"?account={here.pk}")
    with django_assert_num_queries(7):  # the figures are at hand
        page(client, f"?account={here.pk}")


def test_is_small_even_with_many_segments_teams_and_countries(client, viewer, edition):
    codes = [
        "NL",
        "BE",
        "DE",
        "FR",
        "GB",
        "US",
        "ES",
        "IT",
        "SE",
        "NO",
        "DK",
        "FI",
        "AT",
        "CH",
        "PL",
        "CZ",
        "PT",
        "IE",
        "LU",
        "HU",
        "GR",
    ]
    for number, code in enumerate(codes):
        climbers(5, segment=f"A segment with a rather long name, {number}", country=code, team=make_team())
    shown = page(client)
    assert [len(table.rows) for table in shown.context["tables"]] == [20, 20, 20]
    assert "1 smaller one is not shown: choose it above." in text(shown)
    assert len(gzip.compress(shown.content)) < 60_000
