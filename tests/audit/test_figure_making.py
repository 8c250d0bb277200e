"""Figures that many readers ask for in one moment are made once; who waits for another does not wait for ever."""

import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError

from audit import figure_making
from audit.figure_cache import cached_figures
from core import days

READERS = 8


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.CACHES = settings.CACHES | {
        "shared figures": settings.CACHES["shared figures"] | {"LOCATION": str(tmp_path / "kept")}
    }


def all_together(act):
    with ThreadPoolExecutor(READERS) as pool:
        return [future.exception() or future.result() for future in [pool.submit(act) for _ in range(READERS)]]


def test_one_of_the_threads_makes_them():
    made = []

    def make():
        made.append(threading.get_ident())
        time.sleep(0.1)  # so that the others come meanwhile
        return "figures"

    found = all_together(lambda: cached_figures("figures", "all", days.today(), make=make, state=1))
    assert found == ["figures"] * READERS
    assert len(made) == 1


def test_never_two_at_a_time_in_a_process():
    under_way, most = [], []

    def make():
        under_way.append(1)
        most.append(len(under_way))
        time.sleep(0.02)
        under_way.pop()

    names = iter(range(READERS))
    all_together(lambda: cached_figures(f"figures {next(names)}", "all", days.today(), make=make, state=1))
    assert most == [1] * READERS


def test_figures_may_be_made_of_others():
    today = days.today()
    inner = lambda: cached_figures("inner", "all", today, make=lambda: 1, state=1)  # noqa: E731
    assert cached_figures("outer", "all", today, make=lambda: inner() + 1, state=1) == 2


def test_who_waited_for_one_that_the_database_failed_does_not_wait_again():
    tried = []

    def make():
        tried.append(1)
        time.sleep(0.2)
        raise OperationalError("the server does not answer")

    found = all_together(lambda: cached_figures("figures", "all", days.today(), make=make, state=1))
    assert all(isinstance(error, OperationalError) for error in found)
    assert len(tried) < READERS


def test_the_next_reader_tries_again_after_a_failure():
    def fail():
        raise OperationalError("the server does not answer")

    with pytest.raises(OperationalError):
        cached_figures("figures", "all", days.today(), make=fail, state=1)
    assert cached_figures("figures", "all", days.today(), make=lambda: 1, state=1) == 1


def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr(figure_making, "LONGEST_WAIT", 0.05)
    stuck, free = threading.Event(), threading.Event()

    def never_done():
        stuck.set()
        free.wait(30)

    other = threading.Thread(target=lambda: cached_figures("stuck", "all", days.today(), make=never_done, state=1))
    other.start()
    try:
        assert stuck.wait(10)
        assert cached_figures("figures", "all", days.today(), make=lambda: 1, state=1) == 1
    finally:
        free.set()
        other.join()


def _in_a_process(made):
    def make():
        with made.get_lock():
            made.value += 1
        time.sleep(0.3)
        return "figures"

    assert figure_making.one_process_at_a_time("ab12", make) == "figures"


def test_one_of_the_processes_makes_them():
    fork = multiprocessing.get_context("fork")
    made = fork.Value("i", 0)
    processes = [fork.Process(target=_in_a_process, args=[made]) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert made.value == 1


def test_a_folder_that_cannot_be_written_costs_no_page(settings, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    settings.CACHES = settings.CACHES | {
        "shared figures": settings.CACHES["shared figures"] | {"LOCATION": str(tmp_path / "file")}
    }
    monkeypatch.setattr(figure_making, "WORTH_SHARING", 0)
    assert figure_making.one_process_at_a_time("ab12", lambda: 1) == 1
