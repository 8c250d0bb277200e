"""What the list shows, as a file; and how any table leaves as one."""

import tempfile
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.exporting import SHOWN, note_export, rows
from accounts.filters import AccountListFilter, sort_of
from accounts.models import Account
from accounts.permissions import SignedInRequest
from core import days
from core.database_limits import in_no_hurry, unhurried
from core.forms import redirect_within
from core.tables import Cell, csv_lines, write_xlsx

MOST_IN_WORKBOOK = 25_000  # a workbook is whole before its first byte leaves: about a second for each 2 000
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@never_cache
@require_safe
def export(request: SignedInRequest, kind: str) -> HttpResponseBase:
    """The accounts of the list: the same filters, order and columns stand in the address."""
    visible = Account.objects.visible_to(request.user, teams_first=True)
    narrowed = AccountListFilter(request.GET, user=request.user, queryset=visible)
    count = narrowed.count()
    if is_too_long(request, kind, count):
        address = reverse("accounts:list")
        return redirect_within(request, f"{address}?{request.GET.urlencode()}", address)
    table = rows(narrowed.qs, sort_of(request.GET.get("sort")), SHOWN, visible)
    return as_file(request, "accounts", kind, table, rows=count, chosen=narrowed.told)


def is_too_long(request: SignedInRequest, kind: str, rows: int) -> bool:
    """Whether so many rows are more than a file of this kind takes; whoever asked is told what to do instead."""
    if kind != "xlsx" or rows <= MOST_IN_WORKBOOK:
        return False
    said = _("These are %(count)s rows, and a workbook is made of at most %(most)s. Take the CSV file, or fewer accounts.")
    messages.warning(request, said % {"count": intcomma(rows), "most": intcomma(MOST_IN_WORKBOOK)})
    return True


def as_file(
    request: SignedInRequest, what: str, kind: str, table: Iterable[list[Cell]], *, rows: int, chosen: dict[str, Any]
) -> HttpResponseBase:
    """A table as a download, named with the day: CSV leaves row by row, a workbook once it is whole. Noted in the trail.

    `rows` says how many there are below the header; of which accounts, `chosen`.
    """
    if request.method == "GET":
        note_export(request.user, what=what, kind=kind, rows=rows, chosen=chosen)
    name = f"{what}-{days.today():%Y-%m-%d}.{kind}"
    if kind == "csv":
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(in_no_hurry(csv_lines(table)), content_type="text/csv; charset=utf-8", headers=headers)
    file = tempfile.TemporaryFile()  # noqa: SIM115 closed with the response
    with unhurried():
        write_xlsx(table, file, what.capitalize())
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=SPREADSHEET)
