"""What tests build with: plain functions with defaults, each making only what it names."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from django.utils import timezone

from accounts import derived
from accounts.address_mark import LONG_AGO, mark_of
from accounts.models import Account, Contact, Team, User
from assessments.measurement.agreement import agreement_word
from assessments.measurement.median import level_at
from assessments.models import Assessment, Response
from assessments.rating.acts import Filled, Rater, response_of, save_response
from hierarchy.models import Edition
from plans.forecast.chain import STATES, Pace
from plans.models import Action, ActionPlan, ForecastBasis, Target
from plans.trajectory import three_years_after
from reviews.models import AccountReview, SlideTemplate
from reviews.slides.template import our_own
from surveys.models import Invitation
from webhooks import endpoints
from webhooks.models import Webhook

_number = count(1)


def make_user(**fields) -> User:
    n = next(_number)
    return User.objects.create_user(**{"email": f"person{n}@example.com", "name": f"Person {n}"} | fields)


def make_viewer(**fields) -> User:
    return make_user(role=User.Role.VIEWER, **fields)


def make_administrator(**fields) -> User:
    return make_user(role=User.Role.ADMINISTRATOR, **fields)


def make_team(*, members=(), leads=(), **fields) -> Team:
    team = Team.objects.create(**{"name": f"Team {next(_number)}"} | fields)
    team.members.set([*members, *leads])
    team.leads.set(leads)
    return team


def make_account(**fields) -> Account:
    owner = fields.pop("owner", None) or make_user()
    account = Account(owner=owner, **{"name": f"Northwind {next(_number)}"} | fields)
    if "revenue" in fields and "worth" not in fields:
        derived.set_initial_columns([account])
    account.save()
    return account


def make_contact(account: Account | None = None, *, since: datetime = LONG_AGO, **fields) -> Contact:
    """A contact who has had this address, or none, since then."""
    return Contact.objects.create(
        account=account or make_account(),
        address_mark=mark_of(fields.get("email", ""), since),
        **{"name": f"Contact {next(_number)}", "buying_role": Contact.BuyingRole.USER} | fields,
    )


def make_webhook(user: User | None = None, *kinds: str, **fields) -> Webhook:
    """A webhook that is told these kinds of events, or all of them."""
    n = next(_number)
    return Webhook.objects.create(
        user=user or make_user(),
        kinds=list(kinds) or [name for name, _label in endpoints.kinds()],
        **{"url": f"https://hooks.example.com/{n}", "secret": f"secret {n}"} | fields,
    )


def make_assessment(account: Account | None = None, **fields) -> Assessment:
    """An open round with the published edition, dated today; the `edition` fixture must have published one."""
    account = account or make_account()
    return Assessment.objects.create(
        account=account,
        **{"edition": Edition.objects.published(), "held_on": timezone.localdate(), "opened_by": account.owner} | fields,
    )


def make_invitation(assessment: Assessment, contact: Contact, **fields) -> Invitation:
    """The contact asked in the round, by mail that was sent, for a month."""
    asked = {
        "address": contact.email,
        "language": "en",
        "invited_by": assessment.opened_by,
        "expires_on": timezone.localdate() + timedelta(days=30),
    }
    return Invitation.objects.create(assessment=assessment, contact=contact, **{"state": Invitation.State.SENT} | asked | fields)


def filled(marks: str, **fields) -> Filled:
    """Answers in order as the tables of the measurement write them: `5445 443-`; `-` is don't know, `.` not answered."""
    codes = (f"{rank}{letter}" for rank in range(1, 6) for letter in "abcd")
    given = zip(codes, marks.replace(" ", ""), strict=False)
    return Filled({code: None if mark == "-" else int(mark) for code, mark in given if mark != "."}, **fields)


def hold_back(assessment: Assessment, user: User) -> None:
    """Let `user` be a rater of the round who has seen none of the customer's answers that are there."""
    assessment.unblinded.remove(user)
    if assessment.responses.filter(side=Response.Side.CUSTOMER).exists():
        assessment.raters.add(user)


def answer(
    assessment: Assessment, who: User | Contact, marks: str, *, submit: bool = True, by=None, by_link=None, blind=True, **fields
) -> Response:
    """What a colleague or a contact answers, submitted unless told otherwise; a contact tells us, unless `by_link` or in confidence.

    A colleague answers `blind`, as if held back from the customer's answers all the time, unless told otherwise.
    """
    by_link = assessment.is_confidential if by_link is None else by_link
    if isinstance(who, User):
        rater, by = Rater.ours(who), by or who
        if blind:
            hold_back(assessment, who)
    else:
        rater, by = (Rater.by_link(who), None) if by_link else (Rater.told(who), by or assessment.account.owner)
    found = response_of(assessment, rater)
    return save_response(assessment, rater, filled(marks, **fields), by=by, seen=found.version if found else 0, submit=submit)


