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
