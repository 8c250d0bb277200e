"""What must always hold of assessments, responses, answers and notes, whoever writes: the database refuses the rest."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from assessments.models import Answer, Assessment, Correction, Evidence, Response
from tests.factories import answer, make_account, make_assessment, make_contact, make_result, make_user

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 15)
R1 = "5445 4434 3433 2212 1121"


def refused(make, *args, **fields) -> str:
    """What the database says when it refuses."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        make(*args, **fields)
    return str(refusal.value)


class TestAnAssessment:
    @pytest.fixture
    def account(self, edition):
        return make_account()

    def test_an_account_has_one_open_and_any_number_of_closed_ones(self, account):
        for _ in range(2):
            make_result(account, DAY, customer=3)
        make_assessment(account)
        refused(make_assessment, account)
        assert account.assessments.count() == 3

    def test_of_a_day_one_result_is_recorded_and_others_measured(self, account):
        make_result(account, DAY, customer=3, origin="recorded")
        refused(make_result, account, DAY, customer=4, origin="recorded")
        make_result(account, DAY, customer=4)
        make_result(account, date(2026, 1, 16), customer=4, origin="recorded")
        make_result(make_account(), DAY, customer=4, origin="recorded")

    @pytest.mark.parametrize("fields", [
        {"closed_at": timezone.now()}, {"customer_level": 3, "customer_position": 3.0}, {"team_level": 3, "team_position": 3.0},
        {"agreement": 0.5, "agreement_word": "mixed"}, {"agreement_word": "mixed"}, {"confidence": "low"}, {"respondents": 0},
        {"unheard": 1}, {"coverage": 0.5}, {"below_specification": True}, {"former_rule": True},
    ])  # fmt: skip
    def test_an_open_one_has_no_part_of_a_result(self, account, fields):
        assert "assessment_result_exactly_when_closed" in refused(make_assessment, account, **fields)

    @pytest.mark.parametrize("fields", [{"closed_at": None}, {"respondents": None}, {"confidence": ""}])
    def test_a_closed_one_has_every_part_of_it(self, account, fields):
        assert "assessment_result_exactly_when_closed" in refused(make_result, account, DAY, customer=3, **fields)

    def test_a_closed_one_has_a_level_of_one_side_at_least(self, account):
        assert "assessment_result_exactly_when_closed" in refused(make_result, account, DAY)
        make_result(account, DAY, customer=3)
        make_result(account, DAY, team=3)

    @pytest.mark.parametrize("side", ["customer", "team"])
    @pytest.mark.parametrize(("level", "position"), [(0, 0.5), (6, 5.0), (3, -0.1), (5, 5.1), (3, None), (None, 3.0)])
    def test_level_and_position_of_a_side_come_together_and_in_range(self, account, side, level, position):
        fields = {f"{side}_level": level, f"{side}_position": position, "gap": None}
        other = {"team": 3} if side == "customer" else {"customer": 3}
        assert "assessment_levels_in_range" in refused(make_result, account, DAY, **other, **fields)

    @pytest.mark.parametrize(("level", "position"), [(1, 0.0), (5, 5.0)])
    def test_the_ends_of_the_scale_are_in_range(self, account, level, position):
        make_result(account, DAY, customer=position, customer_level=level)

    @pytest.mark.parametrize("gap", [-1, 0, 2])
    def test_the_gap_is_ours_minus_theirs(self, account, gap):
        assert "assessment_gap_is_team_minus_customer" in refused(make_result, account, DAY, customer=3, team=4, gap=gap)
        assert make_result(account, DAY, customer=3, team=4).gap == 1

    @pytest.mark.parametrize("day", [date(1989, 12, 31), date(2026, 11, 26)])
    def test_a_day_before_1990_or_after_today_cannot_be_meant(self, account, day, time_machine_today):
        with pytest.raises(ValidationError):
            Assessment(account=account, held_on=day).clean()

    @pytest.mark.parametrize("day", [date(1990, 1, 1), date(2026, 11, 25)])
    def test_the_first_day_of_1990_and_today_can(self, account, day, time_machine_today):
        Assessment(account=account, held_on=day).clean()

    @pytest.fixture
    def time_machine_today(self, monkeypatch):
        monkeypatch.setattr("core.days.today", lambda: date(2026, 11, 25))

    @pytest.mark.parametrize("side", ["customer", "team"])
    def test_with_one_side_alone_there_is_no_gap(self, account, side):
        assert "assessment_gap_is_team_minus_customer" in refused(make_result, account, DAY, **{side: 3}, gap=1)

    def test_a_confidential_one_has_a_level_and_no_decimals(self, account):
        name = "assessment_no_decimals_in_confidence"
        confidential = {"customer": 3, "visibility": "confidential"}
        for fields in ({"customer_position": 3.2}, {"agreement": 0.6}, {"below_specification": True}):
            assert name in refused(make_result, account, DAY, **confidential | fields)
        assert make_result(account, DAY, **confidential, agreement_word="mixed").customer_stands_at == 3
        assert "assessment_levels_in_range" in refused(make_result, account, DAY, **confidential, customer_level=6)

    @pytest.mark.parametrize(
        "fields",
        [{"agreement": 0.5, "agreement_word": ""}, {"agreement_word": "odd"}, {"agreement": 1.1}, {"agreement": -0.1}],
    )
    def test_its_agreement_has_a_word(self, account, fields):
        fields = {"agreement_word": "mixed"} | fields
        assert "assessment_agreement_has_its_word" in refused(make_result, account, DAY, customer=3, **fields)

    @pytest.mark.parametrize("coverage", [-0.1, 1.1])
    def test_coverage_is_a_share(self, account, coverage):
        assert "assessment_coverage_0_to_1" in refused(make_result, account, DAY, customer=3, coverage=coverage)

    @pytest.mark.parametrize("band", [(4, 5), (1, 2), (0, 3), (3, 6), (3, None), (None, 3)])
    def test_its_level_lies_within_its_band(self, account, band):
        fields = dict(zip(("band_low", "band_high"), band, strict=True))
        assert "assessment_level_within_its_band" in refused(make_result, account, DAY, customer=3, **fields)
        assert make_result(account, DAY, customer=3, band_low=3, band_high=4).band == (3, 4)

    def test_no_more_was_told_than_people_answered(self, account):
        assert "assessment_told_among_respondents" in refused(make_result, account, DAY, customer=3, told=2)

    def test_an_account_with_a_result_is_not_deleted(self, account):
        make_result(account, DAY, customer=3)
        with pytest.raises(ProtectedError):
            account.delete()


