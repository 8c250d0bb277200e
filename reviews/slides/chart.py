"""The level history as a chart of PowerPoint's own: it can be edited there, and is drawn as vectors."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from pptx.chart.data import XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE
from pptx.util import Pt

from reviews.sheet import ReviewSheet

EPOCH = date(1899, 12, 30)  # of the dates of a workbook
#: The colours of theirs, of ours and of the target in static/css/tokens.css.
THEIRS, OURS, TARGET, GREY = "1F6379", "945200", "5B3FB4", "8793A0"

type Points = list[tuple[float, float]]


def add_chart(slide: Any, sheet: ReviewSheet, today: date, place: tuple[int, int, int, int]) -> None:
    """Add the chart at `place`: left, top, width and height in EMU. Nothing where there is nothing to draw."""
    series = _series(sheet, today)
    if not series:
        return
    _lengthen_first(series)
    data = XyChartData()
    for label, points, *_look in series:
        one = data.add_series(label)
        for x, y in points:
            one.add_data_point(x, y)
    chart = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, *place, data).chart
    chart.has_title = False
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.font.size = Pt(10)
    for drawn, (_label, _points, colour, dash, width, marker) in zip(chart.plots[0].series, series, strict=True):
        _draw(drawn, colour, dash, width, marker)
    _axes(chart, [x for _label, points, *_look in series for x, _y in points])


def _series(sheet: ReviewSheet, today: date) -> list[tuple[str, Points, str, Any, float, Any]]:
    """Label, points, colour, dash, width in points and marker of each line."""
    theirs = _steps([(point.held_on, point.theirs) for point in sheet.points], today)
    ours = _steps([(point.held_on, point.ours) for point in sheet.points], today)
    found: list[tuple[str, Points, str, Any, float, Any]] = []
    if theirs:
        found.append((_("they"), theirs, THEIRS, MSO_LINE.SOLID, 3, None))
    if ours:
        found.append((_("we"), ours, OURS, MSO_LINE.DASH, 1.75, None))
    if line := sheet.target_line:
        way = [(_serial(line.set_on), line.baseline), (_serial(line.due_on), float(line.level))]
        found.append((_("target"), way, TARGET, MSO_LINE.ROUND_DOT, 2.25, XL_MARKER_STYLE.DIAMOND))
    if len(sheet.fan) > 1:  # forth along its upper edge and back along its lower
        above = [(_serial(one.day), one.highest) for one in sheet.fan]
        below = [(_serial(one.day), one.lowest) for one in reversed(sheet.fan)]
        found.append((_("forecast"), above + below, GREY, MSO_LINE.SQUARE_DOT, 1, None))
    return found


def _lengthen_first(series: list[tuple[str, Points, str, Any, float, Any]]) -> None:
    """Repeat the last point of the first line: LibreOffice does not draw it where another one has more points."""
    first, most = series[0][1], max(len(points) for _label, points, *_look in series)
    first += [first[-1]] * (most - len(first))


def _steps(known: Sequence[tuple[date, float | None]], today: date) -> Points:
    """Horizontal and vertical strokes: a position lasts to the next result, the last one to today."""
    points = [(_serial(day), float(place)) for day, place in known if place is not None]
    if not points:
        return []
    path: Points = [points[0]]
    for (_x, before), (x, place) in pairwise(points):
        path += [(x, before), (x, place)]
    return [*path, (max(_serial(today), points[-1][0]), points[-1][1])]


def _draw(drawn: Any, colour: str, dash: Any, width: float, marker: Any) -> None:
    drawn.smooth = False
    drawn.format.line.color.rgb = RGBColor.from_string(colour)
    drawn.format.line.width, drawn.format.line.dash_style = Pt(width), dash
    drawn.marker.style = marker or XL_MARKER_STYLE.NONE
    if marker:
        drawn.marker.size = 9
        drawn.marker.format.fill.solid()
        drawn.marker.format.fill.fore_color.rgb = RGBColor.from_string(colour)


def _axes(chart: Any, xs: Sequence[float]) -> None:
    levels, days = chart.value_axis, chart.category_axis
    levels.minimum_scale, levels.maximum_scale, levels.major_unit = 0, 5, 1
    levels.tick_labels.number_format, levels.tick_labels.number_format_is_linked = "0", False
    levels.major_gridlines.format.line.color.rgb = RGBColor(0xE0, 0xE5, 0xEA)
    first = EPOCH + timedelta(days=int(min(xs)))
    last = EPOCH + timedelta(days=int(max(xs)))
    years = last.year + 1 - first.year
    # The second of January: in steps of 365.25 days every mark lies in its year.
    days.minimum_scale, days.maximum_scale = _serial(date(first.year, 1, 2)), _serial(date(last.year + 1, 1, 2))
    days.major_unit = 365.25 * max(1, round(years / 6))
    days.has_major_gridlines = False
    days.tick_labels.number_format, days.tick_labels.number_format_is_linked = "yyyy", False


def _serial(day: date) -> float:
    return float((day - EPOCH).days)
