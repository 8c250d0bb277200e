from argparse import ArgumentParser
from itertools import batched
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import derived
from accounts.models import Account
from core import days


class Command(BaseCommand):
    help = "Prove the derived columns of every account against its history; name each that deviates, and mend it with --fix."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fix", action="store_true", help="write the right values")

    def handle(self, *, fix: bool, **options: Any) -> None:
        today, wrong = days.today(), 0
        pks = Account.objects.order_by("pk").values_list("pk", flat=True)
        for batch in batched(pks.iterator(chunk_size=derived.BATCH), derived.BATCH):
            for account, columns in derived.deviations(list(batch), today):
                wrong += 1
                corrections = ", ".join(f"{name} {getattr(account, name)} → {value}" for name, value in sorted(columns.items()))
                self.stdout.write(f"{account.pk} {account}: {corrections}")
            if fix:
                derived.refresh(batch, today=today, occasion=derived.Occasion.MEND)
        if wrong and not fix:
            raise CommandError(f"{wrong} of {Account.objects.count()} accounts deviate from their history. --fix mends them.")
        if wrong:
            derived.record_refresh(wrong)
        self.stdout.write(f"{wrong} accounts were mended." if wrong else "Every derived column is what its history says.")
