"""The Dutch catalogue: every text that the program can say, translated."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
LEFT_OUT = {".git", ".venv", "var", "tests", "bench", "docs", "locale", "__pycache__"}

pytestmark = [
    pytest.mark.skipif(not (ROOT / "locale").is_dir(), reason="nothing is translated yet: no folder locale/"),
    pytest.mark.parametrize("language", LANGUAGES),
]


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))


def key(entry: polib.POEntry) -> tuple[str, str, str]:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[a-z]|%%|%[sd]|\{\w+\}", text))


def test_every_message_is_translated(language):
    entries = [entry for entry in catalogue(language) if not entry.obsolete]
    assert entries
    assert [entry.msgid for entry in entries if not all(text.strip() for text in translations(entry))] == []


def test_no_translation_is_a_guess(language):
    assert [entry.msgid for entry in catalogue(language) if entry.fuzzy] == []


def test_a_translation_names_the_same_values(language):
    # The singular may leave out its number: “one step”.
    wrong = [
        (entry.msgid, text)
        for entry in catalogue(language)
        if not entry.obsolete
        for text in translations(entry)
        if not placeholders(entry.msgid) & placeholders(entry.msgid_plural or entry.msgid)
        <= placeholders(text)
        <= placeholders(entry.msgid) | placeholders(entry.msgid_plural)
    ]
    assert wrong == []


def test_a_translation_begins_and_ends_as_the_message_does(language):
    # Where English ends in a space, a colon or a new line, what follows counts on it.
    wrong = [
        (entry.msgid, text)
        for entry in catalogue(language)
        if not entry.obsolete
        for text in translations(entry)
        if [text[:1].isspace(), text[-1:].isspace(), text[-1:] == ":"]
        != [entry.msgid[:1].isspace(), entry.msgid[-1:].isspace(), entry.msgid[-1:] == ":"]
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_that_of_the_text(language):
    compiled = polib.mofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.mo"))
    written = {key(entry): translations(entry) for entry in catalogue(language) if not entry.obsolete}
    assert {key(entry): translations(entry) for entry in compiled} == written


def test_the_catalogue_holds_every_message_of_the_program_and_no_other(language, tmp_path):
    if shutil.which("xgettext") is None or shutil.which("msgmerge") is None:
        why = "no gettext: apt-get install -y gettext"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    found = {key(entry) for entry in collect(language, tmp_path / "copy")}
    held = {key(entry) for entry in catalogue(language) if not entry.obsolete}
    assert (sorted(found - held), sorted(held - found)) == ([], []), "run script/translate"


def collect(language: str, copy: Path) -> polib.POFile:
    """What `makemessages` finds in a copy of the program that has no catalogue yet."""
    shutil.copytree(ROOT, copy, ignore=lambda folder, names: LEFT_OUT & set(names))
    (copy / "locale").mkdir()
    (copy / "var").mkdir()
    done = subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--locale", language, "--ignore", "var"],
        cwd=copy,
        env={**os.environ, "DEMO": "1", "DATABASE_URL": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return polib.pofile(str(copy / "locale" / language / "LC_MESSAGES" / "django.po"))
