"""Nobody comes to report to oneself by way of others: not by hand, not by a list, not by taking a list back."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.acts.changing import save_contact
from accounts.forms import ContactForm
from accounts.models import Contact
from accounts.models.bulk_change import BulkBatch
from core.cycles import nodes_on_cycles
from core.job_runner import undo
from importing.list_work import Outcome
from importing.lists.contacts.people import TURNS
from tests.factories import make_account, make_contact, make_user
from tests.importing.running import checked, counts_of, import_list


@pytest.fixture
def manager(client, db):
    manager = make_user()
    client.force_login(manager)
    return manager


@pytest.fixture
def acme(manager):
    return make_account(name="Acme", owner=manager)


def typed(contact, boss):
    return {
        "name": contact.name, "buying_role": "user", "influence": 2, "active": "on", "part_of_decision": "on", "version": contact.version,
        "reports_to": boss.pk if boss else "",
    }  # fmt: skip


def led():
    return dict(Contact.objects.exclude(reports_to=None).values_list("name", "reports_to__name"))


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        ({}, set()),
        ({1: 2, 2: 3}, set()),
        ({1: 1}, {1}),
        ({1: 2, 2: 1}, {1, 2}),
        ({0: 1, 1: 2, 2: 3, 3: 1, 4: 3}, {1, 2, 3}),  # 0 and 4 stand below the circle
        ({1: 2, 2: 1, 3: 4, 4: 3, 5: 6}, {1, 2, 3, 4}),
    ],
)
def test_who_stands_above_oneself_is_on_a_circle(above, expected):
    assert nodes_on_cycles(above) == expected


def test_a_line_of_very_many_is_walked_once():
    assert nodes_on_cycles({n: n + 1 for n in range(100_000)}) == set()


# --- By hand


def test_a_superior_who_stands_below_is_refused_beside_the_field_and_what_was_typed_stays(client, acme):
    top = make_contact(acme, name="Top")
    low = make_contact(acme, name="Low", reports_to=make_contact(acme, name="Middle", reports_to=top))
    answer = client.post(reverse("accounts:contact_edit", args=[acme.pk, top.pk]), typed(top, low) | {"name": "Typed"})
    assert answer.status_code == 422
    assert "This would make a circle" in str(answer.context["form"].errors["reports_to"]) and "Typed" in answer.text
    assert led() == {"Low": "Middle", "Middle": "Top"}


def test_who_changes_places_one_after_the_other_is_not_refused(client, acme):
    top = make_contact(acme, name="Top")
    low = make_contact(acme, name="Low", reports_to=top)
    for person, boss in ((low, None), (top, low)):
        answer = client.post(reverse("accounts:contact_edit", args=[acme.pk, person.pk]), typed(person, boss))
        assert answer.status_code == 302
    assert led() == {"Top": "Low"}


def test_a_circle_that_someone_closed_in_the_same_moment_is_told_beside_the_field(acme, manager):
    one, two = make_contact(acme, name="One"), make_contact(acme, name="Two")
    form = ContactForm(typed(one, two), account=acme, instance=one)
    assert form.is_valid()
    Contact.objects.filter(pk=two.pk).update(reports_to=one)
    with pytest.raises(ValidationError) as circle:
        save_contact(form, by=manager)
    form.refuse(circle.value)
    assert form.errors.keys() == {"reports_to"}
    assert led() == {"Two": "One"}


def test_the_page_tells_of_a_circle_that_was_closed_in_the_same_moment(client, acme, monkeypatch):
    one, two = make_contact(acme, name="One"), make_contact(acme, name="Two")

    def someone_was_first(form, *, by):
        Contact.objects.filter(pk=two.pk).update(reports_to=one)
        return save_contact(form, by=by)

    monkeypatch.setattr("accounts.pages.contacts.save_contact", someone_was_first)
    answer = client.post(reverse("accounts:contact_edit", args=[acme.pk, one.pk]), typed(one, two))
    assert answer.status_code == 422 and answer.context["form"].errors.keys() == {"reports_to"}


# --- By a list


def plan(user, rows):
    job, _work = checked(f"account,name,reports to\n{rows}", user, kind="contacts")
    return job


def apply(user, rows, **how):
    return import_list(f"account,name,reports to\n{rows}", user, kind="contacts", **how)


def problems(job):
    """Line, column and reason of each."""
    rows = job.rows.filter(outcome=Outcome.REJECTED).order_by("line").values_list("line", "problems")
    return [(line, column, reason) for line, found in rows for column, reason in found]


def rejected(user, rows):
    return [(line, "circle" if "make a circle" in reason else "other") for line, _column, reason in problems(plan(user, rows))]


def test_a_circle_within_the_file_is_rejected_and_who_is_new_below_it(manager, acme):
    make_account(name="Other", owner=manager)
    rows = "Acme,A,B\nAcme,B,C\nOther,A,B\nAcme,C,A\nAcme,D,A\nOther,B,\nAcme,E,\n"
    assert rejected(manager, rows) == [(2, "circle"), (3, "circle"), (5, "circle"), (6, "other")]
    assert apply(manager, rows, skip_rejected=True).created == 3
    assert led() == {"A": "B"}


def test_a_circle_by_way_of_whom_is_here_is_rejected(manager, acme):
    top = make_contact(acme, name="Top")
    make_contact(acme, name="Middle", reports_to=top)
    found = problems(plan(manager, "Acme,Top,Low\nAcme,Low,Middle\n"))
    assert [(line, column) for line, column, _reason in found] == [(2, "reports to"), (3, "reports to")]
    assert "This would make a circle" in found[0][2]


def test_people_who_change_places_come_in(manager, acme):
    top = make_contact(acme, name="Top")
    make_contact(acme, name="Low", reports_to=make_contact(acme, name="Middle", reports_to=top))
    make_contact(acme, name="New")
    assert apply(manager, "Acme,Top,Low\nAcme,Low,New\n").updated == 2
    assert led() == {"Top": "Low", "Low": "New", "Middle": "Top"}


def test_of_a_rejected_row_holds_what_is_stored(manager, acme):
    top = make_contact(acme, name="Top")
    make_contact(acme, name="Low", reports_to=top)
    # That Low goes elsewhere would make room, but nobody is called so.
    assert rejected(manager, "Acme,Top,Low\nAcme,Low,Ghost\n") == [(2, "circle"), (3, "other")]


def test_a_circle_that_shows_only_when_another_is_rejected_is_rejected_too(manager, acme):
    a, x = make_contact(acme, name="A"), make_contact(acme, name="X")
    make_contact(acme, name="B", reports_to=a)
    make_contact(acme, name="Y", reports_to=x)
    # B and Y close one circle. Of B then holds that it reports to A, so that A may not report to B.
    assert rejected(manager, "Acme,A,B\nAcme,B,Y\nAcme,Y,B\n") == [(2, "circle"), (3, "circle"), (4, "circle")]


def test_where_one_circle_brings_out_the_next_all_who_move_are_rejected_and_new_people_come_in(manager, acme):
    boss = make_contact(acme, name="P0")
    for number in range(1, 40):
        boss = make_contact(acme, name=f"P{number}", reports_to=boss)
    other = make_account(name="Other", owner=manager)
    make_contact(other, name="B", reports_to=make_contact(other, name="A"))
    turned = "".join(f"Acme,P{number},P{number + 1}\n" for number in range(39))
    found = plan(manager, f"{turned}Acme,P39,Ghost\nAcme,New,P3\nOther,A,B\nOther,B,C\nOther,C,\n")
    reasons = [reason for _line, _column, reason in problems(found)]
    assert counts_of(found) == {"created": 2, "updated": 2, "unchanged": 0, "rejected": 40}
    assert sum("This would make a circle" in reason for reason in reasons) == TURNS
    assert sum("Correct that one first" in reason for reason in reasons) == 39 - TURNS


def test_a_circle_that_was_here_before_does_not_stand_in_the_way_of_other_rows(manager, acme):
    one = make_contact(acme, name="One")
    two = make_contact(acme, name="Two", reports_to=one)
    Contact.objects.filter(pk=one.pk).update(reports_to=two)
    assert counts_of(plan(manager, "Acme,One,Two\nAcme,Two,One\nAcme,Three,One\n")) == {
        "created": 1, "updated": 0, "unchanged": 2, "rejected": 0,
    }  # fmt: skip


def test_taking_a_list_back_closes_no_circle(manager, acme):
    chief = make_contact(acme, name="Chief")
    make_contact(acme, name="Kim")
    make_contact(acme, name="Bo", reports_to=chief)
    job = apply(manager, "Acme,Bo,Kim\n").job
    Contact.objects.filter(pk=chief.pk).update(reports_to=Contact.objects.get(name="Bo"))  # meanwhile
    job = undo(job, by=manager)
    assert led() == {"Bo": "Kim", "Chief": "Bo"}
    assert job.undo_report["left"] == [[acme.pk, BulkBatch.Why.GONE]]
