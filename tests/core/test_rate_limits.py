"""The one counter behind the limits of the API, of survey links and of calendar addresses."""

import pytest

from core import rate_limits


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 6_000.0

        def time(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr("core.rate_limits.time", clock)
    return clock


def test_counts_each_subject_kind_and_window_apart(db, clock):
    assert [rate_limits.count("calls", "one", 60) for _ in range(3)] == [1, 2, 3]
    assert rate_limits.count("calls", "another", 60) == 1
    assert rate_limits.count("links", "one", 60) == 1
    assert rate_limits.count("calls", "one", 600) == 1
    clock.now += 60
    assert rate_limits.count("calls", "one", 60) == 1


def test_too_many_begins_above_the_limit(db, clock):
    assert [rate_limits.too_many("link", "198.51.100.7", 2) for _ in range(4)] == [False, False, True, True]


def test_says_when_the_next_window_begins(clock):
    clock.now = 6_013.5
    assert rate_limits.seconds_left(60) == 47


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::1", "::"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_one_network_counts_as_one_visitor(address, counted):
    assert rate_limits.neighbourhood(address) == counted


def test_a_name_of_any_length_and_script_is_counted(db, clock):
    for who in ("", "é" * 5000, "a b\nc"):
        assert [rate_limits.count("calls", who, 60) for _ in range(2)] == [1, 2]


def test_a_window_begins_on_its_boundary_and_not_before(db, clock):
    clock.now = 6_059.9
    assert [rate_limits.count("calls", "one", 60) for _ in range(2)] == [1, 2]
    assert rate_limits.seconds_left(60) == 1
    clock.now = 6_060.0
    assert rate_limits.count("calls", "one", 60) == 1
    assert rate_limits.seconds_left(60) == 60
