"""A worker process of `bench/run`: it measures the pages for one size of portfolio.

Reads commands as lines from standard input and answers each with a line of JSON: `pages` (names, statements and bytes), `warm`
and `cold` (seconds of each page, requested one after the other). Cold is the first view after a change, with an empty cache of
figures. Requests are made as the executive, who sees every account, with all middleware, without a web server.
"""

import json
import logging
import os
import sys
import time
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BARE = "bare view, 25 rows"
FRAME = "the same in our frame"  # a plain table in the base template, to separate its cost from that of the content
IN_FRAME = """{% extends "base.html" %}{% block main %}<table>{% for account in accounts %}
<tr><td>{{ account.name }}</td><td>{{ account.segment }}</td><td>{{ account.level }}</td><td>{{ account.revenue }}</td></tr>
{% endfor %}</table>{% endblock %}"""


def main() -> None:
    accounts, years = (int(argument) for argument in sys.argv[1:])
    os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(ROOT))
    import django
    from django.contrib.auth import get_user_model
    from django.test import Client

    django.setup()
    _fill(accounts, years)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(get_user_model().objects.get(email="viewer@example.com"))
    pages = _pages()
    for line in sys.stdin:
        match line.strip():
            case "pages":
                answer = _described(client, pages)
            case "warm":
                answer = {name: _seconds(client, address) for name, address in pages.items()}
            case "cold":
                answer = {name: _after_a_change(client, address) for name, address in pages.items() if name != BARE}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _fill(accounts: int, years: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from accounts.models import Account
    from hierarchy.loading import load_first_edition

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    load_first_edition()
    if not Account.objects.exists():
        call_command("demo", accounts=accounts, years=years, stdout=sys.stderr)
    call_command("prepare", stdout=sys.stderr)  # static files, as in production
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    logging.disable(logging.INFO)


def _pages() -> dict[str, str]:
    from django.db.models import Count
    from django.urls import path, reverse

    from accounts.models import Account
    from config import urls

    urls.urlpatterns += [path("bench/bare/", _bare, name="bench-bare"), path("bench/frame/", _frame, name="bench-frame")]
    busiest = Account.objects.annotate(results=Count("assessments")).order_by("-results", "pk").first()
    listed = reverse("accounts:list")
    pages = {
        BARE: reverse("bench-bare"),
        FRAME: reverse("bench-frame"),
        "dashboard": reverse("portfolio:dashboard"),
        "list": listed,
        "list, last page": f"{listed}?before=end",
        "list, search": f"{listed}?q=holm",
        "list, on level 3": f"{listed}?level=3",
        "list, off track": f"{listed}?status=off_track&sort=-revenue",
        "account": busiest.get_absolute_url(),
        "benchmarks": reverse("portfolio:benchmarks"),
    }
    for column in ("level", "gap", "heard", "target", "revenue", "owner"):
        for sort in (column, f"-{column}"):
            pages[f"list by {sort}"] = f"{listed}?sort={sort}"
    return pages


def _bare(request):
    from django.http import HttpResponse

    from accounts.models import Account

    return HttpResponse("\n".join(account.name for account in Account.objects.order_by("pk")[:25]))


@cache
def _template():
    from django.template import engines

    return engines["django"].from_string(IN_FRAME)


def _frame(request):
    from django.http import HttpResponse

    from accounts.models import Account

    return HttpResponse(_template().render({"accounts": Account.objects.order_by("pk")[:25]}, request))


def _described(client, pages: dict[str, str]) -> dict[str, dict[str, int]]:
    import gzip

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.models import Account
    from assessments.models import Assessment

    found = {}
    for name, address in pages.items():
        client.get(address)  # loads the templates, fills the cache
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address)
        if response.status_code != 200:
            sys.exit(f"{address} answered {response.status_code}")
        found[name] = {"statements": len(captured), "bytes": len(gzip.compress(response.content))}
    return {"pages": found, "accounts": Account.objects.count(), "assessments": Assessment.objects.count()}


def _seconds(client, address: str) -> float:
    begin = time.perf_counter()
    client.get(address)
    return time.perf_counter() - begin


def _after_a_change(client, address: str) -> float:
    from django.core.cache import caches

    caches["figures"].clear()
    return _seconds(client, address)


if __name__ == "__main__":
    main()
