"""What an account costs on disk: bytes by table and index, per account and year, on PostgreSQL.

    DATABASE_URL=postgres://… python bench/storage.py [--accounts N] [--years Y]

Fills an empty database with a demo portfolio of N accounts over Y years, lets PostgreSQL tidy up (VACUUM FULL, so that what
the building left behind does not count), and asks it for the size of each table with its indexes and its long texts. Tables
that grow with time are divided by accounts × years, the others by accounts. A living database holds some empty space on top;
take 1.3 × for it. Of the audit trail a single event is measured too: by how much 1 000 more of them make the table grow.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GROW_WITH_TIME = ("assessments_", "plans_", "audit_", "accounts_letter")
CHANGES = 1000

SIZES = """
SELECT c.relname, c.reltuples::bigint, pg_table_size(c.oid), pg_indexes_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY pg_total_relation_size(c.oid) DESC
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=5000)
    parser.add_argument("--years", type=int, default=4)
    options = parser.parse_args()
    os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(ROOT))
    import django
    from django.db import connection

    django.setup()
    if connection.vendor != "postgresql":
        sys.exit("DATABASE_URL has to name a PostgreSQL database: SQLite does not tell the size of a table.")
    _fill(options.accounts, options.years)
    _print(options.accounts, options.years)
    _print_event()


def _fill(accounts: int, years: int) -> None:
    from django.core.management import call_command

    from accounts.models import Account
    from hierarchy.loading import load_first_edition

    call_command("migrate", verbosity=0)
    load_first_edition()
    if Account.objects.exists():
        sys.exit("The database holds accounts already. Name an empty one.")
    call_command("demo", accounts=accounts, years=years)


def _tidy() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FULL, ANALYZE)")


def _print(accounts: int, years: int) -> None:
    from django.db import connection

    _tidy()
    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        rows = cursor.fetchall()
        cursor.execute("SELECT pg_database_size(current_database())")
        whole = cursor.fetchone()[0]
    print(f"{accounts} accounts, {years} years; the whole database {whole / 1e6:.1f} MB\n")
    print(f"{'table':34}{'rows':>10}{'rows/account':>14}{'table kB':>10}{'index kB':>10}{'B/account':>11}{'B/acc-year':>12}")
    standing = growing = 0.0
    for table, count, heap, index in rows:
        grows = table.startswith(GROW_WITH_TIME)
        per_account = (heap + index) / accounts
        if grows:
            growing += per_account / years
        else:
            standing += per_account
        if per_account < 5:  # what does not grow with the accounts
            continue
        yearly = f"{per_account / years:12.0f}" if grows else f"{'':12}"
        print(f"{table:34}{count:10}{count / accounts:14.2f}{heap // 1000:10}{index // 1000:10}{per_account:11.0f}{yearly}")
    print(f"\nan account stands at {standing:.0f} B once and grows by {growing:.0f} B a year, indexes included")


def _print_event() -> None:
    """The trail's table before and after `CHANGES` changes of one field, each an act of its own."""
    from django.db import connection, transaction

    from accounts.models import Account, User
    from audit import trail

    def size() -> int:
        _tidy()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_total_relation_size('audit_event')")
            return cursor.fetchone()[0]

    by, before = User.objects.order_by("pk").first(), size()
    for account in Account.objects.order_by("pk")[:CHANGES]:
        with transaction.atomic():
            trail.record("account.changed", account, by=by, before={"city": account.city}, after={"city": "Elsewhere"})
    print(f"an event of the audit trail (one field changed): {(size() - before) / min(CHANGES, Account.objects.count()):.0f} B")


if __name__ == "__main__":
    main()
