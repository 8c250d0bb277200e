"""Reviews as PDF and as slides: one page each, nothing outside of its box, and what an uploaded template must be."""

import io
import os
import re
import zipfile
import zlib
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from pptx import Presentation

from core import days
from reviews import pdf
from reviews.handover import handover_of
from reviews.measuring import Paragraph, clipped, fitted, text_width, wrapped
from reviews.models import LARGEST, SlideTemplate
from reviews.reading import read_facts, review_accounts
from reviews.sheet import PAGE, sheet_of
from reviews.slides import template as templates
from reviews.slides.filling import box_of, slides_of, texts_of
from reviews.slides.names import CHART, NAMES
from reviews.slides.standing import make_presentation
from reviews.slides.template import check_template, named, our_own, template_in_use
from tests.factories import (
    make_account,
    make_action,
    make_administrator,
    make_contact,
    make_plan,
    make_result,
    make_slide_template,
    make_target,
    make_user,
)

pytestmark = pytest.mark.django_db

LONGEST = (
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH Voorbeeld",
    "Coöperatieve Vereniging van Zuid-Nederlandse Glastuinbouwondernemers en Toeleveranciers Westland-Oostland-Betuwe U.A. Voorbeeld",
    "W" * 100,
)
MUCH = "\n".join(f"{number}. A line about what they told us in the meeting of last week, which goes on" for number in range(40))


@pytest.fixture
def manager():
    return make_user(name="Mila " + "van der " * 12 + "Vermeer")


@pytest.fixture
def crowded(manager, edition):
    """Three accounts with the longest names, and more of everything than a page holds."""
    accounts = [make_account(owner=manager, name=name, segment=name[:100], **_texts(name)) for name in LONGEST]
    for account in accounts:
        plan = make_plan(account, owner=make_user(name=LONGEST[2]))
        for number in range(14):
            make_action(plan, title=f"{LONGEST[number % 3]} {number}")
            make_contact(
                account, name=f"{LONGEST[number % 3]} {number}"[:120], title=LONGEST[1][:120], email=f"p{number}@example.com"
            )
            make_result(account, days.today() - timedelta(days=90 * number + 1), customer=2.0 + number % 3, team=3.0)
        make_target(account, set_on=days.today() - timedelta(days=200))
    return accounts


def _texts(name):
    return dict.fromkeys(("charter", "strengths", "vulnerabilities", "trends", "opportunities", "notes"), f"{name}\n{MUCH}")


def sheets_of(accounts, who):
    facts = read_facts(list(review_accounts().filter(pk__in=[one.pk for one in accounts]).order_by("pk")), who, days.today())
    return [(sheet_of(one), handover_of(one)) for one in facts]


def pages_of(content):
    """How many pages a PDF has."""
    packed = re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)
    plain = content + b"".join(_unpacked(one) for one in packed)
    return len(re.findall(rb"/Type\s*/Page\b", plain))


def _unpacked(stream):
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return b""


class TestMeasuring:
    def test_a_word_wider_than_the_line_is_broken(self):
        lines = wrapped("W" * 50, 100, 10)
        assert "".join(lines) == "W" * 50
        assert all(text_width(line, 10) <= 100 for line in lines)

    def test_bold_is_wider_and_a_square_script_is_square(self):
        assert text_width("Northwind", 10, bold=True) > text_width("Northwind", 10) > 0
        assert text_width("客户", 10) == 20

    def test_what_does_not_fit_ends_in_an_ellipsis(self):
        (kept,) = clipped([Paragraph("one two three four five six seven eight nine ten")], 60, 10, 2)
        assert kept.text.endswith("…")
        assert len(wrapped(kept.text, 60, 10)) == 2

    def test_text_shrinks_before_it_is_cut(self):
        text = [Paragraph("word " * 40)]
        size, kept = fitted(text, 200, 60, 14, 7)
        assert 7 <= size < 14
        assert kept == tuple(text)
        size, kept = fitted([Paragraph("word " * 400)], 200, 60, 14, 7)
        assert size == 7
        assert kept[0].text.endswith("…")
        assert len(wrapped(kept[0].text, 200, 7)) * 7 * 1.2 <= 60


