"""Demo portfolios for tests, each built once for a class."""

import pytest
from django.db import connection

from demo import build as demo
from hierarchy.models import Edition
from tests.catalogue import publish_first_edition
from tests.sharing import stored_once


def build(accounts, *, seed=1, years=4, today=None):
    demo.build(accounts=accounts, years=years, seed=seed, tell=lambda line: None, today=today)


def of_size(accounts):
    """A fixture: so many accounts, built once for a class and taken back; gives the published edition."""

    @pytest.fixture(scope="class")
    def portfolio(django_db_setup, django_db_blocker):
        with stored_once(django_db_blocker):
            publish_first_edition()
            build(accounts)
            connection.check_constraints()  # once: PostgreSQL would check all these rows again after each test
            yield Edition.objects.published()

    return portfolio


forty, many, three_hundred = of_size(40), of_size(150), of_size(300)
