from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive.reading import Archive, UnusableArchive
from archive.restoring import restore


class Command(BaseCommand):
    help = (
        "Bring an archive into an empty installation (`manage.py migrate`, not yet `prepare`): all of it, or nothing. "
        "Status 1 and one line when the file or the installation is not as it has to be."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a .json or .json.gz that `manage.py archive` or the page wrote")
        parser.add_argument("--dry-run", action="store_true", help="check the whole file against this installation, keep nothing")

    def handle(self, *, file: str, dry_run: bool, **options: Any) -> None:
        try:
            restored = restore(Archive(Path(file)), dry_run=dry_run)
        except UnusableArchive as error:
            raise CommandError(str(error)) from error
        if restored.broken_events:
            self.stderr.write(
                f"{restored.broken_events} events do not fit the chain of the trail: they were altered before the archive was "
                "made, or in it. `manage.py verify_audit` names them."
            )
        if dry_run:
            self.stderr.write("Nothing was stored: this was a dry run.")
        else:
            self._tell_how_to_go_on(restored.administrators)
        self.stdout.write(f"imported {sum(restored.records.values())} records")

    def _tell_how_to_go_on(self, administrators: list[str]) -> None:
        self.stdout.write("Nobody has a password here yet.")
        if administrators:
            self.stdout.write(f"The first administrator gets one by: manage.py changepassword {administrators[0]}")
        else:
            self.stdout.write("No administrator may sign in: make one with manage.py createsuperuser")
        self.stdout.write("All others choose one by “Forgot your password?”. What else to do: docs/archive.md.")
