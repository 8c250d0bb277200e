"""What the import of a customer list costs, beside PostgreSQL's own COPY of the same rows, in one run.

    bench/run import [--rows 100000] [--rounds 2] [--server postgres://user@machine:port]

Makes a CSV file of so many rows in 12 columns, the same one each time. Each round begins with an empty database: the file is
uploaded and imported by the worker in a process of its own, as from the page; then the accounts and contacts that this stored are
taken by COPY into new tables; then the file is imported once more, which finds every row unchanged; and COPY again. *Indexed* tables
have the shape, the indexes and the constraints of ours (LIKE … INCLUDING ALL), *bare* ones have none. The import also writes two
events in the trail for each row, which COPY does not.

A figure is the median of its rounds; read ratios, seconds are for orientation. Memory is the most that the worker's process
held, Python and Django included.
"""

import argparse
import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "standing_bench_import"
PLACES = [
    "NL,Utrecht",
    "DE,Berlin",
    "FR,Paris",
    "GB,London",
    "US,Austin",
    "BE,Ghent",
    "ES,Madrid",
    "IT,Turin",
    "PL,Gdynia",
    "SE,Malmo",
]
WORDS = [
    "North",
    "South",
    "Green",
    "Silver",
    "Iron",
    "Maple",
    "Cedar",
    "River",
    "Harbor",
    "Summit",
    "Prairie",
    "Valley",
    "Stone",
    "Falcon",
    "Orion",
    "Delta",
    "Nova",
]
TRADES = [
    "Logistics",
    "Foods",
    "Steel",
    "Energy",
    "Pharma",
    "Textiles",
    "Software",
    "Banking",
    "Insurance",
    "Media",
    "Robotics",
    "Paper",
    "Chemicals",
    "Glass",
]
FORMS = ["Ltd", "Inc", "GmbH", "BV", "AG", "SA", "plc", "LLC"]
HEADERS = (
    "Account Name", "External Id", "Segment", "Country", "City", "Website", "Employees", "Annual Revenue", "Currency",
    "Customer Since", "Contact Name", "Contact Email",
)  # fmt: skip
TABLES = ("accounts_account", "accounts_contact")  # a row of the file says something of both
LIKE = {"indexed": "INCLUDING ALL", "bare": "INCLUDING DEFAULTS INCLUDING GENERATED"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--server")
    parser.add_argument("--step", choices=["prepare", "order", "work"], help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        _step(options.step, options.file)
        return
    with ExitStack() as stack:
        server = (options.server or _throwaway(stack)).rstrip("/")
        file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "list.csv"
        _write_file(file, options.rows)
        seconds: dict[str, list[float]] = defaultdict(list)
        memory: dict[str, list[float]] = defaultdict(list)
        for _round in range(options.rounds):
            _run_once(server, file, seconds, memory)
    _print(options.rows, file_size=seconds.pop("bytes")[0], seconds=seconds, memory=memory)


def _run_once(server: str, file: Path, seconds: dict[str, list[float]], memory: dict[str, list[float]]) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        name = sql.Identifier(DATABASE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    address = f"{server}/{DATABASE}"
    seconds["bytes"].append(file.stat().st_size)
    _process("prepare", file, address)
    for which in ("import", "second import"):
        _process("order", file, address)
        took, most = _process("work", file, address)
        seconds[which].append(took)
        memory[which].append(most)
        for kind in LIKE:
            seconds[f"COPY, {kind}"].append(_copy(address, kind))


def _process(step: str, file: Path, address: str) -> tuple[float, float]:
    """Do this in a process of its own: the seconds from when it was ready on, and the most MB that it held."""
    command = [sys.executable, __file__, "--step", step, "--file", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"DATABASE_URL": address})
    assert process.stdout is not None
    process.stdout.readline()
    begin = time.perf_counter()
    told = process.stdout.read()
    _pid, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"The step “{step}” ended with {status}.\n{told}")
    return time.perf_counter() - begin, used.ru_maxrss / 1024


def _step(step: str, file: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    print("ready", flush=True)
    {"prepare": _prepare, "order": _order, "work": _work}[step](Path(file))


def _prepare(_file: Path) -> None:
    from django.core.management import call_command

    from accounts.models import ExchangeRate, User

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    User.objects.create_user(email="bench@example.com", name="Bench", role=User.Role.ADMINISTRATOR)
    for currency, rate in (("USD", "0.91"), ("GBP", "1.17")):
        ExchangeRate.objects.update_or_create(currency=currency, defaults={"rate": rate, "as_of": date(2026, 1, 1)})


def _order(file: Path) -> None:
    """What the pages of the import do."""
    from accounts.importing import work
    from accounts.importing.jobs import choose_columns, guessed, start_job, table_of
    from accounts.models import User

    user = User.objects.get(email="bench@example.com")
    content = file.read_bytes()
    job = start_job(user, file.name, content, rows=content.count(b"\n") - 1)
    table = table_of(job)
    choose_columns(job, table, guessed(table), {"owner": user.pk, "team": None, "currency": ""})
    work.begin(job, skip_rejected=False)


def _work(_file: Path) -> None:
    from django.core.management import call_command

    from accounts.models import ImportJob

    call_command("db_worker", queue_name="*", batch=True, startup_delay=False, reload=False, verbosity=0)
    job = ImportJob.objects.latest("pk")
    if job.state != ImportJob.State.APPLIED:
        sys.exit(f"The import came to “{job.state}”: {job.failure}")


def _copy(address: str, kind: str) -> float:
    """The seconds that COPY takes for what the file says, from the memory of this process into new tables."""
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        data = {table: _rows_of(cursor, table) for table in TABLES}
        for table in TABLES:
            cursor.execute(sql.SQL("CREATE TABLE {} (LIKE {} {})").format(*_names(table), sql.SQL(LIKE[kind])))
        connection.commit()
        begin = time.perf_counter()
        for table, (columns, rows) in data.items():
            with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(_names(table)[0], columns)) as target:
                target.write(rows)
        connection.commit()
        seconds = time.perf_counter() - begin
        for table in TABLES:
            cursor.execute(sql.SQL("DROP TABLE {}").format(_names(table)[0]))
        return seconds


def _rows_of(cursor: psycopg.Cursor, table: str) -> tuple[sql.Composed, bytes]:
    """The columns of a table that are not computed, and all its rows as COPY gives them."""
    found = cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table]
    ).fetchall()
    columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in found)
    with cursor.copy(sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), columns)) as source:
        return columns, b"".join(bytes(some) for some in source)


