"""Build the demo portfolio. The same seed on the same date gives the same portfolio."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts import derived
from accounts.address_mark import mark_of
from accounts.models import Account, Contact, ExchangeRate, Tag, Team, User
from assessments.models import Answer, Assessment, Evidence, Response
from audit import trail
from core import days
from demo import conversations, people, plans, reviews, rounds
from demo.context import DemoContext, Dossier, Way, moment_on
from demo.names import REGIONS, TITLES, Region, company, mailbox, person, phone_number
from demo.relationship import character
from demo.stories import story_of
from demo.texts import TAGS, sheet
from hierarchy.models import Edition, Indicator, Play
from notes.models import Note, NoteMention
from plans.models import Action, ActionComment, ActionPlan, CommentMention, Target
from portfolio.first_hour import close_checklist
from reviews.models import AccountReview
from surveys.models import Invitation

BATCH = 500
WithWhom = Note.contacts.through
WAYS = (0.6, 0.15, 0.25)  # shares of customers who answer by link, in interviews, and some so and some so
DISCREET, LATELY = 0.12, 0.05  # shares of customers who answer confidentially, and who answered recently
KNOWN_TURNOVER, KNOWN_REVENUE = 0.85, 0.96  # shares of the accounts
DETAILED_UP_TO = 1000  # accounts; with more, only the latest round has answers, and earlier ones are recorded results
RATES = {"USD": "0.92", "GBP": "1.17", "SEK": "0.088", "NOK": "0.086", "DKK": "0.134", "CHF": "1.05"}
GENERATION, SUBSIDIARIES = 15, (4, 7)  # the first account of each 15 of a team has those with these numbers as subsidiaries


def build(*, accounts: int, years: int, seed: int, tell: Callable[[str], object], today: date | None = None) -> None:
    """Fill the database, which needs a published edition. Each batch of accounts is one transaction.

    The derived columns come last: the forecasts of all accounts are made from the history of all.
    """
    context = _set_up(accounts, years, seed, today or days.today())
    for start in range(0, accounts, BATCH):
        numbers = range(start, min(start + BATCH, accounts))
        with transaction.atomic():
            _build_batch(context, numbers)
        tell(f"{numbers.stop} of {accounts} accounts")
    derived.refresh_all(today=context.today, occasion=derived.Occasion.MEND)  # no webhook events for today


@transaction.atomic
def _set_up(accounts: int, years: int, seed: int, today: date) -> DemoContext:
    edition = Edition.objects.published()
    if edition is None:
        raise ValueError("no catalogue edition is published")
    teams = {region.team: Team.objects.get_or_create(name=region.team)[0] for region in REGIONS}
    staff = people.make(teams, accounts // len(REGIONS), Random(seed))  # noqa: S311 - plausible, not secret
    User.objects.filter(last_login=None).update(last_login=datetime.combine(today - timedelta(days=3), time(9), UTC))
    for currency, rate in RATES.items():
        ExchangeRate.objects.get_or_create(currency=currency, defaults={"rate": Decimal(rate), "as_of": today})
    indicators: dict[int, list[Indicator]] = {rank: [] for rank in range(1, 6)}
    for indicator in edition.indicators.filter(active=True).order_by("rank", "order", "pk"):
        indicators[indicator.rank].append(indicator)
    plays: dict[int, list[Play]] = {rank: [] for rank in range(1, 5)}
    for play in edition.plays.prefetch_related("actions").order_by("from_rank", "order", "pk"):
        plays[play.from_rank].append(play)
    tags = [Tag.objects.get_or_create(name=name)[0] for name in TAGS]
    detailed = accounts <= DETAILED_UP_TO
    if administrator := User.objects.administrators().order_by("pk").first():
        close_checklist(administrator)  # a demo is set up
    trail.record("demo.built", edition, by=None, after={"accounts": accounts, "years": years, "seed": seed})
    return DemoContext(today, years, seed, detailed, edition, indicators, plays, staff, teams, tags)


def _build_batch(context: DemoContext, numbers: range) -> None:
    dossiers = [_dossier(context, number) for number in numbers]
    _store_accounts(dossiers)
    for dossier in dossiers:
        known_since = _known_since(dossier, context)
        dossier.contacts = list(_contacts(dossier, known_since))
        dossier.tell("account.created", dossier.account, known_since, {"name": dossier.account.name})
    _store(Contact, (contact for dossier in dossiers for contact in dossier.contacts))
    for dossier in dossiers:
        rounds.assess(dossier, context)
        dossier.results.sort(key=lambda result: result.held_on)
        plans.set_target(dossier, context)
        plans.plan(dossier, context)
        if context.detailed:
            conversations.converse(dossier, context)
    _store(Assessment, (result for dossier in dossiers for result in [*dossier.results, dossier.underway] if result))
    raters = Assessment.raters.through
    open_rounds = (dossier.underway for dossier in dossiers if dossier.underway)
    _store(raters, (raters(assessment=found, user=found.account.owner) for found in open_rounds))
    _store(Invitation, (invitation for dossier in dossiers for invitation in dossier.invitations))
    _store(Response, (response for dossier in dossiers for response in dossier.responses))
    _store(Answer, (answer for dossier in dossiers for answer in dossier.answers))
    _store(Evidence, (note for dossier in dossiers for note in dossier.evidence))
    _store(Target, (dossier.target for dossier in dossiers if dossier.target))
    _store(ActionPlan, (plan for dossier in dossiers for plan in dossier.plans))
    _store(Action, (action for dossier in dossiers for action in dossier.actions))
    _store(Note, (note for dossier in dossiers for note in dossier.notes))
    _store(WithWhom, (WithWhom(note=note, contact=contact) for dossier in dossiers for note, contact in dossier.with_whom))
    _store(NoteMention, (mention for dossier in dossiers for mention in dossier.note_mentions))
    _store(ActionComment, (comment for dossier in dossiers for comment in dossier.comments))
    _store(CommentMention, (mention for dossier in dossiers for mention in dossier.comment_mentions))
    if context.detailed:
        for dossier in dossiers:
            reviews.review(dossier, context)
        _store(AccountReview, (held for dossier in dossiers for held in dossier.reviews))
        events = [event for dossier in dossiers for event in dossier.events]
        trail.record_many(sorted(events, key=lambda event: event.at or timezone.now()), by=None)
    else:
        after = {"from": numbers.start + 1, "to": numbers.stop}
        trail.record("demo.batch_built", context.edition, by=None, after=after)


def _dossier(context: DemoContext, number: int) -> Dossier:
    chance = Random(f"{context.seed}/{number}")  # noqa: S311 - plausible, not secret
    asking = Random(f"{context.seed}/{number}/asking")  # noqa: S311 - plausible, not secret
    index, place = divmod(number, len(REGIONS))
    region = REGIONS[place]
    account = _account(context, region, number, chance)
    discreet, lately = asking.random() < DISCREET, asking.random() < LATELY
    way = Way.LINK if discreet else asking.choices(list(Way), weights=WAYS)[0]
    nature = replace(character(chance), discreet=discreet, lately=lately)
    story = story_of(index) if region.team == people.MANAGED else None
    if story:
        nature = replace(nature, **story.traits)
        account.revenue = Decimal(story.revenue) if story.revenue else account.revenue
    if (story and story.sheet) or chance.random() < 0.1:
        for name, text in sheet(chance).items():
            setattr(account, name, text)
    tags = chance.sample(context.tags, k=chance.choice([0, 0, 1, 1, 2]))
    return Dossier(account, region, index, chance, asking, nature, Way.LINK if story else way, story, tags)


def _account(context: DemoContext, region: Region, number: int, chance: Random) -> Account:
    index = number // len(REGIONS)
    known = company(region, index)
    country, currency = chance.choice(region.countries)
    details = Random(f"{context.seed}/{number}/details")  # noqa: S311 - plausible, not secret
    name = f"{known.core} {chance.choice(region.endings[country])}"
    city = chance.choice(region.cities[country])
    employees = int(10 ** chance.uniform(1.3, 4.2))
    turnover = Decimal(employees * details.randrange(90, 320) * 1000)
    # Nobody buys for more than a part of what they sell themselves.
    revenue = min(Decimal(int(10 ** chance.gauss(5.5, 0.5)) // 1000 * 1000), turnover // 4000 * 1000)
    return Account(
        name=name,
        external_id=f"C{10001 + number}",
        segment=known.segment,
        country=country,
        city=city,
        website=f"https://www.{known.domain}",
        phone=phone_number(country, details),
        employees=employees,
        turnover=turnover if details.random() < KNOWN_TURNOVER else None,
        turnover_currency=currency,
        renewal_on=context.today + timedelta(days=details.randrange(20, 700)) if details.random() < 0.7 else None,
        revenue=revenue if details.random() < KNOWN_REVENUE else None,
        currency=currency,
        customer_since=context.today - timedelta(days=chance.randrange(5 * 365, 18 * 365)),
        owner=people.owner_of(context.staff[region.team], index, managed=region.team == people.MANAGED),
        team=context.teams[region.team],
    )


def _store_accounts(dossiers: list[Dossier]) -> None:
    """Store parents, then their subsidiaries, then the tags."""
    parents: list[Account] = []
    children: list[tuple[Account, Dossier]] = []
    for place, dossier in enumerate(dossiers):
        above = place - len(REGIONS) * (dossier.index % GENERATION)
        if dossier.index % GENERATION in SUBSIDIARIES and above >= 0:
            _make_subsidiary(dossier, dossiers[above])
            children.append((dossier.account, dossiers[above]))
        else:
            parents.append(dossier.account)
    _store(Account, parents)
    for child, parent in children:
        child.parent = parent.account
    _store(Account, [child for child, _ in children])
    tags = Account.tags.through
    _store(tags, (tags(account=dossier.account, tag=tag) for dossier in dossiers for tag in dossier.tags))


def _make_subsidiary(dossier: Dossier, above: Dossier) -> None:
    """Name a subsidiary after its parent and a city of its country, a different one for each."""
    account, known = dossier.account, company(above.region, above.index)
    cities = dossier.region.cities[account.country]
    account.city = cities[SUBSIDIARIES.index(dossier.index % GENERATION)]
    account.name = f"{known.core} {account.city} {dossier.region.endings[account.country][0]}"
    account.segment, account.website = known.segment, f"https://www.{known.domain}"


def _contacts(dossier: Dossier, since: datetime) -> Iterator[Contact]:
    chance, account = dossier.chance, dossier.account
    roles = ["economic", "user", "technical", *chance.choices(["user", "coach", "technical"], k=chance.randrange(0, 3))]
    if chance.random() < 0.18:  # nobody knows the one who pays
        roles = roles[1:]
    if dossier.story and dossier.nature.underway:  # to show how an invitation can go, it takes people
        roles = ["economic", "user", "technical", "user", "coach"]
    domain = account.website.removeprefix("https://www.")
    names: set[str] = set()
    for role in roles:
        while (name := person(dossier.region, chance)) in names:
            pass
        names.add(name)
        email = f"{mailbox(name)}@{domain}"
        yield Contact(
            account=account,
            name=name,
            email=email,
            address_mark=mark_of(email, since),
            title=chance.choice(TITLES[role]),
            buying_role=role,
            influence=3 if role == "economic" else chance.choice([1, 2, 2, 3]),
            language="nl" if account.country in {"NL", "BE"} and chance.random() < 0.8 else "en",
        )


def _known_since(dossier: Dossier, context: DemoContext) -> datetime:
    """When the account was brought in: some days before anything was assessed."""
    first = context.rounds[0] if dossier.nature.assessed else context.today
    return moment_on(first - timedelta(days=30), 9)


def _store(model: type[Model], rows: Iterable[Model]) -> None:
    model._default_manager.bulk_create(rows, batch_size=2000)
