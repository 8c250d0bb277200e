"""Every address × every kind of person × GET and POST. An address without a row fails.

What one may not see answers 404, what one sees but may not do 403, and whoever is not signed in is sent to the sign-in page.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.acts import bulk_change
from accounts.models import Account, CrmSource, ExchangeRate, User
from assessments.rounds.closing import close
from audit.models import Event
from hierarchy.publishing import clone
from importing.models import ImportJob
from notes.acts import add_note, delete_note
from plans.action_plans.acts import start_plan
from plans.actions.acts import add_action
from plans.actions.comments import add_comment
from plans.targets.acts import set_target
from portfolio.models import SavedView
from surveys.models import BulkRounds
from tests.catalogue import publish_first_edition
from tests.factories import (
    answer,
    make_account,
    make_administrator,
    make_assessment,
    make_contact,
    make_invitation,
    make_slide_template,
    make_team,
    make_user,
    make_viewer,
    make_webhook,
)
from tests.sharing import stored_once
from webhooks.models import WebhookDelivery

WHO = ("anonymous", "disabled", "stranger", "viewer", "mate", "owner", "lead", "administrator")
OPEN = "open"  # the door is open: a page, a redirect after the act, or what it says to an empty form
SIGN_IN = "sign in"  # sent to the sign-in page


def everyone(answer) -> dict:
    return dict.fromkeys(WHO, answer)


def signed_in(answer=OPEN, **others) -> dict:
    return everyone(answer) | {"anonymous": SIGN_IN, "disabled": SIGN_IN} | others


SEES = signed_in(stranger=404)  # whoever sees the account
CHANGES = signed_in(stranger=404, viewer=403, mate=403)  # owner, lead of its team, administrator
ADDS = signed_in(viewer=403)  # makes and imports accounts: everyone but whoever only reads
OFFICE = signed_in(403, administrator=OPEN)  # the back-office
CLOSED = everyone(405)


@dataclass(frozen=True)
class Row:
    get: dict
    post: dict
    args: tuple[str, ...] = ()  # the things of the scene whose ids stand in the address


def act(*args: str, who: dict = CHANGES) -> Row:
    """An address that only takes POST. Whether it takes it from this person is decided before or after the method."""
    refused = {who_: (answer if answer in {SIGN_IN, 404, 403} else 405) for who_, answer in who.items()}
    return Row({who_: {405, answer} for who_, answer in refused.items()}, who, args)


def page(*args: str, who: dict = SEES) -> Row:
    """An address to read."""
    refused = {who_: (answer if answer in {SIGN_IN, 404, 403} else 405) for who_, answer in who.items()}
    return Row(who, {who_: {405, answer} for who_, answer in refused.items()}, args)


def form(*args: str, who: dict = CHANGES) -> Row:
    """An address with a form: the same people may read and send it."""
    return Row(who, who, args)


COMMENTS = signed_in(stranger=404, viewer=403)  # sees the account, and does more than read
TOLD = signed_in(404, mate=OPEN)  # each takes their own mentions from their desk
OWN_VIEW = signed_in(404, owner=OPEN)
OWN_JOB = dict.fromkeys(("stranger", "mate", "lead", "administrator"), 404)  # an import is seen by whoever started it


def office(*names: str, args: tuple[str, ...] = (), get=OPEN, post=OPEN) -> dict[str, Row]:
    """Addresses of the back-office, and what the administrator gets there; nobody else gets in."""
    row = Row(OFFICE | {"administrator": get}, OFFICE | {"administrator": post}, args)
    return {f"admin:{name}": row for name in names}


def office_of(model: str, thing: str, *, add=OPEN, change=OPEN, delete=OPEN) -> dict[str, Row]:
    """The addresses that Django's admin makes for a model."""
    return (
        office(f"{model}_changelist")
        | office(f"{model}_history", args=(thing,))
        | office(f"{model}_add", get=add, post=add)
        | office(f"{model}_change", args=(thing,), post=change)
        | office(f"{model}_delete", args=(thing,), get=delete, post=delete)
    )


def api(*args: str) -> Row:
    """A call of the API. Who is signed in does not count there: tests/api/test_who_may.py asks each call with keys."""
    return Row(everyone({401, 405}), everyone({401, 405}), args)


