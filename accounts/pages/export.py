"""The export of the accounts list as a file, and the file responses of all exported tables."""

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
from core.database_limits import longer_limits, with_longer_limits
from core.forms import redirect_within
from core.tables import Cell, csv_lines, write_xlsx

MAX_WORKBOOK_ROWS = 25_000  # it is complete before its first byte is sent: about one second for 2 000 rows
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@never_cache
@require_safe
def export(request: SignedInRequest, kind: str) -> HttpResponseBase:
    """Export the accounts of the list: the query string has the same filters, order and columns."""
    visible = Account.objects.visible_to(request.user, teams_first=True)
    narrowed = AccountListFilter(request.GET, user=request.user, queryset=visible)
    count = narrowed.count()
    if refuse_long_workbook(request, kind, count):
        address = reverse("accounts:list")
        return redirect_within(request, f"{address}?{request.GET.urlencode()}", address)
    table = rows(narrowed.qs, sort_of(request.GET.get("sort")), SHOWN, visible)
    return table_response(request, "accounts", kind, table, rows=count, chosen=narrowed.told)


def refuse_long_workbook(request: SignedInRequest, kind: str, rows: int) -> bool:
    """Whether a workbook would have too many rows; adds a message that says what to do instead."""
    if kind != "xlsx" or rows <= MAX_WORKBOOK_ROWS:
        return False
    said = _("These are %(count)s rows, and a workbook is made of at most %(most)s. Take the CSV file, or fewer accounts.")
    messages.warning(request, said % {"count": intcomma(rows), "most": intcomma(MAX_WORKBOOK_ROWS)})
    return True


def table_response(
    request: SignedInRequest, what: str, kind: str, table: Iterable[list[Cell]], *, rows: int, chosen: dict[str, Any]
) -> HttpResponseBase:
    """A table as a download with the day in its name; records an event. CSV is streamed, a workbook is sent once complete.

    `rows` is the number of rows below the header, `chosen` the filters of the accounts; both are for the event.
    """
    if request.method == "GET":
        note_export(request.user, what=what, kind=kind, rows=rows, chosen=chosen)
    name = f"{what}-{days.today():%Y-%m-%d}.{kind}"
    if kind == "csv":
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(
            with_longer_limits(csv_lines(table)), content_type="text/csv; charset=utf-8", headers=headers
        )
    file = tempfile.TemporaryFile()  # noqa: SIM115 closed with the response
    with longer_limits():
        write_xlsx(table, file, what.capitalize())
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=SPREADSHEET)
