from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.utils import translation

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def plain_static(settings):
    """Static files straight from their folders: hashed names need `collectstatic` first."""
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


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


@pytest.fixture
def real_input() -> Path:
    """The folder of real customer lists; tests that need it are listed as skipped where it is not there."""
    if not DATA.is_dir():
        pytest.skip("no folder ../shared/data with real input")
    return DATA


@pytest.fixture
def edition(db):
    """The catalogue that a fresh installation starts with, published."""
    from hierarchy.loading import load_first_edition

    return load_first_edition()


@pytest.fixture
def fresh_cache(db):
    """Rate limits are kept in the cache."""
    cache.clear()
    yield
    cache.clear()
