"""Input files for the tests: the invented ones of tests/data, and the public ones of ../shared/data where that folder is there."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / "tests" / "data"
PUBLIC = ROOT.parent / "shared" / "data"
SPEC = ROOT.parent / "shared" / "spec"
#: The column names of exports of CRMs, with the field that each means.
CRM_HEADS = {
    whose: path for whose, path in {"own": OWN / "crm_heads.yaml", "public": SPEC / "crm_heads.yaml"}.items() if path.is_file()
}
FOLDERS = [OWN, *([PUBLIC] if PUBLIC.is_dir() else [])]


def folder_name(folder: Path) -> str:
    return "own" if folder == OWN else "public"


def present(*cases: tuple) -> list:
    """Parameters whose first is a file: a public one is left out where ../shared/data is not."""
    return [
        pytest.param(*case, id=f"{'own' if case[0].is_relative_to(OWN) else 'public'}-{case[0].name}")
        for case in cases
        if case[0].is_relative_to(OWN) or PUBLIC.is_dir()
    ]


def naughty_strings(folder: Path) -> list[str]:
    return json.loads((folder / "blns.json").read_text(encoding="utf-8"))