@pytest.fixture
def pdf_library():
    """Skips, or fails with CI=true, where WeasyPrint has not what it needs."""
    if why := pdf.what_is_missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


@pytest.mark.one_database
@pytest.mark.usefixtures("pdf_library")
class TestPdf:
    @pytest.mark.parametrize("language", ["en", "nl"])
    def test_each_account_takes_one_page_whatever_it_holds(self, language, crowded, manager):
        with translation.override(language):
            content = pdf.pdf_of([(sheet, None) for sheet, _more in sheets_of(crowded, manager)])
        assert content.startswith(b"%PDF")
        assert pages_of(content) == len(crowded)

    def test_the_page_measures_what_it_holds(self, crowded, manager):
        """Ruled lines fill what is left of a page, so a full one has few of them."""
        full = [len(sheet.ruled) for sheet, _more in sheets_of(crowded, manager)]
        bare = make_account(owner=manager, name="Bare")
        ((sheet, _more),) = sheets_of([bare], manager)
        assert max(full) <= 3 < 8 < len(sheet.ruled) < PAGE / 8

    def test_the_hand_over_goes_on_for_as_many_pages_as_it_takes(self, crowded, manager):
        assert pages_of(pdf.pdf_of(sheets_of(crowded[:1], manager))) > 2

    def test_the_chart_is_made_of_vectors(self, client, crowded, manager):
        client.force_login(manager)
        response = client.get(reverse("reviews:review", args=[crowded[0].pk]), {"format": "pdf"})
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"].endswith(f'-{days.today():%Y-%m-%d}.pdf"')
        assert b"/Subtype /Image" not in response.content

    @pytest.mark.parametrize(
        ("error", "words"), [(ImportError("no"), "extra “pdf”"), (OSError("no pango"), "apt install libpango-1.0-0")]
    )
    def test_without_the_library_the_page_says_what_to_install(self, error, words, client, manager, edition, monkeypatch):
        monkeypatch.setattr(pdf, "_library", lambda: (None, error))
        account = make_account(owner=manager)
        client.force_login(manager)
        page = client.get(reverse("reviews:review", args=[account.pk]))
        assert words in page.text
        assert "format=pdf" not in page.text
        asked = client.get(reverse("reviews:review", args=[account.pk]), {"format": "pdf"})
        assert asked.status_code == 200
        assert "Printing from the browser works without it." in asked.text

    def test_only_the_light_colours_stand_outside_of_a_condition(self):
        css = ":root { --ink: #111; --b: var(--ink) } @media (prefers-color-scheme: dark) { :root { --ink: #eee } .a { } }"
        tokens = pdf.light_tokens(css)
        assert tokens == {"--ink": "#111", "--b": "var(--ink)"}
        assert pdf.resolved("a { color: var(--b); fill: var(--none, var(--ink)) }", tokens) == "a { color: #111; fill: #111 }"

    def test_rules_within_a_layer_are_rules_of_a_drawing(self):
        css = "@layer pages { .a { fill: red } @media print { .b { } } } .c { }"
        assert " ".join(pdf.without_layers(css).split()) == ".a { fill: red } @media print { .b { } } .c { }"

    def test_every_colour_of_the_sheet_is_a_colour_in_the_pdf(self):
        styles = pdf._Styles()
        assert "var(" not in styles.page + styles.chart
        assert "initial" not in styles.page + styles.chart

    def test_an_unknown_format_is_not_found(self, client, manager, edition):
        client.force_login(manager)
        assert client.get(reverse("reviews:review", args=[make_account(owner=manager).pk]), {"format": "doc"}).status_code == 404


