"""Count the files and functions of the project that the import of two rows enters, by the command, on an empty SQLite database.

    bench/run import --entered

Each account of the list has twelve columns and a contact. A file counts when one of its functions is called, wherever it stands; what
modules do when they are loaded does not count, nor do tests and the bench.
"""

import os
import sys
import tempfile
import threading
from collections import defaultdict
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

LEFT_OUT = (f"{ROOT}/.venv/", f"{ROOT}/bench/", f"{ROOT}/tests/")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DEMO": "1", "DATABASE_URL": f"sqlite:///{folder}/entered.sqlite3"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django
        from django.core.management import call_command

        django.setup()
        from bench.import_files import LISTS

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        _somebody()
        file = Path(folder) / "two.csv"
        LISTS["accounts"].write(file, 2)
        found = _entered(lambda: call_command("import_accounts", str(file), revenue_is="ours"))
    for name in sorted(found):
        print(f"{len(found[name]):4} {name}: {', '.join(sorted(found[name]))}")
    print(f"{len(found)} files, {sum(map(len, found.values()))} functions")


def _somebody() -> None:
    from accounts.models import User

    User.objects.create_user(email="bench@example.com", name="Bench", role=User.Role.ADMINISTRATOR)


def _entered(act: Any) -> dict[str, set[str]]:
    """The functions that `act` calls, by their file."""
    found: dict[str, set[str]] = defaultdict(set)

    def note(frame: FrameType, event: str, _what: Any) -> None:
        code = frame.f_code
        ours = code.co_filename.startswith(f"{ROOT}/") and not code.co_filename.startswith(LEFT_OUT)
        if ours and event == "call" and code.co_name != "<module>":
            found[code.co_filename.removeprefix(f"{ROOT}/")].add(code.co_qualname)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return found


if __name__ == "__main__":
    main()
