"""All steps before the first request, in one process, since each start of Django takes seconds."""

import hashlib
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from hierarchy.loading import load_first_edition
from mailing.mail import written_to


class Command(BaseCommand):
    help = (
        "Migrate, make the cache table, load the catalogue, fill an empty database with the demo (DEMO=1), collect static files."
    )

    def execute(self, *args: Any, **options: Any) -> str | None:
        # Before Django's own checks, which query the database, too.
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CommandError(f"DATABASE_URL names a database that cannot be opened: {str(error).strip()}.") from error
        return super().execute(*args, **options)

    def handle(self, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)  # also when CACHE_URL was removed since
        if load_first_edition():
            self.stdout.write("The first catalogue edition is published.")
        if settings.DEMO and not apps.get_model("accounts.Account").objects.exists():
            call_command("demo", stdout=self.stdout)
        self._collect()
        if folder := written_to():
            self.stdout.write(f"Mail is not set up (EMAIL_URL): it is written to files in {folder}")

    def _collect(self) -> None:
        """Collect and compress static files when one of them or the set of packages changed since the last time."""
        stamp = settings.VAR_DIR / "static.stamp"
        now = self._fingerprint()
        if stamp.exists() and stamp.read_text() == now and settings.STATIC_ROOT.exists():
            return
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(now)

    def _fingerprint(self) -> str:
        sources = sorted(path for root in settings.STATICFILES_DIRS for path in Path(root).rglob("*") if path.is_file())
        digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
        for path in sources:
            digest.update(str(path.relative_to(settings.BASE_DIR)).encode() + path.read_bytes())
        return digest.hexdigest()