class TestSlides:
    @pytest.mark.parametrize("language", ["en", "nl"])
    def test_every_text_fits_its_box(self, language, crowded, manager):
        with translation.override(language):
            sheets = [sheet for sheet, _more in sheets_of(crowded, manager)]
            made = Presentation(io.BytesIO(slides_of(sheets, our_own(), days.today())))
        assert len(made.slides) == 2 * len(crowded)
        assert [shape.name for slide in made.slides for shape in overflowing(slide)] == []

    def test_the_slides_say_what_the_page_says(self, crowded, manager):
        account = make_account(owner=make_user(name="Bo Smit"), name="Northwind", charter="Their first call.")
        make_result(account, days.today(), customer=3.0, team=4.0)
        ((sheet, _more),) = sheets_of([account], account.owner)
        made = Presentation(io.BytesIO(slides_of([sheet], our_own(), days.today())))
        text = "\n".join(shape.text_frame.text for slide in made.slides for shape in slide.shapes if shape.has_text_frame)
        assert "Northwind" in text
        assert "Charter\nTheir first call." in text
        assert set(texts_of(sheet)) | {CHART} == set(NAMES)

    def test_the_history_is_a_chart_of_powerpoint_with_its_figures(self, crowded, manager):
        ((sheet, _more), *_others) = sheets_of(crowded, manager)
        made = Presentation(io.BytesIO(slides_of([sheet], our_own(), days.today())))
        (chart,) = [shape.chart for slide in made.slides for shape in slide.shapes if shape.has_chart]
        assert [series.name for series in chart.plots[0].series] == ["they", "we", "target"]
        theirs = list(chart.plots[0].series[0].values)
        assert theirs[-1] == sheet.points[-1].theirs

    def test_the_file_is_what_the_script_makes(self):
        """`script/slides` was run after the last change of the module."""
        kept = Presentation(io.BytesIO(our_own().content))
        assert boxes(kept) == boxes(make_presentation())

    def test_of_several_accounts_there_are_as_many_slides(self, client, crowded, manager):
        client.force_login(manager)
        ids = ",".join(str(one.pk) for one in crowded)
        response = client.get(reverse("reviews:several"), {"ids": ids, "format": "pptx"})
        assert len(Presentation(io.BytesIO(response.content)).slides) == 2 * len(crowded)


def boxes(presentation):
    return {
        (layout.name, name): (shape.left, shape.top, shape.width, shape.height)
        for layout in presentation.slide_layouts
        for name, shape in named(layout)
    }


def overflowing(slide):
    """The shapes whose text needs more height than they have, in the sizes that their runs have."""
    for shape in slide.placeholders:
        layout = next(
            one for one in slide.slide_layout.placeholders if one.placeholder_format.idx == shape.placeholder_format.idx
        )
        box, needed = box_of(layout), 0.0
        for paragraph in shape.text_frame.paragraphs:
            size = max(run.font.size.pt for run in paragraph.runs)
            bold = box.bold or any(run.font.bold for run in paragraph.runs)
            lines = wrapped("".join(run.text for run in paragraph.runs), box.width, size, bold=bold)
            needed += len(lines) * size * 1.2
        if needed > box.height + 0.01:
            yield shape


