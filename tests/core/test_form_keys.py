"""Every form that makes something is sent once: the same form again makes nothing and leads to what was made."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.acts.erasure import erase_contact
from accounts.models import Account, BulkChange, Contact, CrmSource, ExchangeRate, Team, User
from api.models import ApiKey
from config.tasks import tidy
from core.models import FormKey
from hierarchy.models import Edition
from importing.models import ImportJob
from notes.models import Note
from plans.models import Action, ActionComment, ActionPlan, Target
from portfolio.models import SavedView
from reviews.models import AccountReview, SlideTemplate
from reviews.slides.template import our_own
from surveys.models import BulkRounds, Invitation, SurveyLink
from tests.core.page_forms import form_to
from tests.factories import make_account, make_contact, make_user
from tests.test_permissions import OPEN, TABLE, prepared, scene  # noqa: F401  fixtures
from webhooks.models import Webhook, WebhookDelivery

LATER = (timezone.localdate() + timedelta(days=300)).isoformat()


def a_list() -> SimpleUploadedFile:
    return SimpleUploadedFile("list.csv", b"name\nAlfa\n")


def a_template() -> SimpleUploadedFile:
    return SimpleUploadedFile("house.pptx", our_own().content)


@dataclass
class Making:
    """A form that makes something: the page that holds it, what a person types, and what there is one more of."""

    page: str
    makes: Any
    typed: dict[str, Any] = field(default_factory=dict)
    args: tuple[str, ...] = ()  # of the page, as things of the scene
    query: str = ""
    who: str = "owner"


MAKINGS = {
    "accounts:new": Making("accounts:new", Account, {"name": "Adler BV"}),
    "accounts:contact_new": Making(
        "accounts:contact_new", Contact, {"name": "Ines", "buying_role": "user", "influence": "2", "part_of_decision": "on"}, ("account",)
    ),
    "accounts:contact_move": Making("accounts:contact_move", Contact, {}, ("account", "contact"), "?to={other}"),
    "accounts:bulk": Making("accounts:bulk", BulkChange, {"act": "archive"}, query="?all=1"),
    "importing:upload": Making("importing:upload", ImportJob, {"file": a_list}),
    "accounts:crm": Making("accounts:crm", CrmSource, {"source": "Dynamics", "owned": ["name"]}, who="administrator"),
    "webhooks:list": Making("webhooks:list", Webhook, {"url": "https://93.184.215.14/in", "kinds": ["level.climbed"]}),
    "webhooks:test": Making("webhooks:list", WebhookDelivery),
    "api_keys:list": Making("api_keys:list", ApiKey, {"name": "Export", "scope": "read"}),
    "surveys:invite": Making("surveys:invite", Invitation, {"visibility": "named"}, ("account",)),
    "surveys:invitation_link": Making("surveys:round", SurveyLink, args=("account", "open_round")),
    "surveys:rounds": Making("surveys:rounds", BulkRounds, {"visibility": "named"}),
    "plans:target": Making("plans:target", Target, {"level": "4", "due_on": LATER, "revision_reason": "They grow."}, ("account",)),
    "plans:plan": Making("plans:plan", ActionPlan, {"goal": "First call"}, ("account",), "?step=3"),
    "plans:plan_end": Making("plans:plan_end", ActionPlan, {"how": "next"}, ("plan",)),
    "plans:play_add": Making("plans:plan", Action, args=("account",)),
    "plans:action_add": Making("plans:plan", Action, {"title": "Call them", "due_on": LATER}, ("account",)),
    "plans:action_new": Making("plans:action_new", Action, {"title": "Call them", "due_on": LATER}, query="?account={account}"),
    "plans:comment_add": Making("plans:action", ActionComment, {"text": "Whom do we ask?"}, ("action",)),
    "notes:list": Making("notes:list", Note, {"text": "They grow."}, ("account",)),
    "reviews:mark": Making("reviews:review", AccountReview, args=("account",)),
    "admin:reviews_slidetemplate_add": Making(
        "admin:reviews_slidetemplate_add", SlideTemplate, {"name": "House style", "file": a_template}, who="administrator"
    ),
    "portfolio:save_view": Making("accounts:list", SavedView, {"name": "All of them"}),
    "admin:hierarchy_edition_add": Making(
        "admin:hierarchy_edition_add", Edition, {"name_en": "Third", "name_nl": "Derde"}, who="administrator"
    ),
    "admin:hierarchy_edition_clone": Making("admin:hierarchy_edition_change", Edition, args=("published",), who="administrator"),
    "people:invite": Making(
        "people:invite", User, {"people": "New <new@example.com>\nDi <d@example.com>", "role": "manager"}, who="administrator"
    ),
    "people:teams": Making("people:teams", Team, {"name": "Nordics"}, who="administrator"),
    "admin:accounts_exchangerate_add": Making(
        "admin:accounts_exchangerate_add", ExchangeRate, {"currency": "GBP", "rate": "1.2", "as_of": "2026-01-01"},
        who="administrator",
    ),
}  # fmt: skip

CHANGES = "changes what is there, and carries the version that was seen"
ONCE = "ends or stops something, which a second time finds done"
#: Addresses that take a form and make nothing, or nothing twice.
MAKES_NOTHING = {
    "accounts:bulk_undo": ONCE,
    "accounts:bulk_cancel": ONCE,
    "surveys:rounds_cancel": ONCE,
    "importing:columns": "changes an import that is not begun",
    "importing:names": "changes an import that is not begun",
    "importing:questions": "changes an import that is not begun",
    "importing:check": "begins an import, which begins once",
    "importing:same": "changes an import that is not begun",
    "importing:cancel": ONCE,
    "importing:go_on": ONCE,
    "importing:undo": ONCE,
    "accounts:edit": CHANGES,
    "accounts:in_place": CHANGES,
    "accounts:contact_in_place": CHANGES,
    "plans:action_in_place": CHANGES,
    "accounts:archive": CHANGES,
    "accounts:merge": CHANGES,
    "accounts:merge_undo": ONCE,
    "accounts:contact_merge": CHANGES,
    "accounts:contact_undo": ONCE,
    "accounts:contact_edit": CHANGES,
    "accounts:contact_export": "hands out a file",
    "accounts:contact_erase": ONCE,
    "accounts:settings": CHANGES,
    "accounts:list_columns": CHANGES,
    "accounts:crm_source": CHANGES,
    "accounts:crm_delete": ONCE,
    "webhooks:change": CHANGES,
    "webhooks:switch": CHANGES,
    "webhooks:delete": ONCE,
    "webhooks:again": "sends a message that is there, unless it is on its way",
    "archive": "hands out a file",
    "assessments:assess": "one response a rater and round, which carries the version that was seen",
    "assessments:customer_answers": "one response a contact and round, which carries the version that was seen",
    "surveys:details": CHANGES,
    "surveys:close": CHANGES,
    "surveys:reopen": CHANGES,
    "surveys:invitation_send": "carries the number of letters that were sent",
    "surveys:invitation_revoke": ONCE,
    "notes:edit": CHANGES,
    "notes:delete": CHANGES,
    "notes:restore": ONCE,
    "notes:mention_read": ONCE,
    "plans:action_due": CHANGES,
    "plans:comment_delete": ONCE,
    "plans:mention_read": ONCE,
    "plans:plan_change": CHANGES,
    "plans:action": CHANGES,
    "plans:action_move": CHANGES,
    "plans:calendar_settings": "one address a person, which carries the version that was seen",
    "portfolio:first_hour_close": ONCE,
    "people:person": CHANGES,
    "people:switch": CHANGES,
    "people:invitation": "makes a link in the place of the former one, or ends it",
    "people:password": "makes a link to choose one's password, of which the first that is used counts",
    "people:team": CHANGES,
    "people:membership": "says whether somebody is in a team, which a second time is so already",
    "people:remove_team": ONCE,
    "people:organisation": CHANGES,
    "people:mail": "sends a test mail to oneself",
    "reviews:undo": ONCE,
    "portfolio:styleguide": "stores nothing: the forms there are samples",
    "portfolio:view_rename": CHANGES,
    "portfolio:view_start": CHANGES,
    "portfolio:view_delete": ONCE,
    "set_language": "changes one's own language",
    "account_login": "signs in",
    "account_logout": "signs out",
    "account_reset_password": "writes a mail, and of mails to one address few",
    "account_reset_password_from_key": "changes one's own password",
    "account_change_password": "changes one's own password",
    "account_set_password": "changes one's own password",
}
OF_THE_OFFICE = re.compile(r"admin:(\w+_(change|delete|publish|changelist|history)|index|login|logout|password_change|app_list)")


def addresses_that_take_a_form() -> Iterator[str]:
    for name, row in TABLE.items():
        answers = [one for answer in row.post.values() for one in (answer if isinstance(answer, set) else {answer})]
        if OPEN in answers:
            yield name


def test_every_address_that_takes_a_form_makes_something_once_or_nothing():
    unknown = [name for name in addresses_that_take_a_form() if not OF_THE_OFFICE.fullmatch(name)]
    assert set(unknown) == MAKINGS.keys() | MAKES_NOTHING.keys()


@pytest.fixture
def ready(scene, client, request):  # noqa: F811
    """The scene of one making, its person signed in."""
    making = MAKINGS[request.param]
    scene.published = Edition.objects.published()
    make_contact(scene.account, name="Bo", email="bo@example.com")
    other = make_account(owner=scene.owner)
    make_contact(other, email="di@example.com")  # not asked yet
    query = making.query.format(other=other.pk, account=scene.account.pk)
    Edition.objects.filter(pk=scene.edition.pk).update(version=2)  # a draft that nobody changed would serve as the copy
    client.force_login(getattr(scene, making.who))
    args = [getattr(scene, name).pk for name in making.args]
    here = reverse(making.page, args=args)
    page = client.get(here + query).text
    goes_to = {
        "webhooks:test": [scene.hook.pk],
        "surveys:invitation_link": [scene.invitation.pk],
        "plans:play_add": [scene.plan.pk],
        "plans:action_add": [scene.plan.pk],
        "portfolio:save_view": [],
        "admin:hierarchy_edition_clone": [scene.published.pk],
    }.get(request.param, args)
    address = reverse(request.param, args=goes_to)
    fields = form_to(page, address, here)
    return SimpleNamespace(making=making, address=address + query, fields=fields)


def send(client, ready, **over):
    typed = {name: value() if callable(value) else value for name, value in ready.making.typed.items()}
    return client.post(ready.address, ready.fields | typed | over)


@pytest.mark.parametrize("ready", MAKINGS, indirect=True)
def test_a_form_that_is_sent_twice_makes_one_and_leads_there(ready, client):
    before = ready.making.makes.objects.count()
    assert len(ready.fields["form_key"][0]) == 32
    first = send(client, ready)
    assert first.status_code in {200, 302}, first.text
    made = ready.making.makes.objects.count()
    assert made > before
    second = send(client, ready)
    assert second.status_code == 302
    assert ready.making.makes.objects.count() == made
    if first.status_code == 302:
        assert second.url == first.url
        assert [str(one) for one in get_messages(second.wsgi_request)] == [str(one) for one in get_messages(first.wsgi_request)]
    assert client.get(second.url).status_code == 200
    assert FormKey.objects.count() == 1


@pytest.mark.parametrize("ready", ["accounts:new"], indirect=True)
class TestAKey:
    def test_two_tabs_may_make_two(self, ready, client):
        send(client, ready)
        send(client, ready, form_key="another-key-of-another-tab")
        assert Account.objects.filter(name="Adler BV").count() == 1  # the second is told that there is one alike
        send(client, ready, form_key="another-key-of-another-tab", name="Zeldenrust")
        assert Account.objects.filter(name="Zeldenrust").count() == 1

    def test_each_page_has_another(self, ready, client):
        page = client.get(reverse("accounts:new")).text
        assert form_to(page, reverse("accounts:new"), "")["form_key"] != ready.fields["form_key"]

    def test_a_form_that_was_refused_may_be_sent_again(self, ready, client):
        assert send(client, ready, name="").status_code == 422
        assert not FormKey.objects.exists()
        assert send(client, ready).status_code == 302
        assert Account.objects.filter(name="Adler BV").exists()

    def test_what_was_changed_in_a_form_that_made_something_is_said_to_be_not_stored(self, ready, client):
        first = send(client, ready)
        again = send(client, ready, name="Zeldenrust")
        assert again.url == first.url
        assert not Account.objects.filter(name="Zeldenrust").exists()
        assert "What you changed in it since was not stored" in client.get(again.url).text

    def test_the_key_of_someone_else_is_another(self, ready, client):
        send(client, ready)
        other = make_user()
        client.force_login(other)
        assert send(client, ready, name="Zeldenrust", owner=other.pk, team="").status_code == 302
        assert Account.objects.filter(name="Zeldenrust", owner=other).exists()

    @pytest.mark.parametrize("odd", ["", "\x00", "short", "x" * 41, "é" * 32])
    def test_without_one_that_our_pages_write_a_form_is_taken_each_time(self, ready, client, odd):
        send(client, ready, form_key=odd)
        send(client, ready, form_key=odd, name="Zeldenrust")
        assert Account.objects.filter(name__in=["Adler BV", "Zeldenrust"]).count() == 2
        assert not FormKey.objects.exists()

    def test_is_stored_once_a_person(self, ready, client):
        send(client, ready)
        with pytest.raises(IntegrityError), transaction.atomic():
            FormKey.objects.create(user=FormKey.objects.get().user, key=ready.fields["form_key"][0])

    def test_is_forgotten_after_a_week(self, ready, client):
        send(client, ready)
        with time_machine.travel(timezone.now() + timedelta(days=6)):
            tidy.call()
        assert FormKey.objects.exists()
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            tidy.call()
        assert not FormKey.objects.exists()

    def test_tells_nothing_of_a_person_who_was_erased(self, ready, client):
        send(client, ready)
        account = make_account()
        erase_contact(make_contact(account), by=account.owner)
        assert FormKey.objects.get().messages == []


@pytest.mark.parametrize("ready", ["api_keys:list", "webhooks:list"], indirect=True)
def test_a_secret_is_shown_once_and_who_missed_it_is_told_what_to_do(ready, client):
    first = send(client, ready)
    assert first.status_code == 200
    page = client.get(send(client, ready).url).text
    assert "in the first answer alone" in page
    secret = re.search(r'value="(standing_[\w-]+)"|<code[^>]*>([\w-]{43})<', first.text)
    assert not secret or secret[0] not in page
