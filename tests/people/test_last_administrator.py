"""Somebody who can administer is always left, whoever does what, also at the same moment."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import User
from audit.trail import broken_links
from people import acts
from people.forms import PersonForm
from tests.assessments.test_rating_races import all_at_once
from tests.factories import make_administrator, make_user

PASSWORD = "a long enough secret"


def make_ada(**fields) -> User:
    return make_administrator(password=PASSWORD, **fields)


def demote(person: User, by: User) -> User:
    sent = {"name": person.name, "email": person.email, "role": "manager", "language": "", "version": person.version}
    form = PersonForm(sent, instance=User.objects.get(pk=person.pk))
    assert form.is_valid()
    return acts.change_person(form, by=by)


def disable(person: User, by: User) -> User:
    return acts.set_active(person, active=False, by=by, seen=person.version)


@pytest.mark.django_db
class TestTheLastOne:
    @pytest.mark.parametrize("act", [demote, disable])
    def test_stays(self, act):
        ada = make_ada()
        make_administrator()  # invited: cannot sign in yet
        make_ada(is_active=False)
        with pytest.raises(ValidationError, match="last administrator"):
            act(ada, ada)
        ada.refresh_from_db()
        assert ada.is_administrator

    @pytest.mark.parametrize("act", [demote, disable])
    def test_may_go_when_another_is_here(self, act):
        ada, eve = make_ada(), make_ada()
        act(ada, eve)
        ada.refresh_from_db()
        assert not ada.is_administrator

    def test_is_told_why_on_the_page_and_nothing_typed_is_lost(self, client):
        ada = make_ada(name="Ada")
        client.force_login(ada)
        sent = {"name": "Ada Kramer", "email": ada.email, "role": "viewer", "language": "", "version": ada.version}
        answer = client.post(reverse("people:person", args=[ada.pk]), sent)
        assert answer.status_code == 422 and "last administrator" in answer.text and "Ada Kramer" in answer.text
        answer = client.post(reverse("people:switch", args=[ada.pk]), {"active": "no", "version": ada.version}, follow=True)
        assert "last administrator" in answer.text
        ada.refresh_from_db()
        assert ada.is_administrator and ada.name == "Ada"

    def test_nobody_is_deleted_by_a_page(self, client):
        ada = make_ada()
        client.force_login(ada)
        person = make_user()
        assert client.delete(reverse("people:person", args=[person.pk])).status_code == 405
        assert User.objects.filter(pk=person.pk).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.on_postgres
@pytest.mark.parametrize("acts_", [(demote, demote), (disable, disable), (demote, disable)])
def test_two_who_put_each_other_out_at_once_leave_one(transactional_db, acts_):
    ada, eve = make_ada(), make_ada()

    def quietly(act, person, by):
        def run():
            try:
                return act(person, by)
            except ValidationError as error:
                return error

        return run

    found = all_at_once(quietly(acts_[0], ada, eve), quietly(acts_[1], eve, ada))
    assert sum(isinstance(one, User) for one in found) == 1, found
    assert User.objects.administrators().count() == 1
    assert not list(broken_links())
