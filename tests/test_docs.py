"""The documentation as a whole: links, pictures and the table of contents. `script/docs` makes the pages, and finds more."""

import re
from pathlib import Path

import pytest

from tests.house import ROOT

DOCS = ROOT / "docs"
#: `[text](target)` and `![text](target)`; a target that begins with a protocol leads elsewhere.
LINK = re.compile(r"\]\((?!\w+:)([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LARGEST, LARGEST_TOGETHER = 150_000, 2_000_000  # bytes of pictures


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def anchors(path: Path) -> set[str]:
    """The anchors of the headings of a document, made as GitHub makes them."""
    lines = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL).splitlines()
    headings = [line.lstrip("#").strip().lower() for line in lines if re.match(r"#{1,6} ", line)]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def broken(path: Path) -> list[str]:
    """The links of a document that lead to no file, or to no heading of it."""
    found = []
    for target in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8"))):
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(included(file))):
            found.append(target)
    return found


def included(path: Path) -> Path:
    """The document whose text the page shows: contributing.md includes CONTRIBUTING.md."""
    named = re.search(r"```\{include\} (\S+)", path.read_text(encoding="utf-8"))
    return (path.parent / named[1]).resolve() if named else path


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in documents()])
def test_every_link_leads_to_a_file_and_a_heading(path):
    assert broken(path) == []


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading\n[a](#a-heading) [b](#none) [c](none.md) [d](page.md#none) `[e](none.md)` [f](https://example.com)\n"
    )
    assert broken(page) == ["#none", "none.md", "page.md#none"]


def test_every_page_is_in_the_table_of_contents():
    listed = set()
    for index in [DOCS / "index.md", DOCS / "decisions/index.md"]:
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", index.read_text(encoding="utf-8"), re.DOTALL):
            entries = [line for line in tree.splitlines() if line and not line.startswith(":")]
            listed |= {found for entry in entries for found in index.parent.glob(f"{entry}.md")}
    assert set(DOCS.rglob("*.md")) - listed == {DOCS / "index.md"}


def test_pictures_are_small_and_shown():
    sizes = {path: path.stat().st_size for path in (DOCS / "images").glob("*.png")}
    assert sizes
    assert {path.name: size for path, size in sizes.items() if size > LARGEST} == {}
    assert sum(sizes.values()) <= LARGEST_TOGETHER
    shown = "\n".join(path.read_text(encoding="utf-8") for path in documents())
    assert [path.name for path in sizes if f"images/{path.name})" not in shown] == []