class TestAResponse:
    @pytest.fixture
    def round_(self, edition):
        return make_assessment()

    def make(self, round_, **fields):
        return Response.objects.create(assessment=round_, **{"side": "customer", "origin": "api"} | fields)

    def test_a_contact_and_a_colleague_each_answer_once_a_round(self, round_):
        contact, mate = make_contact(round_.account), make_user()
        self.make(round_, contact=contact)
        self.make(round_, side="team", user=mate)
        refused(self.make, round_, contact=contact)
        refused(self.make, round_, side="team", user=mate)
        other = make_assessment()
        self.make(other, side="team", user=mate)

    def test_any_number_stand_alone_without_a_person(self, round_):
        for side in ("customer", "customer", "team", "team"):
            self.make(round_, side=side)
        assert round_.responses.count() == 4

    def test_a_contact_answers_for_the_customer_and_a_colleague_for_us(self, round_):
        name = "response_from_its_own_side"
        assert name in refused(self.make, round_, side="team", contact=make_contact(round_.account))
        assert name in refused(self.make, round_, side="customer", user=make_user())

    @pytest.mark.parametrize("weight", [0, 4])
    def test_it_weighs_one_to_three(self, round_, weight):
        assert "response_weight_1_to_3" in refused(self.make, round_, weight=weight)

    @pytest.mark.parametrize("fields", [
        {"level": 3}, {"position": 3.0}, {"level": 0, "position": 0.0}, {"level": 6, "position": 5.0}, {"level": 5, "position": 5.1},
    ])  # fmt: skip
    def test_level_and_position_come_together_and_in_range(self, round_, fields):
        known = {"known_levels": 0} if "level" in fields else {}
        assert "response_level_in_range" in refused(self.make, round_, **known, **fields)

    @pytest.mark.parametrize("known", [None, 3, 6])
    def test_no_more_levels_are_known_than_its_level(self, round_, known):
        name = "response_known_levels_with_its_level"
        assert name in refused(self.make, round_, level=2, position=2.0, known_levels=known)
        assert name in refused(self.make, round_, known_levels=1)
        self.make(round_, level=2, position=2.0, known_levels=0)

    def test_its_origin_is_one_of_its_side(self, round_):
        name, contact, mate = "response_origin_of_its_side", make_contact(round_.account), make_user()
        for fields in (
            {"origin": "link"}, {"origin": "told"}, {"origin": "own"}, {"origin": ""}, {"origin": "own", "contact": contact},
            {"side": "team", "user": mate, "origin": "link"}, {"side": "team", "user": mate, "origin": "told"},
            {"side": "team", "origin": "own"},
        ):  # fmt: skip
            assert name in refused(self.make, round_, **fields)
        self.make(round_, contact=contact, origin="told")
        self.make(round_, side="team", user=mate, origin="own")

    def test_what_comes_by_api_has_no_pace(self, round_):
        assert "response_of_api_has_no_pace" in refused(self.make, round_, hasty=True)

    def test_only_a_submitted_view_of_ours_is_fixed(self, round_):
        name, now = "response_fixed_is_a_submitted_view", timezone.now()
        assert name in refused(self.make, round_, submitted_at=now, fixed_at=now)
        assert name in refused(self.make, round_, side="team", fixed_at=now)
        self.make(round_, side="team", submitted_at=now, fixed_at=now)

    @pytest.mark.parametrize("fields", [{"level": 3}, {"level": 6, "position": 5.0}])
    def test_a_correction_has_level_and_position_in_range(self, round_, fields):
        response, by = self.make(round_, side="team"), make_user()
        name = "correction_level_in_range"
        assert name in refused(Correction.objects.create, response=response, made_by=by, **fields)

    def test_the_person_who_answered_is_not_deleted(self, round_):
        contact = make_contact(round_.account)
        self.make(round_, contact=contact)
        with pytest.raises(ProtectedError):
            contact.delete()

    @pytest.mark.parametrize("value", [0, 6])
    def test_an_answer_runs_from_1_to_5(self, round_, value):
        response, indicator = self.make(round_), round_.edition.indicators.first()
        assert "answer_1_to_5" in refused(Answer.objects.create, response=response, indicator=indicator, value=value)

    def test_a_statement_is_answered_once(self, round_):
        response, indicator = self.make(round_), round_.edition.indicators.first()
        Answer.objects.create(response=response, indicator=indicator, value=None)
        refused(Answer.objects.create, response=response, indicator=indicator, value=3)

    def test_a_level_has_one_note(self, round_):
        response = self.make(round_)
        Evidence.objects.create(response=response, level=5, text="They said so.")
        refused(Evidence.objects.create, response=response, level=5, text="Again.")
        for level in (0, 6):
            assert "evidence_level_1_to_5" in refused(Evidence.objects.create, response=response, level=level, text="x")

    def test_answers_and_notes_go_with_it(self, round_):
        response = answer(round_, make_contact(round_.account), R1, evidence={2: "They said so."})
        response.delete()
        assert not Answer.objects.exists() and not Evidence.objects.exists()