TABLE = {
    # portfolio
    "portfolio:dashboard": page(who=signed_in()),
    "portfolio:account": page("account"),
    "portfolio:peek": page("account"),
    "portfolio:account_people": page("account"),
    "portfolio:account_history": page("account"),
    "portfolio:account_activity": page("account"),
    "portfolio:benchmarks": page(who=signed_in()),
    "portfolio:styleguide": form(who=OFFICE),
    "portfolio:movement": page(who=signed_in()),
    "portfolio:groups": page(who=signed_in()),
    "portfolio:export": page(who=signed_in()),
    "portfolio:export_file": page("table", "kind", who=signed_in()),
    "portfolio:start": page(who=signed_in()),
    "portfolio:first_hour_close": act(who=signed_in()),
    "portfolio:save_view": act(who=signed_in()),
    "portfolio:views": page(who=signed_in()),  # each their own
    "portfolio:view_rename": act("view", who=OWN_VIEW),
    "portfolio:view_start": act("view", who=OWN_VIEW),
    "portfolio:view_delete": act("view", who=OWN_VIEW),
    # notes
    "notes:list": Row(SEES, CHANGES, ("account",)),
    "notes:edit": form("account", "note"),
    "notes:delete": act("account", "note"),
    "notes:restore": act("account", "deletion"),
    "notes:mention_read": act("note_mention", who=TOLD),
    # reviews
    "reviews:review": page("account"),
    "reviews:mark": act("account"),
    "reviews:undo": act("account"),
    "reviews:several": page(who=signed_in()),  # of the accounts that are asked for those one sees
    # accounts
    "accounts:find": page(who=signed_in()),
    "accounts:palette": page(who=signed_in()),
    "accounts:keys": page(who=signed_in()),
    "accounts:side_bar": page(who=signed_in()),
    "accounts:list": page(who=signed_in()),
    "accounts:list_columns": act(who=signed_in()),  # each their own
    "accounts:export": page("kind", who=signed_in()),
    "accounts:jobs": page(who=signed_in()),  # each their own
    "accounts:bulk": form(who=ADDS),  # changes only what one may change
    "accounts:bulk_change": page("change", who=signed_in(viewer=404, **OWN_JOB)),
    "accounts:bulk_cancel": act("change", who=signed_in(viewer=404, **OWN_JOB)),
    "accounts:bulk_undo": act("change", who=signed_in(viewer=404, **OWN_JOB)),
    "accounts:new": form(who=ADDS),
    "importing:upload": form(who=ADDS),
    "importing:columns": form("job", who=ADDS | OWN_JOB),
    "importing:names": act("job", who=ADDS | OWN_JOB),
    "importing:questions": form("job", who=ADDS | OWN_JOB),
    "importing:check": form("job", who=ADDS | OWN_JOB),
    "importing:same": act("job", who=ADDS | OWN_JOB),
    "importing:report": page("job", who=ADDS | OWN_JOB),
    "importing:rejected": page("job", who=ADDS | OWN_JOB),
    "importing:cancel": act("job", who=ADDS | OWN_JOB),
    "importing:go_on": act("job", who=ADDS | OWN_JOB),
    "importing:undo": act("job", who=ADDS | OWN_JOB),
    "importing:sample": page("import_kind", who=ADDS),
    "importing:list": page(who=ADDS),  # each their own
    "accounts:edit": form("account"),
    "accounts:archive": act("account"),
    "accounts:in_place": form("account", "account_field"),
    "accounts:contact_in_place": form("account", "contact", "contact_field"),
    "accounts:merge_find": page("account", who=CHANGES),
    "accounts:merge_alike": page("account", who=CHANGES),
    "accounts:merge": form("account", "former"),
    "accounts:merge_undo": form("former"),
    "accounts:contact_merge": form("account", "contact"),
    "accounts:contact_move": form("account", "contact"),
    "accounts:contact_undo": act("account", "contact"),
    "accounts:contact_new": form("account"),
    "accounts:contact_edit": form("account", "contact"),
    "accounts:contact_export": act("account", "contact"),
    "accounts:contact_erase": form("account", "contact"),
    "accounts:settings": form(who=signed_in()),
    "api_keys:list": form(who=signed_in()),  # each their own
    "accounts:crm": form(who=OFFICE),
    "accounts:crm_source": form("crm", who=OFFICE),
    "accounts:crm_delete": act("crm", who=OFFICE),
    "webhooks:list": form(who=signed_in()),  # each their own
    "webhooks:change": form("hook", who=OWN_VIEW),
    "webhooks:test": act("hook", who=OWN_VIEW),
    "webhooks:switch": act("hook", who=OWN_VIEW),
    "webhooks:delete": act("hook", who=OWN_VIEW),
    "webhooks:again": act("delivery", who=OWN_VIEW),
    # the whole site
    "archive": Row(OFFICE, OFFICE),
    # assessments
    "assessments:assess": form("account"),
    "assessments:customer_choice": page("account", who=CHANGES),
    "assessments:customer_answers": form("account", "contact"),
    "surveys:round": page("account", "closed_round"),
    "surveys:details": form("account", "open_round"),
    "surveys:close": act("account", "open_round"),
    "surveys:reopen": act("account", "closed_round"),
    "surveys:invite": form("account"),
    "surveys:invitation_send": act("invitation"),
    "surveys:invitation_link": act("invitation"),
    "surveys:invitation_revoke": act("invitation"),
    "surveys:rounds": form(who=ADDS),  # asks only at accounts that one may change
    "surveys:rounds_cancel": act("order", who=signed_in(viewer=404, **OWN_JOB)),
    "surveys:rounds_progress": page("order", who=signed_in(viewer=404, **OWN_JOB)),
    "assessments:scale_check": Row(OFFICE, OFFICE | {"administrator": 405}, ("edition",)),
    # the customer's pages: without a link of theirs the same friendly page for everyone, signed in or not
    "surveys:survey": form(who=everyone(404)),
    "surveys:survey_thanks": form(who=everyone(404)),
    "surveys:survey_code": form(who=everyone(404)),
    "surveys:survey_do_not_ask": form(who=everyone(404)),
    "surveys:survey_enter": Row(everyone(404), CLOSED, ("key",)),
    # plans
    "plans:target": form("account"),
    "plans:plan": Row(SEES, CHANGES, ("account",)),
    "plans:plan_change": form("plan"),
    "plans:plan_end": form("plan"),
    "plans:play_add": act("plan"),
    "plans:action_add": act("plan"),
    "plans:actions": page(who=signed_in()),
    "plans:action": Row(SEES, CHANGES, ("action",)),
    "plans:action_new": form(who=ADDS),
    "plans:action_move": act("action"),
    "plans:action_in_place": form("action", "action_field"),
    "plans:action_due": act("action"),
    "plans:comment_add": act("action", who=COMMENTS),
    "plans:comment_delete": act("action", "comment", who=CHANGES | {"lead": 403}),  # by its author, and administrators
    "plans:mention_read": act("comment_mention", who=TOLD),
    "plans:calendar_settings": form(who=signed_in()),  # each their own
    # fetched by calendars, without sign-in: an address that opens nothing is the same for everyone
    "plans:calendar": Row(everyone(404), CLOSED, ("key",)),
    # people
    "people:set_up": form("key", who=everyone(404)),  # a link that opens nothing is the same for everyone
    "people:welcome": form("key", who=everyone(404)),
    "people:list": page(who=OFFICE),
    "people:invite": form(who=OFFICE),
    "people:person": form("stranger", who=OFFICE),
    "people:switch": act("stranger", who=OFFICE),
    "people:invitation": act("stranger", who=OFFICE),
    "people:password": act("stranger", who=OFFICE),
    "people:teams": form(who=OFFICE),
    "people:team": form("team", who=OFFICE),
    "people:membership": act("team", who=OFFICE),
    "people:remove_team": act("team", who=OFFICE),
    "people:organisation": form(who=OFFICE),
    "people:mail": form(who=OFFICE),
    # hierarchy
    "hierarchy:levels": page(who=signed_in()),
    # the API
    "api:catalogue": api(),
    "api:accounts": api(),
    "api:account": api("account"),
    "api:account_by_external_id": api("kind", "key"),
    "api:account_merge": api("account"),
    "api:account_unmerge": api("account"),
    "api:contact": api("contact"),
    "api:contact_merge": api("contact"),
    "api:contact_move": api("contact"),
    "api:contacts": api("account"),
    "api:notes": api("account"),
    "api:note": api("note"),
    "api:comments": api("action"),
    "api:assessments": api("account"),
    "api:assessment": api("open_round"),
    "api:responses": api("open_round"),
    "api:close": api("open_round"),
    "api:history": api("account"),
    "api:target": api("account"),
    "api:plans": api("account"),
    "api:actions": api("plan"),
    "api:action": api("action"),
    "api:portfolio": api(),
    "api:migration": api(),
    "api:events": api(),
    "api:openapi-json": page(who=everyone(OPEN)),
    "api:openapi-view": page(who=everyone(OPEN)),
    "api:api-root": Row(everyone(404), everyone(404)),
    # without sign-in
    "set_language": form(who=everyone(OPEN)),
    "live": Row(everyone(OPEN), CLOSED),
    "ready": Row(everyone(OPEN), CLOSED),
    "account_login": form(who=everyone(OPEN)),
    "account_logout": form(who=everyone({OPEN, SIGN_IN})),
    "account_inactive": page(who=everyone(OPEN)),
    "account_signup": page(who=everyone(OPEN)),
    "account_reset_password": form(who=everyone(OPEN)),
    "account_reset_password_done": page(who=everyone(OPEN)),
    "account_reset_password_from_key": form("uidb36", "key", who=everyone(OPEN)),
    "account_reset_password_from_key_done": page(who=everyone(OPEN)),
    "account_change_password": form(who=signed_in()),
    "account_set_password": form(who=signed_in()),
    # the back-office
    **office("index", "login"),
    **office("password_change_done", "jsi18n", post=405),
    **office("autocomplete", get=403, post=405),  # no form there asks for it
    **office("view_on_site", args=("content_type", "edition"), get=404, post=404),  # an edition has no page of its own
    **office("app_list", args=("app",)),
    "admin:logout": form(who=everyone({OPEN, SIGN_IN, 405})),
    "admin:password_change": form(who=everyone(OPEN)),  # to the site's own
    **office_of("hierarchy_edition", "edition"),
    **office("hierarchy_edition_preview", args=("edition",), post=405),
    **office("hierarchy_edition_publish", args=("edition",)),
    **office("hierarchy_edition_clone", args=("edition",), get=405),
    **office_of("hierarchy_play", "play", add=403, delete=403),  # on the page of their edition
    **office_of("accounts_exchangerate", "rate"),
    **office_of("reviews_slidetemplate", "slides", change=403),  # another file is another template
    **office_of("audit_event", "event", add=403, change=403, delete=403),  # only ever added to
}


