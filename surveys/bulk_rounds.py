"""Asking the customers of many accounts at once: what it would come to, and the worker's way through them."""

import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Case, Count, Exists, OuterRef, QuerySet, Sum, Value, When
from django.tasks import task
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, User
from accounts.querysets import AccountQuerySet
from assessments.models import Assessment
from surveys.invitations import ASKABLE, RECENT, Ask, Wording, invite, language_of
from surveys.models import BulkAccount, BulkRounds, Invitation

AT_A_TIME = 50  # accounts in one task: mail goes out in between, and a killed worker is missed soon
SECONDS = 60
Why, State = BulkAccount.Why, BulkAccount.State

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Some accounts that are passed over, and why."""

    why: str
    accounts: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What asking these accounts would come to."""

    accounts: int  # that would be asked
    people: int
    by_language: dict[str, int]
    recent_people: int  # left out at those accounts, since they were asked lately
    skipped: tuple[Skipped, ...]

    @property
    def mark(self) -> str:
        """What the form saw, to notice that the list moved on meanwhile."""
        return f"{self.accounts}-{self.people}"


@dataclass(frozen=True, slots=True)
class Progress:
    total: int
    asked: int
    people: int
    skipped: int

    @property
    def done(self) -> int:
        return self.asked + self.skipped


def outlook(accounts: AccountQuerySet, user: User) -> Outlook:
    """Four statements, whatever the number of accounts."""
    mine = accounts.changeable_by(user).active()
    reasons = dict(_with_reason(mine).order_by().values_list("why").annotate(Count("pk")))
    asked = _with_reason(mine).filter(why="").order_by().values("pk")
    people: dict[str, int] = {}
    for language, count in _to_ask().filter(account__in=asked).order_by().values_list("language").annotate(Count("pk")):
        language = language or settings.LANGUAGE_CODE
        people[language] = people.get(language, 0) + count
    recent = _reachable().filter(account__in=asked).filter(_lately()).count()
    theirs = accounts.active().count() - sum(reasons.values())
    skipped = [Skipped(str(Why(why).label), reasons[why]) for why in (Why.OPEN_ROUND, Why.RECENT, Why.NOBODY) if reasons.get(why)]
    if theirs:
        skipped.append(Skipped(_("not yours to change"), theirs))
    return Outlook(reasons.get("", 0), sum(people.values()), people, recent, tuple(skipped))


@transaction.atomic
def start(accounts: AccountQuerySet, ask: Ask, *, by: User) -> BulkRounds:
    """Order the worker to ask these accounts."""
    wording = {language: {"subject": words.subject, "message": words.message} for language, words in ask.wording.items()}
    terms = {"closes_on": ask.closes_on, "visibility": ask.visibility, "wording": wording}
    job = BulkRounds.objects.create(user=by, **terms)
    mine = accounts.changeable_by(by).active().order_by("pk").values_list("pk", flat=True)
    rows = (BulkAccount(job=job, account_id=pk) for pk in mine.iterator(chunk_size=2000))
    BulkAccount.objects.bulk_create(rows, batch_size=2000)
    transaction.on_commit(lambda: ask_many.enqueue(job.pk), robust=True)
    return job


@task
def ask_many(job_id: int) -> int:
    """Some of the accounts of one order, then the next ones in a task of their own; how many were done."""
    return work_on(job_id)


def work_on(job_id: int) -> int:
    """Do some of the accounts that wait, each in its own transaction; how many. Safe to run in many workers at once."""
    job = BulkRounds.objects.select_related("user").filter(pk=job_id, finished_at=None).first()
    if job is None:
        return 0
    done, end = 0, time.monotonic() + SECONDS
    while done < AT_A_TIME and time.monotonic() < end and _next(job):
        done += 1
    BulkRounds.objects.filter(pk=job.pk).update(moved_at=timezone.now())
    if done and job.rows.filter(state=State.WAITING).exists():
        ask_many.enqueue(job.pk)
    elif not job.rows.filter(state=State.WAITING).exists():
        BulkRounds.objects.filter(pk=job.pk, finished_at=None).update(finished_at=timezone.now(), wording={})
    return done


@task
def go_on_asking() -> int:
    """Orders that no worker is at any more are taken up again; how many there were."""
    still = list(BulkRounds.objects.standing_still().values_list("pk", flat=True))
    for pk in still:
        ask_many.enqueue(pk)
    return len(still)


def progress_of(job: BulkRounds) -> Progress:
    """One statement."""
    counts = dict.fromkeys(State.values, 0)
    people = 0
    for state, count, asked in job.rows.order_by().values_list("state").annotate(Count("pk"), Sum("people")):
        counts[state] = count
        people += asked
    return Progress(sum(counts.values()), counts[State.ASKED], people, counts[State.SKIPPED])


def _next(job: BulkRounds) -> bool:
    """Ask the customer of the next account that waits, or note why not; False when none waits."""
    with transaction.atomic():
        row = job.rows.select_for_update(skip_locked=True, of=("self",)).filter(state=State.WAITING).order_by("pk").first()
        if row is None:
            return False
        try:
            with transaction.atomic():
                row.why, row.people = _ask(row, job)
        except (OperationalError, InterfaceError):
            raise  # the whole task is begun again when the database is back
        except ValidationError:
            row.why = Why.REFUSED
        except Exception:
            log.exception("an account of order %s could not be asked", job.pk)
            row.why = Why.REFUSED  # the others go on
        row.state = State.SKIPPED if row.why else State.ASKED
        row.save(update_fields=["state", "why", "people"])
    return True


def _ask(row: BulkAccount, job: BulkRounds) -> tuple[str, int]:
    """Why the account is passed over; or "" and how many were asked."""
    account = Account.objects.changeable_by(job.user).filter(pk=row.account_id).first()
    if account is None or account.is_archived:
        return Why.NOT_YOURS if account is None else Why.ARCHIVED, 0
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
            When(Exists(Assessment.objects.open().filter(account=there)), then=Value(str(Why.OPEN_ROUND))),
            When(~Exists(_reachable().filter(account=there)), then=Value(str(Why.NOBODY))),
            When(~Exists(_to_ask().filter(account=there)), then=Value(str(Why.RECENT))),
            default=Value(""),
        )
    )
