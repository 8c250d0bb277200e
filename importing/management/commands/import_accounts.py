import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from importing.apply import apply
from importing.cli import owner_called, table_in, team_called
from importing.jobs import guessed
from importing.look_alikes import LookAlikes
from importing.mapping import Mapping, WrongMapping, given_mapping
from importing.owner_lookup import Options
from importing.reading.table import Table


class Command(BaseCommand):
    help = (
        "Import accounts from a CSV file or an Excel workbook, as the page does: all rows, or none when one is rejected. "
        "New rows that look like accounts that are here are named, and made. "
        "Ends in a line “created A, updated B, unchanged C, rejected D”; status 1 when a row is rejected."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a CSV or .xlsx file whose first row names the columns")
        parser.add_argument(
            "--owner",
            metavar="EMAIL",
            help="owner of new accounts where the file names none; else an administrator",
        )
        parser.add_argument("--team", metavar="NAME", help="team of new accounts; else the owner's, if it is only one")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument(
            "--mapping",
            metavar="FILE.json",
            help='what columns mean: {"Company": "name", "Phone": null}; over the guess',
        )
        parser.add_argument("--skip-invalid", action="store_true", help="import the other rows when some are rejected")

    def handle(
        self, *, file: str, owner: str | None, team: str | None, dry_run: bool, mapping: str | None,
        skip_invalid: bool, **options: Any,
    ) -> None:  # fmt: skip
        table = table_in(Path(file))
        columns = _mapping(table, mapping)
        report = apply(
            table,
            columns,
            Options(by=None, owner=owner_called(owner), team=team_called(team)),
            skip_rejected=skip_invalid,
            dry_run=dry_run,
            alike=True,
            note=f"import_accounts {Path(file).name}",
        )
        for problem in report.problems:
            self.stderr.write(str(problem))
        if report.more_problems:
            self.stderr.write(f"and {report.more_problems} more")
        if report.alike:
            self._tell_alike(report.alike)
        if report.problems and not skip_invalid:
            self.stderr.write("Nothing was written. Mend these rows, or leave them out with --skip-invalid.")
        elif dry_run:
            self.stderr.write("Nothing was written: this was a dry run.")
        self.stdout.write(report.summary)
        if report.problems and not skip_invalid:
            raise SystemExit(1)

    def _tell_alike(self, alike: LookAlikes) -> None:
        for note in (notes := alike.notes()):
            self.stderr.write(note)
        if len(alike) > len(notes):
            self.stderr.write(f"and {len(alike) - len(notes)} more")
        self.stderr.write("Such rows make new accounts. On the import page you can say which account each one is.")


def _mapping(table: Table, path: str | None) -> Mapping:
    mapping = guessed(table)
    if path:
        try:
            mapping = given_mapping(json.loads(Path(path).read_bytes()), table.headers, mapping)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{path} is not JSON: {error}.") from error
        except WrongMapping as error:
            raise CommandError(f"{path}: {error}") from error
    if not {"name", "external_id"} & set(mapping.values()):
        columns = ", ".join(table.headers)
        raise CommandError(f'Which column is the name? Say so with --mapping: {{"…": "name"}}. Columns: {columns}.')
    return mapping
