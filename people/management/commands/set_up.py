"""Print the one-time link to make the first administrator."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from people import set_up


class Command(BaseCommand):
    help = "Print a link, for 24 hours and one use, to make the first administrator. A new link replaces the former one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-nobody", action="store_true", help="print nothing when somebody is here already, as script/server does"
        )

    def handle(self, *, if_nobody: bool, **options: Any) -> None:
        if if_nobody and User.objects.exists():
            return
        try:
            link = set_up.issue_link()
        except set_up.AlreadySetUp as there:
            raise CommandError(
                f"{there.email} is administrator already. Without the password: manage.py changepassword {there.email}"
            ) from there
        self.stdout.write("Nobody can sign in yet. Open this link to make the first administrator; it works once, for 24 hours:")
        self.stdout.write(f"  {link}")
