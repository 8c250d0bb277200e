"""What docs/api.md tells to type, typed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connections

from accounts.models import Account
from api.keys import make_key
from hierarchy.loading import load_first_edition
from tests.factories import make_user

DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "api.md"


def told(language: str) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return code


@pytest.fixture
def surroundings(transactional_db, live_server, tmp_path):
    load_first_edition()
    user = make_user()
    _key, secret = make_key(user, by=user, name="Quick start", scope="write")
    yield {"KEY": secret, "SITE": live_server.url, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    connections.close_all()


def test_the_python_does_what_it_says(surroundings):
    done = subprocess.run([sys.executable, "-c", told("python")], env=surroundings, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "They see us at level 2 with confidence low" in done.stdout
    assert "to do: Map how they work" in done.stdout
    assert Account.objects.get().target_level == 3


def test_the_curl_does_what_it_says(surroundings):
    done = subprocess.run(["sh", "-ec", told("sh")], env=surroundings, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert '"next"' in done.stdout and "Levert volgens specificatie" in done.stdout
