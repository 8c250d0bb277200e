"""The worker in a process of its own, with a post office that keeps a book: started, and killed, by the tests beside it."""

import json
import os
import sys
import time
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Account
from config.tasks import take_up_lost_tasks
from core.job_runner import take_up_lost_jobs
from hierarchy.loading import load_first_edition
from mailing.models import Letter
from mailing.outbox import deliver_letters
from surveys import bulk_rounds
from surveys.invitations import Ask, default_wording
from surveys.models import BulkAccount, BulkRounds, Invitation
from tests.factories import make_account, make_contact, make_user

ACCOUNTS = 40
SLOW = 0.03  # seconds before a mail is taken, and as many after, so that a kill may come in between


class PostOffice(BaseEmailBackend):
    """Takes a mail a while after it was asked to, and says so a while after it took it. The book has a line a mail."""

    def __init__(self, book: str, **kwargs):
        super().__init__(**kwargs)
        self.book = book

    def send_messages(self, messages):
        for message in messages:
            time.sleep(SLOW)
            book = os.open(self.book, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(book, f"{parseaddr(message.recipients()[0])[1]}\n".encode())
            os.close(book)
            time.sleep(SLOW)
        return len(messages)


def prepare() -> None:
    """Customers to ask, and the order to ask them."""
    call_command("createcachetable", verbosity=0)
    load_first_edition()
    owner = make_user()
    for n in range(ACCOUNTS):
        make_contact(make_account(owner=owner), email=f"anna{n}@example.com")

    ask = Ask(timezone.localdate() + timedelta(days=21), "named", {"en": default_wording("en")})
    bulk_rounds.start(Account.objects.all(), ask, by=owner)


def work() -> None:
    """An hour after what happened before: what the clock puts into the queue, and then all that is there. The book is the file BOOK."""
    settings.MAILERS = {"default": {"BACKEND": "tests.faults.worker.PostOffice", "OPTIONS": {"book": os.environ["BOOK"]}}}
    hour = timedelta(hours=1)
    DBTaskResult.objects.running().update(started_at=F("started_at") - hour)
    Letter.objects.filter(state="sending").update(taken_at=F("taken_at") - hour)
    BulkRounds.objects.update(queued_at=F("queued_at") - hour, heartbeat_at=F("heartbeat_at") - hour)
    take_up_lost_jobs()
    for task in (take_up_lost_tasks, deliver_letters):
        task.enqueue()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    call_command("db_worker", queue_name="*", batch=True, startup_delay=False, reload=False, verbosity=0)


def report() -> None:
    """What is stored now, as JSON."""
    letters = {
        Invitation.objects.get(pk=letter.subject_id).contact.email: letter.state for letter in Letter.objects.order_by("pk")
    }
    found = {
        "letters": letters,
        "letter_count": Letter.objects.count(),
        "invitations": [
            [invitation.contact.email, invitation.state]
            for invitation in Invitation.objects.select_related("contact").order_by("pk")
        ],
        "rounds": list(Invitation.objects.values_list("assessment__account", flat=True).order_by("pk")),
        "accounts": list(BulkAccount.objects.values_list("state", flat=True)),
        "finished": BulkRounds.objects.filter(finished_at__isnull=False).count(),
        "tasks_left": DBTaskResult.objects.filter(status__in=["READY", "RUNNING"]).count(),
    }
    sys.stdout.write(f"{json.dumps(found)}\n")