def make_result(account: Account, held_on: date, *, customer=None, team=None, **fields) -> Assessment:
    """A closed assessment with the positions 0..5 that are given; derived columns are left as they are."""
    edition = Edition.objects.published() or Edition.objects.create(
        name="Bare edition", state=Edition.State.PUBLISHED, published_on=timezone.now()
    )
    levels = [None if position is None else level_at(position) for position in (customer, team)]
    result = {
        "edition": edition,
        "state": Assessment.State.CLOSED,
        "closed_at": timezone.now(),
        "customer_position": customer,
        "customer_level": levels[0],
        "team_position": team,
        "team_level": levels[1],
        "gap": None if None in levels else levels[1] - levels[0],
        "confidence": Assessment.Confidence.NONE if customer is None else Assessment.Confidence.LOW,
        "confidence_reasons": ["no_customer_response" if customer is None else "one_respondent"],
        "respondents": 0 if customer is None else 1,
    }
    if fields.get("visibility") == Assessment.Visibility.CONFIDENTIAL:
        result["customer_position"] = None
    if fields.get("agreement") is not None:
        result["agreement_word"] = agreement_word(fields["agreement"])
    return Assessment.objects.create(account=account, held_on=held_on, **result | fields)


def make_target(account: Account, *, set_on: date, **fields) -> Target:
    """An active target of level 4 in three years, from 2.9 according to the customer."""
    return Target.objects.create(
        account=account,
        set_on=set_on,
        **{"level": 4, "due_on": three_years_after(set_on), "baseline": 2.9, "basis": Target.Basis.CUSTOMER} | fields,
    )


def make_basis(day: date, *, years: float = 30.0, moves: dict[int, int] | None = None, **fields) -> ForecastBasis:
    """A history of all accounts that is enough to forecast by: so many account-years in each state, and moves by their length.

    `moves` are seen from each state from which the step is possible; by default some of a quarter and of two, up and down.
    """
    steps = {-2: 1, -1: 4, 1: 5, 2: 2} if moves is None else moves
    seen = sorted((state, state + step, n) for state in range(STATES) for step, n in steps.items() if 0 <= state + step < STATES)
    basis = ForecastBasis.of(day, Pace((years,) * STATES, tuple(seen)), fields.pop("segments", {}))
    basis.save()
    return basis


def place(account: Account, *, customer=None, team=None, held_on: date | None = None) -> Account:
    """The account where a result of today (or `held_on`) puts it, derived columns and all."""
    make_result(account, held_on or timezone.localdate(), customer=customer, team=team)
    derived.refresh([account.pk])
    account.refresh_from_db()
    return account


def make_plan(account: Account | None = None, **fields) -> ActionPlan:
    """An open plan for the step from 2 to 3."""
    account = account or make_account()
    rank = fields.pop("from_rank", 2)
    if fields.get("state", ActionPlan.State.OPEN) != ActionPlan.State.OPEN:
        fields.setdefault("ended_on", timezone.localdate())
    return ActionPlan.objects.create(account=account, from_rank=rank, to_rank=rank + 1, **{"owner": account.owner} | fields)


def make_action(plan: ActionPlan | None = None, *, due_in: int = 30, **fields) -> Action:
    """An action to do, due in so many days."""
    plan = plan or make_plan()
    if fields.get("state") == Action.State.DONE:
        fields.setdefault("done_on", timezone.localdate())
    defaults = {"title": f"Action {next(_number)}", "owner": plan.owner}
    return Action.objects.create(plan=plan, **defaults | {"due_on": timezone.localdate() + timedelta(days=due_in)} | fields)


def make_review(account: Account, held_on: date, *, by: User | None = None, **fields) -> AccountReview:
    """The account was reviewed on that day, at noon, when nothing and nobody was there."""
    review = AccountReview.objects.create(account=account, held_on=held_on, by=by or account.owner, **fields)
    AccountReview.objects.filter(pk=review.pk).update(
        marked_at=datetime(held_on.year, held_on.month, held_on.day, 12, tzinfo=UTC)
    )
    return review


def make_slide_template(by: User | None = None, *, content: bytes | None = None, **fields) -> SlideTemplate:
    """Our own template of slides, as if somebody had uploaded it."""
    source = our_own()
    return SlideTemplate.objects.create(
        content=content or source.content,
        digest=source.digest,
        added_by=by or make_administrator(),
        **{"name": "House style", "filename": "house.pptx"} | fields,
    )
