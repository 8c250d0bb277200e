"""What was recorded elsewhere and brought in, as the pages show it."""

import pytest
from django.core.management import call_command

from accounts.models import Account
from tests.factories import make_account, make_assessment, make_contact, make_invitation, make_user

pytestmark = [pytest.mark.one_database, pytest.mark.django_db, pytest.mark.usefixtures("edition")]

FILE = """account,held_on,customer_level,team_level,respondents
Acme,2024-03-31,2.75,4,
Acme,2023-03-31,1.5,,1
Bravo,2024-03-31,,3,
"""


@pytest.fixture
def owner(tmp_path):
    owner = make_user(name="Mila Vermeer")
    for name in ("Acme", "Bravo"):
        make_account(name=name, owner=owner)
    path = tmp_path / "past.csv"
    path.write_text(FILE)
    call_command("import_history", str(path))
    return owner


@pytest.fixture
def see(client, owner):
    client.force_login(owner)

    def see(thing, tab=""):
        answer = client.get(thing.get_absolute_url() + tab)
        return answer.context, " ".join(answer.content.decode().split())

    return see


def acme():
    return Account.objects.get(name="Acme")


def test_the_account_page_says_that_the_levels_were_recorded(see):
    rows = see(acme(), "history/")[0]["recent"]
    assert [(row.recorded, row.agreement, row.respondents) for row in rows] == [(True, None, 0), (True, None, 1)]
    context, text = see(acme(), "people/")
    assert context["sureness"][0].title == "Confidence unknown"
    assert context["sureness"][0].text.startswith("recorded, not measured here")
    assert context["stand"].their_words == "number not recorded"
    assert "Where this comes from" in text
    assert "Who said what" not in text
    text = see(acme())[1]
    assert "they, recorded elsewhere" in text
    assert "2 of 2 results were recorded elsewhere." in text


def test_the_account_page_tells_that_they_were_brought_in(see):
    assert "Standing brought in 2 past results." in see(acme(), "activity/")[1]
    assert "Standing brought in a past result of 31 Mar 2024: level 3." in see(Account.objects.get(name="Bravo"), "activity/")[1]


def test_where_only_our_view_was_recorded_nobody_claims_that_the_customer_was_never_asked(see):
    bravo = Account.objects.get(name="Bravo")
    assert see(bravo)[0]["headline"].endswith("What they thought was not recorded.")
    make_invitation(make_assessment(bravo), make_contact(bravo))
    assert see(bravo)[0]["headline"].endswith("They are being asked now.")


def test_the_page_of_a_recorded_result_shows_no_agreement_and_where_it_comes_from(see):
    context, text = see(acme().assessments.get(held_on="2024-03-31"))
    assert [line.title for line in context["sureness"]] == ["Confidence unknown", "Stale"]
    assert "levels as in the First edition" in text
    assert "<dt>Answers</dt><dd>–</dd>" in text
    assert [(line.what, line.detail, line.reason) for line in context["trail"]] == [
        ("Recorded", "they 2, we 4", "Import of past.csv")
    ]


def test_a_record_that_changed_tells_what_it_was(see, tmp_path):
    path = tmp_path / "again.csv"
    path.write_text(FILE.replace("2.75,4", "3.1,4"))
    call_command("import_history", str(path))
    context, _text = see(acme().assessments.get(held_on="2024-03-31"))
    assert [(line.what, line.detail) for line in context["trail"]] == [
        ("Record changed", "they 3, we 4; before: they 2, we 4"),
        ("Recorded", "they 2, we 4"),
    ]
    assert "Standing changed a past result." in see(acme())[1]