def repacked(change=None, *, add=None, drop=()):
    """Our own template with parts changed, added or left out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(our_own().content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in drop:
                content = old.read(part)
                new.writestr(part.filename, change(part.filename, content) if change else content)
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return file.getvalue()


def in_parts(old, new, where="slideLayout"):
    return lambda name, content: content.replace(old, new) if where in name else content


REFUSED = {
    "no zip": (lambda: b"%PDF-1.7", "no PowerPoint presentation"),
    "another kind of office file": (
        lambda: repacked(in_parts(b"presentationml.presentation.main", b"wordprocessingml.document.main", "Content_Types")),
        "no PowerPoint presentation",
    ),
    "a macro": (lambda: repacked(add={"ppt/vbaProject.bin": b"x"}), "macro or a file of another program"),
    "a file of another program": (lambda: repacked(add={"ppt/embeddings/oleObject1.bin": b"x"}), "oleObject1.bin"),
    "a bomb": (lambda: repacked(add={"ppt/media/image1.png": b"\0" * 61 * 2**20}), "too large"),
    "a bomb of text": (lambda: repacked(add={"ppt/more.xml": b" " * 13 * 2**20}), "too large"),
    "many parts": (lambda: repacked(add={f"ppt/media/{n}.txt": b"" for n in range(2001)}), "too large"),
    "entities": (
        lambda: repacked(in_parts(b"<p:sldLayout", b'<!DOCTYPE a [<!ENTITY b "c">]><p:sldLayout')), "no presentation that PowerPoint wrote",
    ),
    "a picture from elsewhere": (
        lambda: repacked(
            in_parts(
                b"</Relationships>",
                b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
                b'Target="http://tracker.example/a.png" TargetMode="External"/></Relationships>',
                "slideMaster1.xml.rels",
            )
        ),
        "links to something outside",
    ),
    "a damaged part": (lambda: repacked(in_parts(b"<p:sldMaster", b"<p:nothing", "slideMaster1.xml")), "damaged"),
    "too many bytes": (lambda: b"PK" + b"\0" * LARGEST, "larger than"),
    "a missing placeholder": (lambda: repacked(in_parts(b'name="charter"', b'name="chapter"')), "“charter”"),
    "two missing placeholders": (
        lambda: repacked(lambda name, xml: xml.replace(b'name="trends"', b'name="x"').replace(b'name="chart"', b'name="y"')),
        "“chart”, “trends”",
    ),
}  # fmt: skip


class TestHouseTemplate:
    @pytest.mark.parametrize("what", REFUSED)
    def test_what_is_no_safe_template_is_refused_with_the_reason(self, what):
        make, words = REFUSED[what]
        with pytest.raises(ValidationError) as refused:
            check_template(make())
        assert re.search(words, " ".join(refused.value.messages))

    def test_a_name_may_be_written_in_capitals(self):
        check_template(repacked(in_parts(b'name="charter"', b'name="Charter "')))

    def test_an_administrator_uploads_it_and_the_newest_is_in_use(self, client, manager, edition):
        administrator = make_administrator()
        client.force_login(administrator)
        content = repacked(in_parts(b"Review: where we stand", b"House style"))
        upload = io.BytesIO(content)
        upload.name = "house.pptx"
        client.post(reverse("admin:reviews_slidetemplate_add"), {"name": "House", "file": upload})
        stored = SlideTemplate.objects.get()
        assert (bytes(stored.content), stored.filename, stored.added_by) == (content, "house.pptx", administrator)
        assert template_in_use().content == content
        account = make_account(owner=manager)
        client.force_login(manager)
        response = client.get(reverse("reviews:review", args=[account.pk]), {"format": "pptx"})
        made = Presentation(io.BytesIO(response.content))
        assert [slide.slide_layout.name for slide in made.slides] == ["House style", "Review: what we do"]
        SlideTemplate.objects.all().delete()
        assert template_in_use() == our_own()

    def test_one_that_is_refused_is_not_stored_and_the_form_says_why(self, client):
        client.force_login(make_administrator())
        upload = io.BytesIO(repacked(in_parts(b'name="charter"', b'name="chapter"')))
        upload.name = "house.pptx"
        response = client.post(reverse("admin:reviews_slidetemplate_add"), {"name": "House", "file": upload})
        assert response.status_code == 422
        assert "“charter”" in response.text
        assert not SlideTemplate.objects.exists()

    def test_sample_slides_of_the_template_are_left_out(self, crowded, manager):
        sample = Presentation(io.BytesIO(our_own().content))
        sample.slides.add_slide(sample.slide_layouts[0]).shapes[0].text_frame.text = "A sample that nobody wants"
        file = io.BytesIO()
        sample.save(file)
        source = templates.SlideSource(file.getvalue(), "x")
        made = slides_of([sheet for sheet, _more in sheets_of(crowded[:1], manager)], source, days.today())
        assert len(Presentation(io.BytesIO(made)).slides) == 2
        with zipfile.ZipFile(io.BytesIO(made)) as package:
            assert not any(b"A sample that nobody wants" in package.read(name) for name in package.namelist())

    def test_it_comes_from_the_newest_row(self):
        make_slide_template(name="Old")
        newest = make_slide_template(name="New", content=repacked(in_parts(b"Review: where", b"Newer: where")))
        SlideTemplate.objects.exclude(pk=newest.pk).update(added_at=timezone.now() - timedelta(days=1))
        assert b"" != template_in_use().content == bytes(newest.content)
