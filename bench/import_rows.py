"""Benchmark the import of a list against PostgreSQL's COPY of the same rows.

    bench/run import [--of accounts|contacts|history|wrong] [--rows 100000] [--rounds 2] [--on postgres|sqlite]
                     [--server postgres://user@machine:port]

Generates a CSV file (`bench/import_files.py`). Each round starts with an empty database, except for the accounts of contacts and past
assessments. The file is uploaded, checked by a worker process and imported by another one. COPY then writes the stored rows to new
tables. While the rows are imported another process changes an account of
its own, every tenth of a second, as a page does; the longest of these saves is told. On SQLite, where no COPY is, only the import is
measured. The file is checked and imported a second time, when every row is unchanged, and COPY runs again. *Indexed* tables have the
indexes and constraints of the real ones (LIKE … INCLUDING ALL), *bare* ones have none. The import also writes audit events, COPY does
not. The list `wrong`, with eleven invalid cells in each row, is only checked.

Results are medians over the rounds; compare ratios, not seconds. *Processor* is the time that the worker and the server of PostgreSQL
had a processor (with the few saves of the other process): where others use the machine, it tells more than seconds do. Memory is the peak of the worker process, with Python and Django.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.import_files import LISTS, name_of  # noqa: E402

DATABASE = "standing_bench_import"
LIKE = {"indexed": "INCLUDING ALL", "bare": "INCLUDING DEFAULTS INCLUDING GENERATED"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of", choices=LISTS, default="accounts")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--on", choices=["postgres", "sqlite"], default="postgres")
    parser.add_argument("--server")
    parser.add_argument("--step", choices=["prepare", "upload", "order", "work", "save"], help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        _step(options.step, options.of, Path(options.file))
        return
    with ExitStack() as stack:
        file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "list.csv"
        LISTS[options.of].write(file, options.rows)
        server = "" if options.on == "sqlite" else (options.server or _throwaway(stack)).rstrip("/")
        found = Measured()
        for number in range(options.rounds):
            address = _new_database(server) if server else f"sqlite:///{file.with_name(f'{number}.sqlite3')}"
            _run_once(address, options.of, file, found)
        _print(options.of, options.rows, file.stat().st_size, found)


@dataclass(slots=True)
class Measured:
    """What each step took in each round: seconds, seconds of processors, peak memory in MB, and the seconds of others' saves."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    processor: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    memory: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def _new_database(server: str) -> str:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        name = sql.Identifier(DATABASE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    return f"{server}/{DATABASE}"


def _run_once(address: str, of: str, file: Path, found: Measured) -> None:
    _process("prepare", of, file, address)
    tables = LISTS[of].tables
    for which in ("", "second ") if tables else ("",):
        for step, what in (("upload", "check"), ("order", "import")):
            if what == "import" and not tables:
                continue
            _process(step, of, file, address)
            with _saving(of, file, address, found.waits[which + what]):
                before = _server_seconds(address)
                took, processor, most = _process("work", of, file, address)
                processor += _server_seconds(address) - before
            found.seconds[which + what].append(took)
            found.processor[which + what].append(processor)
            found.memory[which + what].append(most)
        for kind in LIKE if tables and address.startswith("postgres") else ():
            found.seconds[f"COPY, {kind}"].append(_copy(address, kind, tables))


