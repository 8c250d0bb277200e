"""Processes that start at once: each is forked from a host that has loaded the site, instead of loading it anew.

The host takes one order a line on its standard input, and tells on its standard output the id of the process, what the process
writes, and with which code it ended.
"""

import importlib
import json
import os
import select
import subprocess
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ENDED = "ended with "


class Forked:
    """A process of the host. Its output is read line by line; only one runs at a time."""

    def __init__(self, host: subprocess.Popen) -> None:
        self._out = host.stdout.fileno()
        self._read = b""
        self.pid = int(self.line())

    def line(self, within: float = 240) -> str:
        """The next line. Raises TimeoutError after `within` seconds."""
        while b"\n" not in self._read:
            if not select.select([self._out], [], [], within)[0]:
                raise TimeoutError
            more = os.read(self._out, 65536)
            assert more, "the host has ended"
            self._read += more
        line, _newline, self._read = self._read.partition(b"\n")
        return line.decode()

    def kill(self) -> None:
        os.kill(self.pid, 9)

    def wait(self, within: float = 240) -> int:
        """The code that it ended with, negative for a signal. Raises TimeoutError."""
        while not (line := self.line(within)).startswith(ENDED):
            pass
        return int(line.removeprefix(ENDED))


class Host:
    """Starts the functions of a module by their names, each in a process of its own and on the database that is given."""

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process

    def start(self, what: str, database: str) -> Forked:
        self._process.stdin.write(f"{json.dumps([what, database])}\n".encode())
        self._process.stdin.flush()
        return Forked(self._process)


@contextmanager
def hosted(module: str, database: str, **variables: str) -> Generator[Host]:
    """A host of the functions of `module`; `database` says of which kind those of its processes are."""
    environment = os.environ | {"DEMO": "1", "DEBUG": "0", "DATABASE_URL": database} | variables
    command = [sys.executable, "-m", "tests.faults.forking", module]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Host(process)
        process.stdin.close()


def main(module: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    importlib.import_module("config.urls")
    functions = importlib.import_module(module)
    for order in iter(sys.stdin.readline, ""):
        what, database = json.loads(order)
        pid = os.fork()
        if pid == 0:
            _work(getattr(functions, what), database)
        _, status = os.waitpid(pid, 0)
        os.write(1, f"{ENDED}{os.waitstatus_to_exitcode(status)}\n".encode())


def _work(function, database: str) -> None:
    from django.db import connections

    code = 1
    try:
        os.write(1, f"{os.getpid()}\n".encode())
        kind = connections.databases["default"]
        kind["NAME"] = database.removeprefix("sqlite:///") if "sqlite" in kind["ENGINE"] else database.rpartition("/")[2]
        function()
        sys.stdout.flush()
        connections.close_all()  # SQLite then has all in one file, which tests copy
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
