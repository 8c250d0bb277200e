"""How wide texts are, and how to make them fit: for boxes of the page, the PDF and the slides.

Widths are those of DejaVu Sans, which Debian has as `fonts-dejavu-core`. It is wider than Arial, Calibri, Inter and Liberation
Sans, so what fits with it fits with them, whichever the reader's machine has. Lengths are points.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from PIL import ImageFont

AT = 200  # the size in points that characters are measured at
LINE_HEIGHT = 1.2  # of the size
FALLBACK = 1.25  # Pillow's own font is narrower than DejaVu Sans
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    bold: bool = False
    scale: float = 1.0  # of the size of the box
    lead: int = 0  # how many characters at its beginning are bold

    @property
    def measured_bold(self) -> bool:
        """Bold letters are wider: what is bold in part is measured as if it were bold."""
        return self.bold or self.lead > 0


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    return sum(_em(character, bold) for character in text) * size


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """The text in lines of this width, broken between words; a word that is wider than a line is broken within."""
    lines, line, used = [], "", 0.0
    space = _em(" ", bold) * size
    for word in text.split():
        wide = text_width(word, size, bold=bold)
        if line and used + space + wide <= width:
            line, used = f"{line} {word}", used + space + wide
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, width, size, bold)
        lines += whole
        used = text_width(line, size, bold=bold)
    return [*lines, line] if line or not lines else lines


def clipped(paragraphs: Sequence[Paragraph], width: float, size: float, most: float) -> tuple[Paragraph, ...]:
    """What fits into `most` lines: the paragraphs as they are, the last one cut off with “…” where more would follow."""
    kept: list[Paragraph] = []
    left = most
    for number, one in enumerate(paragraphs):
        lines = wrapped(one.text, width, size * one.scale, bold=one.measured_bold)
        follow = number < len(paragraphs) - 1
        room = int(left / one.scale + 0.001)
        if len(lines) * one.scale + (1 if follow else 0) <= left + 0.001 or (len(lines) <= room and not follow):
            kept.append(one)
            left -= len(lines) * one.scale
            continue
        kept.append(replace(one, text=_cut(lines[: max(1, room)], width, size * one.scale, one.measured_bold)))
        break
    return tuple(kept)


def fitted(
    paragraphs: Sequence[Paragraph], width: float, height: float, size: float, smallest: float
) -> tuple[float, tuple[Paragraph, ...]]:
    """The size in which all paragraphs fit into the box, at most `size`; where even `smallest` is too large, they are cut off."""
    now = size
    while now > smallest and _needed(paragraphs, width, now) > height:
        now = max(smallest, now - 0.5)
    return now, clipped(paragraphs, width, now, max(1.0, height / (now * LINE_HEIGHT)))


def _needed(paragraphs: Sequence[Paragraph], width: float, size: float) -> float:
    lines = (len(wrapped(one.text, width, size * one.scale, bold=one.measured_bold)) * one.scale for one in paragraphs)
    return sum(lines) * size * LINE_HEIGHT


def _cut(lines: Sequence[str], width: float, size: float, bold: bool) -> str:
    *before, last = lines
    while last and text_width(last + ELLIPSIS, size, bold=bold) > width:
        last = last[:-1]
    return " ".join([*before, last.rstrip() + ELLIPSIS])


def _pieces(word: str, width: float, size: float, bold: bool) -> list[str]:
    pieces, piece, used = [], "", 0.0
    for character in word:
        wide = _em(character, bold) * size
        if piece and used + wide > width:
            pieces.append(piece)
            piece, used = "", 0.0
        piece, used = piece + character, used + wide
    return [*pieces, piece]


@cache
def _font(bold: bool) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, float]:
    """The font to measure with, and by how much its widths are to be multiplied."""
    try:
        return ImageFont.truetype("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf", AT), 1.0
    except OSError:
        return ImageFont.load_default(AT), FALLBACK


@cache
def _em(character: str, bold: bool) -> float:
    """The width of a character in units of the size; those of East Asian scripts, which the font lacks, are square."""
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    font, factor = _font(bold)
    return font.getlength(character) / AT * factor
