"""From answers to a level through the API: the worked table of the measurement, call by call."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from assessments.models import Assessment, Response
from tests.factories import answer, filled, make_assessment, make_contact, make_user

R1, R2, R3, R4 = "5445 4434 3433 2212 1121", "5544 5444 4443 332- ---2", "4454 3343 4444 2322 1211", "5555 --4- 4544 4434 3234"
R5, R6, R7 = "2332 3233 2222 1111 1111", "-" * 20, "5555 5555 4433 4343 4444"


@pytest.fixture
def round_(api, account) -> int:
    opened = api.post(f"/accounts/{account.pk}/assessments", {"held_on": timezone.localdate().isoformat()})
    assert (opened.status_code, opened.json()["status"]) == (201, "open")
    return opened.json()["id"]


def respond(api, round_: int, marks: str, side: str = "customer", **more):
    return api.post(f"/assessments/{round_}/responses", {"side": side, "answers": dict(filled(marks).answers)} | more)


@pytest.mark.parametrize(
    ("marks", "scores", "position", "level", "pattern_error", "below"),
    [
        (R1, [4.5, 3.75, 3.25, 1.75, 1.25], 2.9, 2, False, False),
        (R2, [4.5, 4.25, 3.75, 2.6667, None], 3.6667, 3, False, False),
        (R3, [4.25, 3.25, 4, 2.25, 1.25], 1.9, 1, True, False),
        (R4, [5, None, 4.25, 3.75, 3], 4.8, 4, False, False),
        (R5, [2.5, 2.75, 2, 1, 1], 0.6, 1, False, True),
        (R6, [None] * 5, None, None, False, False),
        (R7, [5, 5, 3.5, 3.5, 4], 5, 5, False, False),
    ],
)
def test_a_response_is_read_as_the_worked_table_says(api, round_, marks, scores, position, level, pattern_error, below):
    given = respond(api, round_, marks)
    assert given.status_code == 201
    told = given.json()
    assert told["level_scores"] == scores
    assert (told["position"], told["level"]) == (position, level)
    assert (told["pattern_error"], told["below_specification"]) == (pattern_error, below)
    known = [told["level_scores"][rank] is not None for rank in range(level or 0)]
    assert told["known_levels"] == (None if level is None else sum(known))
    assert (told["origin"], told["uniform"], told["hasty"]) == ("api", False, False)


@pytest.mark.parametrize(
    ("weights", "position", "level", "agreement"),
    [((2, 2, 2, 2), 2.9, 2, 0.5646), ((1, 2, 1, 3), 3.6667, 3, 0.6200), ((3, 1, 1, 1), 2.9, 2, 0.6663)],
)
def test_closing_gives_the_worked_result_of_four_respondents(api, account, round_, weights, position, level, agreement):
    for marks, weight in zip((R1, R2, R3, R4), weights, strict=True):
        assert respond(api, round_, marks, weight=weight).status_code == 201
    assert respond(api, round_, R4, side="team").status_code == 201
    closed = api.post(f"/assessments/{round_}/close")
    assert closed.status_code == 200
    told = closed.json()
    assert (told["customer_position"], told["customer_level"]) == (position, level)
    assert (told["team_position"], told["team_level"], told["gap"]) == (4.8, 4, 4 - level)
    assert (told["agreement"], told["agreement_word"], told["respondents"]) == (agreement, "mixed", 4)
    assert (told["coverage"], told["band"]) == (1.0, [level, level])
    history = api.get(f"/accounts/{account.pk}/history").json()
    names = (
        "held_on", "customer_level", "customer_position", "team_level", "team_position", "gap", "agreement", "agreement_word",
        "confidence", "coverage", "band",
    )  # fmt: skip
    assert [{name: one[name] for name in names} for one in history["items"]] == [{name: told[name] for name in names}]
    again = api.get(f"/accounts/{account.pk}").json()
    assert (again["customer_level"], again["customer_position"], again["team_level"]) == (level, position, 4)


def test_a_response_without_a_weight_weighs_what_the_contact_has_of_influence(api, account, round_):
    loud = make_contact(account, influence=3)
    assert respond(api, round_, R1, contact=loud.pk).json()["weight"] == 3
    assert respond(api, round_, R2).json()["weight"] == 2
    assert respond(api, round_, R2, contact=make_contact(account, influence=3).pk, weight=1).json()["weight"] == 1
    assert respond(api, round_, R2, side="team", weight=3).json()["weight"] == 1


@pytest.mark.parametrize("weight", [0, 4, -1, 2.5, "2", True])
def test_a_weight_outside_one_to_three_is_refused(api, round_, weight):
    refused = respond(api, round_, R1, weight=weight)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/weight"
    assert not Response.objects.exists()


def test_a_contact_answers_once_and_the_same_answers_again_change_nothing(api, account, round_):
    contact = make_contact(account)
    first = respond(api, round_, R1, contact=contact.pk)
    assert respond(api, round_, R1, contact=contact.pk).json()["id"] == first.json()["id"]
    assert respond(api, round_, R2, contact=contact.pk).status_code == 409
    assert Response.objects.get().position == 2.9


def test_the_first_view_of_the_team_is_the_key_owners_and_later_ones_stand_alone(api, manager, round_):
    respond(api, round_, R1, side="team")
    respond(api, round_, R4, side="team")
    assert list(Response.objects.order_by("pk").values_list("user", "entered_by")) == [
        (manager.pk, manager.pk), (None, manager.pk),
    ]  # fmt: skip
    assert api.post(f"/assessments/{round_}/close").json()["team_position"] == 2.9


def test_a_contact_of_another_customer_and_one_who_left_are_refused(api, account, round_):
    for contact in (make_contact(), make_contact(account, active=False)):
        refused = respond(api, round_, R1, contact=contact.pk)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/contact")


@pytest.mark.parametrize("answers", [{"9z": 3}, {"1a": 6}, {"1a": 0}, {"1a": "3"}, {"1a": 2.5}, None, []])
def test_answers_that_the_edition_does_not_ask_for_are_refused(api, round_, answers):
    refused = api.post(f"/assessments/{round_}/responses", {"side": "customer", "answers": answers})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].startswith("#/answers")


def test_an_account_has_one_open_assessment(api, account, round_):
    assert api.post(f"/accounts/{account.pk}/assessments", {}).status_code == 409
    assert Assessment.objects.count() == 1


def test_an_assessment_lies_not_in_the_future(api, account):
    tomorrow = timezone.localdate() + timedelta(days=1)
    refused = api.post(f"/accounts/{account.pk}/assessments", {"held_on": tomorrow.isoformat()})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/held_on")


def test_without_a_level_there_is_nothing_to_close(api, round_):
    respond(api, round_, R6)
    assert api.post(f"/assessments/{round_}/close").status_code == 422
    assert api.get(f"/assessments/{round_}").json()["status"] == "open"


def test_a_closed_assessment_takes_no_more_answers_and_closes_once(api, round_):
    respond(api, round_, R1)
    closed = api.post(f"/assessments/{round_}/close").json()
    assert respond(api, round_, R2).status_code == 409
    assert api.post(f"/assessments/{round_}/close").json() == closed


def test_history_is_told_oldest_first(api, account):
    for days in (30, 400, 200):
        held_on = (timezone.localdate() - timedelta(days=days)).isoformat()
        opened = api.post(f"/accounts/{account.pk}/assessments", {"held_on": held_on}).json()["id"]
        respond(api, opened, R1)
        api.post(f"/assessments/{opened}/close")
    days = [one["held_on"] for one in api.get(f"/accounts/{account.pk}/history").json()["items"]]
    assert days == sorted(days) and len(days) == 3


def test_in_a_confidential_assessment_nobody_enters_what_one_person_said(api, account, round_):
    Assessment.objects.filter(pk=round_).update(visibility="confidential")
    assert respond(api, round_, R1).status_code == 403
    assert not Response.objects.exists()


def test_below_three_a_confidential_assessment_tells_nothing_of_the_customer(api, account, manager):
    round_ = make_assessment(account, visibility="confidential")
    answer(round_, manager, R4)
    for marks in (R1, R2):
        answer(round_, make_contact(account), marks)
    told = api.post(f"/assessments/{round_.pk}/close").json()
    figures = ("customer_level", "customer_position", "gap", "agreement")
    assert [told[name] for name in figures] == [None] * 4
    assert (told["team_level"], told["confidence"], told["respondents"]) == (4, "none", None)
    assert (told["coverage"], told["band"], told["agreement_word"]) == (None, None, None)
    (kept,) = api.get(f"/accounts/{account.pk}/history").json()["items"]
    assert [kept[name] for name in figures] == [None] * 4
    shown = api.get(f"/accounts/{account.pk}").json()
    assert (shown["customer_level"], shown["customer_position"], shown["gap"]) == (None, None, None)


def test_a_confidential_assessment_tells_levels_and_words_and_counts_people_alike(api, account, manager):
    round_ = make_assessment(account, visibility="confidential")
    answer(round_, manager, R4)
    for marks, influence in ((R1, 1), (R2, 1), (R3, 3)):
        answer(round_, make_contact(account, influence=influence), marks)
    make_contact(account, influence=3)
    told = api.post(f"/assessments/{round_.pk}/close").json()
    assert (told["customer_level"], told["customer_position"], told["gap"], told["respondents"]) == (2, None, 2, 3)
    assert (told["agreement"], told["agreement_word"]) == (None, "shared")
    assert (told["coverage"], told["band"]) == (0.75, [1, 2])


def test_a_colleague_who_was_asked_gives_a_view_and_nothing_else(caller, team, account, api, round_):
    mate = make_user()
    team.members.add(mate)
    call = caller(mate)
    assert respond(call, round_, R1, side="team").status_code == 403
    Assessment.objects.get(pk=round_).raters.add(mate)
    assert respond(call, round_, R1, side="team").status_code == 201
    assert respond(call, round_, R4, side="team").status_code == 409
    assert respond(call, round_, R4).status_code == 403
    assert call.post(f"/assessments/{round_}/close").status_code == 403
    assert Account.objects.get(pk=account.pk).level is None
