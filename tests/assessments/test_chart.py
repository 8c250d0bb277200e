"""The level-history chart as coordinates: no database, no template."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assessments.chart.geometry import HistoryPoint, TargetLine, draw_history
from assessments.chart.lane import HistoryEvent

TODAY = date(2026, 11, 24)
SIZES = [(760, 300), (360, 240)]


def point(held_on, theirs=None, ours=None, edition="First"):
    """A result with these positions."""
    levels = [None if place is None else max(1, int(place)) for place in (theirs, ours)]
    return HistoryPoint(held_on, levels[0], theirs, levels[1], ours, edition)


@dataclass(frozen=True)
class Day:
    """A day of a forecast."""

    day: date
    lowest: float
    low: float
    high: float
    highest: float


def corners(path):
    """The places an absolute M/H/V/L path goes through."""
    x = y = 0.0
    places = []
    for command, numbers in re.findall(r"([MHVL])([^MHVLz]*)", path):
        values = [float(number) for number in numbers.split()]
        if command in "ML":
            x, y = values
        elif command == "H":
            (x,) = values
        else:
            (y,) = values
        places.append((x, y))
    return places


def heights(chart):
    return {band.level: band.line for band in chart.bands}


def labels(chart):
    changes = [change.label for change in chart.editions if change.label]
    named = [label for label in (chart.goal_label, chart.their_label, chart.our_label) if label]
    return [chart.today, *named, *changes]


places = st.none() | st.integers(1, 5) | st.floats(0, 5).map(lambda place: round(place, 4))
near = st.dates(date(2015, 1, 1), date(2031, 12, 31))
any_day = near | st.dates()
names = st.sampled_from(["First", "Edition 2025", "A name that is much too long for any chart"])


@st.composite
def histories(draw):
    days = sorted(draw(st.lists(any_day, max_size=40)))
    return [point(day, draw(places), draw(places), draw(names)) for day in days]


@st.composite
def fans(draw):
    """Up to three years by quarters, from a day on."""
    start, count = draw(near), draw(st.integers(0, 12))
    edges = [sorted(draw(st.lists(st.floats(0, 5), min_size=4, max_size=4))) for _day in range(count)]
    return [Day(start + timedelta(days=91 * n), *positions) for n, positions in enumerate(edges)]


@st.composite
def targets(draw):
    set_on = draw(near)
    due_on = set_on + timedelta(days=draw(st.integers(1, 1096)))
    milestones = tuple((due_on, level) for level in range(1, draw(st.integers(1, 5)) + 1))
    return TargetLine(set_on, draw(st.floats(0, 5)), due_on, draw(st.integers(1, 5)), milestones)


@given(histories(), st.none() | targets(), fans(), near, st.sampled_from(SIZES))
def test_everything_stays_inside_the_picture(points, target, fan, today, size):
    width, height = size
    chart = draw_history(points, target, today, fan=fan, width=width, height=height)
    marks = [*chart.their_marks, *chart.our_marks, *chart.milestones, *([chart.goal] if chart.goal else [])]
    places = [(mark.x + side, mark.y + side) for mark in marks for side in (-mark.size, mark.size)]
    for path in (chart.theirs, chart.ours, chart.target, *chart.fan):
        places += corners(path)
    assert all(0 <= x <= width and 0 <= y <= chart.bottom for x, y in places)
    for label in labels(chart):
        begin, end = label.span
        assert begin >= 0
        assert end <= width
        assert 10 <= label.y <= height


@given(histories(), near, st.sampled_from(SIZES))
def test_lines_never_run_back_in_time(points, today, size):
    chart = draw_history(points, None, today, width=size[0], height=size[1])
    for path in (chart.theirs, chart.ours):
        xs = [x for x, _ in corners(path)]
        assert xs == sorted(xs)
    for marks in (chart.their_marks, chart.our_marks):
        assert all(before.x <= after.x for before, after in pairwise(marks))


@given(histories(), st.none() | targets(), near, st.sampled_from(SIZES))
def test_axis_has_at_most_eight_labels_and_none_meet(points, target, today, size):
    width, height = size
    chart = draw_history(points, target, today, width=width, height=height)
    assert len(chart.ticks) <= 8
    assert all(after.x - before.x >= 46 for before, after in pairwise(chart.ticks))
    assert all(20 <= tick.x <= width - 20 for tick in chart.ticks)
    assert chart.bottom + (35 if any(tick.names_year for tick in chart.ticks) else 18) <= height


@given(histories(), st.none() | targets(), near)
def test_labels_above_the_plot_do_not_cover_each_other(points, target, today):
    changes = [change.label for change in draw_history(points, target, today).editions if change.label]
    for n, one in enumerate(changes):
        for other in changes[n + 1 :]:
            apart = one.span[1] <= other.span[0] or other.span[1] <= one.span[0]
            assert apart or abs(one.y - other.y) >= 14


@given(histories(), near, st.sampled_from(SIZES))
def test_our_line_lies_on_theirs_nowhere_but_where_they_cross(points, today, size):
    chart = draw_history(points, None, today, width=size[0], height=size[1])
    theirs, ours = corners(chart.theirs), corners(chart.ours)
    for (x1, y1), (x2, y2) in pairwise(theirs):
        for (u1, v1), (u2, v2) in pairwise(ours):
            if y1 == y2 and v1 == v2 and abs(y1 - v1) < 1:
                assert min(x2, u2) - max(x1, u1) <= 5.1


def test_lines_match_a_drawing_by_hand():
    # 900 days and 45 of air on both sides over 990 units of plot: one unit a day, day 0 at 150 + 45.
    start = date(2024, 1, 1)
    points = [
        point(start, 1, 2),
        point(start + timedelta(days=300), 2, 3),
        point(start + timedelta(days=600), 4, None),
    ]
    chart = draw_history(points, None, start + timedelta(days=900), width=1244, height=300)
    y = heights(chart)
    assert (y[5], chart.today.at) == (58, 1095)
    assert corners(chart.theirs) == [(195, y[1]), (495, y[2]), (795, y[4]), (1095, y[4])]
    assert corners(chart.ours) == [(195, y[2]), (495, y[3]), (1095, y[3])]


def test_levels_stand_at_equal_distances_with_five_on_top():
    y = heights(draw_history([point(date(2025, 1, 1), 3)], None, TODAY))
    gaps = [y[level] - y[level + 1] for level in (4, 3, 2, 1)]
    assert gaps == pytest.approx([gaps[0]] * 4, abs=0.11)
    assert gaps[0] > 30


def test_nothing_known_is_empty():
    chart = draw_history([], None, TODAY)
    assert chart.is_empty
    assert (chart.theirs, chart.ours, chart.target) == ("", "", "")


def test_result_without_any_level_is_empty():
    assert draw_history([point(date(2026, 1, 1))], None, TODAY).is_empty


def test_target_alone_is_drawn_without_lines():
    chart = draw_history([], TargetLine(TODAY, 2.0, date(2029, 6, 1), 4), TODAY)
    assert not chart.is_empty
    assert (chart.theirs, chart.ours) == ("", "")
    assert corners(chart.target)[0] == (chart.today.at, heights(chart)[2])
    assert corners(chart.target)[1] == (chart.goal.x, heights(chart)[4])


def test_one_result_lasts_until_today():
    chart = draw_history([point(date(2025, 3, 1), 3)], None, TODAY)
    (mark,) = chart.their_marks
    assert corners(chart.theirs) == [(mark.x, mark.y), (chart.today.at, mark.y)]
    assert chart.ours == ""


def test_one_result_of_today_stands_in_the_middle():
    chart = draw_history([point(TODAY, 3, 2)], None, TODAY)
    assert 300 < chart.their_marks[0].x < 460
    assert len(chart.ticks) >= 2


def test_result_after_today_is_still_drawn_to_its_day():
    chart = draw_history([point(TODAY + timedelta(days=30), 2)], None, TODAY)
    assert corners(chart.theirs)[-1][0] == chart.their_marks[0].x


def test_of_two_results_on_one_day_the_later_counts():
    day = date(2025, 6, 1)
    chart = draw_history([point(day, 2, 1), point(day, 4, None)], None, TODAY)
    assert [(mark.level) for mark in chart.their_marks] == [4]
    assert [(mark.level) for mark in chart.our_marks] == [1]
    assert {y for _, y in corners(chart.theirs)} == {heights(chart)[4]}


def test_result_without_one_side_leaves_that_line_as_it_was():
    points = [
        point(date(2025, 1, 1), 2, 3),
        point(date(2025, 9, 1), None, 4),
        point(date(2026, 3, 1), None, 5),
    ]
    chart = draw_history(points, None, TODAY)
    assert {y for _, y in corners(chart.theirs)} == {heights(chart)[2]}
    assert corners(chart.theirs)[-1][0] == chart.today.at
    assert len(chart.their_marks) == 1


def test_results_given_out_of_order_are_drawn_in_order():
    points = [point(date(2026, 1, 1), 4), point(date(2025, 1, 1), 2)]
    assert draw_history(points, None, TODAY) == draw_history(points[::-1], None, TODAY)


def test_our_line_runs_just_above_theirs_where_both_stand_on_one_level():
    chart = draw_history([point(date(2025, 1, 1), 3, 3)], None, TODAY)
    ((_, theirs), _), ((_, ours), _) = corners(chart.theirs), corners(chart.ours)
    assert 3 <= theirs - ours <= 8


def test_our_line_leaves_theirs_when_theirs_arrives_later():
    chart = draw_history([point(date(2025, 1, 1), 2, 3), point(date(2025, 9, 1), 3, None)], None, TODAY)
    y = heights(chart)
    assert [height for _, height in corners(chart.ours)] == [y[3], y[3] - 5]


def test_where_both_say_the_same_our_square_frames_their_circle():
    chart = draw_history([point(date(2025, 1, 1), 3, 3), point(date(2026, 1, 1), 3, 4)], None, TODAY)
    together, apart = chart.our_marks
    width_of = [float(re.search(r"h([\d.]+)", mark.outline)[1]) for mark in (together, apart)]
    assert (together.x, together.y) == (chart.their_marks[0].x, chart.their_marks[0].y)
    assert width_of[0] > 2 * chart.their_marks[0].size > width_of[1]


@pytest.mark.parametrize("width", [760, 360])
def test_thirty_results_get_smaller_marks_and_keep_every_change(width):
    ranks = [1 + n // 7 for n in range(30)]
    points = [point(date(2022, 1, 1) + timedelta(days=58 * n), rank) for n, rank in enumerate(ranks)]
    target = TargetLine(date(2026, 10, 1), 4.5, date(2029, 10, 1), 5)
    chart = draw_history(points, target, TODAY, width=width, height=300)
    shown = [mark.level for mark in chart.their_marks]
    assert chart.their_marks[0].size < 6
    assert [level for n, level in enumerate(shown) if n == 0 or shown[n - 1] != level] == [1, 2, 3, 4, 5]
    for before, after in pairwise(chart.their_marks):
        assert before.level != after.level or after.x - before.x >= 2 * before.size


@pytest.mark.parametrize(("baseline", "below"), [(0.0, 1.0), (0.6, 0.4), (0.4, 0.6), (1.0, 0.0)])
def test_what_lies_below_level_one_is_drawn_where_it_is(baseline, below):
    chart = draw_history([], TargetLine(TODAY, baseline, date(2029, 1, 1), 3), TODAY)
    y = heights(chart)
    (_, start), _ = corners(chart.target)
    assert start == pytest.approx(y[1] + below * (y[1] - y[2]), abs=0.2)
    assert start < chart.bottom


@given(histories(), targets(), st.integers(0, 100), st.sampled_from(SIZES))
def test_a_result_on_the_line_of_the_target_is_a_mark_on_that_line(points, target, share, size):
    day = target.set_on + (target.due_on - target.set_on) * share // 100
    passed = (day - target.set_on).days / (target.due_on - target.set_on).days
    on_it = target.baseline + (target.level - target.baseline) * passed
    earlier = [one for one in points if one.held_on < day]
    chart = draw_history([*earlier, point(day, on_it)], target, day, width=size[0], height=size[1])
    (from_x, from_y), (to_x, to_y) = corners(chart.target)
    mark = chart.their_marks[-1]
    assume(mark.day == day)  # of marks of one level that would cover each other the first is drawn
    along = (mark.x - from_x) / (to_x - from_x) if to_x != from_x else passed
    assert mark.y == pytest.approx(from_y + (to_y - from_y) * along, abs=abs(to_y - from_y) / max(1.0, to_x - from_x) + 0.2)


def test_positions_are_drawn_between_the_levels():
    chart = draw_history([point(date(2025, 1, 1), 2.4, 3.75)], None, TODAY)
    y = heights(chart)
    assert chart.their_marks[0].y == pytest.approx(y[2] + 0.4 * (y[3] - y[2]), abs=0.2)
    assert chart.our_marks[0].y == pytest.approx(y[3] + 0.75 * (y[4] - y[3]), abs=0.2)
    assert (chart.their_marks[0].level, chart.their_marks[0].position) == (2, 2.4)


def test_where_only_the_level_is_known_the_level_is_drawn():
    """Of a confidential round."""
    chart = draw_history([HistoryPoint(date(2025, 1, 1), 3, None, 2, 2.5, "First")], None, TODAY)
    assert chart.their_marks[0].y == heights(chart)[3]
    assert chart.their_marks[0].position is None


def test_lines_that_nearly_run_together_are_drawn_beside_each_other():
    chart = draw_history([point(date(2025, 1, 1), 3.0, 3.02)], None, TODAY)
    ((_, theirs), _), ((_, ours), _) = corners(chart.theirs), corners(chart.ours)
    assert theirs - ours == 5


class TestTheFan:
    FAN = [
        Day(TODAY, 3.1, 3.1, 3.1, 3.1),
        Day(TODAY + timedelta(days=91), 2.8, 3.0, 3.3, 3.6),
        Day(TODAY + timedelta(days=182), 2.5, 2.9, 3.5, 4.0),
    ]

    def test_has_two_bands_that_begin_in_the_last_position(self):
        chart = draw_history([point(TODAY, 3.1)], None, TODAY, fan=self.FAN)
        y, wide, narrow = heights(chart), *map(corners, chart.fan)
        assert len(wide) == len(narrow) == 6
        assert wide[0] == wide[-1] == narrow[0] == (chart.their_marks[0].x, chart.their_marks[0].y)
        tip = [height for x, height in wide if x == max(x for x, _height in wide)]
        assert tip == pytest.approx([y[4], (y[2] + y[3]) / 2], abs=0.2)
        assert all(path.endswith("z") for path in chart.fan)

    def test_is_not_there_without_a_forecast(self):
        assert draw_history([point(TODAY, 3.1)], None, TODAY).fan == ()
        assert draw_history([point(TODAY, 3.1)], None, TODAY, fan=self.FAN[:1]).fan == ()

    def test_makes_room_below_level_one(self):
        low = [Day(TODAY, 1.2, 1.2, 1.2, 1.2), Day(TODAY + timedelta(days=91), 0.2, 0.9, 1.5, 2.0)]
        chart = draw_history([point(TODAY, 1.2)], None, TODAY, fan=low)
        assert heights(chart)[1] < max(height for _x, height in corners(chart.fan[0])) < chart.bottom


def test_milestones_on_the_way_are_apart_from_the_goal():
    due_on = date(2029, 6, 1)
    target = TargetLine(TODAY, 2.0, due_on, 4, ((date(2028, 3, 1), 3), (due_on, 4)))
    chart = draw_history([], target, TODAY)
    assert [(mark.day, mark.level) for mark in chart.milestones] == [(date(2028, 3, 1), 3)]
    assert (chart.goal.day, chart.goal.level) == (due_on, 4)


def test_label_of_the_goal_stands_where_no_line_runs():
    target = TargetLine(date(2025, 1, 1), 2.0, date(2029, 6, 1), 3)
    points = [point(date(2025, 1, 1), 2, 4), point(date(2026, 1, 1), 3, 5)]
    wide, narrow = (draw_history(points, target, TODAY, width=width, height=height) for width, height in SIZES)
    assert (wide.goal_label.anchor, wide.goal_label.x) == ("start", wide.goal.x + 12)
    assert (narrow.goal_label.anchor, narrow.goal_label.y) == ("end", 13)
    assert narrow.goal_label.y < narrow.top


@pytest.mark.parametrize("level", range(1, 6))
def test_label_of_a_goal_leaves_room_for_its_three_lines_above_the_axis(level):
    chart = draw_history([point(date(2026, 1, 1), 1)], TargetLine(date(2026, 1, 1), 1.0, date(2028, 1, 1), level), TODAY)
    assert chart.goal_label.y + 32 <= chart.bottom


class TestLabelsOfTheLines:
    def boxes(self, chart):
        return chart.their_label.box, chart.our_label.box

    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize(("theirs", "ours"), [(3.0, 3.0), (3.0, 3.2), (5.0, 5.0), (1.0, 1.1), (2.0, 4.0), (0.2, 5.0)])
    @pytest.mark.parametrize("with_target", [True, False])
    def test_do_not_lie_on_each_other(self, size, theirs, ours, with_target):
        target = TargetLine(date(2026, 1, 1), 3.0, date(2028, 1, 1), 4) if with_target else None
        points = [point(date(2025, 1, 1), 2, 3), point(date(2026, 8, 1), theirs, ours)]
        chart = draw_history(points, target, TODAY, width=size[0], height=size[1])
        one, other = self.boxes(chart)
        assert not one.meets(other)

    def test_stand_beside_the_end_where_nothing_follows(self):
        chart = draw_history([point(date(2025, 1, 1), 2, 4)], None, TODAY)
        assert (chart.their_label.anchor, chart.their_label.x) == ("start", chart.today.at + 12)

    def test_are_left_out_with_their_line(self):
        assert draw_history([point(date(2025, 1, 1), 2)], None, TODAY).our_label is None


class TestBands:
    def test_cover_the_plot_from_top_to_axis_without_a_gap(self):
        chart = draw_history([point(date(2025, 1, 1), 3)], None, TODAY)
        assert [band.level for band in chart.bands] == [5, 4, 3, 2, 1]
        assert (chart.bands[0].top, chart.bands[-1].bottom) == (chart.top, chart.bottom)
        assert all(above.bottom == below.top for above, below in pairwise(chart.bands))

    def test_names_have_a_margin_on_a_wide_chart_alone(self):
        wide, narrow = (draw_history([point(TODAY, 3)], None, TODAY, width=width, height=height) for width, height in SIZES)
        assert (wide.is_wide, narrow.is_wide) == (True, False)
        assert wide.left > 100 > narrow.left


class TestStops:
    @pytest.mark.parametrize("size", SIZES)
    def test_words_about_a_result_stay_in_the_picture_and_off_its_mark(self, size):
        points = [point(date(2025, 1, 1) + timedelta(days=60 * n), 1 + n % 5, None) for n in range(11)]
        chart = draw_history(points, None, TODAY, width=size[0], height=size[1])
        assert len(chart.stops) == 11
        for stop in chart.stops:
            assert 0 <= stop.tip_x <= size[0] - 236
            assert stop.tip_y + 48 <= stop.y - 10 or stop.tip_y >= stop.y + 10
            assert 0 <= stop.tip_y <= size[1] - 48

    def test_a_result_of_ours_alone_is_pointed_at_where_we_stand(self):
        (stop,) = draw_history([point(date(2025, 1, 1), None, 4)], None, TODAY).stops
        assert stop.y == draw_history([point(date(2025, 1, 1), None, 4)], None, TODAY).our_marks[0].y


class TestTheLane:
    def lane(self, *events, width=760):
        return draw_history([point(date(2024, 1, 1), 3)], None, TODAY, events=events, width=width, height=320).lane

    def test_stands_below_the_axis_and_only_where_something_happened(self):
        event = HistoryEvent(date(2025, 1, 1), "target", "target set")
        chart = draw_history([point(date(2024, 1, 1), 3)], None, TODAY, events=[event], width=760, height=320)
        assert chart.bottom < chart.lane.y < 320
        assert draw_history([point(date(2024, 1, 1), 3)], None, TODAY).lane is None

    def test_tells_of_the_rounds_the_last_in_words(self):
        days = [date(2024, 2, 1), date(2025, 2, 1), date(2026, 2, 1)]
        marks = self.lane(*(HistoryEvent(day, "round", f"{n} answered") for n, day in enumerate(days))).marks
        assert [bool(mark.anchor) for mark in marks] == [False, False, True]

    @pytest.mark.parametrize("width", [760, 360])
    def test_words_do_not_lie_on_each_other(self, width):
        days = [date(2024, 2, 1) + timedelta(days=40 * n) for n in range(20)]
        marks = self.lane(*(HistoryEvent(day, "plan", "step 2 → 3 made") for day in days), width=width).marks
        told = [mark for mark in marks if mark.anchor]
        assert 1 < len(told) < len(marks) == 20
        room = len("step 2 → 3 made") * 6.6
        begins = sorted(mark.x - {"start": 0, "middle": room / 2, "end": room}[mark.anchor] for mark in told)
        assert all(after - before >= room for before, after in pairwise(begins))
        assert begins[-1] + room <= width


def test_today_and_a_goal_that_is_due_now_do_not_cover_each_other():
    chart = draw_history([], TargetLine(date(2025, 1, 1), 3.0, TODAY + timedelta(days=9), 5), TODAY)
    assert abs(chart.today.y - chart.goal_label.y) >= 14


def test_new_edition_is_marked_where_it_was_first_used():
    points = [
        point(date(2024, 1, 1), 2),
        point(date(2025, 1, 1), 2, edition="Second"),
        point(date(2026, 1, 1), 3, edition="Second"),
    ]
    chart = draw_history(points, None, TODAY)
    (change,) = chart.editions
    assert (change.name, change.day, change.x) == ("Second", date(2025, 1, 1), chart.their_marks[1].x)
    assert change.label.text == "Second"


def test_long_name_of_an_edition_is_shortened_in_its_label_only():
    name = "The edition that was made for the hospitals"
    points = [point(date(2024, 1, 1), 2), point(date(2025, 6, 1), 2, edition=name)]
    (change,) = draw_history(points, None, TODAY).editions
    assert change.name == name
    assert change.label.text.endswith("…")
    assert len(change.label.text) <= 22


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (date(2026, 10, 1), "month"),
        (date(2025, 6, 1), "month"),
        (date(2020, 1, 1), "year"),
        (date(1990, 1, 1), "year"),
    ],
)
def test_axis_tells_months_of_a_short_history_and_years_of_a_long_one(first, expected):
    chart = draw_history([point(first, 2), point(TODAY, 3)], None, TODAY)
    assert {"year" if tick.is_year else "month" for tick in chart.ticks} == {expected}
    assert 2 <= len(chart.ticks) <= 8


def test_first_month_and_each_january_also_name_their_year():
    chart = draw_history([point(date(2025, 6, 1), 2)], None, TODAY)
    assert [tick.names_year for tick in chart.ticks] == [n == 0 or tick.day.month == 1 for n, tick in enumerate(chart.ticks)]


def test_a_wrong_century_still_draws():
    chart = draw_history([point(date.min, 1), point(date.max, 5)], None, TODAY)
    assert 0 < len(chart.ticks) <= 8


@pytest.mark.parametrize(("recorded", "shown"), [((False, False), False), ((True, False), True)])
def test_what_was_recorded_elsewhere_is_marked_so_on_both_lines(recorded, shown):
    points = [
        HistoryPoint(date(2024 + year, 3, 1), 2, 2.5, 3, 3.5, "First", recorded=is_recorded)
        for year, is_recorded in enumerate(recorded)
    ]
    chart = draw_history(points, None, TODAY)
    assert [mark.recorded for mark in chart.their_marks] == list(recorded)
    assert [mark.recorded for mark in chart.our_marks] == list(recorded)
    assert chart.shows_recorded is shown


def test_a_measured_mark_close_after_a_recorded_one_is_kept():
    points = [HistoryPoint(TODAY - timedelta(days=days), 2, 2.5, None, None, "First", recorded=days == 1) for days in (1, 0)]
    long_ago = point(date(2010, 1, 1), theirs=2)
    assert [mark.recorded for mark in draw_history([long_ago, *points], None, TODAY).their_marks] == [False, True, False]
