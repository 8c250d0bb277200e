"""Build the demo portfolio in bulk: the same seed on the same day gives the same rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction
from django.utils import timezone

from accounts import derived
from accounts.models import Account, Contact, ExchangeRate, Team, User
from assessments.measurement import Voice, measure_assessment, read_response
from assessments.models import Answer, Assessment, Response
from audit import trail
from hierarchy.models import Edition, Indicator, Play
from plans.models import Action, ActionPlan, Target
from portfolio.demo import people
from portfolio.demo.names import REGIONS, TITLES, TRADES, Region, company, person
from portfolio.demo.relationship import Character, answers, character, life
from portfolio.demo.work import plan_for, target_for

BATCH = 500
HALF_YEAR = 182  # days
ANSWERS_UP_TO = 1000  # accounts; beyond, only the latest round keeps its answers and the earlier ones are recorded
RATES = {"USD": "0.92", "GBP": "1.17", "SEK": "0.088", "NOK": "0.086", "DKK": "0.134", "CHF": "1.05"}


@dataclass(slots=True)
class Setting:
    """What all batches share."""

    today: date
    years: int
    seed: int
    keep_all_answers: bool
    edition: Edition
    indicators: dict[int, list[Indicator]]
    plays: dict[int, list[Play]]
    staff: dict[str, list[User]]  # by team name: those who own accounts there
    teams: dict[str, Team]

    @property
    def rounds(self) -> list[date]:
        """The half-yearly days, oldest first; the latest some weeks ago."""
        count = self.years * 2
        return [self.today - timedelta(days=40 + HALF_YEAR * back) for back in reversed(range(count))]


@dataclass(slots=True)
class Batch:
    accounts: list[Account] = field(default_factory=list)
    characters: list[Character] = field(default_factory=list)
    contacts: dict[int, list[Contact]] = field(default_factory=dict)


def build(*, accounts: int, years: int, seed: int, tell: Callable[[str], object], today: date | None = None) -> None:
    """Fill the database; needs a published edition. Each batch of accounts is one transaction."""
    setting = _set_up(accounts, years, seed, today or timezone.localdate())
    done = 0
    for numbers in _batches(accounts):
        with transaction.atomic():
            _build_batch(setting, numbers)
        done += len(numbers)
        tell(f"{done} of {accounts} accounts")
    trail.record("demo.built", setting.edition, by=None, after={"accounts": accounts, "years": years, "seed": seed})


@transaction.atomic
def _set_up(accounts: int, years: int, seed: int, today: date) -> Setting:
    edition = Edition.objects.published()
    if edition is None:
        raise ValueError("no catalogue edition is published")
    teams = {region.team: Team.objects.get_or_create(name=region.team)[0] for region in REGIONS}
    staff = people.make(teams, Random(seed))  # noqa: S311 - plausible, not secret
    for currency, rate in RATES.items():
        ExchangeRate.objects.get_or_create(currency=currency, defaults={"rate": Decimal(rate), "as_of": today})
    indicators: dict[int, list[Indicator]] = {rank: [] for rank in range(1, 6)}
    for indicator in edition.indicators.filter(active=True).order_by("rank", "order", "pk"):
        indicators[indicator.rank].append(indicator)
    plays: dict[int, list[Play]] = {rank: [] for rank in range(1, 5)}
    for play in edition.plays.prefetch_related("actions").order_by("from_rank", "order", "pk"):
        plays[play.from_rank].append(play)
    return Setting(today, years, seed, accounts <= ANSWERS_UP_TO, edition, indicators, plays, staff, teams)


def _batches(accounts: int) -> Iterator[range]:
    for start in range(0, accounts, BATCH):
        yield range(start, min(start + BATCH, accounts))


def _build_batch(setting: Setting, numbers: range) -> None:
    batch = Batch()
    chances = {}
    for number in numbers:
        chance = chances[number] = Random(f"{setting.seed}/{number}")  # noqa: S311
        batch.accounts.append(_account(setting, number, chance))
        batch.characters.append(character(chance))
    Account.objects.bulk_create(batch.accounts, batch_size=BATCH)
    people_there = [
        contact
        for account, chance in zip(batch.accounts, chances.values(), strict=True)
        for contact in _contacts(account, chance)
    ]
    for contact in Contact.objects.bulk_create(people_there, batch_size=BATCH):
        batch.contacts.setdefault(contact.account_id, []).append(contact)
    results = _assess(setting, batch, list(chances.values()))
    _plan(setting, batch, results, list(chances.values()))
    derived.refresh([account.pk for account in batch.accounts], today=setting.today)


def _region(number: int) -> Region:
    return REGIONS[number % len(REGIONS)]


def _account(setting: Setting, number: int, chance: Random) -> Account:
    region = _region(number)
    country, currency = chance.choice(region.countries)
    segment = chance.choice(list(TRADES))
    staff = setting.staff[region.team]
    return Account(
        name=company(region, segment, country, number // len(REGIONS)),
        external_id=f"C{10001 + number}",
        segment=segment,
        country=country,
        city=chance.choice(region.cities[country]),
        employees=int(10 ** chance.uniform(1.3, 4.2)),
        revenue=Decimal(int(10 ** chance.gauss(5.7, 0.55)) // 1000 * 1000),
        currency=currency,
        customer_since=setting.today - timedelta(days=chance.randrange(5 * 365, 18 * 365)),
        owner=staff[number // len(REGIONS) % len(staff)],
        team=setting.teams[region.team],
    )


def _contacts(account: Account, chance: Random) -> Iterator[Contact]:
    region = next(region for region in REGIONS if any(code == account.country for code, _ in region.countries))
    roles = ["economic", "user", "technical"] + chance.choices(["user", "coach", "technical"], k=chance.randrange(0, 3))
    if chance.random() < 0.18:  # nobody knows the one who pays
        roles = roles[1:]
    names: set[str] = set()
    for role in roles:
        name = person(region, chance)
        if name in names:
            continue
        names.add(name)
        yield Contact(
            account=account,
            name=name,
            email=f"contact{len(names)}.{account.external_id.lower()}@example.net",
            title=chance.choice(TITLES[role]),
            buying_role=role,
            influence=3 if role == "economic" else chance.choice([1, 2, 2, 3]),
            language="nl" if account.country in {"NL", "BE"} and chance.random() < 0.8 else "en",
        )


def _assess(setting: Setting, batch: Batch, chances: list[Random]) -> dict[int, list[Assessment]]:
    """The rounds of each account, oldest first, with responses and answers where they are kept."""
    days = setting.rounds
    assessments: list[Assessment] = []
    responses: list[tuple[Response, dict]] = []
    for account, nature, chance in zip(batch.accounts, batch.characters, chances, strict=True):
        if chance.random() < 0.04:
            continue  # a new account: nobody assessed it yet
        asked = chance.random() < 0.88  # the others know only our own view
        positions = life(nature, len(days), chance)
        first = 0 if chance.random() < 0.7 else chance.randrange(0, max(1, len(days) - 1))
        for index in range(first, len(days)):
            heard = asked and chance.random() < 0.85
            held_on = days[index] + timedelta(days=chance.randrange(-20, 21))
            given = list(_responses(setting, batch, account, nature, positions[index], chance, heard=heard))
            keep = setting.keep_all_answers or index == len(days) - 1
            assessment = _closed(setting, account, held_on, [response for response, _ in given], keep)
            if assessment is None:
                continue
            assessments.append(assessment)
            if keep:
                for response, marks in given:
                    response.assessment = assessment
                    response.submitted_at = assessment.closed_at
                    responses.append((response, marks))
    Assessment.objects.bulk_create(assessments, batch_size=BATCH)
    for response, _ in responses:
        response.assessment_id = response.assessment.pk
    Response.objects.bulk_create([response for response, _ in responses], batch_size=BATCH)
    Answer.objects.bulk_create(
        (
            Answer(response=response, indicator=indicator, value=value)
            for response, marks in responses
            for rank, values in marks.items()
            for indicator, value in zip(setting.indicators[rank], values, strict=True)
        ),
        batch_size=2000,
    )
    by_account: dict[int, list[Assessment]] = {}
    for assessment in sorted(assessments, key=lambda assessment: assessment.held_on):
        by_account.setdefault(assessment.account_id, []).append(assessment)
    return by_account


def _responses(
    setting: Setting, batch: Batch, account: Account, nature: Character, position: float, chance: Random, *, heard: bool
) -> Iterator[tuple[Response, dict]]:
    per_level = {rank: len(found) for rank, found in setting.indicators.items()}
    voices: list[tuple[Response, float]] = []
    if heard:
        for contact in batch.contacts.get(account.pk, []):
            if chance.random() < 0.75:
                response = Response(
                    side="customer", contact=contact, weight=contact.influence, buying_role=contact.buying_role
                )
                voices.append((response, position + chance.gauss(0, 0.3)))
    voices.append((Response(side="team", user=account.owner, weight=1), position + nature.optimism + chance.gauss(0, 0.2)))
    for response, seen in voices:
        marks = answers(min(5.0, max(0.3, seen)), per_level, chance)
        reading = read_response(marks, float(setting.edition.held_at))
        response.position, response.level, response.strength = reading.position, reading.level, reading.strength
        response.entered_by = account.owner
        yield response, marks


def _closed(
    setting: Setting, account: Account, held_on: date, responses: list[Response], keep: bool
) -> Assessment | None:
    counted = [response for response in responses if response.position is not None]
    result = measure_assessment(
        [Voice(r.position, r.weight, r.buying_role or None) for r in counted if r.side == "customer"],
        [Voice(r.position, r.weight, None) for r in counted if r.side == "team"],
    )
    if result.customer_level is None and result.team_level is None:
        return None
    moment = timezone.make_aware(datetime.combine(held_on, time(16, 30)))
    return Assessment(
        account=account,
        edition=setting.edition,
        held_on=held_on,
        state="closed",
        origin="measured" if keep else "recorded",
        opened_by=account.owner,
        opened_at=moment - timedelta(days=14),
        closed_at=moment,
        closed_by=account.owner,
        customer_position=result.customer_position,
        customer_level=result.customer_level,
        team_position=result.team_position,
        team_level=result.team_level,
        gap=result.gap,
        agreement=result.agreement if keep else None,
        confidence=result.confidence,
        confidence_reasons=list(result.confidence_reasons),
        respondents=result.respondents,
    )


def _plan(setting: Setting, batch: Batch, results: dict[int, list[Assessment]], chances: list[Random]) -> None:
    targets: list[Target] = []
    plans: list[ActionPlan] = []
    actions: list[Action] = []
    for account, chance in zip(batch.accounts, chances, strict=True):
        history = results.get(account.pk, [])
        if not history:
            continue
        if target := target_for(account, history, setting.today, chance):
            targets.append(target)
        for plan, work in plan_for(account, history, target, setting.plays, setting.today, chance):
            plans.append(plan)
            actions.extend(work)
    Target.objects.bulk_create(targets, batch_size=BATCH)
    ActionPlan.objects.bulk_create(plans, batch_size=BATCH)
    for action in actions:
        action.plan_id = action.plan.pk
    Action.objects.bulk_create(actions, batch_size=BATCH)