@pytest.fixture(scope="module")
def prepared(django_db_setup, django_db_blocker) -> Iterator[SimpleNamespace]:
    """The scene, stored once for all tests of a module, which each undo what they change in it."""
    with stored_once(django_db_blocker):
        scene = make_scene()
        scene.sessions = {who: session_of(getattr(scene, who)) for who in WHO if who != "anonymous"}
        connection.check_constraints()  # once: PostgreSQL would check all these rows again after each test
        yield scene


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.session.session_key


def come_as(who: str, client: Client, scene: SimpleNamespace) -> None:
    """A browser of this person, who signed in before."""
    client.cookies.clear()
    if who != "anonymous":
        client.cookies[settings.SESSION_COOKIE_NAME] = scene.sessions[who]


@pytest.fixture
def scene(prepared, db) -> SimpleNamespace:
    return deepcopy(prepared)


def make_scene() -> SimpleNamespace:
    """One account with everything, and a person of each kind."""
    published = publish_first_edition()
    people = {who: make_user() for who in ("disabled", "stranger", "mate", "owner", "lead")}
    people |= {"viewer": make_viewer(), "administrator": make_administrator()}
    make_team(members=[people["stranger"]])
    team = make_team(members=[people["owner"], people["mate"], people["disabled"]], leads=[people["lead"]])
    owner = people["owner"]
    account = make_account(name="Zilverberg", owner=owner, team=team)
    contact = make_contact(account)
    closed_round = make_assessment(account, held_on=timezone.localdate() - timedelta(days=30))
    answer(closed_round, owner, "5555 5555 3333 2222 1111")
    closed_round = close(closed_round, by=owner)
    account.refresh_from_db()
    set_target(account, by=owner, level=3, due_on=timezone.localdate() + timedelta(days=700))
    plan = start_plan(account, by=owner, from_rank=2, owner=owner)
    action = add_action(plan, by=owner, title="Map the journey", owner=owner, due_on=timezone.localdate())
    comment = add_comment(action, by=owner, text="Whom do we ask?", tell=[people["mate"].pk])
    said = {"by": owner, "held_on": timezone.localdate(), "kind": "call", "tell": [people["mate"].pk]}
    note, gone = (add_note(account, text=text, **said) for text in ("They grow.", "They shrink."))
    deletion = delete_note(gone, by=owner, seen=gone.version)
    open_round = make_assessment(account)
    draft = clone(published, by=people["administrator"])
    hook = make_webhook(owner)
    return SimpleNamespace(
        **people,
        account=account,
        contact=contact,
        former=make_account(name="Zilverberg Ltd", owner=owner, team=team, status="archived", merged_into=account),
        closed_round=closed_round,
        open_round=open_round,
        invitation=make_invitation(open_round, contact),
        order=BulkRounds.objects.create(user=owner, state="waiting", total=1, closes_on=timezone.localdate(), visibility="named"),
        change=bulk_change.start(Account.objects.none(), bulk_change.Order(bulk_change.Act.ARCHIVE), by=owner),
        kind="csv",
        account_field="segment",
        contact_field="influence",
        action_field="due_on",
        table="contacts",
        import_kind="contacts",
        hook=hook,
        crm=CrmSource.objects.create(source="Salesforce", key="salesforce"),
        delivery=WebhookDelivery.objects.create(webhook=hook, account=account, kind="level.climbed", event="1"),
        plan=plan,
        action=action,
        comment=comment,
        comment_mention=comment.mentions.get(),
        note=note,
        note_mention=note.mentions.get(),
        deletion=deletion,
        team=team,
        edition=draft,
        play=draft.plays.first(),
        rate=ExchangeRate.objects.create(currency="USD", rate=1, as_of=timezone.localdate()),
        event=Event.objects.first(),
        slides=make_slide_template(people["administrator"]),
        view=SavedView.objects.create(user=owner, name="Mine", page="accounts:list"),
        job=ImportJob.objects.create(user=owner, filename="list.csv", content=b"name\nAlfa\n"),
        content_type=ContentType.objects.get_for_model(draft),
        app="hierarchy",
        uidb36="1",
        key="no-such-key",
    )


