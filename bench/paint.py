"""Measure first contentful paint and blocking time of the dashboard in Chromium, through the web server.

    .venv/bin/python bench/paint.py postgres://user@machine:port/standing_bench_10000 [--runs 9]

`bench/run` calls it for the portfolio of 10 000 accounts. The web server is started as `script/server` starts it, with
compressed static files and two processes, and warmed up by some requests. Each run opens the page with an empty browser cache
(*cold*), then once more (*warm*).

First contentful paint is reported by the browser; blocking time is the sum of the parts of long tasks beyond 50 ms. Output: medians
and the slowest run, as the executive, who sees every account.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAINT, BLOCKING = 300, 50  # limits in milliseconds
SETTLED = 400  # milliseconds to wait for long tasks after loading
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
WATCH = """
window.blocked = 0
new PerformanceObserver(list => { for (const task of list.getEntries()) window.blocked += Math.max(0, task.duration - 50) })
  .observe({type: "longtask", buffered: true})
"""
SEEN = """() => ({
  paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  answer: performance.getEntriesByType("navigation")[0].responseStart,
  blocked: window.blocked,
})"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Milliseconds since the start of the navigation; `blocked` is a sum."""

    answer: float  # the first byte
    paint: float
    blocked: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database")
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    tell(options.database, options.runs)


def tell(database: str, runs: int) -> None:
    """Measure and print; without Chromium only a message. The database holds the demo, and static files are collected."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        print("No Chromium, so nothing of what a browser shows: apt-get install -y --no-install-recommends chromium")
        return
    with _web_server(database) as address:
        found = _measured(program, address, runs)
    print(f"| {'dashboard in Chromium':22}| answer ms | paint ms | slowest | asked | blocked ms | slowest | asked |")
    for name, seen in found.items():
        answer, paint, blocked = (sorted(getattr(one, what) for one in seen) for what in ("answer", "paint", "blocked"))
        print(
            f"| {name:22}|{_middle(answer):10} |{_middle(paint):9} |{round(paint[-1]):8} |{PAINT:6} "
            f"|{_middle(blocked):11} |{round(blocked[-1]):8} |{BLOCKING:6} |"
        )


def _middle(values: list[float]) -> int:
    return round(statistics.median(values))


@contextmanager
def _web_server(database: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [
            ROOT / ".venv/bin/granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
            "--blocking-threads", "8", "--no-ws", "--log-level", "warning", "config.wsgi:application",
        ],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"DEMO": "1", "DATABASE_URL": database},
    )  # fmt: skip
    try:
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/live", timeout=2):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    sys.exit("The web server did not start.")


def _measured(program: str, address: str, runs: int) -> dict[str, list[Seen]]:
    from playwright.sync_api import sync_playwright

    found: dict[str, list[Seen]] = {"cold browser": [], "warm browser": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        first = browser.new_context(base_url=address)
        page = first.new_page()
        page.goto("/login/")
        page.fill("input[name=login]", "viewer@example.com")
        page.fill("input[name=password]", "demo")
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{address}/")
        for _ in range(8):  # warms up both processes
            page.goto("/")
        signed_in = first.storage_state()
        first.close()
        for _ in range(runs):
            context = browser.new_context(base_url=address, storage_state=signed_in, viewport={"width": 1440, "height": 900})
            page = context.new_page()
            page.add_init_script(WATCH)
            for seen in found.values():
                page.goto("/", wait_until="load")
                page.wait_for_timeout(SETTLED)
                said = page.evaluate(SEEN)
                seen.append(Seen(said["answer"], said["paint"], said["blocked"]))
            context.close()
        browser.close()
    return found


if __name__ == "__main__":
    main()
