"""Several people, or several clicks of one, at the same moment: one round, one response each, one result."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from assessments.models import Assessment, Response
from assessments.rating.acts import Rater, rate
from assessments.rounds.closing import close
from audit.models import Event
from audit.trail import broken_links
from core.versions import StaleEdit
from hierarchy.loading import load_first_edition
from tests.factories import answer, filled, make_account, make_assessment, make_contact, make_user

R1, R3 = "5445 4434 3433 2212 1121", "4454 3343 4444 2322 1211"
TOGETHER = 6

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]


def all_at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads of their own; gives what each answered, or the error that it raised."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait()
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def account(transactional_db):
    load_first_edition()
    return make_account()


def test_colleagues_who_begin_at_once_share_one_round(account):
    people = [make_user() for _ in range(TOGETHER)]
    answers = all_at_once(*(lambda who=who: rate(account, Rater.ours(who), filled(R1), by=who, submit=True) for who in people))
    assert all(isinstance(one, Response) for one in answers), answers
    assert Assessment.objects.count() == 1
    assert Response.objects.count() == TOGETHER
    assert not list(broken_links())


def test_one_form_sent_several_times_at_once_is_one_response(account):
    rater = Rater.ours(account.owner)
    answers = all_at_once(*[lambda: rate(account, rater, filled(R1), by=account.owner, submit=True)] * TOGETHER)
    assert all(isinstance(one, Response) for one in answers), answers
    assert Response.objects.count() == 1
    assert Event.objects.filter(act="response.submitted").count() == 1


def test_of_different_answers_from_two_tabs_one_is_stored_and_the_others_are_told(account):
    rater = Rater.ours(account.owner)
    answer(make_assessment(account), account.owner, "3", submit=False)
    answers = all_at_once(
        *(lambda n=n: rate(account, rater, filled(f"3{n}"), by=account.owner, seen=1, submit=False) for n in range(1, 6))
    )
    assert sum(isinstance(one, Response) for one in answers) == 1
    assert sum(isinstance(one, StaleEdit) for one in answers) == 4


def test_closing_at_once_makes_one_result(account):
    round_ = make_assessment(account)
    answer(round_, make_contact(account), R3)
    answers = all_at_once(*[lambda: close(round_, by=account.owner)] * TOGETHER)
    assert all(isinstance(one, Assessment) for one in answers), answers
    assert Event.objects.filter(act="assessment.closed").count() == 1
