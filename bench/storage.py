"""Measure the storage of an account: bytes by table and index, per account and year, on PostgreSQL.

    DATABASE_URL=postgres://… python bench/storage.py [--accounts N] [--years Y]

Fills an empty database with a demo portfolio of N accounts over Y years, runs VACUUM FULL, and queries the size of each table with
its indexes and TOAST. Sizes of tables that grow with time are divided by accounts × years, the others by accounts. A database in
use has some free space in addition; multiply by 1.3.

A large demo has answers for a part of its rounds only. So the storage of a typical year of an account is computed as the rows of such
a year (`YEAR`) times the measured bytes of a row. A large demo also writes few audit events, so the size of an event is measured by
the growth of the table with 1 000 more of them. These are also timed, each in its own transaction: the chain allows one writer at
a time, so that is the maximum of the site.
"""

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Two rounds with five people each (ours counted), who answer 20 statements; a target revised every other year, four actions,
# and an event for each of these acts: opened, five answers, closed, twice; the target; each action made and done.
YEAR = {
    "assessments_assessment": 2.0,
    "assessments_response": 10.0,
    "assessments_answer": 200.0,
    "plans_target": 0.5,
    "plans_actionplan": 0.5,
    "plans_action": 4.0,
}
YEARLY_EVENTS = 23.0
GROW_WITH_TIME = ("assessments_", "surveys_", "plans_", "audit_", "mailing_letter")
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
    rows = _print(options.accounts, options.years)
    event = _print_event()
    full = sum(rows[table] * count for table, count in YEAR.items()) + YEARLY_EVENTS * event
    print(f"a full year of an account: {full:.0f} B, of which the audit trail {YEARLY_EVENTS * event:.0f} B")


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


def _print(accounts: int, years: int) -> dict[str, float]:
    """Print the sizes; returns the bytes of a row of each table, indexes included."""
    from django.db import connection

    _tidy()
    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        rows = cursor.fetchall()
        cursor.execute("SELECT pg_database_size(current_database())")
        whole = cursor.fetchone()[0]
    print(f"{accounts} accounts, {years} years; the whole database {whole / 1e6:.1f} MB\n")
    print(f"{'table':34}{'rows':>10}{'rows/account':>14}{'B/row':>8}{'of it index':>12}{'B/account':>11}{'B/acc-year':>12}")
    standing = growing = 0.0
    each = {table: (heap + index) / max(count, 1) for table, count, heap, index in rows}
    for table, count, heap, index in rows:
        grows = table.startswith(GROW_WITH_TIME)
        per_account = (heap + index) / accounts
        if grows:
            growing += per_account / years
        else:
            standing += per_account
        if per_account < 5:  # tables that do not grow with the accounts
            continue
        yearly = f"{per_account / years:12.0f}" if grows else f"{'':12}"
        print(
            f"{table:34}{count:10}{count / accounts:14.2f}{each[table]:8.0f}{index / max(count, 1):12.0f}{per_account:11.0f}{yearly}"
        )
    print(f"\nan account stands at {standing:.0f} B once and grows by {growing:.0f} B a year, indexes included")
    return each


def _print_event() -> float:
    """Print and return the bytes of an audit event, from the growth of the table with `CHANGES` changes of one field."""
    from django.db import connection, transaction

    from accounts.models import Account, User
    from audit import trail

    def size() -> int:
        _tidy()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_total_relation_size('audit_event')")
            return cursor.fetchone()[0]

    by, before = User.objects.order_by("pk").first(), size()
    accounts = list(Account.objects.order_by("pk")[:CHANGES])
    begin = time.perf_counter()
    for account in accounts:
        with transaction.atomic():
            trail.record("account.changed", account, by=by, before={"city": account.city}, after={"city": "Elsewhere"})
    seconds = time.perf_counter() - begin
    event = (size() - before) / len(accounts)
    print(f"an event of the audit trail (one field changed): {event:.0f} B; {len(accounts) / seconds:.0f} a second one by one")
    return event


if __name__ == "__main__":
    main()
