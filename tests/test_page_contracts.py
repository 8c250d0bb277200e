"""Every form of every page, sent as the page holds it: what the page holds is enough for the view that takes it.

A form that is left as it is may be refused for what one did not fill in; never as stale or forbidden, never for a field that
the page does not hold, and it may not break. Where it is refused it is sent again with something in each empty field, so that
it comes to the act.
"""

from collections.abc import Container, Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.forms import BaseForm
from django.forms.formsets import BaseFormSet
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from accounts.models import Account, User
from api.keys import make_key
from assessments.models import Assessment
from assessments.rounds.closing import close
from plans.action_plans.acts import start_plan
from plans.actions.acts import add_action
from plans.targets.acts import set_target
from portfolio.models import SavedView
from surveys.survey.response import keep_answers, survey_of
from tests.factories import answer, make_account, make_assessment, make_contact, make_invitation
from tests.forms_of_pages import Button, Form, Page
from tests.import_pages import choose, upload
from tests.surveys.surveying import address_of
from tests.test_permissions import OPEN, TABLE, prepared, scene  # noqa: F401

pytestmark = pytest.mark.one_database  # the forms of pages, not the statements behind them

WELL = {200, 302, 422}
MOST = 320  # pages of one crawl
FILE = "a file"
PROGRAM = "for programs: tests/api"
BY_LINK = "a link of the contact's own: the last tests here"
#: Addresses that are not visited, and why.
NOT_VISITED = {
    "accounts:export": FILE,
    "importing:rejected": FILE,
    "importing:sample": FILE,
    "portfolio:export_file": FILE,
    "plans:calendar": FILE,
    "admin:jsi18n": "a script",
    "portfolio:styleguide": "shows a form that was refused, on purpose: tests/portfolio/test_styleguide.py",
    "live": PROGRAM,
    "ready": PROGRAM,
    "api:openapi-json": PROGRAM,
    "account_logout": "ends the session; the form in the bar that leads there is sent",
    "admin:logout": "ends the session",
    "account_reset_password_from_key": "a link from a mail: tests/config/test_signin.py",
    "surveys:survey": BY_LINK,
    "surveys:survey_thanks": BY_LINK,
    "surveys:survey_code": BY_LINK,
    "surveys:survey_do_not_ask": BY_LINK,
    "surveys:survey_enter": BY_LINK,
    "people:set_up": "a one-time link: tests/people/test_set_up.py",
    "people:welcome": "a one-time link: tests/people/test_inviting.py",
}
#: Addresses that may be opened but only lead to others.
LEADS_ON = {
    "portfolio:start": "to the view chosen for it",
    "accounts:find": "to the list of accounts, unless as one types",
    "accounts:side_bar": "to the list of accounts, unless fetched by a page",
    "accounts:palette": "to the list of accounts, unless fetched by a page",
    "portfolio:peek": "to the page of the account, unless fetched by a page",
    "accounts:merge_alike": "a part of the account page; to the finder, for who opens it by itself",
    "admin:password_change": "to the site's own",
    "admin:login": "to the front page, for who is signed in",
    "account_login": "to the portfolio, for who is signed in",
    "admin:hierarchy_play_changelist": "to the editions",
    "admin:hierarchy_play_history": "to the history of its edition",
    "account_set_password": "to the change of the password, for who has one",
}


#: Forms that tell a version that is not looked at as they are sent here, and why.
NOT_OF_AN_OLDER_VERSION = {
    "accounts:merge": "these two are one already, which is taken for a second click",
    "surveys:invite": "the version of the terms, which are not changed",
    "plans:target": "the same target again is taken for a second click, and a preview stores nothing",
}


