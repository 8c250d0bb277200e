"""The rules of the house: what the code as a whole keeps to, whatever it does."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import call_command
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

# An app imports itself and those before it.
APPS = [
    "core",
    "mailing",
    "audit",
    "hierarchy",
    "accounts",
    "webhooks",
    "importing",
    "assessments",
    "plans",
    "surveys",
    "portfolio",
    "api",
    "demo",
    "archive",
    "config",
]

# Plain Python: values in, values out. Modules that are pure say so here, and stay so.
PURE = {
    "accounts.name_keys",
    "core.cycles",
    "core.choice_order",
    "assessments.measurement.agreement",
    "assessments.chart.geometry",
    "assessments.chart.axis",
    "assessments.chart.labels",
    "assessments.measurement.result",
    "surveys.survey.order",
    "assessments.measurement.scale",
    "plans.trajectory",
    "portfolio.figures.benchmark_drawing",
    "portfolio.figures.benchmark_figures",
    "portfolio.figures.benchmarks",
    "portfolio.figures.two_days",
    "demo.relationship",
    "portfolio.figures.forecast",
    "portfolio.figures.histories",
    "portfolio.figures.ladder",
    "portfolio.figures.movement",
    "portfolio.figures.survival",
}
PURE_MAY_USE = sys.stdlib_module_names | {"krippendorff", "numpy"}

MAY_READ_THE_ENVIRONMENT = {"config/environment.py", "config/settings.py"}


# --- Python


@cache
def modules() -> dict[str, ast.Module]:
    """Every Python file that runs in production, by its path within the project."""
    found = [ROOT / "manage.py"]
    for app in APPS:
        found += (ROOT / app).rglob("*.py")
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(found)}


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(path: str) -> Iterator[str]:
    """The modules that a file imports, also within functions and for type checking alone; names in full."""
    package = path.rsplit("/", 1)[0].split("/")
    known = {module_name(file) for file in modules()}
    for node in ast.walk(modules()[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            # What follows may be a module itself: `from assessments import words`.
            whole = [f"{base}.{alias.name}" for alias in node.names]
            yield from {full if full in known else base for full in whole}


def test_imports_between_apps_point_one_way():
    upward = [
        f"{path} imports {name}"
        for path in modules()
        if (app := path.split("/")[0]) in APPS
        for name in imports(path)
        if (other := name.split(".")[0]) in APPS and APPS.index(other) > APPS.index(app)
    ]
    assert upward == []


def circles() -> list[list[str]]:
    """Groups of modules that import one another, each by way of the others; imports for type checking alone count, too."""
    known = {module_name(path): path for path in modules()}
    waiting = {name: {other for other in imports(path) if other in known and other != name} for name, path in known.items()}
    # What imports nothing that is left, or is imported by nothing that is left, stands in no circle.
    while ends := [
        name for name, others in waiting.items() if not others or not any(name in those for those in waiting.values())
    ]:
        for name in ends:
            del waiting[name]
        for others in waiting.values():
            others.difference_update(ends)
    return [[name, *sorted(others)] for name, others in waiting.items()]


def test_no_modules_import_each_other_in_a_circle():
    assert circles() == []


def imports_within_functions(tree: ast.Module) -> list[int]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))
    return [inner.lineno for node in functions for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]


def test_no_import_stands_within_a_function():
    found = [f"{path}:{line}" for path, tree in modules().items() for line in imports_within_functions(tree)]
    assert found == []


def test_a_pure_module_imports_the_standard_library_and_pure_modules_alone():
    impure = [
        f"{path} imports {name}"
        for path in modules()
        if module_name(path) in PURE
        for name in imports(path)
        if name not in PURE and name.split(".")[0] not in PURE_MAY_USE
    ]
    assert impure == []


def test_every_pure_module_is_there():
    assert {module_name(path) for path in modules()} >= PURE


def test_a_python_file_stays_under_400_lines():
    lengths = {
        path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in modules() if "/migrations/" not in path
    }
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def environment_reads(path: str) -> Iterator[int]:
    """The lines that look at the environment; naming the settings module for Django is no look."""
    naming = {
        node.func.value
        for node in ast.walk(modules()[path])
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "setdefault"
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value == "DJANGO_SETTINGS_MODULE"
    }
    for node in ast.walk(modules()[path]):
        by_attribute = (
            isinstance(node, ast.Attribute)
            and node.attr in {"environ", "environb", "getenv"}
            and isinstance(node.value, ast.Name)
            and node.value.id == "os"
        )
        by_import = isinstance(node, ast.ImportFrom) and (
            node.module == "environ" or (node.module == "os" and {alias.name for alias in node.names} & {"environ", "getenv"})
        )
        by_package = isinstance(node, ast.Import) and "environ" in {alias.name for alias in node.names}
        if (by_attribute and node not in naming) or by_import or by_package:
            yield node.lineno


def test_the_environment_is_read_in_one_place():
    elsewhere = [
        f"{path}:{line}" for path in modules() if path not in MAY_READ_THE_ENVIRONMENT for line in environment_reads(path)
    ]
    assert elsewhere == []


MAY_ASK_FOR_THE_DAY = {"core/days.py"}


def days_by_another_clock(tree: ast.AST) -> list[int]:
    """The lines that ask for a day by the zone that is active: a reader's, or the machine's."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr == "localdate")
        or (isinstance(node, ast.ImportFrom) and any(alias.name == "localdate" for alias in node.names))
        or (isinstance(node, ast.Attribute) and node.attr == "today" and ast.unparse(node.value) in {"date", "datetime"})
        or (isinstance(node, ast.Attribute) and node.attr == "date" and re.fullmatch(r"(.*\.)?(now|localtime)\(\)", ast.unparse(node.value)))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("timezone.localdate()", True),
        ("f(default=timezone.localdate)", True),
        ("from django.utils.timezone import localdate", True),
        ("date.today()", True),
        ("timezone.now().date()", True),
        ("localtime().date()", True),
        ("days.today()", False),
        ("localtime(event.at).date()", False),
        ("timezone.now()", False),
    ],
)
def test_a_day_by_another_clock_is_recognised(code, found):
    assert bool(days_by_another_clock(ast.parse(code))) == found


def test_only_one_module_says_which_day_it_is():
    elsewhere = [
        f"{path}:{line}"
        for path, tree in modules().items()
        if path not in MAY_ASK_FOR_THE_DAY and "/migrations/" not in path
        for line in days_by_another_clock(tree)
    ]
    assert elsewhere == []


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration(capsys):
    try:
        call_command("makemigrations", check=True, dry_run=True)
    except SystemExit:
        pytest.fail(capsys.readouterr().out)


# --- Pages

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
