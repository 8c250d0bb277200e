"""Asking the customers of many accounts at once: a preview, and how the worker asks them account by account."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, Count, Exists, F, OuterRef, QuerySet, Sum, Value, When
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, User
from accounts.querysets import AccountQuerySet
from assessments.models import Assessment
from core import job_runner, organisation
from surveys.invitations import ASKABLE, RECENT, Ask, Wording, invite, language_of
from surveys.models import BulkAccount, BulkRounds, Invitation

SkipReason, State = BulkAccount.SkipReason, BulkAccount.State


@dataclass(frozen=True, slots=True)
class SkippedAccounts:
    """A number of accounts that are passed over, and why."""

    why: str
    accounts: int


@dataclass(frozen=True, slots=True)
class AskOutlook:
    """How many accounts and people asking these accounts would reach."""

    accounts: int  # that would be asked
    people: int
    by_language: dict[str, int]
    recent_people: int  # left out at those accounts, since they were asked lately
    skipped: tuple[SkippedAccounts, ...]

    @property
    def mark(self) -> str:
        """A hidden value of the form: it differs when the list has changed since."""
        return f"{self.accounts}-{self.people}"


@dataclass(frozen=True, slots=True)
class AskProgress:
    total: int
    asked: int
    people: int
    skipped: int

    @property
    def done(self) -> int:
        return self.asked + self.skipped


def outlook(accounts: AccountQuerySet, user: User) -> AskOutlook:
    """Four statements, whatever the number of accounts."""
    mine = accounts.changeable_by(user).active()
    reasons = dict(_with_reason(mine).order_by().values_list("why").annotate(Count("pk")))
    asked = _with_reason(mine).filter(why="").order_by().values("pk")
    people: dict[str, int] = {}
    for language, count in _to_ask().filter(account__in=asked).order_by().values_list("language").annotate(Count("pk")):
        language = language or organisation.language()
        people[language] = people.get(language, 0) + count
    recent = _reachable().filter(account__in=asked).filter(_lately()).count()
    theirs = accounts.active().count() - sum(reasons.values())
    skipped = [
        SkippedAccounts(str(SkipReason(why).label), reasons[why])
        for why in (SkipReason.OPEN_ROUND, SkipReason.RECENT, SkipReason.NOBODY)
        if reasons.get(why)
    ]
    if theirs:
        skipped.append(SkippedAccounts(_("not yours to change"), theirs))
    return AskOutlook(reasons.get("", 0), sum(people.values()), people, recent, tuple(skipped))


@transaction.atomic
def start(accounts: AccountQuerySet, ask: Ask, *, by: User) -> BulkRounds:
    """Order the worker to ask these accounts."""
    wording = {language: {"subject": words.subject, "message": words.message} for language, words in ask.wording.items()}
    mine = list(accounts.changeable_by(by).active().order_by("pk").values_list("pk", flat=True))
    terms = {"closes_on": ask.closes_on, "visibility": ask.visibility, "wording": wording, "total": len(mine)}
    job = BulkRounds.objects.create(user=by, **terms)
    BulkAccount.objects.bulk_create((BulkAccount(job=job, account_id=pk) for pk in mine), batch_size=2000)
    job_runner.queue(job, BulkRounds.State.WAITING)
    return job


class BulkRoundsKind(job_runner.BatchKind[BulkRounds, BulkAccount]):
    seconds, most = 60, 50  # of one task: mail goes out in between
    cancel_url = "surveys:rounds_cancel"

    def waiting(self, job: BulkRounds) -> QuerySet[BulkAccount]:
        return job.rows.filter(state=State.WAITING).order_by("pk")

    def do(self, batch: BulkAccount, job: BulkRounds) -> dict[str, Combinable]:
        """Ask the customer of one account, or store why not."""
        return _settle(batch, *_ask(batch, job))

    def leave(self, batch: BulkAccount, job: BulkRounds) -> dict[str, Combinable]:
        return _settle(batch, SkipReason.REFUSED)


def progress_of(job: BulkRounds) -> AskProgress:
    """One statement."""
    counts = dict.fromkeys(State.values, 0)
    people = 0
    for state, count, asked in job.rows.order_by().values_list("state").annotate(Count("pk"), Sum("people")):
        counts[state] = count
        people += asked
    return AskProgress(sum(counts.values()), counts[State.ASKED], people, counts[State.SKIPPED])


def _settle(row: BulkAccount, why: str, people: int = 0) -> dict[str, Combinable]:
    row.state, row.why, row.people = State.SKIPPED if why else State.ASKED, why, people
    row.save(update_fields=["state", "why", "people"])
    return {"done": F("done") + 1}


def _ask(row: BulkAccount, job: BulkRounds) -> tuple[str, int]:
    """Why the account is passed over, "" if it is not; and how many people were asked."""
    account = Account.objects.changeable_by(job.user).filter(pk=row.account_id).first()
    if account is None or account.is_archived:
        return SkipReason.NOT_YOURS if account is None else SkipReason.ARCHIVED, 0
    if why := _with_reason(Account.objects.filter(pk=account.pk)).values_list("why", flat=True)[0]:
        return why, 0
    people = {contact.pk: language_of(contact) for contact in _to_ask().filter(account=account)}
    ask = Ask(job.closes_on, job.visibility, {language: Wording(**words) for language, words in job.wording.items()})
    return "", len(invite(account, people, ask, by=job.user).new)


def _reachable() -> QuerySet[Contact]:
    """Contacts who can be asked by mail."""
    return Contact.objects.filter(ASKABLE).exclude(email="")


def _lately() -> Exists:
    asked = Invitation.objects.filter(contact=OuterRef("pk"), invited_at__gt=timezone.now() - RECENT)
    return Exists(asked.exclude(state__in=[Invitation.State.FAILED, Invitation.State.REVOKED]))


def _to_ask() -> QuerySet[Contact]:
    return _reachable().exclude(_lately())


def _with_reason(accounts: AccountQuerySet) -> QuerySet:
    """Adds `why`: the reason to pass an account over, "" for one to ask."""
    there = OuterRef("pk")
    return accounts.annotate(
        why=Case(
            When(Exists(Assessment.objects.open().filter(account=there)), then=Value(str(SkipReason.OPEN_ROUND))),
            When(~Exists(_reachable().filter(account=there)), then=Value(str(SkipReason.NOBODY))),
            When(~Exists(_to_ask().filter(account=there)), then=Value(str(SkipReason.RECENT))),
            default=Value(""),
        )
    )
