from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Account
from demo.build import build
from hierarchy.models import Edition


class Command(BaseCommand):
    help = "Fill an empty database with an invented portfolio: accounts, contacts, assessments, targets, plans."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", type=int, default=300, help="how many accounts, 1 to 100 000")
        parser.add_argument("--years", type=int, default=4, help="years of half-yearly assessments, 1 to 10")
        parser.add_argument("--seed", type=int, default=1, help="the same seed on the same day gives the same portfolio")

    def handle(self, *, accounts: int, years: int, seed: int, **options: Any) -> None:
        if settings.DEMO_REFUSED:
            raise CommandError("DEMO=0: this installation is not for demonstration.")
        if Account.objects.exists():
            raise CommandError("The database already holds accounts; the demo only fills an empty one.")
        if not 1 <= accounts <= 100_000:
            raise CommandError("--accounts takes a number from 1 to 100000.")
        if not 1 <= years <= 10:
            raise CommandError("--years takes a number from 1 to 10.")
        if Edition.objects.published() is None:
            raise CommandError("No catalogue edition is published yet; `manage.py prepare` loads the first one.")
        build(accounts=accounts, years=years, seed=seed, tell=self.stdout.write)
