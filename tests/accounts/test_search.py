"""What a search finds, the same on SQLite and PostgreSQL."""

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Account
from accounts.search import matching
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def accounts(db):
    owner = make_user()
    for name, external_id, city in (
        ("Stockholm Steel", "SE-1", "Uppsala"),
        ("Holm & Sons", "C100", "Gouda"),
        ("50% Off_Season", "", "Delft"),
        ("Vander Holst", "77", "Den Haag"),
    ):
        make_account(name=name, external_id=external_id, city=city, owner=owner)


def found(text):
    return sorted(Account.objects.filter(matching(text)).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("holm", ["Holm & Sons", "Stockholm Steel"]),  # anywhere
        ("HOLM", ["Holm & Sons", "Stockholm Steel"]),
        ("olm", ["Holm & Sons", "Stockholm Steel"]),
        ("ho", ["Holm & Sons", "Vander Holst"]),  # of fewer than three letters: the beginning of a word
        ("h", ["Holm & Sons", "Vander Holst"]),
        ("ol", []),
        ("der", ["Vander Holst"]),
        ("den haag", ["Vander Holst"]),
        ("  den   haag ", ["Vander Holst"]),
        ("ha", []),  # within a city
        ("de", ["50% Off_Season", "Vander Holst"]),  # at its beginning
        ("c1", ["Holm & Sons"]),
        ("100", ["Holm & Sons"]),
        ("77", ["Vander Holst"]),
        ("50%", ["50% Off_Season"]),
        ("%", []),  # a wildcard means itself
        ("_", []),
        ("f_s", ["50% Off_Season"]),
        ("o%f", []),
        ("\\", []),
        ("zzz", []),
    ],
)
def test_finds(text, names):
    assert found(text) == names


def test_white_space_is_no_search():
    assert len(found("  ")) == 4


@pytest.mark.on_postgres
def test_on_postgres_an_index_answers_it_where_the_extension_is_there():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
        (there,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = 'account_search'")
        assert cursor.fetchone() == (there,)
        if there:
            cursor.execute("SET LOCAL enable_seqscan = off")
    for text in ("holm", "ho"):
        plan = Account.objects.filter(matching(text)).order_by().explain()
        assert ("account_search" in plan) == bool(there)


def test_as_one_types_the_rows_come(client):
    client.force_login(Account.objects.first().owner)
    rows = client.get(reverse("accounts:list"), {"q": "holm"}, headers={"HX-Request": "true"}).text
    assert "Stockholm Steel" in rows and "Vander Holst" not in rows and "<html" not in rows
