"""What was said of a file's columns holds for the next file of that shape."""

import pytest
from django.urls import reverse

from audit.models import Event
from importing.models import ImportMemory
from importing.saved_mapping import shape
from tests.factories import make_user
from tests.import_pages import choose, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    manager = make_user()
    client.force_login(manager)
    return manager


LIST = "Company;Place\nAcme;Oslo\n"


def offered(client, job, query=""):
    page = client.get(reverse("importing:columns", args=[job.pk]) + query)
    return page, [page.context["form"][f"column_{index}"].initial for index in range(2)]


def test_a_correction_is_where_the_next_file_of_the_shape_starts_and_the_page_says_so(client, manager):
    page, columns = offered(client, first := upload(client, LIST))
    assert (page.context["remembered"], columns) == (False, ["name", ""])
    choose(client, first, column_0="name", column_1="city")
    page, columns = offered(client, second := upload(client, "COMPANY, place \nBravo,Rome\n"))
    assert columns == ["name", "city"]
    assert "You imported a file with these columns before" in page.text
    page, columns = offered(client, second, "?guess=1")
    assert (page.context["remembered"], columns) == (False, ["name", ""])


@pytest.mark.parametrize("text", ["Place;Company\nOslo;Acme\n", "Company;Place;Phone\nAcme;Oslo;1\n"])
def test_a_file_of_another_shape_is_guessed(client, manager, text):
    choose(client, upload(client, LIST), column_0="name", column_1="city")
    assert not offered(client, upload(client, text))[0].context["remembered"]


def test_each_person_has_their_own(client, manager):
    choose(client, upload(client, LIST), column_0="name", column_1="city")
    client.force_login(make_user())
    assert offered(client, upload(client, LIST))[1] == ["name", ""]


def test_a_guess_that_was_right_is_not_kept(client, manager):
    choose(client, upload(client, LIST), column_0="name", column_1="")
    assert not ImportMemory.objects.exists()


def test_a_new_correction_takes_the_place_of_the_old_one_and_each_is_in_the_trail(client, manager):
    choose(client, upload(client, LIST), column_0="name", column_1="city")
    choose(client, upload(client, LIST), column_0="name", column_1="city")
    choose(client, upload(client, LIST), column_0="name", column_1="segment")
    assert ImportMemory.objects.get().columns == {"0": "name", "1": "segment"}
    events = Event.objects.filter(act="import.mapping_remembered").order_by("pk")
    assert [(event.actor_id, event.before, event.after) for event in events] == [
        (manager.pk, None, {"columns": {"0": "name", "1": "city"}}),
        (manager.pk, {"columns": {"0": "name", "1": "city"}}, {"columns": {"0": "name", "1": "segment"}}),
    ]


def test_the_shape_knows_no_case_and_punctuation_but_the_order():
    assert shape(["Account Name", "City"]) == shape(["account_name", " CITY"])
    assert len({shape(["a", "b"]), shape(["b", "a"]), shape(["ab"]), shape(["a", "b", ""])}) == 4
