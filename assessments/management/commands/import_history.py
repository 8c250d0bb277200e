from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Account
from assessments.past_levels.kind import HISTORY
from assessments.past_levels.rows import WrongColumns, find_columns
from assessments.past_levels.work import PastLevelsWork
from importing import cli
from importing.kinds import NotNow
from importing.list_work import ListWork
from importing.models import ImportJob
from importing.owner_lookup import DAY_FIRST

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
        path = Path(file)
        content = cli.content_of(path)
        table = cli.table_in(path, content, most_rows=MOST_ROWS)
        whose, of_team = cli.owner_called(owner), cli.team_called(team)
        if create_accounts and whose is None:
            raise CommandError("Whose are the accounts that are made? Say so with --owner EMAIL.")
        chosen = {
            "source": _source(source), "create_accounts": create_accounts, "dates": dates or "",
            "owner": whose.pk if whose else None, "team": of_team.pk if of_team else None,
        }  # fmt: skip
        try:
            columns = {index: field for field, index in find_columns(table.headers).items()}
            job, work = cli.checked(HISTORY.name, path, content, table, columns, chosen)
        except WrongColumns as error:
            raise CommandError(f"{file}: {error}") from error
        except NotNow as error:
            raise CommandError(
                "No edition of the catalogue is published, so levels mean nothing yet. Publish one first."
            ) from error
        refused = cli.tell_problems(job, self.stderr) > 0 and not skip_invalid
        if isinstance(work, PastLevelsWork) and work.ambiguous:
            self.stderr.write("Are these dates day first or month first? Say so with --dates dmy or --dates mdy.")
        self._finish(job, work, refused=refused, dry_run=dry_run)
        if refused:
            raise SystemExit(1)

    def _finish(self, job: ImportJob, work: ListWork, *, refused: bool, dry_run: bool) -> None:
        counts = cli.planned_counts(job, refused=refused)
        made = work.accounts_to_make if isinstance(work, PastLevelsWork) and not refused else 0
        if refused:
            self.stderr.write("Nothing was written. Mend these rows, or leave them out with --skip-invalid.")
        elif dry_run:
            self.stderr.write("Nothing was written: this was a dry run.")
        if refused or dry_run:
            job.delete()
        else:
            counts = cli.store(job).report or {}
            made = counts.get("accounts_made", 0)
        if made:
            self.stderr.write(f"Accounts {'to make' if dry_run else 'made'}: {made}.")
        self.stdout.write(cli.summary(counts))


def _source(name: str) -> str:
    if len(name) > (LONGEST_SOURCE or 0):
        raise CommandError(f"A source has at most {LONGEST_SOURCE} characters.")
    return name
