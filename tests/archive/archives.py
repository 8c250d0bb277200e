"""What tests of the archive build with."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.utils import timezone

from accounts.models import CrmSource, ExchangeRate, Tag
from api.keys import make_key
from archive.contents import archived
from archive.writing import document
from assessments.rounds.closing import close
from audit import trail
from core.models import Organisation
from hierarchy.loading import load_first_edition
from importing.models import ImportMemory
from notes.acts import add_note
from plans.action_plans.acts import start_plan
from plans.actions.acts import add_action
from plans.actions.comments import add_comment
from plans.calendar.keys import renew
from plans.targets.acts import set_target
from portfolio.models import SavedView
from tests.factories import (
    answer,
    make_account,
    make_administrator,
    make_assessment,
    make_contact,
    make_invitation,
    make_review,
    make_slide_template,
    make_team,
    make_user,
    make_webhook,
)
from tests.surveys.inviting import sent

PASSWORD = "a long enough secret"


def organisation() -> SimpleNamespace:
    """A small one that has something of every kind, also what an archive leaves out."""
    Organisation.objects.create(
        pk=1, name="Vermeer & Partners", language="nl", time_zone="Europe/Amsterdam", reporting_currency="EUR"
    )
    edition = load_first_edition()
    admin = make_administrator(email="ada@example.com", name="Ada Kramer", password=PASSWORD)
    owner = make_user(email="mila@example.com", name="Mila “Zoë” Vermeer", language="nl", time_zone="Europe/Lisbon")
    mate = make_user(email="away@example.com", is_active=False)
    team = make_team(name="Benelux", members=[owner, mate], leads=[owner])
    rate = ExchangeRate.objects.create(currency="USD", rate="0.91234567", as_of=timezone.localdate())
    CrmSource.objects.create(source="crm", key="crm", owned=["revenue"])
    parent = make_account(name="Holding", owner=owner)
    account = make_account(
        name="Northwind", owner=owner, team=team, parent=parent, revenue="1234567890123.45", currency="USD", country="NL",
        source="crm", external_id="A-1", notes="Line one\nline “two” \U0001f600",
    )  # fmt: skip
    account.tags.add(Tag.objects.create(name="key"), Tag.objects.create(name="aardvark"))
    boss = make_contact(account, name="Björn Åkesson", email="bjorn@example.com", title="CEO")
    contact = make_contact(account, name="Anna Berg", email="anna@example.com", reports_to=boss, language="nl")
    past = make_assessment(account, held_on=timezone.localdate() - timedelta(days=40))
    past.raters.add(mate)
    answer(past, owner, "5555 5555 3333 2222 1111", evidence={3: "They call us first."}, comment="Going well")
    answer(past, contact, "5555 4444 333- 222. 1111")
    answer(past, owner, "5555 5555 4444 2222 1111", evidence={3: "They call us first."}, comment="Going well")  # beside the first
    past = close(past, by=owner)
    set_target(account, by=owner, level=3, due_on=timezone.localdate() + timedelta(days=700), rationale="First")
    set_target(
        account,
        by=owner,
        level=4,
        due_on=timezone.localdate() + timedelta(days=800),
        rationale="Higher",
        revision_reason="They grew",
    )
    plan = start_plan(account, by=owner, from_rank=2, owner=owner)
    action = add_action(plan, by=owner, title="Map the journey", owner=owner, due_on=timezone.localdate())
    add_comment(action, by=owner, text="Whom do we ask?", tell=[admin.pk])
    add_note(account, by=owner, held_on=past.held_on, kind="call", text="They grow.", contacts=[contact, boss], tell=[admin.pk])
    invitation = sent(boss, visibility="confidential")  # with a round that is open
    SavedView.objects.create(user=owner, name="Mine", page="accounts:list", query="country=NL")
    ImportMemory.objects.create(user=owner, shape="abc", columns={"1": "name", "0": "external_id"})
    make_review(account, timezone.localdate() - timedelta(days=9), seen_people=[boss.pk])
    make_slide_template(admin)
    hook = make_webhook(owner, "level.climbed", url="https://hooks.example.com/in", secret="the secret of a webhook")
    make_webhook(owner, url="https://old.example.com/", secret="", is_active=False, removed_at=timezone.now())
    _key, api_secret = make_key(owner, by=owner, name="CRM", scope="read")
    calendar_secret = renew(owner, seen=0)
    trail.record("account.changed", account, by=None, before={"b": 1, "a": {"d": 2.5, "c": None}}, note="By hand")
    return SimpleNamespace(
        edition=edition, admin=admin, owner=owner, mate=mate, team=team, rate=rate, account=account, contact=contact, boss=boss,
        past=past, plan=plan, invitation=invitation, hook=hook, api_secret=api_secret, calendar_secret=calendar_secret,
    )  # fmt: skip


def queued_invitation(account):
    """Asked, and the letter still waits."""
    return make_invitation(make_assessment(account), make_contact(account), state="queued")


def empty_everything() -> None:
    """As after `migrate`, but that the numbers of ids go on."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in {"contenttypes", "auth"}:
            models.QuerySet(model)._raw_delete(using="default")


def written() -> bytes:
    return b"".join(document())


def take(path: Path) -> bytes:
    """The content of the archive that the command wrote there."""
    call_command("archive", str(path))
    return path.read_bytes()


def content(whole: bytes) -> list[bytes]:
    """All but the header, which says when it was made, and the sum over it."""
    return whole.splitlines()[1:-1]


def summed(lines: list[bytes]) -> bytes:
    """The lines of an archive, but the last, with the sum that belongs to them: as a careful forger would."""
    whole = b"".join(lines)
    return whole + b'"end": ' + json.dumps({"sha256": hashlib.sha256(whole).hexdigest()}).encode() + b"}\n"


def rows() -> dict[str, list[dict]]:
    """Every column of every archived model, as the database has it."""
    return {model._meta.label: list(models.QuerySet(model).order_by("pk").values()) for model in archived()}
