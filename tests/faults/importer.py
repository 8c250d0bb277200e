"""An import in processes of its own: prepared, worked on, and told about; started, and killed, by the tests beside it."""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta

from django.core.management import call_command
from django.db.models import F
from django_tasks_db.models import DBTaskResult

from accounts.models import Account, Contact, User
from audit import trail
from audit.models import Event
from config.tasks import take_up_lost_tasks
from core.job_runner import take_up_lost_jobs
from importing import work as importing_work
from importing.check import check, keep_check
from importing.jobs import choose_columns, guessed, start_job
from importing.mapping import with_money_choice
from importing.models import ImportBatch, ImportJob
from importing.reading.table import read_table
from tests.factories import make_account, make_administrator

ROWS = 2100  # so many are left to the worker
OUTCOMES = ("created", "updated", "unchanged", "rejected")
KNOWN = 200  # of which are here already and differ


def lines() -> Iterator[str]:
    yield "id,name,city,revenue,parent,tags,contact name,contact email"
    for n in range(ROWS):
        parent = "" if n % 50 else f"A{n + 7}"  # stands below its child
        yield f"A{n},Customer {n},Oslo,{n}.50,{parent},{'north' if n % 3 else ''},Jo {n},jo@c{n}.example"


def order() -> None:
    """A file that waits for the worker, as the pages leave it."""
    user = User.objects.get(email="importer@example.com")
    content = "\n".join(lines()).encode()
    table = read_table(content)
    job = start_job(user, "list.csv", content, table)
    mapping = with_money_choice(table.headers, guessed(table), "ours")
    choose_columns(job, table, mapping, {"owner": user.pk, "team": None, "currency": ""})
    keep_check(job, check(job))
    importing_work.begin(job, skip_rejected=False)


def prepare() -> None:
    call_command("createcachetable", verbosity=0)
    user = make_administrator(email="importer@example.com")
    for n in range(KNOWN):
        make_account(name=f"Customer {n}", external_id=f"A{n}", city="Rome", owner=user)
    order()


def work() -> None:
    """Tell what is stored, and work: eleven minutes after what happened before, so that what a killed worker had is taken up."""
    long = timedelta(minutes=11)
    DBTaskResult.objects.running().update(started_at=F("started_at") - long)
    ImportJob.objects.update(queued_at=F("queued_at") - long, heartbeat_at=F("heartbeat_at") - long)
    take_up_lost_tasks.call()
    take_up_lost_jobs()
    report()
    call_command("db_worker", queue_name="*", batch=True, startup_delay=False, reload=False, verbosity=0)


def report() -> None:
    """What is stored now, as JSON."""
    jobs = ImportJob.objects.order_by("pk")
    written = Event.objects.exclude(act__startswith="import.").order_by("pk")
    kept = [
        pair for changes in ImportBatch.objects.order_by("job", "number").values_list("changes", flat=True) for pair in changes
    ]
    events = dict(written.values_list("pk", "object_type"))
    versions = {
        "accounts.account": dict(Account.objects.values_list("pk", "version")),
        "accounts.contact": dict(Contact.objects.values_list("pk", "version")),
    }
    objects = dict(written.values_list("pk", "object_id"))
    found = {
        "jobs": [[job.state, job.report and {name: job.report[name] for name in OUTCOMES}, job.stored] for job in jobs],
        "counted": [sum(pair) for pair in zip(*ImportBatch.objects.values_list("created", "updated"), strict=True)],
        "accounts": Account.objects.count(),
        "in_oslo": Account.objects.filter(city="Oslo", worth__isnull=False).count(),
        "with_parent": Account.objects.filter(parent__isnull=False).count(),
        "with_tag": Account.objects.filter(tags__name="north").count(),
        "contacts": Contact.objects.count(),
        "batches": ImportBatch.objects.count(),
        "acts": {act: written.filter(act=act).count() for act in ("account.created", "account.changed", "contact.created")},
        "events": len(events),
        "kept_is_what_happened": [pk for pk, _version in kept] == list(events),
        "kept_versions_are_stored": all(versions[events[pk]][objects[pk]] == version for pk, version in kept),
        "broken_links": sum(1 for _event in trail.broken_links()),
        "tasks_left": DBTaskResult.objects.filter(status__in=["READY", "RUNNING"]).count(),
    }
    sys.stdout.write(f"{json.dumps(found)}\n")
    sys.stdout.flush()
