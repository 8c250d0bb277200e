"""Reads a template of slides: our own, or one that an administrator uploads, which is checked before anything opens it."""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from pptx import Presentation

from reviews.models import LARGEST, SlideTemplate
from reviews.slides.names import NAMES
from reviews.slides.standing import OUR_FILE

#: What the file may hold unpacked: a small one can otherwise fill the memory.
MOST_PARTS, MOST_UNPACKED, MOST_XML = 2000, 60 * 2**20, 12 * 2**20
PRESENTATION = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
CONTENT_TYPES = "[Content_Types].xml"
#: Parts that run something, or hold files of other programs.
UNWANTED = re.compile(r"vbaproject|activex|/embeddings/|\.exe$|\.dll$", re.IGNORECASE)
#: A relation to something outside of the file; links that a reader clicks are harmless.
EXTERNAL = re.compile(rb"<Relationship\b[^>]*TargetMode=[\"']External[\"'][^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SlideSource:
    """The bytes of a template; equal ones are checked once."""

    content: bytes
    digest: str


def template_in_use() -> SlideSource:
    """The newest template of the house, or ours where there is none. One statement, two with a template."""
    newest = SlideTemplate.objects.order_by("-added_at", "-pk").first()
    if newest is None:
        return our_own()
    return SlideSource(bytes(newest.content), newest.digest)


@lru_cache(maxsize=1)
def our_own() -> SlideSource:
    content = OUR_FILE.read_bytes()
    return SlideSource(content, hashlib.sha256(content).hexdigest())


def check_template(content: bytes) -> str:
    """Check an uploaded file and return its SHA-256. Raises ValidationError with what is wrong, and what to do.

    Size, unpacked size, kind and content are looked at before a library opens it; then each placeholder has to be there.
    """
    if len(content) > LARGEST:
        largest = filesizeformat(LARGEST)
        raise ValidationError(_("The file is larger than %(largest)s. Take large pictures out of it.") % {"largest": largest})
    _check_parts(content)
    try:
        presentation = Presentation(io.BytesIO(content))
        found = {name for layout in presentation.slide_layouts for name, _shape in named(layout)}
    except Exception as error:  # whatever a damaged file makes the library raise
        raise ValidationError(_("PowerPoint's own check would fail: the file is damaged. Save it anew and try again.")) from error
    if missing := [name for name in NAMES if name not in found]:
        told = _(
            "No placeholder on a layout is named %(names)s. Name each in PowerPoint: View → Slide Master, Home → Arrange → Selection Pane."
        )
        raise ValidationError(told % {"names": ", ".join(f"“{name}”" for name in missing)}, code="missing_placeholder")
    return hashlib.sha256(content).hexdigest()


def named(layout: Any) -> Iterator[tuple[str, Any]]:
    """The placeholders of a layout that have one of the names, whatever its case."""
    for shape in layout.placeholders:
        if (name := shape.name.strip().lower()) in NAMES:
            yield name, shape


def _check_parts(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise ValidationError(
                    _("Unpacked, the file is too large. Take out what the slides do not need."), code="unpacked"
                )
            if CONTENT_TYPES not in package.namelist() or PRESENTATION not in package.read(CONTENT_TYPES):
                raise ValidationError(
                    _("This is no PowerPoint presentation. Save the template as .pptx."), code="no_presentation"
                )
            for part in parts:
                _check_part(package, part)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ValidationError(
            _("This is no PowerPoint presentation. Save the template as .pptx."), code="no_presentation"
        ) from error


def _check_part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    if UNWANTED.search(part.filename):
        told = _("The file holds a macro or a file of another program (%(part)s). Take it out, and save as .pptx.")
        raise ValidationError(told % {"part": part.filename}, code="active")
    if not part.filename.endswith((".xml", ".rels")):
        return
    if part.file_size > MOST_XML:
        raise ValidationError(_("Unpacked, the file is too large. Take out what the slides do not need."), code="unpacked")
    xml = package.read(part)
    if b"<!DOCTYPE" in xml[:1000] or b"<!ENTITY" in xml:
        raise ValidationError(
            _("The file is no presentation that PowerPoint wrote. Save it anew and try again."), code="entities"
        )
    if any(b"/hyperlink" not in link for link in EXTERNAL.findall(xml)):
        raise ValidationError(
            _("The file links to something outside of it, such as a picture. Put it into the file."), code="external"
        )
