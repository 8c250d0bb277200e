"""Makes our own template of slides, `standing.pptx`: two layouts with every named placeholder. `script/slides` runs it.

The file is in the repository, since the site reads it; a test compares its placeholders with those that this module makes.
"""

from pathlib import Path
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.util import Inches

OUR_FILE = Path(__file__).with_suffix(".pptx")
WIDTH, HEIGHT = 13.333, 7.5  # inches
INK, GREY, EDGE, GROUND, THEIRS, OURS_COLOUR, TARGET = "16202B", "4A5868", "D5DBE1", "F6F7F9", "1F6379", "945200", "5B3FB4"
GAP, LEFT = 0.15, 0.45
FULL = WIDTH - 2 * LEFT

type Place = tuple[float, float, float, float]  # left, top, width, height in inches


def _row(names: tuple[str, ...], top: float, height: float) -> dict[str, Place]:
    """Boxes of one width side by side."""
    width = (FULL - GAP * (len(names) - 1)) / len(names)
    return {name: (LEFT + number * (width + GAP), top, width, height) for number, name in enumerate(names)}


HEAD: dict[str, Place] = {
    "account": (LEFT, 0.3, 9.6, 0.62),
    "facts": (LEFT, 0.92, 9.6, 0.34),
    "date": (LEFT + 9.75, 0.36, FULL - 9.75, 0.4),
}
LAYOUTS: tuple[tuple[str, dict[str, Place]], ...] = (
    (
        "Review: where we stand",
        HEAD
        | {"words": (LEFT, 1.32, FULL, 0.62)}
        | _row(("they", "we", "gap", "sure", "target"), 2.02, 1.0)
        | {"chart": (LEFT, 3.17, 7.6, 4.0)}
        | {"charter": (LEFT + 7.75, 3.17, FULL - 7.75, 1.55), "changes": (LEFT + 7.75, 4.87, FULL - 7.75, 2.3)},
    ),
    (
        "Review: what we do",
        HEAD
        | _row(("plan", "people"), 1.42, 2.5)
        | _row(("strengths", "vulnerabilities", "trends", "opportunities"), 4.07, 1.7)
        | _row(("next_steps", "quotes"), 5.92, 1.3),
    ),
)
#: Size in points, colour, whether it is bold, and the fill of its box.
LOOK: dict[str, tuple[int, str, bool, str]] = {
    "account": (26, INK, True, ""),
    "facts": (12, GREY, False, ""),
    "date": (12, GREY, False, ""),
    "words": (16, INK, False, ""),
    "they": (13, THEIRS, False, GROUND),
    "we": (13, OURS_COLOUR, False, GROUND),
    "gap": (13, INK, False, GROUND),
    "sure": (13, INK, False, GROUND),
    "target": (13, TARGET, False, GROUND),
    "chart": (12, INK, False, ""),
}
USUAL = (14, INK, False, "")

SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)


def make_presentation() -> Any:
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(WIDTH), Inches(HEIGHT)
    _widen(presentation.slide_master)
    blank = presentation.slide_layouts[6]
    for layout in list(presentation.slide_layouts):
        if layout is not blank and layout.name not in {"Blank", "Title Only"}:
            presentation.slide_layouts.remove(layout)
    for layout, (name, places) in zip(presentation.slide_layouts, LAYOUTS, strict=True):
        layout.name = name
        for shape in list(layout.placeholders):
            shape._element.getparent().remove(shape._element)
        for number, (key, place) in enumerate(places.items(), start=10):
            layout.shapes._spTree.append(_placeholder(number, key, place))
    return presentation


def _placeholder(number: int, name: str, place: Place) -> Any:
    left, top, width, height = (Inches(length) for length in place)
    size, colour, bold, fill = LOOK.get(name, USUAL)
    kind = "chart" if name == "chart" else "body"
    filled = f'<a:solidFill><a:srgbClr val="{fill}"/></a:solidFill>' if fill else ""
    edge = (
        f'<a:ln w="9525"><a:solidFill><a:srgbClr val="{EDGE}"/></a:solidFill></a:ln>'
        if name not in HEAD and name != "words"
        else ""
    )
    right = ' algn="r"' if name == "date" else ""
    return etree.fromstring(  # our own text, with no entity in it
        f'<p:sp {SPACES}><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        f'<p:nvPr><p:ph type="{kind}" sz="quarter" idx="{number}"/></p:nvPr></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{filled}{edge}</p:spPr>'
        f'<p:txBody><a:bodyPr lIns="91440" rIns="91440" tIns="54864" bIns="54864" anchor="t"><a:normAutofit/></a:bodyPr>'
        f'<a:lstStyle><a:lvl1pPr marL="0" indent="0"{right}><a:buNone/><a:defRPr sz="{size * 100}" b="{int(bold)}">'
        f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></a:defRPr></a:lvl1pPr></a:lstStyle>'
        f"<a:p><a:r><a:rPr/><a:t>{name}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def _widen(master: Any) -> None:
    """Drop the master's own date, footer and number: they are placed for narrower slides."""
    for shape in list(master.placeholders):
        if shape.placeholder_format.idx >= 10 or shape.placeholder_format.type is None:
            shape._element.getparent().remove(shape._element)
    for shape in master.placeholders:
        shape.left, shape.width = Inches(LEFT), Inches(FULL)


if __name__ == "__main__":
    make_presentation().save(str(OUR_FILE))