@dataclass
class Crawl:
    """What a person finds behind `starts` and the links there, and what becomes of the forms."""

    client: Client
    starts: list[str]
    follows: bool = False  # the links, too: pages with a query
    without: str = ""  # a hidden field that all pages are taken to lack
    left_out: Container[str] = field(default_factory=NOT_VISITED.keys)
    visited: set[str] = field(default_factory=set)  # names of addresses
    sent: set[tuple] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    lacking: set[str] = field(default_factory=set)  # what was sent without it

    def __post_init__(self) -> None:
        waiting, seen = list(self.starts), set()
        while waiting:
            url = waiting.pop(0).split("#")[0]
            address = urlsplit(url)
            place = url if url in self.starts else (address.path, *sorted(parse_qs(address.query)))
            if place in seen or name_of(url) in self.left_out:
                continue
            seen.add(place)
            assert len(seen) <= MOST, f"more than {MOST} pages: {url}"
            waiting += self._visit(url)

    def _visit(self, url: str) -> Iterator[str]:
        response = self.client.get(url)
        if response.status_code in {301, 302}:
            yield from [to for to in [urljoin(url, response["Location"])] if to.startswith("/")]
        elif response.status_code >= 500 or (response.status_code >= 400 and url not in self.starts):
            self.faults.append(f"{url}: {response.status_code}")
        if response.streaming or "html" not in response.get("Content-Type", "") or response.status_code != 200:
            return
        self.visited.add(name_of(url))
        page = Page(response.content.decode())
        for form in page.forms:
            for button in form.ways():
                self._send(url, form, button)
        if self.follows:
            yield from [to for link in page.links if (to := urljoin(url, link)).startswith("/")]

    def _send(self, url: str, form: Form, button: Button) -> None:
        action = urljoin(url, button.action or form.action or url)
        mark = (form.method, action.split("?")[0], button.name, button.value, *sorted(form.names))
        if mark in self.sent:
            return
        self.sent.add(mark)
        told = f"{url}: {form.method} {action} by “{button.name}={button.value}”"
        if self.without in form.hidden and dict(form.fields)[self.without] not in {"", "0"}:
            self.lacking.add(told)
        for headers in ({}, {"HX-Request": "true"}) if form.by_htmx else ({},):
            status = self._answer(told, form, action, form.sent_by(button, without=self.without), headers)
            if status == 422 and form.open:  # so far it did not come to the act
                self._answer(told, form, action, form.sent_by(button, filled=True, without=self.without), headers)

    def _answer(self, told: str, form: Form, action: str, data: dict[str, list[str]], headers: dict[str, str]) -> int:
        cookies = copy(self.client.cookies)
        with transaction.atomic():
            ask = self.client.post if form.method == "post" else self.client.get
            response = ask(action, data, headers=headers)
            transaction.set_rollback(True)
        self.client.cookies = cookies
        if response.status_code not in WELL:
            self.faults.append(f"{told}: {response.status_code}")
        self.faults += [f"{told}: refused for {name}" for name in sorted(refused_for(response, form, action))]
        return response.status_code


def name_of(url: str) -> str:
    """The name of the address; empty for one that is none of ours, and for static files."""
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""


def refused_for(response, form: Form, action: str) -> set[str]:
    """Fields that the answer finds wrong although nobody can fill them in on the page: hidden ones, and those it lacks.

    In the back-office, where the form of a thing that exists may be sent as it stands, any field.
    """
    said = [value for context in response.context or () for part in getattr(context, "dicts", ()) for value in part.values()]
    said += [form for formset in said if isinstance(formset, BaseFormSet) for form in formset.forms]
    wrong = {
        bound.add_prefix(name)
        for bound in said
        if isinstance(bound, BaseForm) and bound.is_bound
        for name in bound.errors
        if name in bound.fields
    }
    if name_of(action).startswith("admin:") and action.endswith("/change/"):
        return wrong | {str(error) for error in (response.context or {}).get("errors", ())}
    return {name for name in wrong if name in form.hidden or not any(held.startswith(name) for held in form.names)}


def starts_of(who: str, scenes: list[SimpleNamespace]) -> list[str]:
    """All addresses that this person may open, by the table of permissions."""
    found = []
    for name, row in TABLE.items():
        opens = row.get[who]
        if (OPEN in opens if isinstance(opens, set) else opens == OPEN) and name not in NOT_VISITED:
            for place in scenes if row.args else scenes[:1]:
                things = [getattr(place, thing) for thing in row.args]
                found.append(reverse(name, args=[getattr(thing, "pk", thing) for thing in things]))
    return found


