"""Mail that is sent exactly once, or is shown as *may have been sent*.

An act writes a `Letter` in its own transaction (`post`). The worker sends what is due (`deliver_due`): it first stores that it
takes the letter, then hands the mail over, then stores the outcome. A worker that is killed before the first step leaves the
letter in the queue. If it is killed after the first step, nobody can know whether the mail went out: the letter becomes *may
have been sent* (`take_stock`), and only a person sends it again. The same holds when a connection breaks off after the mail
server was given the mail and before it said whether it took it.

A mail that can never be sent, to a malformed address or one that the server refuses for good (5xx), fails at once; one that
may be sent later is tried again for hours.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.errors import MessageError
from smtplib import SMTPNotSupportedError, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.core.mail import EmailMessage, mailers
from django.db import transaction
from django.tasks import task

from core.delivery import DeliveryRunner
from mailing.models import MALFORMED, UNWRITTEN, Letter

LOST_AFTER = timedelta(minutes=10)  # a mail is handed over within seconds: after this its worker is gone

log = logging.getLogger(__name__)
State = Letter.State


@dataclass(frozen=True, slots=True)
class LetterKind:
    """How letters of one kind are written, and what follows from their outcome.

    `write` gives the mail, or None when it is no longer wanted. `settled` is called in the transaction that stores
    the new state of the letter (sent, failed, unsure, cancelled).
    """

    write: Callable[[Letter], EmailMessage | None]
    settled: Callable[[Letter], None]


_kinds: dict[str, LetterKind] = {}


def register_letter(name: str, write: Callable[[Letter], EmailMessage | None], settled: Callable[[Letter], None]) -> None:
    """Register a kind of letter; at start-up, since `mailing` does not know the rooms above it."""
    _kinds[name] = LetterKind(write, settled)


def post(kind: str, subject_id: int, *, key: str) -> None:
    """Write a letter, in the transaction of the act. The same `key` a second time writes none."""
    post_many(kind, {key: subject_id})


def post_many(kind: str, letters: Mapping[str, int]) -> None:
    """Write several letters, each by its key; one statement, and one call of the worker."""
    if not letters:
        return
    new = [Letter(kind=kind, subject_id=subject_id, key=key) for key, subject_id in letters.items()]
    Letter.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    # If the call of the worker fails, the clock calls it within a minute: no reason to fail an act that is stored.
    transaction.on_commit(deliver_letters.enqueue, robust=True)


@task
def deliver_letters() -> int:
    """Each minute, and at once when a letter is posted; how many letters were taken."""
    return deliver_due()


def deliver_due(*, most: int = 200) -> int:
    """Send what is due; how many letters were taken. Safe to run in many workers at once."""
    return _runner.run(most)


def take_stock() -> int:
    """Settle letters whose worker was lost while it sent them: they may have been sent. How many there were."""
    return _runner.settle_lost_ones()


class LetterRunner(DeliveryRunner[Letter]):
    model = Letter
    back_off = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
    lost_after = LOST_AFTER
    seconds = 240

    def stored(self, message: Letter) -> Letter:
        return Letter.objects.select_for_update().get(pk=message.pk)

    def settle_lost(self, message: Letter) -> bool:
        try:
            return self.settle(message, State.UNSURE)
        except Exception:
            log.exception("letter %s could not be settled", message.pk)  # the others go on
            return False

    def settled(self, message: Letter) -> None:
        if message.kind in _kinds:
            _kinds[message.kind].settled(message)

    def attempt(self, message: Letter) -> bool:
        """Write and send the letter; False when the mail server is away: the other letters need not spend an attempt on that."""
        try:
            mail = _kinds[message.kind].write(message)
            if mail is not None:
                mail.message().as_bytes()  # a mail that cannot be written is no error of the mail server
        except (ValueError, MessageError) as error:  # an address or a header that no mail can have, now or later
            self.settle(message, State.FAILED, f"{MALFORMED} {_reason(error)}")
            return True
        except Exception as error:
            self.try_later(message, f"{UNWRITTEN} {_reason(error)}")
            return True
        if mail is None:
            self.settle(message, State.CANCELLED)
            return True
        connection = mailers.default
        try:
            connection.open()
        except Exception as error:
            self.try_later(message, _reason(error))
            return False
        try:
            _hand_over(message, mail, connection)
        finally:
            with suppress(Exception):  # an error while closing changes nothing
                connection.close()
        return True


_runner = LetterRunner()


def _hand_over(letter: Letter, mail: EmailMessage, connection: Any) -> None:
    """Give the mail to the server. Only an answer of the server proves that it did not take the mail; any other error leaves that open."""
    try:
        connection.send_messages([mail])
    except SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        _refused(letter, error, max(codes, default=0))
    except SMTPResponseException as error:
        _refused(letter, error, error.smtp_code)
    except (SMTPNotSupportedError, ValueError) as error:  # before anything was sent: the address cannot be written to
        _runner.settle(letter, State.FAILED, f"{MALFORMED} {_reason(error)}")
    except Exception as error:
        _runner.settle(letter, State.UNSURE, _reason(error))
    else:
        _runner.settle(letter, State.SENT)


def _refused(letter: Letter, error: Exception, code: int) -> None:
    if code >= 500:
        _runner.settle(letter, State.FAILED, _reason(error, code))
    elif code >= 400:
        _runner.try_later(letter, _reason(error, code))
    else:
        _runner.settle(letter, State.UNSURE, _reason(error, code))


def _reason(error: Exception, code: int = 0) -> str:
    # The class, not the text: a server may quote the mail in its answer, and with it a link.
    return f"{type(error).__name__} {code}" if code else type(error).__name__
