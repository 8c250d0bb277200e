"""The demo portfolio: deterministic, believable, and true to the measurement."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Avg, Count, F
from django.utils import timezone

from accounts import derived
from accounts.models import Account, Contact, User
from accounts.permissions import readers_of
from accounts.querysets import a_year_before
from assessments.measurement.result import WeightedResponse, measure_assessment, read_response
from assessments.models import Answer, Assessment, Evidence, Response
from assessments.rating.questionnaire import questionnaire_of
from assessments.rounds.closing import RESULT_FIELDS
from assessments.rounds.voices import parts_of_the_decision
from assessments.scale_figures import figures_of, rounds_of, tally_of
from audit.models import Event
from audit.trail import broken_links
from demo import build as demo
from demo.names import REGIONS, company
from demo.stories import is_own
from hierarchy.models import Edition
from notes.models import Note, NoteMention
from plans.models import Action, ActionComment, ActionPlan, CommentMention, Target
from plans.targets.standing import standing_of
from portfolio import queries
from portfolio.figures.ladder import build_ladder, sum_figures
from reviews.models import AccountReview
from surveys.models import Invitation
from tests.demo import demos
from tests.demo.demos import build
from tests.factories import make_account

pytestmark = pytest.mark.django_db


def content():
    """All that was invented, without ids and without the moments at which rows were made."""
    accounts = Account.objects.order_by("name").values_list(
        "name", "external_id", "segment", "country", "city", "revenue", "owner__email", "team__name", "parent__name",
        "charter", "customer_position", "team_position", "last_heard_on", "target_level", "target_due_on", "target_status",
    )  # fmt: skip
    answers = Answer.objects.order_by(
        "response__assessment__account__name", "response__assessment__held_on", "response__side", "response__contact__email",
        "indicator__code",
    ).values_list("response__assessment__account__name", "response__assessment__held_on", "indicator__code", "value")  # fmt: skip
    notes = Note.objects.order_by("account__name", "written_at", "text").values_list("account__name", "held_on", "kind", "text")
    comments = ActionComment.objects.order_by("text", "action__plan__account__name", "written_at").values_list(
        "text", "author__email"
    )
    mentions = NoteMention.objects.order_by("note__text", "user__email").values_list("note__text", "user__email", "read_at")
    reviews = AccountReview.objects.order_by("account__name").values_list("account__name", "held_on", "by__email")
    return [
        list(accounts),
        list(reviews),
        list(notes),
        list(comments),
        list(mentions),
        list(answers),
        list(Contact.objects.order_by("email").values_list("name", "email", "title", "buying_role", "influence", "language")),
        list(Response.objects.exclude(comment="").order_by("comment", "contact__email").values_list("comment", "contact__email")),
        list(Target.objects.order_by("account__name").values_list("account__name", "level", "set_on", "due_on", "baseline")),
        list(Action.objects.order_by("plan__account__name", "due_on", "title").values_list("title", "due_on", "state", "done_on")),
        list(
            Invitation.objects.order_by("contact__email", "invited_at").values_list(
                "contact__email", "state", "invited_at", "expires_on", "opened_at", "answered_at", "reminded_on", "trouble",
                "assessment__visibility",
            )
        ),
        list(Account.tags.through.objects.order_by("account__name", "tag__name").values_list("account__name", "tag__name")),
    ]  # fmt: skip


def built(**options):
    """The content of a portfolio that is taken back at once."""
    with transaction.atomic():
        build(18, **options)
        found = content()
        transaction.set_rollback(True)
    return found


def test_same_seed_on_the_same_day_gives_the_same_portfolio(edition):
    first = built(seed=3)
    assert all(first)
    assert built(seed=3) == first


def test_another_seed_gives_another_portfolio(edition):
    assert built(seed=3) != built(seed=4)


forty, three_hundred = demos.forty, demos.three_hundred


class TestTruth:
    def test_every_measured_result_is_what_its_answers_come_to(self, forty):
        assessments = Assessment.objects.closed().filter(origin="measured").prefetch_related("responses__answers__indicator")
        assert assessments.count() > 200
        contacts = defaultdict(list)
        for contact in Contact.objects.all():
            contacts[contact.account_id].append(contact)
        for assessment in assessments:
            voices, heard = {"customer": [], "team": []}, set()
            for response in assessment.responses.all():
                marks = {rank: [] for rank in range(1, 6)}
                for given in response.answers.all():
                    marks[given.indicator.rank].append(given.value)
                reading = read_response(marks, float(forty.held_at))
                assert (response.position, response.level) == (reading.position, reading.level)
                assert response.counted == (reading.position is not None)
                if reading.position is not None:
                    voices[response.side].append(
                        WeightedResponse(
                            reading.position,
                            response.weight,
                            response.buying_role or None,
                            reading.known_levels,
                            told=response.origin == "told",
                            unsound=not response.is_sound,
                            pattern_error=reading.pattern_error,
                            below_specification=reading.below_specification,
                        )
                    )
                    heard.add(response.contact_id)
            unheard = parts_of_the_decision(contacts[assessment.account_id]).unheard(heard)
            result = measure_assessment(voices["customer"], voices["team"], unheard, confidential=assessment.is_confidential)
            stored = {name: getattr(assessment, name) for name in RESULT_FIELDS if name != "confidence_reasons"}
            assert stored == {name: getattr(result, name) for name in stored}
            assert assessment.confidence_reasons == list(result.confidence_reasons)

    def test_customers_weigh_as_much_as_their_influence(self, forty):
        responses = Response.objects.filter(side="customer")
        assert responses.exists()
        assert not responses.exclude(weight=F("contact__influence"), buying_role=F("contact__buying_role")).exists()

    def test_every_response_answers_every_statement(self, forty):
        submitted = Response.objects.filter(submitted_at__isnull=False)
        assert {response.answers.count() for response in submitted.prefetch_related("answers")} == {forty.indicators.count()}

    def test_derived_columns_equal_their_sources(self, forty):
        ids = list(Account.objects.values_list("pk", flat=True))
        assert list(derived.deviations(ids, timezone.localdate())) == []

    def test_rows_keep_what_their_models_promise(self, forty):
        """Constraints and foreign keys hold already: the database took the rows."""
        optional = ["confidence_reasons", "opened_at", "answered_at", "reminded_on"]
        models = (
            Account, Contact, Assessment, Invitation, Response, Evidence, Target, ActionPlan, Action, Note, ActionComment, AccountReview,
        )  # fmt: skip
        for model in models:
            keys = [field.name for field in model._meta.fields if field.is_relation]
            for row in model.objects.all():
                row.full_clean(validate_unique=False, validate_constraints=False, exclude=[*optional, *keys])

    def test_trail_is_whole_and_tells_each_result(self, forty):
        assert list(broken_links()) == []
        closed = Event.objects.filter(act="assessment.closed")
        assert closed.count() == Assessment.objects.closed().count()
        assert not closed.filter(account_id=None).exists()

    def test_events_stand_in_the_order_in_which_they_happened(self, forty):
        moments = list(
            Event.objects.exclude(act="demo.built").filter(account_id__isnull=False).order_by("pk").values_list("at", flat=True)
        )
        assert moments == sorted(moments)

    def test_nothing_happened_in_the_future(self, forty):
        today = timezone.localdate()
        assert not Assessment.objects.filter(held_on__gt=today).exists()
        assert not Action.objects.filter(done_on__gt=today).exists()
        assert not Target.objects.filter(set_on__gt=today).exists()
        assert not Note.objects.filter(held_on__gt=today).exists()
        assert not ActionComment.objects.filter(written_at__gt=timezone.now()).exists()

    def test_notes_are_of_every_kind_with_people_of_their_account(self, forty):
        assert set(Note.objects.values_list("kind", flat=True)) == set(Note.Kind.values)
        with_whom = Note.contacts.through.objects
        assert with_whom.exists()
        assert not with_whom.exclude(contact__account=F("note__account")).exists()
        assert not Note.objects.filter(text__contains="{").exists()

    def test_reviews_were_held_before_the_latest_round_with_the_people_of_the_account(self, forty):
        reviews = list(AccountReview.objects.select_related("account"))
        assert reviews
        for one in reviews:
            assert one.held_on == timezone.localdate(one.marked_at)
            assert one.held_on < one.account.assessments.closed().latest("held_on").held_on
            assert set(one.seen_people) == set(one.account.contacts.values_list("pk", flat=True))

    def test_who_is_mentioned_sees_the_account(self, forty):
        mentions = [(one.note.account, one.user) for one in NoteMention.objects.select_related("note__account", "user")]
        mentions += [
            (one.comment.action.plan.account, one.user)
            for one in CommentMention.objects.select_related("comment__action__plan__account", "user")
        ]
        assert mentions
        assert all(user in readers_of(account) for account, user in mentions)


class TestNames:
    @pytest.mark.parametrize("region", REGIONS, ids=lambda region: region.team)
    def test_no_region_repeats_itself_up_to_a_hundred_thousand_accounts(self, region):
        cores = [company(region, number).core for number in range(100_000 // len(REGIONS) + 1)]
        assert len(set(cores)) == len(cores)


@pytest.mark.one_database
class TestBelievable:
    """What a customer who looks at it would find odd."""

    @pytest.fixture
    def portfolio(self, three_hundred):
        return list(Account.objects.all())

    def test_names_are_unique(self, portfolio):
        assert len({account.name for account in portfolio}) == len(portfolio) == 300

    def test_all_regions_and_segments_are_there(self, portfolio):
        assert Account.objects.values("team").distinct().count() == 6
        assert Account.objects.values("segment").distinct().count() == 8

    def test_subsidiaries_bear_their_parents_name(self, portfolio):
        children = Account.objects.exclude(parent=None).select_related("parent")
        assert children
        for child in children:
            assert child.name.split()[0] == child.parent.name.split()[0]
            assert child.segment == child.parent.segment

    def test_levels_have_a_hump_at_two_and_three_and_none_is_empty(self, portfolio):
        levels = Counter(account.level for account in portfolio)
        assert min(levels[level] for level in range(1, 6)) >= 5
        assert levels[2] + levels[3] > levels[1] + levels[4] + levels[5] - 20
        assert max(levels[2], levels[3]) == max(levels.values())

    def test_we_see_it_somewhat_rosier(self, portfolio):
        mean = sum_figures(queries.groups_of(Account.objects.all(), timezone.localdate())).mean_gap
        assert 0.4 <= mean <= 0.8

    def test_some_were_never_heard_some_not_lately_and_some_never_assessed(self, portfolio):
        year_ago = a_year_before(timezone.localdate())
        never = sum(account.team_level is not None and account.last_heard_on is None for account in portfolio)
        stale = sum(account.last_heard_on is not None and account.last_heard_on < year_ago for account in portfolio)
        unassessed = sum(account.level is None for account in portfolio)
        assert 10 <= never <= 60
        assert 8 <= stale <= 50
        assert 5 <= unassessed <= 25

    def test_views_are_shared_mixed_and_split(self, portfolio):
        values = [value for value in Assessment.objects.closed().values_list("agreement", flat=True) if value is not None]
        shares = Counter("split" if value < 0.5 else "mixed" if value < 0.7 else "shared" for value in values)
        assert shares["shared"] > shares["mixed"] > shares["split"] > 0.02 * len(values)

    def test_targets_stand_in_every_status_and_none_prevails(self, portfolio):
        statuses = Counter(account.target_status for account in portfolio)
        assert set(statuses) == set(Account.TargetStatus)
        assert max(statuses.values()) < 0.4 * len(portfolio)

    def test_answers_form_a_scale_but_not_a_perfect_one(self, portfolio):
        """Loevinger's H on real surveys of business customers is 0.47 to 0.53."""
        edition = Edition.objects.published()
        found = figures_of(tally_of(questionnaire_of(edition), [edition.pk], "customer"), rounds_of([edition.pk]))
        assert 0.45 < found.interval.low < found.scalability.h < found.interval.high < 0.75
        assert found.turned == () and found.floor < found.reproducibility < 0.97
        assert 0 < found.rounds.high < 0.25 * found.rounds.heard
        assert [language for language, _n in found.languages.responses] == ["en", "nl"]

    def test_statements_of_a_level_are_not_all_alike(self, portfolio):
        means = defaultdict(list)
        given = Answer.objects.filter(response__side="customer").values_list("indicator__rank", "indicator__code")
        for rank, _code, mean in given.annotate(mean=Avg("value")).order_by("indicator__code"):
            means[rank].append(mean)
        assert all(max(found) - min(found) > 0.08 for found in means.values())

    def test_rounds_are_of_every_kind_and_none_prevails(self, portfolio):
        kinds = Counter()
        measured = Assessment.objects.closed().filter(origin="measured").prefetch_related("responses", "invitations")
        for round_ in measured:
            theirs = [one for one in round_.responses.all() if one.side == "customer"]
            origins = {one.origin for one in theirs}
            kinds += Counter(
                uniform=any(one.uniform for one in theirs),
                hasty=any(one.hasty for one in theirs),
                in_words=any(one.is_in_words for one in theirs),
                silent=bool(round_.invitations.all()) and not theirs,
                told=origins == {"told"},
                by_link=origins == {"link"},
                mixed=origins == {"told", "link"},
                high=round_.confidence == "high",
            )
        shares = {kind: count / len(measured) for kind, count in kinds.items()}
        assert {kind: share for kind, share in shares.items() if not 0.003 < share < 0.6} == {}
        assert len(shares) == 8

    def test_what_they_sell_stands_beside_what_they_buy_and_some_of_it_is_not_known(self, portfolio):
        both = [account for account in portfolio if account.turnover and account.revenue]
        assert 200 < len(both) < 280
        assert all(account.revenue < account.turnover for account in both)
        assert any(account.turnover is None for account in portfolio) and any(account.revenue is None for account in portfolio)

    def test_not_every_customer_is_asked_every_half_year(self, portfolio):
        rounds = Assessment.objects.closed().values("account").annotate(number=Count("pk")).values_list("number", flat=True)
        assert 0.1 < sum(number <= 4 for number in rounds) / len(rounds) < 0.6

    def test_no_status_contradicts_the_chance_beside_it(self, portfolio):
        told = [(account.target_status, account.target_chance) for account in portfolio if account.target_chance is not None]
        assert len(told) > 100
        assert [one for one in told if one[0] == "on_track" and one[1] < 0.25] == []
        assert [one for one in told if one[0] == "off_track" and one[1] > 0.60] == []

    def test_the_chance_decides_some_of_them(self, portfolio):
        results = Assessment.objects.closed().in_time().select_related("edition")
        decided = Counter(
            standing_of(target.account, target, results.filter(account=target.account_id), timezone.localdate()).status.decided_by
            for target in Target.objects.active().select_related("account")
        )
        assert min(decided["line"], decided["chance"], decided["customer"]) >= 3

    def test_what_is_reached_the_customer_said(self, portfolio):
        reached = [account for account in portfolio if account.target_status == "reached"]
        assert reached
        assert [account for account in reached if (account.customer_level or 0) < account.target_level] == []
        assert {account.target_chance for account in reached} == {1}

    def test_more_climbed_than_slid_and_both_happened(self, portfolio):
        ladder = build_ladder(queries.groups_of(Account.objects.all(), timezone.localdate()))
        assert ladder.climbed > ladder.slid >= 10


