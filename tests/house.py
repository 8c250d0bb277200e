"""The production code as a whole, for the tests that look at all of it."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: The rooms: an app imports itself and those before it.
APPS = [
    "core",
    "mailing",
    "audit",
    "hierarchy",
    "accounts",
    "webhooks",
    "notes",
    "importing",
    "assessments",
    "plans",
    "surveys",
    "portfolio",
    "people",
    "reviews",
    "api",
    "demo",
    "archive",
    "config",
]


@cache
def modules() -> dict[str, ast.Module]:
    """Every Python file that runs in production, by its path within the project."""
    found = [ROOT / "manage.py"]
    for app in APPS:
        found += (ROOT / app).rglob("*.py")
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(found)}


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