@pytest.fixture
def world(scene, client, fresh_cache) -> list[SimpleNamespace]:  # noqa: F811
    """The scene of the permissions, with what opens more forms; and an archived account that has everything."""
    owner, today = scene.owner, timezone.localdate()
    User.objects.update(password=make_password("a long enough secret"))
    owner.refresh_from_db()
    SavedView.objects.create(user=owner, name="Where I begin", page="portfolio:dashboard", is_start=True)
    make_key(owner, by=owner, name="Report", scope="read")
    account = make_account(name="Old Mill", owner=owner, team=scene.team)
    contact = make_contact(account)
    closed_round = make_assessment(account, held_on=today - timedelta(days=30))
    answer(closed_round, owner, "5555 5555 3333 2222 1111")
    closed_round = close(closed_round, by=owner)
    account.refresh_from_db()
    set_target(account, by=owner, level=3, due_on=today + timedelta(days=700))
    plan = start_plan(account, by=owner, from_rank=2, owner=owner)
    action = add_action(plan, by=owner, title="Visit them", owner=owner, due_on=today)
    open_round = make_assessment(account)
    invitation = make_invitation(open_round, contact)
    Account.objects.filter(pk=account.pk).update(status="archived")
    client.force_login(owner)
    checked = upload(client, "name,city\nBravo,Oslo\nZilverberg,Rome\n")
    choose(client, checked, owner=owner.pk)
    done = upload(client, "name,city\nCharlie,Oslo\n")
    choose(client, done, owner=owner.pk)
    client.post(reverse("importing:check", args=[done.pk]))
    asks = upload(client, "name,country,Umsatz\nDelta,Atlantis,5\n")
    choose(client, asks, owner=owner.pk, column_2="revenue")
    client.logout()
    archived = SimpleNamespace(
        **vars(scene) | {
            "account": account, "contact": contact, "closed_round": closed_round, "open_round": open_round,
            "invitation": invitation, "plan": plan, "action": action, "job": checked,
        }
    )  # fmt: skip
    return [scene, archived, *(SimpleNamespace(**vars(scene) | {"job": job}) for job in (done, asks))]


def crawl(who: str, world, **how) -> Crawl:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if who != "anonymous":
        client.force_login(User.objects.get(pk=getattr(world[0], who).pk))
    ticked = "&".join(f"account={place.account.pk}" for place in world[:2])
    more = [f"{reverse(name)}?{ticked}" for name in ("accounts:bulk", "surveys:rounds")] if who != "anonymous" else []
    return Crawl(client, [*starts_of(who, world), *more], **how)


@pytest.mark.parametrize("who", ["owner", "lead", "administrator", "viewer", "mate", "anonymous"])
def test_every_form_of_every_page_can_be_sent_as_it_stands(who, world):
    found = crawl(who, world, follows=who == "owner")
    assert found.faults == []
    left_out = {name for name, row in TABLE.items() if row.get[who] == OPEN} - found.visited
    assert left_out <= {*NOT_VISITED, *LEADS_ON}, left_out - {*NOT_VISITED, *LEADS_ON}


def test_a_form_without_its_version_is_found(world):
    """The test of this test: each form that tells which version it was made with is refused without it."""
    found = crawl("owner", world, without="version")
    silent = {told for told in found.lacking if not any(fault.startswith(told) for fault in found.faults)}
    assert len(found.lacking) > 20
    assert {name_of(told.split()[2]) for told in silent} <= set(NOT_OF_AN_OLDER_VERSION)


@pytest.mark.parametrize("state", ["new", "begun", "sent"])
def test_every_form_of_a_contact_can_be_sent_as_it_stands(world, state):
    invitation = world[0].invitation
    if state != "new":
        answers = {statement.code: 4 for statement in survey_of(invitation).statements[:6]}
        keep_answers(invitation, answers, "", seen=0, send=state == "sent")
    names = ("surveys:survey", "surveys:survey_thanks", "surveys:survey_do_not_ask")
    screens = [f"{reverse(names[0])}?at={number}" for number in range(1, survey_of(invitation).last + 1)]
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    found = Crawl(client, [address_of(invitation), *map(reverse, names), *screens], left_out=())
    assert found.faults == []
    assert found.visited >= {*names} - ({"surveys:survey_thanks"} if state != "sent" else set())


@pytest.mark.parametrize("state", ["begun", "sent"])
def test_every_form_of_a_contact_in_another_browser_can_be_sent_as_it_stands(world, state):
    invitation = world[0].invitation
    Assessment.objects.filter(pk=invitation.assessment_id).update(visibility="confidential")
    invitation.refresh_from_db()
    answers = {statement.code: 4 for statement in survey_of(invitation).statements[:6]}
    keep_answers(invitation, answers, "", seen=0, send=state == "sent", browser="another")
    names = ("surveys:survey", "surveys:survey_thanks", "surveys:survey_code")
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    found = Crawl(client, [address_of(invitation), *map(reverse, names)], left_out=())
    assert found.faults == []
    assert "surveys:survey_code" in found.visited