def _started(step: str, of: str, file: Path, address: str) -> subprocess.Popen[str]:
    """A subprocess at this step, once Django has started."""
    command = [sys.executable, __file__, "--step", step, "--of", of, "--file", str(file)]
    environment = {"DEMO": "1"} | os.environ | {"DATABASE_URL": address}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _server_seconds(address: str) -> float:
    """The processor time of all processes that the server of PostgreSQL ever had; 0 where it runs elsewhere, and for SQLite."""
    if not address.startswith("postgres"):
        return 0
    with psycopg.connect(address) as connection:
        try:
            server = _status(connection.info.backend_pid)[1]
            own = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
            ticks = sum(_status(server)[11:15]) + sum(sum(one[11:13]) for pid in own if (one := _status(pid))[1] == server)
        except OSError:
            return 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _status(pid: int) -> list[int]:
    """The fields of /proc/PID/stat after the name: at 1 the parent, at 11 to 14 the ticks, own and of children that ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:  # it ended just now
        return [0] * 15
    return [0, *map(int, text.rpartition(")")[2].split()[1:15])]


def _process(step: str, of: str, file: Path, address: str) -> tuple[float, float, float]:
    """Run a step in a subprocess; returns its seconds after the start of Django, those of a processor (all of them), and its peak
    memory in MB.
    """
    process = _started(step, of, file, address)
    begin = time.perf_counter()
    told = process.stdout.read()
    _pid, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"The step “{step}” ended with {status}.\n{told}")
    return time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


@contextmanager
def _saving(of: str, file: Path, address: str, waits: list[float]) -> Iterator[None]:
    """Change an account again and again in a subprocess meanwhile; adds the seconds of each save to `waits`."""
    stop = file.with_suffix(".stop")
    stop.unlink(missing_ok=True)
    process = _started("save", of, file, address)
    try:
        yield
    finally:
        stop.touch()
        waits += json.loads(process.communicate()[0].splitlines()[-1])


def _save(file: Path) -> None:
    """Change the city of one account until the file to stop appears; print the seconds of each save as JSON."""
    from django.db import OperationalError, transaction

    from accounts.models import Account, User
    from audit import trail

    owner = User.objects.get(email="bench@example.com")
    account = Account.objects.filter(name="Somebody else's").first() or Account.objects.create(
        name="Somebody else's", owner=owner
    )
    waits: list[float] = []
    stop = file.with_suffix(".stop")
    while not stop.exists():
        begin = time.perf_counter()
        # On SQLite who has waited for four seconds fails, and tells that as long.
        with suppress(OperationalError), transaction.atomic():
            account.city = f"City {len(waits)}"
            account.save_version(account.version, ["city"])
            trail.record("account.changed", account, by=owner, after={"city": account.city})
        waits.append(round(time.perf_counter() - begin, 3))
        time.sleep(0.1)
    print(json.dumps(waits))


def _step(step: str, of: str, file: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    print("ready", flush=True)
    steps = {
        "prepare": lambda: _prepare(of),
        "upload": lambda: _upload(of, file),
        "order": _order,
        "work": _work,
        "save": lambda: _save(file),
    }
    steps[step]()


def _prepare(of: str) -> None:
    from django.core.management import call_command

    from accounts.models import Account, ExchangeRate, User
    from hierarchy.loading import load_first_edition

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    load_first_edition()
    owner = User.objects.create_user(email="bench@example.com", name="Bench", role=User.Role.ADMINISTRATOR)
    for currency, rate in (("USD", "0.91"), ("GBP", "1.17")):
        ExchangeRate.objects.update_or_create(currency=currency, defaults={"rate": rate, "as_of": date(2026, 1, 1)})
    there = (Account(name=name_of(number), owner=owner, currency="EUR") for number in range(LISTS[of].before))
    Account.objects.bulk_create(there, batch_size=1000)


def _upload(of: str, file: Path) -> None:
    """Do what the pages of the import do until the check by the worker."""
    from accounts.models import User
    from importing import work
    from importing.jobs import choose_columns, start_job
    from importing.kinds import ACCOUNTS as LIST_OF_ACCOUNTS
    from importing.kinds import kind_called, kind_of
    from importing.reading.table import read_table

    user = User.objects.get(email="bench@example.com")
    content = file.read_bytes()
    kind = of if kind_called(of) else LIST_OF_ACCOUNTS
    table = read_table(content)
    job = start_job(user, file.name, content, table, kind=kind)
    choose_columns(job, table, kind_of(job).guess(table), {"owner": user.pk, "team": None, "currency": ""})
    work.begin_check(job)


def _order() -> None:
    from importing import work
    from importing.models import ImportJob

    work.begin(ImportJob.objects.latest("pk"), skip_rejected=False)


def _work() -> None:
    from django.core.management import call_command

    from importing.models import ImportJob

    asked = ImportJob.objects.latest("pk").state
    call_command("db_worker", queue_name="*", batch=True, startup_delay=False, reload=False, verbosity=0)
    job = ImportJob.objects.latest("pk")
    if job.state != (ImportJob.State.DRAFT if asked == ImportJob.State.CHECKING else ImportJob.State.DONE):
        sys.exit(f"It came to “{job.state}”: {job.failure}")


def _copy(address: str, kind: str, tables: Sequence[str]) -> float:
    """The seconds of COPY for the stored rows, from memory into new tables."""
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        data = {table: _rows_of(cursor, table) for table in tables}
        for table in tables:
            cursor.execute(sql.SQL("CREATE TABLE {} (LIKE {} {})").format(*_names(table), sql.SQL(LIKE[kind])))
        connection.commit()
        begin = time.perf_counter()
        for table, (columns, rows) in data.items():
            with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(_names(table)[0], columns)) as target:
                target.write(rows)
        connection.commit()
        seconds = time.perf_counter() - begin
        for table in tables:
            cursor.execute(sql.SQL("DROP TABLE {}").format(_names(table)[0]))
        return seconds


def _rows_of(cursor: psycopg.Cursor, table: str) -> tuple[sql.Composed, bytes]:
    """The columns of a table without generated ones, and its rows in the format of COPY."""
    found = cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table]
    ).fetchall()
    columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in found)
    with cursor.copy(sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), columns)) as source:
        return columns, b"".join(bytes(some) for some in source)


def _names(table: str) -> tuple[sql.Identifier, sql.Identifier]:
    return sql.Identifier(f"copied_{table}"), sql.Identifier(table)


def _throwaway(stack: ExitStack) -> str:
    from tests.databases import throwaway_postgres

    return stack.enter_context(throwaway_postgres()).rpartition("/")[0]


def _print(of: str, rows: int, file_size: float, found: Measured) -> None:
    print(f"{of}: {rows} rows of {len(LISTS[of].headers)} columns, {file_size / 1e6:.1f} MB\n")
    for name, waits in found.waits.items():
        longest = max(waits, default=0)
        middle = statistics.median(waits or [0])
        print(f"somebody else's saves during the {name}: {len(waits)}, the longest {longest:.2f} s, median {middle:.3f} s")
    seconds = {name: statistics.median(some) for name, some in found.seconds.items()}
    heads = (
        ("seconds", 8),
        ("rows/s", 8),
        ("processor", 10),
        ("rows/s of it", 13),
        ("of COPY, indexed", 17),
        ("of COPY, bare", 14),
        ("MB", 5),
    )
    print(f"| {'':16}|{' |'.join(f'{head:>{width}}' for head, width in heads)} |")
    for name, took in seconds.items():
        copies = [seconds.get(f"COPY, {kind}") for kind in LIKE]
        ratios = [f"{copy / took:.3f}" if copy and "check" not in name else "" for copy in copies]
        cells = [f"{took:.1f}", f"{rows / took:.0f}", "", "", *ratios, ""]
        if name in found.processor:
            processor = statistics.median(found.processor[name])
            cells[2:4] = f"{processor:.1f}", f"{rows / processor:.0f}"
            cells[-1] = f"{max(found.memory[name]):.0f}"
        print(f"| {name:16}|{' |'.join(f'{cell:>{width}}' for cell, (_head, width) in zip(cells, heads, strict=True))} |")


if __name__ == "__main__":
    main()
