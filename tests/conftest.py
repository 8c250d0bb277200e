from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.utils import translation

from tests.inputs import FOLDERS, folder_name


@pytest.fixture(scope="session")
def nothing_collected(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("static")


@pytest.fixture(autouse=True)
def plain_static(settings, nothing_collected):
    """Static files straight from their folders: hashed names need `collectstatic` first."""
    settings.STATIC_ROOT = nothing_collected
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Argon2 takes a tenth of a second for each password, on purpose; the tests need none of its strength."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *project.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def nothing_kept_from_other_tests(monkeypatch):
    """Factories write no events, by which kept figures know that the data changed."""
    monkeypatch.setattr("audit.figure_cache.SHAPE", str(uuid4()))


@pytest.fixture(autouse=True)
def no_organisation(settings):
    """The demo has a name that an installation has not."""
    settings.ORGANISATION = ""


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
