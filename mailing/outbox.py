"""Mail that is sent exactly once, or says that it may have been.

An act writes a `Letter` in its own transaction (`post`). The worker sends what is due (`deliver_due`): it first stores
that it takes the letter, then hands the mail over, then stores how that went. A worker that is killed before the first
step leaves the letter waiting, and the next one takes it up; killed after it, nobody can know whether the mail went out,
so the letter becomes *may have been sent* (`take_stock`) and only a person sends it again. The same where a connection
breaks off after the mail server was given the mail and before it said whether it took it.

What can never go, such as a mail to a malformed address or one that the server refuses for good (5xx), fails at once; what
may go later is tried again for hours.
"""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.errors import MessageError
from smtplib import SMTPNotSupportedError, SMTPRecipientsRefused, SMTPResponseException

from django.core.mail import EmailMessage, mailers
from django.db import transaction
from django.tasks import task
from django.utils import timezone

from mailing.models import MALFORMED, UNWRITTEN, Letter

#: How long after the first, second … failed attempt the next one comes; after the last the letter has failed.
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
LOST_AFTER = timedelta(minutes=10)  # a mail is handed over within seconds: after this its worker is gone
RUN_FOR = 240  # seconds: other tasks wait meanwhile, and the next run is a minute away

log = logging.getLogger(__name__)
State = Letter.State


@dataclass(frozen=True, slots=True)
class Kind:
    """How letters of one kind are written, and who hears how they went.

    `write` gives the mail, or None when it is no longer wanted. `settled` is called in the transaction that stores
    the new state of the letter (sent, failed, unsure, cancelled).
    """

    write: Callable[[Letter], EmailMessage | None]
    settled: Callable[[Letter], None]


_kinds: dict[str, Kind] = {}


def kind(name: str, write: Callable[[Letter], EmailMessage | None], settled: Callable[[Letter], None]) -> None:
    """Name a kind of letter; at start-up, since `accounts` does not know the apps above it."""
    _kinds[name] = Kind(write, settled)


def post(kind: str, subject_id: int, *, key: str) -> None:
    """Write a letter, in the transaction of the act. The same `key` a second time writes none."""
    post_many(kind, {key: subject_id})


def post_many(kind: str, letters: Mapping[str, int]) -> None:
    """The same for several, each by its key; one statement, and one call of the worker."""
    if not letters:
        return
    new = [Letter(kind=kind, subject_id=subject_id, key=key) for key, subject_id in letters.items()]
    Letter.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    # Should the worker not hear of it, it looks by itself each minute: no reason to fail an act that is stored.
    transaction.on_commit(deliver_letters.enqueue, robust=True)


@task
def deliver_letters() -> int:
    """Each minute, and at once when a letter is posted; how many letters were taken."""
    return deliver_due()


def deliver_due(*, most: int = 200) -> int:
    """Send what is due; how many letters were taken. Safe to run in many workers at once."""
    take_stock()
    taken, end = 0, time.monotonic() + RUN_FOR
    while taken < most and time.monotonic() < end and (letter := _take()) is not None:
        taken += 1
        if not _deliver(letter):
            break  # the mail server is away: the other letters need not spend an attempt on that
    return taken


def take_stock() -> int:
    """Letters whose worker was lost while it sent them: they may have been sent. How many there were."""
    stuck = Letter.objects.filter(state=State.SENDING, taken_at__lt=timezone.now() - LOST_AFTER)
    lost = 0
    for letter in stuck:
        try:
            lost += _settle(letter, State.UNSURE)
        except Exception:
            log.exception("letter %s could not be settled", letter.pk)  # the others go on
    return lost


@transaction.atomic
def _take() -> Letter | None:
    letter = Letter.objects.select_for_update(skip_locked=True).due(timezone.now()).first()
    if letter is None:
        return None
    letter.state, letter.taken_at, letter.attempts = State.SENDING, timezone.now(), letter.attempts + 1
    letter.save(update_fields=["state", "taken_at", "attempts"])
    return letter


def _deliver(letter: Letter) -> bool:
    """Write and send one letter that was taken; False when there is no mail server to send it with."""
    try:
        mail = _kinds[letter.kind].write(letter)
        if mail is not None:
            mail.message().as_bytes()  # what cannot be put on paper is no matter of the mail server
    except (ValueError, MessageError) as error:  # an address or a header that no mail can have, now or later
        _settle(letter, State.FAILED, f"{MALFORMED} {_reason(error)}")
        return True
    except Exception as error:
        _try_later(letter, f"{UNWRITTEN} {_reason(error)}")
        return True
    if mail is None:
        _settle(letter, State.CANCELLED)
        return True
    connection = mailers.default
    try:
        connection.open()
    except Exception as error:
        _try_later(letter, _reason(error))
        return False
    try:
        _hand_over(letter, mail, connection)
    finally:
        with suppress(Exception):  # how the mail server says goodbye changes nothing
            connection.close()
    return True


def _hand_over(letter: Letter, mail: EmailMessage, connection) -> None:
    """Only an answer of the mail server tells that it did not take the mail; anything else leaves that open."""
    try:
        connection.send_messages([mail])
    except SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        _refused(letter, error, max(codes, default=0))
    except SMTPResponseException as error:
        _refused(letter, error, error.smtp_code)
    except (SMTPNotSupportedError, ValueError) as error:  # before anything was sent: the address cannot be written to
        _settle(letter, State.FAILED, f"{MALFORMED} {_reason(error)}")
    except Exception as error:
        _settle(letter, State.UNSURE, _reason(error))
    else:
        _settle(letter, State.SENT)


def _refused(letter: Letter, error: Exception, code: int) -> None:
    if code >= 500:
        _settle(letter, State.FAILED, _reason(error, code))
    elif code >= 400:
        _try_later(letter, _reason(error, code))
    else:
        _settle(letter, State.UNSURE, _reason(error, code))


@transaction.atomic
def _try_later(letter: Letter, reason: str) -> None:
    """It was surely not sent. What was taken for lost meanwhile waits for a person, who may have sent it again."""
    stored = _locked(letter)
    if stored.attempts > len(BACK_OFF) or stored.state != State.SENDING:
        _settle(stored, State.FAILED, reason)
        return
    stored.state, stored.error = State.QUEUED, reason
    stored.due_at = timezone.now() + BACK_OFF[stored.attempts - 1]
    stored.save(update_fields=["state", "error", "due_at"])


@transaction.atomic
def _settle(letter: Letter, state: str, error: str = "") -> bool:
    """Store how it went. A letter that was taken for lost meanwhile is told better by who sent it after all."""
    stored = _locked(letter)
    if state == State.UNSURE and stored.state != State.SENDING:
        return False
    stored.state, stored.settled_at, stored.error = state, timezone.now(), error
    stored.save(update_fields=["state", "settled_at", "error"])
    if stored.kind in _kinds:
        _kinds[stored.kind].settled(stored)
    return True


def _locked(letter: Letter) -> Letter:
    return Letter.objects.select_for_update().get(pk=letter.pk)


def _reason(error: Exception, code: int = 0) -> str:
    # The class, not the text: a server may repeat the mail in its answer, and with it a link.
    return f"{type(error).__name__} {code}" if code else type(error).__name__
