from collections.abc import Iterator
from contextlib import closing
from math import inf
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from django.utils import translation

from core import organisation
from tests.inputs import FOLDERS, folder_name
from tests.migrated import fill_memory, migrated_template

organisation.keep(None, inf)  # modules that name today are loaded before there is a database


@pytest.fixture(scope="session", autouse=True)
def installation(tmp_path_factory) -> Iterator[None]:
    """What differs from the demo installation, for all tests and for rows that are made once for many of them."""
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(
        # Static files straight from their folders: hashed names need `collectstatic` first.
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        STORAGES=project.STORAGES | plain,
        # Argon2 takes a tenth of a second for each password, on purpose; the tests need none of its strength.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher", *project.PASSWORD_HASHERS],
        # The demo has a name that an installation has not.
        ORGANISATION="",
    ):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix) -> Iterator[None]:
    """The tables are copied; Django then finds no migration left to run."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_template()
        yield
    else:
        with closing(fill_memory(connection.creation._get_test_db_name())):
            yield


@pytest.fixture(autouse=True)
def nothing_kept_from_other_tests(monkeypatch):
    """Factories write no events, by which kept figures know that the data changed."""
    monkeypatch.setattr("audit.figure_cache.SHAPE", str(uuid4()))


@pytest.fixture(autouse=True)
def nobody_set_the_organisation_up():
    """What the settings say counts, and no page spends a statement on it."""
    organisation.keep(None, inf)
    yield
    organisation.keep(None, inf)


@pytest.fixture(autouse=True)
def english():
    """Each test begins in English: the language of a request stays on in its thread, and so in the next test."""
    translation.activate(project.LANGUAGE_CODE)


@pytest.fixture(params=FOLDERS, ids=folder_name)
def input_folder(request) -> Path:
    """A folder of files as people and public sources write them: our own, and ../shared/data where it is there."""
    return request.param


@pytest.fixture
def edition(db):
    """The catalogue that a fresh installation starts with, published."""
    from tests.catalogue import publish_first_edition

    return publish_first_edition()


@pytest.fixture
def fresh_cache(db):
    """Rate limits are kept in the cache."""
    cache.clear()
    yield
    cache.clear()
