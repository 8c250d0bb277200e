"""Several clicks, or several workers, at the same moment: each is asked once, and each mail goes out once."""

import pytest
from django.core import mail

from assessments.models import Assessment
from audit.trail import broken_links
from hierarchy.loading import load_first_edition
from mailing import outbox
from mailing.models import Letter
from surveys import bulk_rounds
from surveys.invitations import Invited, invite, send_again
from surveys.models import Invitation
from tests.assessments.test_rating_races import TOGETHER, all_at_once
from tests.factories import make_account, make_contact
from tests.jobs import work_on
from tests.surveys.inviting import ask, asked, sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]


@pytest.fixture
def account(transactional_db):
    load_first_edition()
    return make_account()


@pytest.fixture
def people(account):
    return [make_contact(account, email=f"a{n}@example.com") for n in range(3)]


def test_one_form_sent_several_times_at_once_asks_each_once(account, people):
    chosen = {contact.pk: "en" for contact in people}
    found = all_at_once(*(lambda: invite(account, chosen, ask(), by=account.owner) for _ in range(TOGETHER)))
    assert all(isinstance(one, Invited) for one in found), found
    assert (Assessment.objects.count(), Invitation.objects.count(), Letter.objects.count()) == (1, 3, 3)
    assert not list(broken_links())


def test_several_workers_at_once_send_each_letter_once(account, people):
    invite(account, {contact.pk: "en" for contact in people}, ask(), by=account.owner)
    assert sum(all_at_once(*(outbox.deliver_due for _ in range(TOGETHER)))) == 3
    assert sorted(message.to[0] for message in mail.outbox) == sorted(f"{contact} <{contact.email}>" for contact in people)


def test_send_again_pressed_several_times_at_once_is_one_mail(account, people):
    invitation = sent(people[0])
    assert sorted(all_at_once(*(lambda: send_again(invitation, by=account.owner, seen=1) for _ in range(TOGETHER)))) == (
        [False] * (TOGETHER - 1) + [True]
    )
    assert Letter.objects.count() == 2


def test_several_workers_at_one_order_ask_each_account_once(account, people):
    for _ in range(5):
        make_contact(make_account(owner=account.owner), email="b@example.com")
    job = bulk_rounds.start(type(account).objects.all(), ask(), by=account.owner)
    all_at_once(*(lambda: work_on(job) for _ in range(TOGETHER)))
    work_on(job)
    job.refresh_from_db()
    assert job.finished_at is not None
    assert (Assessment.objects.count(), Invitation.objects.count()) == (6, 8)


def test_asking_and_sending_at_once_do_not_wait_for_each_other(account, people):
    asked(people[0])
    all_at_once(
        outbox.deliver_due,
        lambda: invite(account, {people[1].pk: "en"}, ask(), by=account.owner),
        lambda: invite(account, {people[2].pk: "en"}, ask(), by=account.owner),
        outbox.deliver_due,
    )
    outbox.deliver_due()
    assert set(Invitation.objects.values_list("state", flat=True)) == {"sent"}
    assert not list(broken_links())
