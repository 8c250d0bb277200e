"""The rules of the house: rooms, imports and modules of the production code, whatever it does."""

import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from django.core.management import call_command

from tests.house import APPS, ROOT, module_name, modules

# Plain Python: values in, values out. Modules that are pure say so here, and stay so.
PURE = {
    "accounts.chances",
    "accounts.name_keys",
    "core.cycles",
    "core.folding",
    "core.choice_order",
    "assessments.measurement.agreement",
    "assessments.measurement.confidence",
    "assessments.measurement.coverage",
    "assessments.measurement.median",
    "assessments.measurement.soundness",
    "assessments.chart.geometry",
    "assessments.chart.axis",
    "assessments.chart.labels",
    "assessments.chart.lane",
    "assessments.measurement.result",
    "surveys.survey.order",
    "assessments.measurement.scale",
    "plans.forecast.aims",
    "plans.forecast.chain",
    "plans.forecast.climbs",
    "plans.forecast.counting",
    "plans.forecast.fan",
    "plans.forecast.uncertainty",
    "assessments.measurement.scale_interval",
    "assessments.measurement.item_functioning",
    "plans.trajectory",
    "portfolio.figures.benchmark_drawing",
    "portfolio.figures.benchmark_figures",
    "portfolio.figures.benchmarks",
    "portfolio.figures.gaps",
    "portfolio.figures.two_days",
    "demo.relationship",
    "portfolio.figures.histories",
    "portfolio.figures.ladder",
    "portfolio.figures.movement",
    "portfolio.figures.survival",
}
PURE_MAY_USE = sys.stdlib_module_names | {"krippendorff", "numpy"}

MAY_READ_THE_ENVIRONMENT = {"config/environment.py", "config/settings.py"}


# --- Python


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


# --- Names and sizes

#: Django asks for these names.
CONVENTIONAL = {"Command", "Migration"}


def test_a_class_name_has_one_meaning():
    found = defaultdict(list)
    for path, tree in modules().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name not in CONVENTIONAL:
                found[node.name].append(path)
    assert {name: paths for name, paths in sorted(found.items()) if len(paths) > 1} == {}


def test_no_room_holds_more_than_a_fifth_of_the_code():
    lines: Counter[str] = Counter()
    for path in modules():
        if "/migrations/" not in path:
            text = (ROOT / path).read_text(encoding="utf-8")
            lines[path.split("/")[0]] += sum(1 for line in text.splitlines() if line.strip())
    (room, largest), *_ = lines.most_common(1)
    assert largest <= 0.2 * lines.total(), f"{room} holds {largest} of {lines.total()} lines"


# --- The map

ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
MOST_ROWS = 25  # of the table: it has to be read at a glance


def whereabouts() -> list[str]:
    """The rows of the table “Where is …?”."""
    section = ARCHITECTURE.partition("## Where is …?")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return rows[2:]  # below the head


def test_the_map_shows_every_room():
    rooms = ARCHITECTURE.partition("```\n")[2].partition("```")[0]
    assert [app for app in APPS if not re.search(rf"\b{app}\b", rooms)] == []


def test_the_table_of_the_map_is_short_and_its_paths_exist():
    rows = whereabouts()
    assert 0 < len(rows) <= MOST_ROWS
    paths = re.findall(r"`([a-z_]+/[\w./-]*?)(?:: ?[\w, ]+)?`", "\n".join(rows))
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


# --- The environment and the clock


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


def test_translated_texts_are_marked_by_names_that_makemessages_looks_for():
    wrong = [
        f"{name}:{node.lineno} {alias.asname}"
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if "gettext" in alias.name and alias.asname not in {None, "_"}
    ]
    assert wrong == []
