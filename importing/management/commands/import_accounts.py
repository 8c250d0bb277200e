import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from importing import cli
from importing.jobs import guessed
from importing.kinds import ACCOUNTS
from importing.mapping import WHOSE, Mapping, WrongMapping, columns_named, given_mapping, needs_money_choice, with_money_choice
from importing.reading.table import Table
from importing.row_choices import Offers


class Command(BaseCommand):
    help = (
        "Import accounts from a CSV file or an Excel workbook, as the page does: all rows, or none when one is rejected. "
        "New rows that look like accounts that are here are named, and made. "
        "Ends in a line “created A, updated B, unchanged C, rejected D”; status 1 when a row is rejected."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a CSV or .xlsx file with a row that names the columns")
        parser.add_argument(
            "--owner", metavar="EMAIL", help="owner of new accounts where the file names none; else an administrator"
        )
        parser.add_argument("--team", metavar="NAME", help="team of new accounts; else the owner's, if it is only one")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument(
            "--mapping",
            metavar="FILE.json",
            help='what columns mean: {"Company": "name", "Phone": null}; over the guess',
        )
        parser.add_argument("--skip-invalid", action="store_true", help="import the other rows when some are rejected")
        parser.add_argument(
            "--revenue-is",
            choices=WHOSE,
            help="whose money a column such as “Annual Revenue” holds: ours, what they buy from us, or theirs, what they sell",
        )
        parser.add_argument(
            "--names-in-row", metavar="N", type=int, help="the row that names the columns, where a title stands above it"
        )

    def handle(
        self, *, file: str, owner: str | None, team: str | None, dry_run: bool, mapping: str | None,
        skip_invalid: bool, revenue_is: str | None, names_in_row: int | None, **options: Any,
    ) -> None:  # fmt: skip
        path = Path(file)
        content = cli.content_of(path)
        table = cli.table_in(path, content, names_in_row=names_in_row)
        columns = _mapping(table, mapping, revenue_is)
        whose, of_team = cli.owner_called(owner), cli.team_called(team)
        chosen = {"owner": whose.pk if whose else None, "team": of_team.pk if of_team else None}
        job, work = cli.checked(ACCOUNTS, path, content, table, columns, chosen)
        rejected = cli.tell_problems(job, self.stderr)
        self._tell_alike(work.offers())
        refused = rejected > 0 and not skip_invalid
        counts = cli.planned_counts(job, refused=refused)
        if refused:
            self.stderr.write("Nothing was written. Mend these rows, or leave them out with --skip-invalid.")
        elif dry_run:
            self.stderr.write("Nothing was written: this was a dry run.")
        if refused or dry_run:
            job.delete()
        else:
            counts = cli.store(job).report or {}
        self.stdout.write(cli.summary(counts))
        if refused:
            raise SystemExit(1)

    def _tell_alike(self, offers: Offers | None) -> None:
        if not offers:
            return
        for note in (notes := offers.notes()):
            self.stderr.write(note)
        if len(offers) > len(notes):
            self.stderr.write(f"and {len(offers) - len(notes)} more")
        self.stderr.write("Such rows make new accounts. On the import page you can say which account each one is.")


def _mapping(table: Table, path: str | None, whose: str | None) -> Mapping:
    mapping, decided = guessed(table), set[int]()
    if path:
        try:
            written = json.loads(Path(path).read_bytes())
            mapping = given_mapping(written, table.headers, mapping)
            decided = columns_named(written, table.headers)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{path} is not JSON: {error}.") from error
        except WrongMapping as error:
            raise CommandError(f"{path}: {error}") from error
    if whose:
        mapping = with_money_choice(table.headers, mapping, whose, decided)
    elif asked := needs_money_choice(table.headers, mapping, decided):
        names = ", ".join(f"“{table.headers[index]}”" for index in asked)
        raise CommandError(
            f"Whose money is {names}? Say so: --revenue-is ours for what they buy from us in a year, "
            "--revenue-is theirs for their own turnover."
        )
    if not {"name", "external_id"} & set(mapping.values()):
        columns = ", ".join(table.headers)
        raise CommandError(f'Which column is the name? Say so with --mapping: {{"…": "name"}}. Columns: {columns}.')
    return mapping
