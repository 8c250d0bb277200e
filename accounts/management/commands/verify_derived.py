from argparse import ArgumentParser
from itertools import batched
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import derived
from accounts.models import Account, Contact
from core import days
from core.stored_keys import keys_of, wrong_keys


class Command(BaseCommand):
    help = (
        "Prove the derived columns of every account against its history, and the stored keys of accounts and contacts against "
        "their texts; name each that deviates, and mend it with --fix."
    )

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
        keys = sum(self._verify_keys(model, fix=fix) for model in (Account, Contact))
        if keys and not fix:
            raise CommandError(
                f"{keys} accounts and contacts have wrong search keys, {wrong} deviate from their history. --fix mends them."
            )
        if keys:
            self.stdout.write(f"{keys} accounts and contacts have new search keys.")
        if wrong and not fix:
            raise CommandError(f"{wrong} of {Account.objects.count()} accounts deviate from their history. --fix mends them.")
        if wrong:
            derived.record_refresh(wrong)
        self.stdout.write(f"{wrong} accounts were mended." if wrong else "Every derived column is what its history says.")

    def _verify_keys(self, model: type[Account | Contact], *, fix: bool) -> int:
        """Compare the stored keys; the number of rows where one is wrong. Keys name people: what they say is not printed."""
        keys, wrong = keys_of(model), 0
        needed = {"pk", *(name for key in keys for name in (key.name, *key.of))}
        rows = model.objects.order_by("pk").only(*needed)
        for batch in batched(rows.iterator(chunk_size=derived.BATCH), derived.BATCH):
            found = dict(wrong_keys(batch))
            for row, columns in found.items():
                wrong += 1
                self.stdout.write(f"{row._meta.verbose_name} {row.pk}: {', '.join(sorted(columns))}")
            if fix and found:
                model.objects.all().renew_keys(row.pk for row in found)
        return wrong
