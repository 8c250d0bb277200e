from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Account
from assessments.past_levels.apply import HistoryReport, import_history
from assessments.past_levels.check import Choices, NoEdition
from assessments.past_levels.rows import WrongColumns
from importing.cli import owner_called, table_in, team_called
from importing.owner_lookup import DAY_FIRST, Options

MOST_ROWS = 100_000
LONGEST_SOURCE = Account._meta.get_field("source").max_length


class Command(BaseCommand):
    help = (
        "Bring in levels that were found before Standing came, from a CSV file or an Excel workbook. Columns: account (external id "
        "or exact name), held_on, customer_level and/or team_level (1 to 5), and if known respondents. All rows, or none when one "
        "is rejected. Ends in a line “created A, updated B, unchanged C, rejected D”; status 1 when a row is rejected."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a CSV or .xlsx file whose first row names the columns")
        parser.add_argument("--source", default="", metavar="NAME", help="the system that the external ids come from")
        parser.add_argument("--create-accounts", action="store_true", help="make accounts that are not here yet")
        parser.add_argument("--owner", metavar="EMAIL", help="owner of accounts that are made; else an administrator")
        parser.add_argument("--team", metavar="NAME", help="team of accounts that are made; else the owner's, if it is only one")
        parser.add_argument("--dates", choices=DAY_FIRST, help="how dates such as 3/4/2024 are meant: day or month first")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument("--skip-invalid", action="store_true", help="import the other rows when some are rejected")

    def handle(
        self, *, file: str, source: str, create_accounts: bool, owner: str | None, team: str | None, dates: str | None,
        dry_run: bool, skip_invalid: bool, **options: Any,
    ) -> None:  # fmt: skip
        choices = Choices(
            source=_source(source),
            create_accounts=create_accounts,
            options=Options(by=None, owner=owner_called(owner), team=team_called(team)),
            day_first=DAY_FIRST[dates] if dates else None,
        )
        if create_accounts and choices.options.owner is None:
            raise CommandError("Whose are the accounts that are made? Say so with --owner EMAIL.")
        table = table_in(Path(file), most_rows=MOST_ROWS)
        try:
            report = import_history(
                table, choices, skip_rejected=skip_invalid, dry_run=dry_run, note=f"import_history {Path(file).name}"
            )
        except WrongColumns as error:
            raise CommandError(f"{file}: {error}") from error
        except NoEdition as error:
            raise CommandError(
                "No edition of the catalogue is published, so levels mean nothing yet. Publish one first."
            ) from error
        self._tell(report, skip_invalid=skip_invalid, dry_run=dry_run)
        if report.problems and not skip_invalid:
            raise SystemExit(1)

    def _tell(self, report: HistoryReport, *, skip_invalid: bool, dry_run: bool) -> None:
        for problem in report.problems:
            self.stderr.write(str(problem))
        if report.more_problems:
            self.stderr.write(f"and {report.more_problems} more")
        if report.ambiguous_dates:
            self.stderr.write("Are these dates day first or month first? Say so with --dates dmy or --dates mdy.")
        if report.problems and not skip_invalid:
            self.stderr.write("Nothing was written. Mend these rows, or leave them out with --skip-invalid.")
        elif dry_run:
            self.stderr.write("Nothing was written: this was a dry run.")
        if report.accounts_made:
            self.stderr.write(f"Accounts {'to make' if dry_run else 'made'}: {report.accounts_made}.")
        self.stdout.write(report.summary)


def _source(name: str) -> str:
    if len(name) > (LONGEST_SOURCE or 0):
        raise CommandError(f"A source has at most {LONGEST_SOURCE} characters.")
    return name
