from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.exporting import COLUMNS, rows
from accounts.models import Account
from core.paging import Sort
from core.tables import csv_lines, write_xlsx


class Command(BaseCommand):
    help = (
        "Write all accounts, archived ones too, with all that the importer reads, to a CSV or XLSX file (by its extension). "
        "Importing that file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="ends in .csv or .xlsx; replaced when it is there")

    def handle(self, *, file: str, **options: Any) -> None:
        path, accounts = Path(file), Account.objects.unmerged()
        kind = path.suffix.lower()
        if kind not in {".csv", ".xlsx"}:
            raise CommandError(f"{path} ends neither in .csv nor in .xlsx.")
        table = rows(accounts, Sort("name", "name"), COLUMNS, accounts)
        try:
            with path.open("wb") as target:
                if kind == ".csv":
                    target.writelines(csv_lines(table))
                else:
                    write_xlsx(table, target)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"exported {accounts.count()}")