def addresses(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for part in resolver.url_patterns:
        if isinstance(part, URLPattern):
            if part.name:
                yield space + part.name
        else:
            yield from addresses(part, f"{space}{part.namespace}:" if part.namespace else space)


def test_every_address_has_a_row_and_every_row_an_address():
    assert set(addresses(get_resolver())) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_each_person_gets_what_the_table_says(name, scene, client):
    row = TABLE[name]
    things = [getattr(scene, thing) for thing in row.args]
    url = reverse(name, args=[getattr(thing, "pk", thing) for thing in things])
    deviations = []
    for who in WHO:
        come_as(who, client, scene)
        if who == "disabled":  # the session is still there
            type(scene.disabled).objects.filter(pk=scene.disabled.pk).update(is_active=False)
        for method, expected in (("get", row.get[who]), ("post", row.post[who])):
            with transaction.atomic():
                answer_ = getattr(client, method)(url)
                if answer_.get("Location", "").startswith(reverse("admin:login") + "?"):
                    answer_ = client.get(answer_["Location"])  # the back-office asks the site's sign-in
                transaction.set_rollback(True)
            if not fits(answer_, expected):
                deviations.append(f"{who} {method}: {answer_.status_code} {answer_.get('Location', '')}, not {expected}")
    assert not deviations, "\n".join(deviations)


def fits(answer_, expected) -> bool:
    if isinstance(expected, set):
        return any(fits(answer_, one) for one in expected)
    to_sign_in = answer_.status_code == 302 and answer_["Location"].startswith(reverse("account_login"))
    if expected == SIGN_IN:
        return to_sign_in
    if expected == OPEN:
        return answer_.status_code in {200, 302, 409, 422} and not to_sign_in
    return answer_.status_code == expected


@pytest.mark.parametrize(("who", "seen"), [("stranger", False), ("mate", True), ("viewer", True), ("administrator", True)])
@pytest.mark.parametrize(
    "where",
    [
        "accounts:list",
        "accounts:list?q=Zilverberg",
        "accounts:export",
        "portfolio:export",
        "portfolio:export_file/accounts",
        "portfolio:export_file/contacts",
        "portfolio:export_file/assessments",
        "portfolio:export_file/targets",
        "portfolio:export_file/plans",
        "portfolio:dashboard",
        "portfolio:movement",
        "portfolio:groups",
        "portfolio:groups?by=owner&missing=coach",
        "plans:actions",
        "plans:actions?whose=team",
    ],
)
def test_lists_counts_and_search_hold_only_what_one_may_see(who, seen, where, scene, client):
    come_as(who, client, scene)
    address, _, query = where.partition("?")
    name, _, table = address.partition("/")
    is_file = name in {"accounts:export", "portfolio:export_file"}
    answer_ = client.get(f"{reverse(name, args=[*filter(None, [table]), 'csv'] if is_file else [])}?{query}")
    page_ = (b"".join(answer_) if answer_.streaming else answer_.content).decode()
    if not seen:
        assert "Zilverberg" not in page_.replace("q=Zilverberg", "").replace("q%3DZilverberg", "").replace(
            'value="Zilverberg"', ""
        )
    elif is_file:
        assert "Zilverberg" in page_
    elif where.startswith("accounts:list"):
        assert "Zilverberg</a>" in page_
