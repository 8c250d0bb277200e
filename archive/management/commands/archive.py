import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive import ENDINGS
from archive.contents import archived, counts, fields_of, kind_of
from archive.writing import document, gzipped


class Command(BaseCommand):
    help = (
        "Write all that is the organisation's to one JSON file, as it stands at one moment, while the site runs; "
        "`import_archive` brings it into an empty installation. What is in it: docs/archive.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--fields", action="store_true", help="print the kinds of records with their fields, and write nothing"
        )
        parser.add_argument(
            "--confidential-answers",
            action="store_true",
            help="with names and answers of confidential rounds, to move an installation; keep it like a copy of the database",
        )
        parser.add_argument(
            "file",
            metavar="FILE",
            nargs="?",
            default="",
            help="ends in .json, or in .json.gz to be packed; replaced when it is there",
        )

    def handle(self, *, file: str, fields: bool, confidential_answers: bool, **options: Any) -> None:
        if fields:
            for model in archived():
                self.stdout.write(f"{kind_of(model)}: {', '.join(fields_of(model))}")
            return
        if not file:
            raise CommandError("Name the FILE to write, or ask for --fields.")
        path = Path(file)
        if not path.name.lower().endswith(ENDINGS):
            raise CommandError(f"{path} ends neither in .json nor in .json.gz.")
        pieces = document(with_answers=confidential_answers)
        if path.name.lower().endswith(".gz"):
            pieces = gzipped(pieces)
        part = path.with_name(
            f"{path.name}.part"
        )  # renamed when it is complete, so that an interrupted run keeps the former file
        try:
            # It holds personal data, so only its owner may read it.
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
                target.writelines(pieces)
            part.replace(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        finally:
            part.unlink(missing_ok=True)
        self.stdout.write(f"archived {sum(counts(with_answers=confidential_answers).values())} records in {path}")
