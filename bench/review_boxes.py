"""Drill: no text of a review outside of its box, on every account of a demo portfolio and in both languages.

    python -m bench.review_boxes [--accounts N] [--longest] [--languages en nl]

`bench/review` runs it on a database of its own. Slides and PDF are made as the site makes them; LibreOffice turns the slides into
a PDF; `pdftotext -bbox` says where each word stands. Every word has to lie within a box of its slide, or within the margins of its
page, and each account has exactly one page. `--longest` gives the accounts the longest names and texts first. It prints what it
counted, and exits with 1 where a word is outside.
"""

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import translation  # noqa: E402
from pptx import Presentation  # noqa: E402

from accounts.models import Account, User  # noqa: E402
from core import days  # noqa: E402
from reviews.pdf import pdf_of  # noqa: E402
from reviews.reading import read_facts, review_accounts  # noqa: E402
from reviews.sheet import sheet_of  # noqa: E402
from reviews.slides.filling import slides_of  # noqa: E402
from reviews.slides.names import CHART  # noqa: E402
from reviews.slides.template import named, template_in_use  # noqa: E402

AT_ONCE = 25  # accounts of one file, as of one presentation
NEAR = 1.5  # points by which a word may reach over the edge of its box: programs round differently
MARGIN = 28  # points: the margins of the page
POINT = 12700  # EMU
WORD = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>')
LONG = (
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH Voorbeeld",
    "Coöperatieve Vereniging van Zuid-Nederlandse Glastuinbouwondernemers en Toeleveranciers Westland-Oostland U.A. Voorbeeld",
    "W" * 100,
)

type Box = tuple[float, float, float, float]


def words_of(file: Path) -> Iterator[tuple[int, Box, str]]:
    """The page, from 0, the place in points, and the text of each word of a PDF."""
    html = subprocess.run(["pdftotext", "-bbox", str(file), "-"], check=True, capture_output=True, text=True).stdout
    for page, part in enumerate(html.split("<page ")[1:]):
        for *place, text in WORD.findall(part):
            x, y, to_x, to_y = (float(one) for one in place)
            yield page, (x, y, to_x, to_y), unescape(text)


def within(word: Box, box: Box) -> bool:
    return box[0] - NEAR <= word[0] and box[1] - NEAR <= word[1] and word[2] <= box[2] + NEAR and word[3] <= box[3] + NEAR


def boxes_of(layout) -> list[Box]:
    return [
        (shape.left / POINT, shape.top / POINT, (shape.left + shape.width) / POINT, (shape.top + shape.height) / POINT)
        for _name, shape in named(layout)
    ]


def outside_of_slides(content: bytes, folder: Path) -> tuple[int, list[str]]:
    """How many words the slides have as LibreOffice draws them, and those that are in no box."""
    (folder / "slides.pptx").write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(folder / "slides.pptx")],
        check=True, capture_output=True,
    )  # fmt: skip
    slides = list(Presentation(io.BytesIO(content)).slides)
    boxes = [boxes_of(slide.slide_layout) for slide in slides]
    count, found = 0, []
    for page, place, text in words_of(folder / "slides.pdf"):
        count += 1
        if page >= len(boxes) or not any(within(place, box) for box in boxes[page]):
            found.append(f"slide {page + 1}: {text!r} at {place}")
    return count, found


def outside_of_pages(content: bytes, accounts: int, folder: Path) -> tuple[int, list[str]]:
    """How many words the PDF has, and those outside of the margins; also a PDF with other than a page for each account."""
    file = folder / "review.pdf"
    file.write_bytes(content)
    told = subprocess.run(["pdfinfo", str(file)], check=True, capture_output=True, text=True).stdout
    pages = int(re.search(r"Pages:\s+(\d+)", told)[1])
    found = [] if pages == accounts else [f"{pages} pages for {accounts} accounts"]
    count, paper = 0, (MARGIN, MARGIN, 595.3 - MARGIN, 841.9 - MARGIN)
    for page, place, text in words_of(file):
        count += 1
        if not within(place, paper):
            found.append(f"page {page + 1}: {text!r} at {place}")
    return count, found


def lengthen(accounts: list[Account]) -> None:
    for number, account in enumerate(accounts):
        name = LONG[number % 3]
        text = f"{name}\n" + "\n".join(
            f"{line}. What they told us in the meeting of last week, which goes on" for line in range(20)
        )
        fields = dict.fromkeys(("charter", "strengths", "vulnerabilities", "trends", "opportunities"), text)
        Account.objects.filter(pk=account.pk).update(name=f"{name} {number}", segment=name[:100], **fields)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=300)
    parser.add_argument("--longest", action="store_true")
    parser.add_argument("--languages", nargs="+", default=["en", "nl"])
    options = parser.parse_args()
    reader = User.objects.filter(role=User.Role.ADMINISTRATOR).first()
    ids = list(Account.objects.order_by("pk").values_list("pk", flat=True)[: options.accounts])
    if options.longest:
        lengthen(list(Account.objects.filter(pk__in=ids)))
    today, source, total, faults, slowest = (
        days.today(),
        template_in_use(),
        {"slides": 0, "pages": 0},
        [],
        {"pptx": 0.0, "pdf": 0.0},
    )
    assert CHART in {name for layout in Presentation(io.BytesIO(source.content)).slide_layouts for name, _shape in named(layout)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for language in options.languages:
            for start in range(0, len(ids), AT_ONCE):
                some = ids[start : start + AT_ONCE]
                with translation.override(language):
                    sheets = [sheet_of(one) for one in read_facts(list(review_accounts().filter(pk__in=some)), reader, today)]
                    began = time.process_time()
                    slides = slides_of(sheets, source, today)
                    slowest["pptx"] = max(slowest["pptx"], time.process_time() - began)
                    began = time.process_time()
                    pages = pdf_of([(sheet, None) for sheet in sheets])
                    slowest["pdf"] = max(slowest["pdf"], time.process_time() - began)
                for kind, (words, found) in (
                    ("slides", outside_of_slides(slides, folder)),
                    ("pages", outside_of_pages(pages, len(some), folder)),
                ):
                    total[kind] += words
                    faults += [f"{language}, accounts {start + 1} to {start + len(some)}, {one}" for one in found]
                print(f"{language} {start + len(some)}/{len(ids)}: {len(faults)} outside", flush=True)
    for fault in faults[:40]:
        print(fault)
    print(
        f"{len(ids)} accounts × {len(options.languages)} languages: {len(faults)} words outside of their box, of {total['slides']} on slides and "
        f"{total['pages']} in PDF. Processor time of {AT_ONCE} accounts at most: slides {slowest['pptx']:.1f} s, PDF {slowest['pdf']:.1f} s."
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
