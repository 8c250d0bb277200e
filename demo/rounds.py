"""The assessments of an invented account: respondents, answers and results."""

from collections.abc import Iterator
from datetime import date, timedelta

from assessments.measurement.result import Result, read_response, recorded_result
from assessments.measurement.soundness import is_uniform
from assessments.models import Answer, Assessment, Evidence, Response
from assessments.rating.acts import fill_reading
from assessments.rounds.closing import RESULT_FIELDS, counted, result_of
from assessments.rounds.voices import parts_of_the_decision
from audit.trail import snapshot
from demo import invitations
from demo.context import DemoContext, Dossier, moment_on, workday
from demo.relationship import ROLE_BIAS, answers, life
from demo.texts import COMMENTS, EVIDENCE

ANSWERING = 0.86  # share of the contacts who answer when asked
RECENT_DAYS = 400  # older rounds carry no comments
LATER = 75  # days by which a recent answer is later than those of other accounts


def assess(dossier: Dossier, context: DemoContext) -> None:
    """Create the closed rounds, and the open one if the account has one."""
    nature, chance, days = dossier.nature, dossier.chance, context.rounds
    if not nature.assessed:
        return
    views = life(nature, len(days), chance)
    leanings = [chance.gauss(ROLE_BIAS[contact.buying_role], nature.spread) for contact in dossier.contacts]
    if nature.lately and not nature.underway:
        days = [*days[:-1], days[-1] + timedelta(days=LATER)]
    for index in range(int(nature.skipped * len(days)), len(days)):
        heard = nature.asked and index < len(days) - nature.quiet and (index == 0 or chance.random() < 0.92)
        held_on = workday(days[index] + timedelta(days=chance.randrange(-18, 19)))
        if context.detailed or index == len(days) - 1:
            _measured(dossier, context, held_on, views[index], leanings, heard=heard)
        else:
            _recorded(dossier, context, held_on, views[index], heard=heard)
    if nature.underway and context.detailed:
        _underway(dossier, context, views[-1], leanings)


def _measured(dossier: Dossier, context: DemoContext, held_on: date, view: float, leanings: list[float], *, heard: bool) -> None:
    assessment = _round(dossier, context, held_on, "measured")
    voices = list(_voices(dossier, context, view, leanings, heard=heard))
    theirs = [response for response, _ in voices if response.side == "customer"]
    age = (context.today - held_on).days
    by_link = heard and age < invitations.BY_LINK_DAYS
    if by_link:
        assessment.visibility = invitations.visibility_of(dossier, theirs)
        for response in theirs:
            response.origin = Response.Origin.LINK
    for response, _ in voices:
        response.started_at = response.submitted_at = moment_on(held_on) - timedelta(days=1)
        if response.side == "team" and theirs:
            response.fixed_at = response.submitted_at
    heard_of = parts_of_the_decision(dossier.contacts)
    result = result_of(assessment, [response for response, _ in voices], heard_of)
    if result.customer_level is None and result.team_level is None:
        return
    _close(dossier, assessment, result)
    for response in counted(assessment, [response for response, _ in voices], heard_of):
        response.counted = True
    if by_link:
        invitations.ask_in_closed(dossier, context, assessment, theirs)
    recent = age < RECENT_DAYS
    for response, marks in voices:
        _keep(dossier, context, assessment, response, marks)
        if recent and context.detailed:
            _written(dossier, response)


def _recorded(dossier: Dossier, context: DemoContext, held_on: date, view: float, *, heard: bool) -> None:
    """A recorded past result without answers, as from an imported spreadsheet."""
    chance, nature = dossier.chance, dossier.nature
    theirs = min(5.0, _seen(view + chance.gauss(0, 0.15))) if heard and dossier.contacts else None
    ours = min(5.0, _seen(view + nature.optimism + chance.gauss(0, 0.2)))
    respondents = min(len(dossier.contacts), chance.choice([2, 3, 3])) if theirs is not None else 0
    result = recorded_result(theirs, ours, respondents)
    _close(dossier, _round(dossier, context, held_on, "recorded"), result)


