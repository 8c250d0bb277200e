"""What a page costs: statements, bytes, and server time beside a bare Django view.

    bench/run [--accounts N] [--rounds R]      (DATABASE_URL picks the database; an empty one gets a demo of N accounts)

Each round asks every page once, one after the other, so that all of them meet the same noise of the machine; the bare view
does one query of 25 rows in the same process with the same middleware, as the same person. A page's figure is the median
of its times, its ratio that median over the bare view's. Absolute times are printed for orientation only.

Pages are asked as the executive, who sees every account. Database and Django run in this process, without a web server.
"""

import argparse
import logging
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(ROOT))
    import django
    from django.contrib.auth import get_user_model
    from django.test import Client

    django.setup()
    _fill(options.accounts)
    pages = _pages()
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(get_user_model().objects.get(email="viewer@example.com"))
    times: dict[str, list[float]] = {name: [] for name in pages}
    statements, sizes = {}, {}
    for address in pages.values():  # warm: templates, connections, the database's cache
        client.get(address)
    for name, address in pages.items():
        statements[name], sizes[name] = _counted(client, address)
    for _ in range(options.rounds):
        for name, address in pages.items():
            begin = time.perf_counter()
            client.get(address)
            times[name].append(time.perf_counter() - begin)
    _print(times, statements, sizes)


def _fill(accounts: int) -> None:
    from django.core.management import call_command

    from accounts.models import Account
    from hierarchy.loading import load_first_edition

    call_command("migrate", verbosity=0)
    load_first_edition()
    if not Account.objects.exists():
        call_command("demo", accounts=accounts)
    call_command("createcachetable", verbosity=0)
    call_command("prepare")  # static files, as in production
    logging.disable(logging.INFO)


def _pages() -> dict[str, str]:
    from django.db import connection
    from django.db.models import Count
    from django.urls import path, reverse

    from accounts.models import Account
    from config import urls

    urls.urlpatterns.append(path("bench/bare/", _bare, name="bench-bare"))
    busiest = Account.objects.annotate(results=Count("assessments")).order_by("-results", "pk").first()
    count = Account.objects.count()
    print(f"{connection.vendor}, {count} accounts", file=sys.stderr)
    accounts = reverse("accounts:list")
    return {
        "bare view, 25 rows": reverse("bench-bare"),
        "dashboard": reverse("portfolio:dashboard"),
        "account list": accounts,
        "account list, last page": f"{accounts}?before=end",
        "account list, search": f"{accounts}?q=holm",
        "account page": busiest.get_absolute_url(),
    }


def _bare(request):
    from django.http import HttpResponse

    from accounts.models import Account

    return HttpResponse("\n".join(account.name for account in Account.objects.order_by("pk")[:25]))


def _counted(client, address: str) -> tuple[int, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    if response.status_code != 200:
        sys.exit(f"{address} answered {response.status_code}")
    return len(captured), len(response.content)


def _print(times: dict[str, list[float]], statements: dict[str, int], sizes: dict[str, int]) -> None:
    medians = {name: statistics.median(found) for name, found in times.items()}
    bare = next(iter(medians.values()))
    print(f"{'page':26}{'statements':>11}{'bytes':>9}{'median ms':>11}{'× bare':>9}")
    for name, median in medians.items():
        print(f"{name:26}{statements[name]:11}{sizes[name]:9}{median * 1000:11.1f}{median / bare:9.1f}")


if __name__ == "__main__":
    main()
