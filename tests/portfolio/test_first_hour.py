"""The checklist of the first hour: it ticks itself, and stays until it is done or closed."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import figure_cache
from core import days, organisation
from core.models import Organisation
from people.set_up import mail_worked
from tests.factories import (
    make_account,
    make_action,
    make_administrator,
    make_assessment,
    make_contact,
    make_invitation,
    make_plan,
    make_user,
    make_viewer,
)

pytestmark = pytest.mark.django_db


def done(client) -> list[bool] | None:
    figure_cache.SHAPE = str(uuid4())  # factories write no events, by which kept figures know that the data changed
    checklist = client.get(reverse("portfolio:dashboard")).context["checklist"]
    return [step.done for step in checklist.steps] if checklist else None


def test_an_administrators_steps_tick_themselves(client, edition):
    ada = make_administrator()
    client.force_login(ada)
    assert done(client) == [False] * 4
    mail_worked()
    assert done(client) == [True, False, False, False]
    mila = make_user()
    assert done(client) == [True, True, False, False]
    account = make_account(owner=mila)
    assert done(client) == [True, True, True, False]
    make_invitation(make_assessment(account), make_contact(account, email="anna@example.com"))
    assert done(client) is None


def test_who_looks_after_accounts_has_steps_of_their_own(client, edition):
    mila = make_user()
    client.force_login(mila)
    make_account()  # somebody else's
    assert done(client) == [False] * 4
    account = make_account(owner=mila)
    assert done(client) == [True, False, False, False]
    make_action(make_plan(account, owner=mila))
    assert done(client) == [True, False, False, True]


def test_who_only_reads_has_none(client):
    client.force_login(make_viewer())
    assert done(client) is None


def test_closed_by_one_administrator_it_is_over_for_all_and_for_no_one_else(client):
    for _ in range(2):
        client.force_login(make_administrator())
        assert client.post(reverse("portfolio:first_hour_close")).status_code == 302
    client.force_login(make_administrator())
    assert done(client) is None and Organisation.objects.get().first_hour_over_on == days.today()
    client.force_login(make_user())
    assert done(client) == [False] * 4
    client.post(reverse("portfolio:first_hour_close"))
    assert done(client) is None
    client.force_login(make_user())
    assert done(client) == [False] * 4


def test_closing_it_before_the_set_up_stores_what_the_settings_say(client, settings):
    settings.ORGANISATION = "Jansen & Co"
    client.force_login(make_administrator())
    client.post(reverse("portfolio:first_hour_close"))
    assert (organisation.name(), organisation.stored().time_zone) == ("Jansen & Co", settings.TIME_ZONE)


def test_costs_an_administrator_one_statement_until_it_is_over(client, edition, django_assert_max_num_queries):
    client.force_login(make_administrator(last_login=timezone.now()))
    for _ in range(30):
        make_account()
    with django_assert_max_num_queries(12):
        client.get(reverse("portfolio:dashboard"))
