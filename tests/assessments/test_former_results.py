"""What the migration makes of results and responses of the former rule."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.acts.changing import contact_snapshot
from accounts.models import Contact
from assessments.models import Assessment, Response
from assessments.rounds.closing import RESULT_FIELDS, close
from audit import trail
from tests.factories import answer, make_account, make_assessment, make_contact, make_result

migration = import_module("assessments.migrations.0002_coverage_and_origin")
R1, R2, R3, R4 = (
    "5445 4434 3433 2212 1121",
    "5544 5444 4443 332- ---2",
    "4454 3343 4444 2322 1211",
    "5555 --4- 4544 4434 3234",
)
LATER = ("coverage", "unheard", "band_low", "band_high", "told", "below_specification", "agreement_word")


@pytest.fixture
def account(edition):
    return make_account()


def forget() -> None:
    """Take away what the former release did not store."""
    Response.objects.filter(level__isnull=False).update(known_levels=0)
    Response.objects.update(
        uniform=False, hasty=False, pattern_error=False, below_specification=False, counted=False, fixed_at=None
    )
    Assessment.objects.update(
        coverage=None,
        unheard=None,
        band_low=None,
        band_high=None,
        told=0,
        below_specification=False,
        agreement=None,
        agreement_word="",
    )


def brought_up(*objects) -> None:
    migration.read_responses(apps, None)
    migration.complete_results(apps, None)
    for one in objects:
        one.refresh_from_db()


def of(one, names) -> dict:
    return {name: getattr(one, name) for name in names}


def test_a_result_keeps_what_it_was_closed_with_and_gets_coverage_and_band(account):
    round_ = make_assessment(account)
    for marks in (R1, R2, R3):
        answer(round_, make_contact(account, influence=2), marks)
    make_contact(account, influence=2)
    answer(round_, account.owner, R4)
    closed = close(round_, by=account.owner)
    before = of(closed, RESULT_FIELDS)
    forget()
    Assessment.objects.update(agreement=before["agreement"], agreement_word=before["agreement_word"], confidence="high")
    brought_up(closed)
    assert of(closed, RESULT_FIELDS) == before | {"confidence": "high"}
    assert closed.former_rule
    assert (closed.band, closed.coverage, closed.unheard) == ((1, 2), 0.75, 1)


def test_a_response_gets_what_its_answers_tell(account):
    round_ = make_assessment(account)
    given = [
        answer(round_, make_contact(account), "5555 --4- 4544 4434 3234"),
        answer(round_, make_contact(account), R3),
        answer(round_, make_contact(account), "2332 3233 2222 1111 1111"),
        answer(round_, make_contact(account), "4" * 20),
        answer(round_, account.owner, R4),
    ]
    names = ("origin", "known_levels", "pattern_error", "below_specification", "uniform", "hasty", "counted", "position")
    close(round_, by=account.owner)
    for one in given:
        one.refresh_from_db()
    before = [of(one, names) for one in given]
    forget()
    brought_up(*given)
    assert [of(one, names) for one in given] == before
    assert given[-1].fixed_at == max(given[-1].submitted_at, given[0].submitted_at)


def test_who_came_or_left_or_has_no_part_is_counted_as_of_that_day(account):
    round_ = make_assessment(account)
    answer(round_, make_contact(account), R2)
    closed = close(round_, by=account.owner)
    later = timezone.localdate() + timedelta(days=30)
    make_contact(account, active=False, left_on=later)  # was there
    make_contact(account, erased_on=later)  # was there
    make_contact(account, active=False)  # nobody knows since when
    make_contact(account, part_of_decision=False, not_part_because="Reads mail")
    new = make_contact(account)
    trail.record("contact.created", new, by=account.owner, after=contact_snapshot(new))
    forget()
    brought_up(closed)
    assert (closed.unheard, closed.coverage) == (2, round(1 / 3, 4))


def test_a_confidential_one_keeps_level_and_word_and_loses_its_decimals(account):
    round_ = make_assessment(account, visibility="confidential")
    for marks in (R1, R2, R4):
        answer(round_, make_contact(account), marks)
    closed = close(round_, by=account.owner)
    Assessment.objects.filter(pk=closed.pk).update(former_rule=False)
    former = Assessment.objects.get(pk=closed.pk)
    former.agreement, former.customer_position = 0.66, 3.6667
    migration.complete(former, list(former.responses.filter(side="customer")), list(Contact.objects.all()))
    assert (former.coverage, former.band, former.below_specification) == (1.0, (3, 3), False)
    brought_up(closed)
    assert (closed.customer_level, closed.customer_position, closed.agreement, closed.former_rule) == (3, None, None, True)


def test_a_band_that_the_former_weights_do_not_fit_stays_away(account):
    round_ = make_assessment(account)
    answer(round_, make_contact(account), R2)
    closed = close(round_, by=account.owner)
    forget()
    Assessment.objects.update(customer_level=1, customer_position=1.5)
    brought_up(closed)
    assert (closed.band, closed.coverage) == (None, 1.0)


def test_what_was_recorded_elsewhere_is_of_no_rule(account):
    recorded = make_result(account, timezone.localdate(), customer=3, origin="recorded")
    brought_up(recorded)
    assert not recorded.former_rule and recorded.coverage is None
