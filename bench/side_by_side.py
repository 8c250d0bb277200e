"""Benchmark the pages against a bare Django view, for small and large portfolios in one run.

    bench/run [--sizes 1000,10000,100000] [--years 6] [--rounds 40] [--cold 5] [--server postgres://user@machine:port]

Each size has a process and a database on the server (`standing_bench_<size>`, which is created and filled with half-yearly assessments
when it is missing, and kept for the next run); without `--server` a temporary PostgreSQL is used. Each round requests each page of each
size once, one after the other, so that all have the same noise. The result of a page is its median; the ratio is relative to the
median of a bare view, which does one query of 25 rows in the same process with the same middleware and user. Growth is the ratio of
the largest size over that of the smallest. Compare ratios, not milliseconds.

With 10 000 among the sizes, `bench/paint.py` measures its dashboard in a browser as well.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from bench import paint  # noqa: E402 - found from here on

BARE = "bare view, 25 rows"
IN_A_BROWSER, PAINT_RUNS = 10_000, 9  # the size for the browser, and its number of runs


class Portfolio:
    """The worker process for one size."""

    def __init__(self, server: str, accounts: int, years: int) -> None:
        database = _database(accounts)
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "bench/pages.py", str(accounts), str(years)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"DATABASE_URL": f"{server}/{database}"},
        )  # fmt: skip

    def ask(self, what: str) -> dict:
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("A measuring process ended; see above.")
        return json.loads(answer)


def _database(accounts: int) -> str:
    return f"standing_bench_{accounts}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--years", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--cold", type=int, default=5, help="rounds with an empty cache of figures")
    parser.add_argument("--server")
    options = parser.parse_args()
    sizes = sorted(int(size) for size in options.sizes.split(","))
    with ExitStack() as stack:
        server = options.server or _throwaway(stack)
        portfolios, described = {}, {}
        for size in sizes:  # one after the other, since each collects the static files if they are missing
            portfolios[size] = Portfolio(server.rstrip("/"), size, options.years)
            described[size] = portfolios[size].ask("pages")
        warm = {size: [] for size in sizes}
        for _ in range(options.rounds):
            for size, portfolio in portfolios.items():
                warm[size].append(portfolio.ask("warm"))
        cold = {size: [portfolio.ask("cold") for _ in range(options.cold)] for size, portfolio in portfolios.items()}
        for portfolio in portfolios.values():
            portfolio.process.stdin.close()
            portfolio.process.wait()
        _print(sizes, described, warm, cold)
        if IN_A_BROWSER in sizes:
            print()
            paint.tell(f"{server.rstrip('/')}/{_database(IN_A_BROWSER)}", PAINT_RUNS)


def _throwaway(stack: ExitStack) -> str:
    from tests.databases import throwaway_postgres

    parts = urlsplit(stack.enter_context(throwaway_postgres()))
    return f"{parts.scheme}://{parts.netloc}"


def _print(sizes: list[int], described: dict, warm: dict, cold: dict) -> None:
    for size in sizes:
        print(f"{described[size]['accounts']} accounts, {described[size]['assessments']} assessments")
    print()
    head = "".join(f"{f'{size}: ms':>13}{'× bare':>8}{'cold ×':>8}" for size in sizes)
    print(f"| {'page':22}|{'statements':>11} |{'kB':>6} |{head} |{'growth':>7} |")
    for name in described[sizes[0]]["pages"]:
        largest = described[sizes[-1]]["pages"][name]
        ratios, columns = [], ""
        for size in sizes:
            bare, median = _median(warm[size], BARE), _median(warm[size], name)
            ratios.append(median / bare)
            first = f"{_median(cold[size], name) / bare:8.1f}" if name != BARE else f"{'':8}"
            columns += f"{median * 1000:13.1f}{ratios[-1]:8.1f}{first}"
        growth = ratios[-1] / ratios[0]
        print(f"| {name:22}|{largest['statements']:11} |{largest['bytes'] / 1000:6.1f} |{columns} |{growth:7.2f} |")


def _median(rounds: list[dict], name: str) -> float:
    return statistics.median(found[name] for found in rounds)


if __name__ == "__main__":
    main()