def _underway(dossier: Dossier, context: DemoContext, view: float, leanings: list[float]) -> None:
    """An open round: some contacts have answered, but not the first one, and our own view is a draft.

    In a confidential round two have answered and our own view is complete, so only the answers of the customer are withheld.
    """
    ago = (
        6 if dossier.story else dossier.asking.randrange(12, 17)
    )  # days; reminders are due at half of the time, so not within a week
    assessment = _round(dossier, context, workday(context.today - timedelta(days=ago)), "measured")
    assessment.opened_at = moment_on(assessment.held_on, 9)
    dossier.underway = assessment
    dossier.tell("assessment.opened", assessment, assessment.opened_at, {"held_on": assessment.held_on})
    *customers, (own, own_marks) = _voices(dossier, context, view, leanings, heard=True, answering=1)
    told = 2 if dossier.story or dossier.nature.discreet else dossier.asking.choice([1, 2, 2, 3])
    answered = customers[1 : 1 + told]
    invitations.ask_in_open(dossier, assessment, [response for response, _ in answered])
    invitations.remind(dossier, context, assessment)
    for response, marks in answered:
        _keep(dossier, context, assessment, response, marks)
    own.started_at = assessment.opened_at
    if dossier.nature.discreet:
        own.submitted_at = assessment.opened_at + timedelta(hours=1)
        own.fixed_at = min((response.submitted_at for response, _ in answered if response.submitted_at), default=None)
        dossier.tell("response.submitted", own, own.submitted_at, snapshot(own, "side", "contact", "user", "level"))
    else:
        own.position = own.level = own.strength = own.known_levels = None
        own.pattern_error = own.below_specification = own.uniform = False
        own_marks = {rank: values for rank, values in own_marks.items() if rank <= 2}
    _keep(dossier, context, assessment, own, own_marks)


def _round(dossier: Dossier, context: DemoContext, held_on: date, origin: str) -> Assessment:
    account = dossier.account
    return Assessment(
        account=account,
        edition=context.edition,
        held_on=held_on,
        origin=origin,
        opened_by=account.owner,
        opened_at=moment_on(held_on - timedelta(days=14), 9),
    )


def _close(dossier: Dossier, assessment: Assessment, result: Result) -> None:
    for name in RESULT_FIELDS:
        setattr(assessment, name, getattr(result, name))
    assessment.confidence_reasons = list(result.confidence_reasons)
    assessment.state, assessment.closed_by = Assessment.State.CLOSED, dossier.account.owner
    assessment.closed_at = moment_on(assessment.held_on)
    dossier.results.append(assessment)
    dossier.tell("assessment.closed", assessment, assessment.closed_at, snapshot(assessment, *RESULT_FIELDS))


def _voices(
    dossier: Dossier, context: DemoContext, view: float, leanings: list[float], *, heard: bool, answering: float = ANSWERING
) -> Iterator[tuple[Response, dict[int, list[int | None]]]]:
    """The responses with their answers: those of the contacts, then that of the account owner."""
    chance, owner = dossier.chance, dossier.account.owner
    seen: list[tuple[Response, float]] = []
    if heard:
        for contact, leaning in zip(dossier.contacts, leanings, strict=True):
            if chance.random() < answering:
                response = Response(side="customer", contact=contact, weight=contact.influence, buying_role=contact.buying_role)
                seen.append((response, view + leaning + chance.gauss(0, 0.1)))
    seen.append((Response(side="team", user=owner), view + dossier.nature.optimism + chance.gauss(0, 0.15)))
    for response, eye in seen:
        marks = answers(_seen(eye), context.per_level, chance)
        reading = read_response(marks, context.held_at)
        fill_reading(response, reading)
        response.uniform = is_uniform(marks)
        response.entered_by = owner
        response.origin = Response.Origin.OWN if response.side == "team" else Response.Origin.TOLD
        yield response, marks


def _seen(view: float) -> float:
    """The view limited to what answers can express; above 5 all statements are fully agreed to."""
    return round(min(5.9, max(0.5, view)), 1)


def _keep(
    dossier: Dossier, context: DemoContext, assessment: Assessment, response: Response, marks: dict[int, list[int | None]]
) -> None:
    response.assessment = assessment
    dossier.responses.append(response)
    for rank, values in marks.items():
        for indicator, value in zip(context.indicators[rank], values, strict=True):
            dossier.answers.append(Answer(response=response, indicator=indicator, value=value))


def _written(dossier: Dossier, response: Response) -> None:
    """Add a comment of the contact, or evidence of our own person for the levels held, to some responses."""
    chance = dossier.chance
    if response.level is None:
        return
    if response.side == "customer":
        if chance.random() < 0.3:
            response.comment = chance.choice(COMMENTS[response.level])
        return
    for level in range(max(1, response.level - 1), response.level + 1):
        if chance.random() < 0.4:
            dossier.evidence.append(Evidence(response=response, level=level, text=chance.choice(EVIDENCE[level])))