@pytest.mark.one_database
@pytest.mark.parametrize("seed", [1, 42])
def test_the_manager_has_something_of_everything(edition, seed):
    build(96, seed=seed)
    today = timezone.localdate()
    manager = User.objects.get(email="manager@example.com")
    own = Account.objects.filter(owner=manager)
    reasons = {concern.reason for concern in queries.needs_attention(own, today, most=99)}
    ladder = build_ladder(queries.groups_of(own, today))
    pending = Action.objects.pending().filter(owner=manager)
    assert ladder.climbed >= 1
    assert {"slid", "rosy", "never_heard", "not_assessed", "stale"} <= reasons
    assert {"on_track", "off_track", "reached"} <= set(own.values_list("target_status", flat=True))
    assert Assessment.objects.open().filter(account__in=own).exists()
    assert pending.filter(due_on__lt=today).exists()
    assert pending.filter(due_on__range=(today, today + timedelta(days=7))).exists()
    assert own.exclude(charter="").exists()
    assert Evidence.objects.filter(response__assessment__account__in=own).exists()
    assert NoteMention.objects.unread_by(manager).exists()
    assert Note.objects.filter(account__in=own).count() >= 10


def test_manager_of_the_usual_demo_owns_some_twenty_accounts():
    assert 15 <= sum(is_own(index) for index in range(300 // len(REGIONS))) <= 25


@pytest.mark.one_database
@pytest.mark.parametrize("weekday", range(7))
def test_it_is_right_on_any_day_of_the_week(edition, weekday):
    today = timezone.localdate() - timedelta(days=weekday)
    build(12, years=2, today=today)
    manager = User.objects.get(email="manager@example.com")
    due = Action.objects.pending().filter(owner=manager).values_list("due_on", flat=True)
    assert any(day < today for day in due)
    assert any(today <= day <= today + timedelta(days=7) for day in due)


def test_beyond_a_thousand_only_the_latest_round_keeps_its_answers(edition, monkeypatch):
    monkeypatch.setattr(demo, "DETAILED_UP_TO", 10)
    build(30)
    measured = Assessment.objects.filter(origin="measured")
    recorded = Assessment.objects.filter(origin="recorded")
    assert not Answer.objects.filter(response__assessment__in=recorded).exists()
    assert recorded.count() > 3 * measured.count()
    assert set(Invitation.objects.values_list("assessment__origin", flat=True)) == {"measured"}
    assert not Assessment.objects.open().exists()
    assert Event.objects.filter(act="demo.batch_built").count() == 1
    assert list(broken_links()) == []
    assert list(derived.deviations(list(Account.objects.values_list("pk", flat=True)), timezone.localdate())) == []


class TestCommand:
    def test_refuses_where_demo_is_forbidden(self, edition, settings):
        settings.DEMO_REFUSED = True
        with pytest.raises(CommandError, match="DEMO=0"):
            call_command("demo", accounts=3)
        assert not Account.objects.exists()

    def test_refuses_to_add_to_what_is_there(self, edition):
        make_account()
        with pytest.raises(CommandError, match="already holds accounts"):
            call_command("demo", accounts=3)

    @pytest.mark.parametrize("options", [{"accounts": 0}, {"accounts": 100_001}, {"years": 0}, {"years": 11}])
    def test_refuses_numbers_out_of_range(self, edition, options):
        with pytest.raises(CommandError, match="takes a number from 1 to"):
            call_command("demo", **options)

    def test_without_a_catalogue_says_so(self, db):
        with pytest.raises(CommandError, match="catalogue"):
            call_command("demo", accounts=3)

    def test_tells_how_far_it_is(self, edition, capsys):
        call_command("demo", accounts=3)
        assert "3 of 3 accounts" in capsys.readouterr().out
        assert Account.objects.count() == 3
