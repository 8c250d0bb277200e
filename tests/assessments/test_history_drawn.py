"""The chart and the table of a history as they stand on the page."""

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest
from django.template import Context, Template
from django.utils import translation

from assessments.chart.geometry import HistoryPoint, TargetLine, draw_history
from assessments.history import HistoryRow

TODAY = date(2026, 6, 1)
POINTS = [
    HistoryPoint(date(2023, 3, 1), 2, 2.4, 3, 3.1, "First & second", recorded=True),
    HistoryPoint(date(2024, 3, 1), 3, 3.2, 3, 3.5, "First & second"),
    HistoryPoint(date(2025, 9, 1), 4, 4.1, None, None, "<Third>"),
]
TARGET = TargetLine(date(2025, 9, 1), 4.1, date(2028, 3, 1), 5, ((date(2027, 3, 1), 4), (date(2028, 3, 1), 5)))
ROW = HistoryRow(
    held_on=date(2026, 3, 1),
    url="/rounds/1/",
    customer_level=2,
    customer_position=2.96,
    team_level=4,
    team_position=4.2,
    gap=2,
    agreement=0.6996,
    agreement_word="mixed",
    confidence_label="low",
    respondents=3,
    edition_name="<b>Third</b>",
    edition_changed=False,
    recorded=False,
    former_rule=False,
    told="",
    band="2–3",
)


def charts(name="Northwind", points=POINTS, target=TARGET, language="en"):
    """Both drawings, read as XML."""
    wide, narrow = (draw_history(points, target, TODAY, width=w, height=h) for w, h in ((760, 300), (360, 240)))
    text = Template("{% load history %}{% level_charts wide narrow name told %}")
    with translation.override(language):
        drawn = text.render(Context({"wide": wide, "narrow": narrow, "name": name, "told": "They & we"}))
    return wide, list(ElementTree.fromstring(f"<both>{drawn}</both>"))


def row(**fields):
    text = Template("{% load history %}{% history_table_rows rows %}").render(Context({"rows": [replace(ROW, **fields)]}))
    return text, ["".join(cell.itertext()) for cell in ElementTree.fromstring(text)]


def test_every_mark_of_the_history_is_drawn_with_its_day_and_level():
    wide, (drawn, _narrow) = charts()
    circles = drawn.findall("circle")
    assert [circle.find("title").text for circle in circles] == [
        "1 March 2023: 2.4, level 2, recorded",
        "1 March 2024: 3.2, level 3",
        "1 September 2025: 4.1, level 4",
    ]
    assert [(float(one.get("cx")), float(one.get("cy"))) for one in circles] == [(mark.x, mark.y) for mark in wide.their_marks]
    assert ["chart-recorded" in one.get("class") for one in circles] == [True, False, False]
    assert len(drawn.findall("path[@class='chart-ours-mark']")) == 2
    assert len(drawn.findall("path[@class='chart-target-mark']")) == 2  # the milestone and the goal
    assert drawn.find("text[@class='chart-goal']").text == "level 5, Mar 2028"


def test_each_drawing_is_named_and_described_under_ids_of_its_own():
    _chart, drawings = charts()
    named = [drawing.get("aria-labelledby").split() for drawing in drawings]
    assert [[child.get("id") for child in drawing[:2]] for drawing in drawings] == named
    assert len({name for names in named for name in names}) == 4
    assert [drawing[0].text for drawing in drawings] == ["Level history of Northwind"] * 2
    assert [drawing[1].text for drawing in drawings] == ["They & we"] * 2


def test_names_are_texts_and_no_markup():
    _chart, drawings = charts(name="<script>alert(1)</script>")
    assert drawings[0][0].text == "Level history of <script>alert(1)</script>"
    assert [title.text for title in drawings[0].findall("g[@class='chart-edition']/path/title")] == ["<Third>"]
    assert drawings[0].find(".//script") is None


def test_numbers_are_written_for_the_drawing_and_words_for_the_reader():
    _chart, (drawn, _narrow) = charts(language="nl")
    assert all("," not in one.get("cx") for one in drawn.findall("circle"))
    assert drawn.find("g[@class='chart-today']/text").text == "vandaag"


def test_without_target_none_is_drawn():
    _chart, (drawn, _narrow) = charts(target=None)
    assert drawn.find("path[@class='chart-target']") is None
    assert drawn.find("text[@class='chart-goal']") is None


def test_a_row_tells_both_views_and_cuts_figures_off():
    _text, cells = row()
    assert cells == ["1 Mar 2026", "2.9 level 2", "4.2 our view: level 4", "+2", "mixed 0.69", "low", "2–3", "3"]


@pytest.mark.parametrize(
    ("fields", "cell", "words"),
    [
        ({"customer_level": None, "customer_position": None}, 1, "–"),
        ({"gap": None}, 3, "–"),
        ({"gap": 0}, 3, "0"),
        ({"agreement": None, "agreement_word": ""}, 4, "–"),
        ({"band": ""}, 6, "–"),
        ({"respondents": 0}, 7, "–"),
        ({"told": "told to us", "former_rule": True}, 0, "1 Mar 2026told to usclosed under the former rule"),
        ({"customer_position": None}, 1, "level 2"),
        ({"recorded": True, "edition_changed": True}, 0, "1 Mar 2026recordedfrom here on: <b>Third</b>"),
    ],
)
def test_what_is_missing_and_what_is_special_is_said(fields, cell, words):
    assert row(**fields)[1][cell] == words
