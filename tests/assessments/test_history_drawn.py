"""The chart and the table of a history as they stand on the page."""

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest
from django.template import Context, Template
from django.utils import translation

from assessments.chart.geometry import HistoryPoint, TargetLine, draw_history
from assessments.chart.lane import HistoryEvent
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


def charts(name="Northwind", points=POINTS, target=TARGET, language="en", events=(), chance=""):
    """Both drawings, read as XML."""
    drawings = [draw_history(points, target, TODAY, events=events, width=w, height=h) for w, h in ((760, 316), (360, 300))]
    levels = {rank: f"level & name {rank}" for rank in range(1, 6)}
    values = dict(zip(("wide", "narrow"), drawings, strict=True), name=name, told="They & we", levels=levels, chance=chance)
    text = Template("{% load history %}{% level_charts wide narrow name told levels chance %}")
    with translation.override(language):
        drawn = text.render(Context(values))
    return drawings[0], list(ElementTree.fromstring(f"<both>{drawn}</both>"))


def row(**fields):
    text = Template("{% load history %}{% history_table_rows rows %}").render(Context({"rows": [replace(ROW, **fields)]}))
    return text, ["".join(cell.itertext()) for cell in ElementTree.fromstring(text)]


def test_every_mark_of_the_history_is_drawn():
    wide, (drawn, _narrow) = charts()
    circles = [one for one in drawn.findall("circle") if "chart-theirs-mark" in one.get("class")]
    assert [(float(one.get("cx")), float(one.get("cy"))) for one in circles] == [(mark.x, mark.y) for mark in wide.their_marks]
    assert ["chart-recorded" in one.get("class") for one in circles] == [True, False, False]
    assert len(drawn.findall("path[@class='chart-ours-mark']")) == 2
    assert len(drawn.findall("path[@class='chart-target-mark']")) == 2  # the milestone and the goal


def test_every_result_is_a_link_that_says_what_it_was():
    points = [replace(one, url=f"/rounds/{n}/", told="3 people") for n, one in enumerate(POINTS)]
    for drawn in charts(points=points)[1]:
        stops = drawn.findall("a[@class='stop']")
        assert [stop.get("href") for stop in stops] == ["/rounds/0/", "/rounds/1/", "/rounds/2/"]
        assert [stop.get("aria-label") for stop in stops] == [
            "1 March 2023: they 2.4, we 3.1. 3 people, recorded",
            "1 March 2024: they 3.2, we 3.5. 3 people",
            "1 September 2025: they 4.1. 3 people",
        ]
        assert [text.text for text in stops[0].findall("g[@class='tip']/text")] == [
            "Mar 2023: they 2.4, we 3.1",
            "3 people, recorded",
        ]
        assert list(drawn)[-len(stops) :] == stops  # the last that is drawn: no mark lies on the words


def test_a_result_without_a_page_is_no_link():
    _chart, (drawn, _narrow) = charts()
    assert drawn.findall("a") == []
    assert len(drawn.findall("g[@class='stop']")) == 3


def test_the_goal_stands_with_its_day_and_chance():
    _chart, (wide, narrow) = charts(chance="18 %")
    goal = [text.text for text in wide.findall("text") if text.get("class").startswith("chart-goal")]
    assert goal == ["target 5", "Mar 2028", "18 % likely"]
    assert narrow.find("text[@class='chart-goal']").text == "target 5, Mar 2028 · 18 %"


def test_lines_are_named_at_their_ends():
    for drawn in charts()[1]:
        assert drawn.find("text[@class='end-theirs']").text == "they 4.1"
        assert drawn.find("text[@class='end-ours']").text == "we 3.5"


def test_bands_have_their_numbers_and_on_a_wide_chart_their_names():
    for drawn, names in zip(charts()[1], (5, 0), strict=True):
        assert [text.text for text in drawn.findall("g/text[@class='band-level']")] == ["5", "4", "3", "2", "1"]
        assert len(drawn.findall("g/text[@class='band-name']")) == names


def test_what_happened_is_told_on_the_lane():
    events = [HistoryEvent(date(2024, 3, 1), "round", "3 answered"), HistoryEvent(date(2025, 9, 1), "target", "target <set>")]
    _chart, (drawn, _narrow) = charts(events=events)
    lane = drawn.find("g[@class='chart-lane']")
    assert [mark[0].text for mark in lane if len(mark)] == ["1 Mar 2024: 3 answered", "1 Sep 2025: target <set>"]
    assert {text.text for text in lane.findall("text")} == {"3 answered", "target <set>"}


def test_each_drawing_is_named_and_described_under_ids_of_its_own():
    _chart, drawings = charts()
    assert [drawing.get("aria-describedby") for drawing in drawings] == [drawing[0].get("id") for drawing in drawings]
    assert len({drawing[0].get("id") for drawing in drawings}) == 2
    assert [drawing.get("aria-label") for drawing in drawings] == ["Level history of Northwind"] * 2
    assert [drawing[0].text for drawing in drawings] == ["They & we"] * 2


def test_names_are_texts_and_no_markup():
    _chart, drawings = charts(name="<script>alert(1)</script>")
    assert drawings[0].get("aria-label") == "Level history of <script>alert(1)</script>"
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
