"""Fills a template with reviews: for each account one slide for each layout that has a named placeholder."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.text import MSO_AUTO_SIZE
from pptx.util import Pt

from reviews.measuring import Paragraph, fitted
from reviews.sheet import ReviewSheet
from reviews.slides.chart import add_chart
from reviews.slides.names import CHART, HEAD
from reviews.slides.template import SlideSource, named

POINT = 12700  # EMU
USUAL = 12.0  # points, where the layout does not say
SMALLEST = 7.0
INSETS = {"lIns": 91440, "rIns": 91440, "tIns": 45720, "bIns": 45720}  # EMU, PowerPoint's own
BIG = 1.5  # the value of a figure beside its label
LEAST_ALIKE = 0.8  # of its size: what is smaller is small alone
SPARE = 0.97  # of the width: programs round differently


@dataclass(frozen=True, slots=True)
class SlideBox:
    """A placeholder of a layout: where text goes."""

    width: float  # points, without the insets
    height: float
    size: float  # of the text, points
    bold: bool


def slides_of(sheets: Iterable[ReviewSheet], source: SlideSource, today: date) -> bytes:
    """A presentation of these reviews. No statement."""
    presentation = Presentation(io.BytesIO(source.content))
    _drop_slides(presentation)
    layouts = [layout for layout in presentation.slide_layouts if any(named(layout))]
    for sheet in sheets:
        texts = texts_of(sheet)
        for layout in layouts:
            _fill(presentation.slides.add_slide(layout), layout, sheet, texts, today)
    file = io.BytesIO()
    presentation.save(file)
    return file.getvalue()


def texts_of(sheet: ReviewSheet) -> dict[str, list[Paragraph]]:
    """The paragraphs of each placeholder but the chart."""
    head = {"account": sheet.account.name, "facts": sheet.facts, "date": sheet.day, "words": sheet.words}
    assert tuple(head) == HEAD  # noqa: S101 what the templates are promised
    texts = {name: [Paragraph(text)] for name, text in head.items()}
    for figure in sheet.figures:
        texts[figure.key] = [Paragraph(figure.label), Paragraph(figure.value, bold=True, scale=BIG), Paragraph(figure.note)]
    for key, section in sheet.sections.items():
        lines = [line.paragraph for line in section.lines] or [Paragraph(section.empty)]
        texts[key] = [Paragraph(section.title, bold=True), *lines]
    return {name: [one for one in paragraphs if one.text] for name, paragraphs in texts.items()}


def _fill(slide: Any, layout: Any, sheet: ReviewSheet, texts: dict[str, list[Paragraph]], today: date) -> None:
    of_layout = {shape.placeholder_format.idx: (name, shape) for name, shape in named(layout)}
    boxes = {name: box_of(shape) for name, shape in of_layout.values()}
    texts = {name: [replace(one, bold=one.bold or boxes[name].bold) for one in texts[name]] for name in boxes if name != CHART}
    sizes = sizes_of(boxes, texts)
    for shape in list(slide.placeholders):
        name, _ours = of_layout.get(shape.placeholder_format.idx, ("", None))
        if not name:
            _remove(shape)  # it would say “Click to add text”
        elif name == CHART:
            place = (shape.left, shape.top, shape.width, shape.height)
            _remove(shape)
            add_chart(slide, sheet, today, place)
        else:
            _write(shape, boxes[name], texts[name], sizes[name])


def sizes_of(boxes: dict[str, SlideBox], texts: dict[str, list[Paragraph]]) -> dict[str, float]:
    """The size of each text: boxes that start with one size keep one, unless a long text would make all of them small."""
    found = {
        name: fitted(texts[name], box.width, box.height, box.size, min(SMALLEST, box.size))[0]
        for name, box in boxes.items()
        if name != CHART
    }
    alike: dict[float, float] = {}
    for name, size in found.items():
        usual = boxes[name].size
        alike[usual] = min(alike.get(usual, size), max(size, usual * LEAST_ALIKE))
    return {name: min(size, alike[boxes[name].size]) for name, size in found.items()}


def box_of(shape: Any) -> SlideBox:
    """The room of a placeholder of a layout, and the size of its text."""
    body = shape.text_frame._txBody.bodyPr
    inset = {name: int(body.get(name, usual)) for name, usual in INSETS.items()}
    return SlideBox(
        (shape.width - inset["lIns"] - inset["rIns"]) / POINT * SPARE,
        (shape.height - inset["tIns"] - inset["bIns"]) / POINT,
        _size_of(shape),
        _is_bold(shape),
    )


def _write(shape: Any, box: SlideBox, paragraphs: list[Paragraph], size: float) -> None:
    _size, kept = fitted(paragraphs, box.width, box.height, size, size)
    frame = shape.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    for number, paragraph in enumerate(kept):
        target = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        for text, bold in ((paragraph.text[: paragraph.lead], True), (paragraph.text[paragraph.lead :], paragraph.bold)):
            if text:
                run = target.add_run()
                run.text, run.font.size = text, Pt(size * paragraph.scale)
                run.font.bold = True if bold else None
        target.space_before = target.space_after = Pt(0)
        target.line_spacing = 1.0
        _without_bullet(target)


def _without_bullet(paragraph: Any) -> None:
    """No bullet and no indent: they are not in the width that was measured."""
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", "0")
    properties.set("indent", "0")
    space = "http://schemas.openxmlformats.org/drawingml/2006/main"
    if properties.find(f"{{{space}}}buNone") is None:
        properties.append(etree.SubElement(properties, f"{{{space}}}buNone"))


def _size_of(shape: Any) -> float:
    """The size that the placeholder gives its text, in points."""
    sizes = [
        int(one.get("sz")) / 100
        for one in shape._element.iter()
        if etree.QName(one).localname in {"defRPr", "rPr"} and one.get("sz")
    ]
    return sizes[0] if sizes else USUAL


def _is_bold(shape: Any) -> bool:
    looks = (one for one in shape._element.iter() if etree.QName(one).localname == "defRPr")
    return next((one.get("b") == "1" for one in looks), False)


def _remove(shape: Any) -> None:
    shape._element.getparent().remove(shape._element)


def _drop_slides(presentation: Any) -> None:
    """Leave out the slides that the template shows as samples."""
    listed = presentation.slides._sldIdLst
    for one in list(listed):
        presentation.part.drop_rel(one.rId)
        listed.remove(one)
