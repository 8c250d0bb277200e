import pytest

from hierarchy.publishing import clone
from tests.factories import make_administrator


@pytest.fixture
def administrator(client):
    who = make_administrator(name="Ada Visser")
    client.force_login(who)
    return who


@pytest.fixture
def draft(edition):
    """A complete draft, as its author finds it."""
    return clone(edition, by=None)
