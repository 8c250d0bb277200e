"""What the repository keeps to beside its Python code: templates, scripts, lock files, paths in docs."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house import APPS, ROOT, module_name, modules

# --- Templates

INLINE = {
    "a script in the page": r"<script(?![^>]*\ssrc=)",
    "a style in the page": r"<style\b",
    "a style attribute": r"(?<![\w-])style\s*=",
    "a handler attribute": r"(?<![\w-])(on[a-z]+|hx-on[\w:-]*)\s*=",
    "a javascript: address": r"javascript:",
}


def inline_code(text: str) -> list[str]:
    # What Django replaces is no HTML: {% blocktranslate with one=… %} has no handler called “one”.
    html = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", text, flags=re.DOTALL)
    return [
        what
        for what, pattern in INLINE.items()
        if any(re.search(pattern, tag, re.IGNORECASE) for tag in re.findall(r"<[a-z][^<>]*>?", html, re.IGNORECASE))
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<script src="{% static "a.js" %}"></script>', []),
        ('<script type="module" src="a.js"></script>', []),
        ("<script>go()</script>", ["a script in the page"]),
        ("<style>p {}</style>", ["a style in the page"]),
        ('<p style="color: red">', ["a style attribute"]),
        ('<p\n  onclick="go()">', ["a handler attribute"]),
        ('<p hx-on:click="go()">', ["a handler attribute"]),
        ('<a href="javascript:go()">', ["a javascript: address"]),
        ("{% blocktranslate with one=1 style=2 %}{% endblocktranslate %}", []),
        ('<input name="version" content="on=1" data-style="x" value="{{ onions }}">', []),
        ('<meta content="x"><p class="once">on = off</p>', []),
    ],
)
def test_inline_code_is_recognised(text, found):
    assert inline_code(text) == found


def test_no_template_holds_inline_code():
    found = {
        str(path.relative_to(ROOT)): wrong for path in templates() if (wrong := inline_code(path.read_text(encoding="utf-8")))
    }
    assert found == {}


# Named by Django and by the sign-in package, not by us.
NAMED_ELSEWHERE = re.compile(r"(account|admin)/|(400|403|403_csrf|404|500)\.html$")


def test_every_template_is_used():
    named = "\n".join(path.read_text(encoding="utf-8") for path in [*templates(), *(ROOT / path for path in modules())])
    names = [str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.html")]
    unused = [name for name in names if not NAMED_ELSEWHERE.match(name) and f'"{name}' not in named]
    assert unused == []


def templates() -> list[Path]:
    found = [path for folder in ["templates", *APPS] for path in (ROOT / folder).rglob("*.html")]
    assert found
    return found


def test_no_html_made_in_python_holds_inline_code():
    found = {
        f"{path}:{node.lineno}": wrong
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (wrong := inline_code(node.value))
    }
    assert found == {}


# --- Docs

#: Names of files that each room has, or may have.
OF_EVERY_ROOM = {
    "__init__.py", "api.py", "apps.py", "contact_data.py", "exporting.py", "models.py", "start_up.py", "tasks.py", "urls.py", "words.py",
}  # fmt: skip


def docs() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_module_that_the_docs_name_exists():
    missing = [
        f"{path.relative_to(ROOT)} names {name}"
        for path in docs()
        for name in re.findall(r"[\w-]+(?:/[\w-]+)*\.py\b", path.read_text(encoding="utf-8"))
        if name not in OF_EVERY_ROOM and not (ROOT / name).exists()
    ]
    assert missing == []


def dotted_names() -> set[str]:
    """The modules and packages of the project, with dots."""
    names = {module_name(path) for path in modules()}
    return names | {parent for name in names for parent in _parents(name)}


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def test_every_module_that_a_docstring_names_exists():
    """`accounts.derived.refresh` is right when `accounts.derived` is a module; `plans.Target` names a model."""
    known, wrong = dotted_names(), []
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
                for name in re.findall(rf"`((?:{'|'.join(APPS)})\.[a-z_.]+)", text):
                    name = name.rstrip(".")
                    if name not in known and name.rpartition(".")[0] not in known - set(APPS):
                        wrong.append(f"{path} names {name}")
    assert wrong == []


# --- Scripts


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=str(path.relative_to(ROOT))) for path in [*sorted((ROOT / "script").iterdir()), ROOT / ".ci/run"]],
)
def test_a_script_can_be_run_and_read(path):
    assert path.stat().st_mode & 0o111 == 0o111, "not executable"
    shell = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!")
    checked = subprocess.run([shell, "-n", path], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


# --- Lock files

LOCKS = ["requirements.txt", "requirements-dev.txt"]


@cache
def locked(name: str) -> dict[str, list[tuple[Requirement, frozenset[str]]]]:
    """What a lock file pins: by name, each line with its hashes; a package may have a line a platform."""
    text = (ROOT / name).read_text(encoding="utf-8")
    joined = re.sub(r"\s*\\\n\s*", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    pins: dict[str, list[tuple[Requirement, frozenset[str]]]] = {}
    for line in joined.splitlines():
        words, *hashes = line.split(" --hash=")
        pin = Requirement(words)
        pins.setdefault(canonicalize_name(pin.name), []).append((pin, frozenset(hashes)))
    return pins


def asked(name: str) -> list[Requirement]:
    """What pyproject.toml asks for by name: to run, and for the development lock the tools too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"]
    if name == "requirements-dev.txt":
        wanted = wanted + project["dependency-groups"]["dev"]
    return [Requirement(line) for line in wanted]


def version_of(pin: Requirement) -> str:
    (only,) = pin.specifier
    assert only.operator == "=="
    return only.version


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_file_is_pinned_and_hashed(name):
    loose = [
        str(pin)
        for pins in locked(name).values()
        for pin, hashes in pins
        if [only.operator for only in pin.specifier] != ["=="]
        or not hashes
        or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", found) for found in hashes)
    ]
    assert loose == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_all_that_is_asked_for_in_a_version_that_fits(name):
    missing = []
    for wanted in asked(name):
        pins = locked(name).get(canonicalize_name(wanted.name), [])
        if not pins or not all(wanted.specifier.contains(version_of(pin), prereleases=True) for pin, _ in pins):
            missing.append(f"{wanted}: {[str(pin) for pin, _ in pins]}")
    assert missing == []


def test_the_tests_run_on_what_production_runs_on():
    running, testing = ({(str(pin), hashes) for pins in locked(name).values() for pin, hashes in pins} for name in LOCKS)
    assert sorted(str(pin) for pin, _ in running - testing) == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_no_address(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "://" in line or re.search(r"--(extra-)?index|--find-links", line)] == []


# Written in two parts, or this file would find itself.
REGISTRIES = [
    f"{name}.{end}"
    for name, end in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
    ]
]


def test_no_file_names_a_package_registry():
    found = []
    for path in kept_files():
        text = path.read_bytes().decode("utf-8", errors="replace").lower()
        found += [f"{path.relative_to(ROOT)} names {name}" for name in REGISTRIES if name in text]
    assert found == []


def kept_files() -> list[Path]:
    """What the repository keeps: as git says, else everything that is not made at run time."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0 and listed.stdout:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        made = {".venv", "var", "__pycache__", "staticfiles"}
        paths = [path for path in ROOT.rglob("*") if not made & set(path.relative_to(ROOT).parts)]
    return [path for path in paths if path.is_file()]
