"""Reviews as a PDF by WeasyPrint, an optional extra: the page's own sheet and styles, its chart as vectors."""

import importlib
import logging
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reviews.handover import HandOver
from reviews.sheet import ReviewSheet

#: What Debian and Ubuntu call the libraries that WeasyPrint draws with.
SYSTEM_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
STYLES = Path(settings.BASE_DIR) / "static" / "css"
TITLE = re.compile(r"<title id=.*?</title><desc id=.*?</desc>", re.DOTALL)
TOKEN = re.compile(r"(--[\w-]+)\s*:\s*([^;}]+)")
ROOT_RULE = re.compile(r":root\s*\{([^}]*)\}")
LAYER = re.compile(r"@layer\s+[\w-]+\s*\{")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
#: WeasyPrint draws the halo of a text over its letters: it does not know `paint-order`.
NO_HALO = ".chart text { stroke: none !important; }"
USE = re.compile(r"var\((--[\w-]+)(?:\s*,\s*([^()]*))?\)")


def what_is_missing() -> str:
    """Why no PDF can be made here, and what to install; empty where it can be."""
    library, error = _library()
    if library is not None:
        return ""
    if isinstance(error, ImportError):
        return _("PDF files need the Python package weasyprint: install Standing with its extra “pdf”.")
    told = _("PDF files need libraries of the system. On Debian or Ubuntu: apt install %(packages)s")
    return told % {"packages": SYSTEM_PACKAGES}


def pdf_of(sheets: Sequence[tuple[ReviewSheet, HandOver | None]]) -> bytes:
    """A page of A4 for each review, and as many more as its hand-over takes. No statement."""
    library, _error = _library()
    if library is None:
        raise RuntimeError("WeasyPrint is not there: ask what_is_missing() first")
    styles = _styles()
    html: str = render_to_string("reviews/print.html", {"sheets": sheets, "language": get_language()})
    # A drawing within the page takes its styles from a style element of its own; its title is for readers of the screen.
    html = TITLE.sub(lambda _title: styles.of_drawing, html)
    page = library.CSS(string=styles.page, url_fetcher=_fetch_nothing)
    return library.HTML(string=html, url_fetcher=_fetch_nothing).write_pdf(stylesheets=[page])


def _fetch_nothing(url: str, *_args: Any, **_more: Any) -> Any:
    """All that a PDF shows is in its page."""
    raise ValueError(f"not fetched: {url}")


class _Styles:
    """The style sheets with each variable replaced by its value on paper."""

    def __init__(self) -> None:
        tokens = light_tokens((STYLES / "tokens.css").read_text(encoding="utf-8"))
        self.page = resolved((STYLES / "review.css").read_text(encoding="utf-8"), tokens)
        chart = COMMENT.sub("", (STYLES / "chart.css").read_text(encoding="utf-8"))
        self.chart = resolved(without_layers(chart), tokens) + NO_HALO
        element = Element("style")
        element.text = self.chart
        self.of_drawing = tostring(element, encoding="unicode")


@cache
def _styles() -> _Styles:
    return _Styles()


def light_tokens(css: str) -> dict[str, str]:
    """The variables that `:root` sets outside of every condition, so those of the light scheme."""
    found: dict[str, str] = {}
    for rule in ROOT_RULE.finditer(_unconditional(COMMENT.sub("", css))):
        found |= {name: value.strip() for name, value in TOKEN.findall(rule[1])}
    return found


def resolved(css: str, tokens: dict[str, str]) -> str:
    """The style sheet with each use of a variable replaced, variables within variables, too."""
    for _depth in range(4):
        css = USE.sub(lambda use: tokens.get(use[1], use[2] or "initial"), css)
    return css


def without_layers(css: str) -> str:
    """The style sheet without its `@layer`, whose rules stay: in a drawing WeasyPrint reads none within a layer."""
    while layer := LAYER.search(css):
        end = _end_of_block(css, layer.end())
        css = css[: layer.start()] + css[layer.end() : end - 1] + css[end:]
    return css


def _unconditional(css: str) -> str:
    """The style sheet without its blocks of `@media`, `@supports` and `@container`."""
    kept, place = [], 0
    for block in re.finditer(r"@(?:media|supports|container)\b[^{]*\{", css):
        if block.start() < place:
            continue
        kept.append(css[place : block.start()])
        place = _end_of_block(css, block.end())
    return "".join([*kept, css[place:]])


def _end_of_block(css: str, place: int) -> int:
    """The place behind the brace that closes the block whose content begins at `place`."""
    depth = 1
    while depth and place < len(css):
        depth += {"{": 1, "}": -1}.get(css[place], 0)
        place += 1
    return place


@cache
def _library() -> tuple[Any, Exception | None]:
    """WeasyPrint, loaded when the first PDF is asked for: it takes half a second and 30 MB that most processes never need."""
    try:
        library = importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:  # OSError: a library of the system is missing
        return None, error
    # It warns of each property and condition that is for the screen alone.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    return library, None
