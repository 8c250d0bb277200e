"""One form posted several times at the same moment, as by a double click on a slow line: one thing is made."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, BulkChange, Contact
from api.models import ApiKey
from core.models import FormKey
from hierarchy.loading import load_first_edition
from importing.models import ImportJob
from plans.models import Action, ActionPlan, Target
from portfolio.models import SavedView
from tests.assessments.test_rating_races import all_at_once
from tests.config.site import Answer, served
from tests.core.page_forms import form_to
from tests.core.test_form_keys import LATER, a_list
from tests.factories import make_account, make_assessment, make_user

TOGETHER = 4


@pytest.fixture
def account(transactional_db):
    load_first_edition()
    return make_account()


def sent_at_once(who, page: str, address: str, *typed: dict) -> list:
    """The form of `page` that goes to `address`, posted at once with the same cookies: once for each of `typed`."""
    client = Client()
    client.force_login(who)
    fields = form_to(client.get(page).text, address.partition("?")[0], page.partition("?")[0])
    session = client.cookies["sessionid"].value

    def send(over: dict):
        browser = Client()
        browser.cookies["sessionid"] = session
        return browser.post(address, fields | {name: value() if callable(value) else value for name, value in over.items()})

    return all_at_once(*(lambda over=over: send(over) for over in typed))


def all_lead_to_one_place(answers: list) -> bool:
    assert [getattr(one, "status_code", one) for one in answers] == [302] * len(answers)
    return len({one.url for one in answers}) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.on_postgres
class TestOnPostgres:
    def test_an_account(self, account):
        page = reverse("accounts:new")
        assert all_lead_to_one_place(sent_at_once(account.owner, page, page, *[{"name": "Adler BV"}] * TOGETHER))
        assert Account.objects.filter(name="Adler BV").count() == FormKey.objects.count() == 1

    def test_an_account_of_which_each_tab_sends_another_name(self, account):
        page = reverse("accounts:new")
        names = [{"name": name} for name in ("Adler", "Bakker", "Cirkel", "Dijkstra")]
        assert all_lead_to_one_place(sent_at_once(account.owner, page, page, *names))
        assert Account.objects.count() == 2

    def test_a_contact(self, account):
        page = reverse("accounts:contact_new", args=[account.pk])
        typed = {"name": "Ines", "buying_role": "user", "influence": "2", "part_of_decision": "on"}
        assert all_lead_to_one_place(sent_at_once(account.owner, page, page, *[typed] * TOGETHER))
        assert Contact.objects.count() == 1

    def test_a_target(self, account):
        round_ = make_assessment(account)
        Account.objects.filter(pk=round_.account_id).update(customer_level=2, customer_position=2.0)
        page = reverse("plans:target", args=[account.pk])
        assert all_lead_to_one_place(sent_at_once(account.owner, page, page, *[{"level": "3", "due_on": LATER}] * TOGETHER))
        assert Target.objects.count() == 1

    def test_a_plan_and_an_action(self, account):
        page = reverse("plans:plan", args=[account.pk])
        answers = sent_at_once(account.owner, f"{page}?step=2", page, *[{"step": "2", "goal": "First call"}] * TOGETHER)
        assert all_lead_to_one_place(answers)
        plan = ActionPlan.objects.get()
        there = Action.objects.count()
        add = reverse("plans:action_add", args=[plan.pk])
        typed = {"title": "Call them", "due_on": LATER}
        assert all_lead_to_one_place(sent_at_once(account.owner, page, add, *[typed] * TOGETHER))
        assert Action.objects.count() == there + 1

    def test_a_change_of_many_accounts(self, account):
        page = reverse("accounts:bulk") + "?all=1"
        assert all_lead_to_one_place(sent_at_once(account.owner, page, page, *[{"act": "archive"}] * TOGETHER))
        assert BulkChange.objects.count() == 1

    def test_an_import(self, account):
        page = reverse("importing:upload")
        assert all_lead_to_one_place(sent_at_once(account.owner, page, page, *[{"file": a_list}] * TOGETHER))
        assert ImportJob.objects.count() == 1

    def test_a_saved_view(self, account):
        save = reverse("portfolio:save_view")
        answers = sent_at_once(account.owner, reverse("accounts:list"), save, *[{"name": "All"}] * TOGETHER)
        assert all_lead_to_one_place(answers)
        assert SavedView.objects.count() == 1

    def test_a_key_of_the_api_is_shown_in_one_answer(self, account):
        page = reverse("api_keys:list")
        answers = sent_at_once(account.owner, page, page, *[{"name": "Export", "scope": "read"}] * TOGETHER)
        assert sorted(one.status_code for one in answers) == [200, 302, 302, 302]
        assert ApiKey.objects.count() == 1

    def test_forms_of_several_tabs_do_not_wait_for_each_other(self, account):
        page, client = reverse("api_keys:list"), Client()
        client.force_login(account.owner)
        forms = [{"form_key": f"the-key-of-tab-number-{n}", "name": f"Export {n}", "scope": "read"} for n in range(TOGETHER)]
        answers = sent_at_once(account.owner, page, page, *forms)
        assert [one.status_code for one in answers] == [200] * TOGETHER
        assert ApiKey.objects.count() == TOGETHER

    def test_a_form_that_is_refused_is_refused_each_time(self, account):
        page = reverse("accounts:new")
        answers = sent_at_once(make_user(), page, page, *[{"name": ""}] * TOGETHER)
        assert [one.status_code for one in answers] == [422] * TOGETHER
        assert not FormKey.objects.exists()


def test_on_sqlite_too(tmp_path):
    file = tmp_path / "standing.sqlite3"
    with served(f"sqlite:///{file}") as site:
        site.sign_in()
        page = reverse("accounts:new")
        fields = {name: values[0] for name, values in form_to(site.get(page).text, page, page).items() if values}
        del fields["csrfmiddlewaretoken"]
        with ThreadPoolExecutor(TOGETHER) as pool:
            sent = [pool.submit(site.post, page, **fields | {"name": "Adler BV"}) for _ in range(TOGETHER)]
        answers: list[Answer] = [one.result() for one in sent]
    assert [one.status for one in answers] == [302] * TOGETHER
    assert len({one.headers["Location"] for one in answers}) == 1
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT count(*) FROM accounts_account").fetchone() == (1,)