def _names(table: str) -> tuple[sql.Identifier, sql.Identifier]:
    return sql.Identifier(f"copied_{table}"), sql.Identifier(table)


def _write_file(path: Path, rows: int) -> None:
    chance = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        for n in range(rows):
            word, trade, person = chance.choice(WORDS), chance.choice(TRADES), chance.choice(WORDS)
            since = f"{chance.randint(1995, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            site = f"{word}{trade}{n}.example".lower()
            writer.writerow(
                [
                    f"{word} {trade} {n} {chance.choice(FORMS)}", f"CRM-{n:07}", trade, *chance.choice(PLACES).split(","),
                    f"https://www.{site}", chance.randint(3, 90_000), f"{chance.randint(1_000, 9_000_000)}.{chance.randint(0, 99):02}",
                    chance.choice(["EUR", "USD", "GBP"]), since, f"{person} {trade}son", f"{person.lower()}@{site}",
                ]
            )  # fmt: skip


def _throwaway(stack: ExitStack) -> str:
    sys.path.insert(0, str(ROOT))
    from tests.databases import throwaway_postgres

    return stack.enter_context(throwaway_postgres()).rpartition("/")[0]


def _print(rows: int, file_size: float, seconds: dict[str, list[float]], memory: dict[str, list[float]]) -> None:
    print(f"{rows} rows of {len(HEADERS)} columns, {file_size / 1e6:.1f} MB\n")
    middle = {name: statistics.median(found) for name, found in seconds.items()}
    print(f"| {'':16}|{'seconds':>9} |{'rows/s':>9} |{'of COPY, indexed':>17} |{'of COPY, bare':>14} |{'MB':>5} |")
    for name, took in middle.items():
        of = "".join(f"{middle[f'COPY, {kind}'] / took:>{width}.3f} |" for kind, width in (("indexed", 17), ("bare", 14)))
        most = f"{max(memory[name]):5.0f}" if name in memory else f"{'':5}"
        print(f"| {name:16}|{took:9.1f} |{rows / took:9.0f} |{of}{most} |")


if __name__ == "__main__":
    main()
