"""Two people merge, move or answer at the same moment: one of them wins, and nothing is left in a circle or lost."""

import pytest

from accounts.acts.contact_moving import move_contact
from accounts.acts.merging import merge_accounts, undo_merger
from accounts.models import Account, Contact
from audit.trail import broken_links
from hierarchy.loading import load_first_edition
from tests.assessments.test_rating_races import all_at_once
from tests.factories import answer, make_account, make_assessment, make_contact, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]


@pytest.fixture
def pair(transactional_db):
    load_first_edition()
    owner = make_user()
    return make_account(owner=owner), make_account(owner=owner)


def quietly(act):
    """The act, with what it refuses as its result."""

    def run():
        try:
            return act()
        except Exception as error:
            return error

    return run


def test_each_into_the_other_ends_with_one_winner(pair):
    one, other = pair
    found = all_at_once(
        *(
            quietly(lambda kept=kept, merged=merged: merge_accounts(kept, merged, by=one.owner, seen=(1, 1), choices={}))
            for kept, merged in ((one, other), (other, one)) * 2
        )
    )
    assert sum(isinstance(result, Account) for result in found) == 1, found
    merged = Account.objects.get(merged_into__isnull=False)
    assert not Account.objects.get(pk=merged.merged_into_id).is_merged
    assert not list(broken_links())


def test_taking_back_twice_at_once_is_done_once(pair):
    kept, merged = pair
    merge_accounts(kept, merged, by=kept.owner, seen=(0, 0), choices={})
    found = all_at_once(*(quietly(lambda: undo_merger(merged, by=kept.owner, seen=(0, 0))) for _ in range(3)))
    assert sum(isinstance(result, Account) for result in found) == 1, found


def test_who_answers_meanwhile_is_not_lost(pair):
    kept, merged = pair
    people = [make_contact(merged, email=f"a{n}@example.com") for n in range(3)]
    current = make_assessment(merged)
    found = all_at_once(
        *(quietly(lambda person=person: answer(current, person, "5445 4434 3433 2212 1121")) for person in people),
        quietly(lambda: merge_accounts(kept, merged, by=kept.owner, seen=(0, 0), choices={})),
    )
    assert not [result for result in found if isinstance(result, Exception)]
    assert kept.assessments.get().responses.filter(contact__account=kept).count() == 3


def test_going_back_and_forth_at_once_waits_for_each_other(pair):
    one, other = pair
    people = make_contact(one), make_contact(other)
    found = all_at_once(
        quietly(lambda: move_contact(people[0], other, by=one.owner, seen=0)),
        quietly(lambda: move_contact(people[1], one, by=one.owner, seen=0)),
        quietly(lambda: move_contact(people[0], other, by=one.owner, seen=0)),
    )
    assert not [result for result in found if isinstance(result, Exception)]
    assert Contact.objects.count() == 4
