"""One link, one address, several hands at once: one of them wins."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from audit.trail import broken_links
from core.models import Organisation
from people import set_up
from people.forms import WelcomeForm
from people.inviting import Terms, invite
from people.models import ColleagueInvitation
from people.pages.entering import store_password
from people.pasted import Pasted
from tests.assessments.test_rating_races import all_at_once
from tests.factories import make_administrator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]
PASSWORD = "a long enough secret"


def test_a_set_up_link_makes_one_administrator(transactional_db):
    token = set_up.issue_link().rstrip("/").rpartition("/")[2]

    def use(number):
        first = set_up.FirstPerson("Ada", f"ada{number}@example.com", PASSWORD, "en")
        about = Organisation(name="Vermeer", language="en", time_zone="UTC", reporting_currency="EUR")
        return lambda: set_up.set_up(token, first, about)

    found = all_at_once(*(use(number) for number in range(4)))
    assert sum(isinstance(one, User) for one in found) == 1
    assert User.objects.count() == Organisation.objects.count() == 1
    assert not list(broken_links())


def test_an_invitation_takes_one_password(transactional_db, settings):
    settings.MAILERS = {
        "default": {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": {"file_path": "/x"}}
    }
    ((person, link),) = invite([Pasted(1, "Mila", "mila@example.com")], Terms("manager"), by=make_administrator())
    token = link.rstrip("/").rpartition("/")[2]

    def use(number):
        def run():
            password = f"{PASSWORD} {number}"
            user = User.objects.get(pk=person.pk)
            form = WelcomeForm(user, {"name": f"Mila {number}", "password1": password, "password2": password})
            assert form.is_valid()
            return store_password(form, token)

        return run

    assert sorted(all_at_once(*(use(number) for number in range(4)))) == [False, False, False, True]
    assert not ColleagueInvitation.objects.exists()


def test_an_address_that_two_invite_at_once_is_here_once(transactional_db):
    ada = make_administrator()

    def run():
        try:
            return invite([Pasted(1, "Mila", "mila@example.com")], Terms("manager"), by=ada)
        except ValidationError as error:
            return error

    found = all_at_once(*(run for _ in range(4)))
    assert sum(isinstance(one, ValidationError) for one in found) == 3
    assert User.objects.filter(email="mila@example.com").count() == 1
