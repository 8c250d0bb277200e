"""The assessments of an invented account: respondents, answers and results."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings

from assessments.measurement.result import Result, read_response, recorded_result
from assessments.measurement.soundness import is_uniform
from assessments.models import Answer, Assessment, Evidence, Response
from assessments.rating.acts import fill_reading
from assessments.rounds.closing import RESULT_FIELDS, outcome_of
from assessments.rounds.voices import parts_of_the_decision
from audit.trail import snapshot
from demo import invitations
from demo.context import DemoContext, Dossier, Way, moment_on, workday
from demo.relationship import ROLE_BIAS, Beholder, answers, beholder, clicked_through, life, unanswered, unevenness
from demo.texts import COMMENTS, EVIDENCE, IN_WORDS

ANSWERING = 0.86  # share of the contacts who answer when asked
CLICKING, WRITING, HURRIED = 0.02, 0.012, 0.02  # shares of responses: all alike, in words alone, by link too fast
INTERVIEWED = 0.4  # share of the people in a mixed round who tell us
RECENT_DAYS = 400  # older rounds carry no comments
LATER = 75  # days by which a recent answer is later than those of other accounts


def assess(dossier: Dossier, context: DemoContext) -> None:
    """Create the closed rounds, and the open one if the account has one."""
    nature, chance, days = dossier.nature, dossier.chance, context.rounds
    if not nature.assessed:
        return
    views = life(nature, len(days), chance)
    people = list(_people(dossier))
    if nature.lately and not nature.underway:
        days = [*days[:-1], days[-1] + timedelta(days=LATER)]
    for index in range(int(nature.skipped * len(days)), len(days)):
        if nature.yearly and (len(days) - 1 - index) % 2:
            continue
        heard = nature.asked and index < len(days) - nature.quiet and (index == 0 or chance.random() < 0.92)
        held_on = workday(days[index] + timedelta(days=chance.randrange(-18, 19)))
        if context.detailed or index == len(days) - 1:
            _measured(dossier, context, held_on, views[index], people, heard=heard)
        else:
            _recorded(dossier, context, held_on, views[index], heard=heard)
    if nature.underway and context.detailed:
        _underway(dossier, context, views[-1], people)


def _people(dossier: Dossier) -> Iterator[Beholder]:
    """How each contact sees us, then how the account owner thinks they do."""
    nature, chance = dossier.nature, dossier.chance
    common = unevenness(nature, chance)
    for contact in dossier.contacts:
        yield beholder(nature, common, chance.gauss(ROLE_BIAS[contact.buying_role], nature.spread), chance)
    yield beholder(nature, common, nature.optimism, chance)


def _measured(dossier: Dossier, context: DemoContext, held_on: date, view: float, people: list[Beholder], *, heard: bool) -> None:
    assessment = _round(dossier, context, held_on, "measured")
    voices = list(_voices(dossier, context, view, people, heard=heard))
    responses = [response for response, _ in voices]
    for response in responses:
        response.started_at = response.submitted_at = moment_on(held_on) - timedelta(days=1)
        if response.side == "team" and len(responses) > 1:
            response.fixed_at = response.submitted_at
    age = (context.today - held_on).days
    asked = dossier.nature.asked and dossier.way is not Way.TOLD and age < invitations.BY_LINK_DAYS
    by_link = _by_link(dossier, responses) if asked else []
    if by_link:
        assessment.visibility = invitations.visibility_of(dossier, by_link)
    outcome = outcome_of(assessment, responses, parts_of_the_decision(dossier.contacts))
    result = outcome.result
    if result.customer_level is None and result.team_level is None:
        return
    _close(dossier, assessment, result)
    for response in outcome.counted:
        response.counted = True
    if asked:
        invitations.ask_in_closed(dossier, context, assessment, by_link)
    recent = age < RECENT_DAYS
    for response, marks in voices:
        _keep(dossier, context, assessment, response, marks)
        if recent and context.detailed:
            _written(dossier, response)


def _by_link(dossier: Dossier, responses: list[Response]) -> list[Response]:
    """The responses of customers that come by link; some of them too fast, mostly those that are all alike."""
    asking = dossier.asking
    found = [
        response
        for response in responses
        if response.side == "customer" and not (dossier.way is Way.MIXED and asking.random() < INTERVIEWED)
    ]
    for response in found:
        response.origin = Response.Origin.LINK
        response.hasty = asking.random() < (0.6 if response.uniform else HURRIED)
    return found


def _recorded(dossier: Dossier, context: DemoContext, held_on: date, view: float, *, heard: bool) -> None:
    """A recorded past result without answers, as from an imported spreadsheet."""
    chance, nature = dossier.chance, dossier.nature
    theirs = min(5.0, _seen(view + chance.gauss(0, 0.15))) if heard and dossier.contacts else None
    ours = min(5.0, _seen(view + nature.optimism + chance.gauss(0, 0.2)))
    respondents = min(len(dossier.contacts), chance.choice([2, 3, 3])) if theirs is not None else 0
    result = recorded_result(theirs, ours, respondents)
    _close(dossier, _round(dossier, context, held_on, "recorded"), result)


def _underway(dossier: Dossier, context: DemoContext, view: float, people: list[Beholder]) -> None:
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
    *customers, (own, own_marks) = _voices(dossier, context, view, people, heard=True, answering=1)
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
    dossier: Dossier, context: DemoContext, view: float, people: list[Beholder], *, heard: bool, answering: float = ANSWERING
) -> Iterator[tuple[Response, dict[int, list[int | None]]]]:
    """The responses with their answers: those of the contacts, then that of the account owner."""
    chance, owner = dossier.chance, dossier.account.owner
    *theirs, ours = people
    seen: list[tuple[Response, Beholder, float]] = []
    if heard:
        for contact, sees in zip(dossier.contacts, theirs, strict=True):
            if chance.random() < answering:
                response = Response(side="customer", contact=contact, weight=contact.influence, buying_role=contact.buying_role)
                seen.append((response, sees, view + sees.bias + chance.gauss(0, 0.1)))
    seen.append((Response(side="team", user=owner), ours, view + ours.bias + chance.gauss(0, 0.15)))
    for response, sees, eye in seen:
        marks = _marks(dossier, context, response, sees, eye)
        fill_reading(response, read_response(marks, context.held_at))
        response.uniform = is_uniform(marks)
        response.entered_by = owner
        response.origin = Response.Origin.OWN if response.side == "team" else Response.Origin.TOLD
        response.language = owner.language or settings.LANGUAGE_CODE
        yield response, marks


def _marks(dossier: Dossier, context: DemoContext, response: Response, sees: Beholder, eye: float) -> dict[int, list[int | None]]:
    """The answers of one person; some customers give the same everywhere, or write instead."""
    luck = dossier.asking.random() if response.side == "customer" and not dossier.story else 1
    if luck < CLICKING:
        return clicked_through(context.ease, dossier.asking)
    if luck < CLICKING + WRITING:
        return unanswered(context.ease)
    return answers(_seen(eye), sees.apart, context.ease, dossier.chance)


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
        if response.side == "customer":
            response.comment = chance.choice(IN_WORDS)
        return
    if response.side == "customer":
        if chance.random() < 0.3:
            response.comment = chance.choice(COMMENTS[response.level])
        return
    for level in range(max(1, response.level - 1), response.level + 1):
        if chance.random() < 0.4:
            dossier.evidence.append(Evidence(response=response, level=level, text=chance.choice(EVIDENCE[level])))
